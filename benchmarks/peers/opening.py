"""The list of peers, and their start: each in a folder of its own, a missing one told loudly."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Final

from benchmarks.measuring import Failed
from benchmarks.peers import Missing, Peer
from benchmarks.peers.anoncloud import anoncloud_peer
from benchmarks.peers.borg import borg_peer
from benchmarks.peers.rclone import rclone_peer
from benchmarks.peers.restic import restic_peer
from benchmarks.peers.rsync import rsync_peer
from benchmarks.peers.sftp import sftp_peer
from benchmarks.peers.sshd import Sshd, private_sshd

_WITH_SERVER: Final[dict[str, Callable[[Path], AbstractContextManager[Peer]]]] = {
    "anoncloud": anoncloud_peer,
    "restic": restic_peer,
}
_OVER_SSH: Final[dict[str, Callable[[Path, Sshd], Peer]]] = {
    "sftp": sftp_peer,
    "rsync": rsync_peer,
    "rclone crypt": rclone_peer,
    "borg": borg_peer,
}
PEERS: Final = (*_WITH_SERVER, *_OVER_SSH)


def open_peers(folder: Path, wanted: tuple[str, ...], stack: ExitStack) -> list[Peer]:
    """Start the *wanted* peers; *stack* ends them. The peers over SSH share one sshd."""
    peers: list[Peer] = []
    sshd: Sshd | None = None
    for name in wanted:
        place = folder / name.replace(" ", "-")
        place.mkdir()
        try:
            if name in _WITH_SERVER:
                peers.append(stack.enter_context(_WITH_SERVER[name](place)))
                continue
            sshd = sshd or stack.enter_context(private_sshd(folder / "sshd"))
            peers.append(_OVER_SSH[name](place, sshd))
        except (Missing, Failed) as error:
            print(f"\nSKIPPED {name}: {' '.join(str(error).split())}", flush=True)
    return peers

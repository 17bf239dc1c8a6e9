"""The stores of a listener made ready for its workers, which may be of another user."""

import os
from pathlib import Path
from typing import Final

from anoncloud.errors import LocalError
from anoncloud.server.assembly import BLOBS, DATABASE, Parts
from anoncloud.server.processes.bounds import user_named

PASSABLE: Final = 0o711
"""The mode of a state folder that workers of another user pass through, and can't list."""


def hand_over(parts: Parts) -> None:
    """Make all folders for blobs; and give blobs and database to the user of the workers.

    The server's key stays with whoever started it. Blocking, before any worker is there.

    :raises LocalError: a folder can't be made, there is no such user, or only root can do it.
    """
    parts.blobs.lay_out()
    name, state = parts.settings.worker_user, parts.settings.state_dir
    if not name:
        return
    user = user_named(name)
    try:
        state.chmod(PASSABLE)
        for path in _files(state):
            if path.lstat().st_uid != user.pw_uid:
                # Never what a link points at: whoever took a worker over could have left it there.
                os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    except OSError as error:
        message = f"giving database and blobs in {state} to {name!r}: {error.strerror}"
        raise LocalError(message, "start the server as root, or leave worker_user out") from error


def _files(state: Path) -> list[Path]:
    blobs = state / BLOBS
    return [*state.glob(f"{DATABASE}*"), blobs, *blobs.rglob("*")]

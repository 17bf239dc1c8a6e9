"""What an upload that was cut off has left on the server: a sealed list for the next one.

For each blob that is durable a line says which file's sealed bytes lie where in it, and under which
key. Who stores the same, unchanged file again seals it under that key again: the bytes come out the
same, and those that are there already are not sent. That a key is never used for two contents is
checked segment by segment, by keyed hash, before a byte is sealed.

Each program has a list of its own, locked while it runs; a list that nobody holds is taken over.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, BinaryIO, Final, NamedTuple

import attrs
from msgspec import Meta, Struct, msgpack

from anoncloud.client.keyring import Keyring
from anoncloud.client.tree.versions import Digest, StreamKey
from anoncloud.crypto import boxes
from anoncloud.crypto.derive import Purpose, derive
from anoncloud.crypto.entropy import Entropy
from anoncloud.crypto.keys import SealingKey
from anoncloud.crypto.packing import Extent
from anoncloud.errors import Tampered

KEPT: Final = 20 * 3600
"""Seconds that a list is believed; a server keeps what is not committed for a day by default."""
_LENGTH: Final = 4
_FINE: Final = 100_000_000
_COARSE: Final = 2_100_000_000
"""Nanoseconds that are surely more than a tick, where times have fractions and where not."""
_PLACE: Final = b"anoncloud 1 unfinished"


class Identity(NamedTuple):
    """A local file in one state: device, inode, size, times of change of content and of inode."""

    device: int
    inode: int
    size: int
    modified: int
    changed: int

    @classmethod
    def of(cls, status: os.stat_result) -> "Identity":
        """Take it from what the file system says."""
        return cls(
            status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
        )


class Landed(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Bytes *start* on of a file's sealed stream, durable in a blob.

    *prints* are the marks of the segments that begin among these bytes (``sealer``); *digest* is
    the whole content's where it was known.
    """

    identity: Identity
    key: StreamKey
    start: Annotated[int, Meta(ge=0)]
    extent: Extent
    prints: bytes
    digest: Digest | None

    def __repr__(self) -> str:
        return f"<Landed {self.extent.length} bytes>"


class _Entry(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    time: int
    landed: list[Landed]


@attrs.define
class Prior:
    """What the server has of a file: its *key*, and the first bytes of its sealed stream."""

    key: bytes = attrs.field(repr=False)
    digest: bytes | None = None
    extents: list[Extent] = attrs.Factory(list)
    prints: bytes = b""
    length: int = 0


class Unfinished:
    """The lists of one drive in *folder*; *clock* gives microseconds since 1970."""

    def __init__(
        self, folder: Path, keyring: Keyring, entropy: Entropy, clock: Callable[[], int]
    ) -> None:
        self._folder = folder
        self._key = lists_key(keyring)
        self._entropy = entropy
        self._clock = clock
        self._file: BinaryIO | None = None
        self._adopted: list[tuple[Path, BinaryIO]] = []
        self._priors: dict[Identity, Prior] = {}
        landed: list[Landed] = []
        for path in sorted(folder.iterdir()) if folder.exists() else ():
            landed += self._adopt(path)
        self.blobs: frozenset[bytes] = frozenset(one.extent.blob for one in landed)
        keys = {one.identity: one.key for one in landed}
        for one in sorted(landed, key=lambda one: one.start):  # blobs land in any order
            self._add(one, keys[one.identity])

    def is_still(self, identity: Identity) -> bool:
        """Whether a file that was looked at just now can't change any more without its times.

        What is written within one tick of the file system's clock shows in no time, and the key of
        such a file must not be used again.
        """
        tick = _FINE if identity.changed % 1_000_000_000 else _COARSE
        return self._clock() * 1000 - identity.changed > tick

    def prior(self, identity: Identity) -> Prior | None:
        """Give what an upload before this one has left of a file."""
        return self._priors.get(identity)

    def distrust(self, identity: Identity) -> None:
        """Forget what was left of a file."""
        self._priors.pop(identity, None)

    def note(self, landed: list[Landed]) -> None:
        """Write down what is durable now. A list that can't be written is none: nothing is lost."""
        with suppress(OSError):
            if self._file is None:
                self._file = self._begin()
            entry = msgpack.encode(_Entry(self._clock() // 1_000_000, landed))
            box = boxes.seal(self._key, entry, _PLACE, self._entropy)
            self._file.write(len(box).to_bytes(_LENGTH, "big") + box)

    def clear(self) -> None:
        """Forget it all: everything is committed, or was taken back."""
        self._priors.clear()
        self.blobs = frozenset()
        held = [*self._adopted]
        if self._file is not None:
            held.append((Path(self._file.name), self._file))
        self._file, self._adopted = None, []
        for path, file in held:
            path.unlink(missing_ok=True)
            file.close()

    def close(self) -> None:
        """Leave the lists to whoever comes next."""
        for file in (self._file, *(file for _, file in self._adopted)):
            if file is not None:
                file.close()
        self._file, self._adopted = None, []

    def _begin(self) -> BinaryIO:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / self._entropy(8).hex()
        file = open(path, "xb", buffering=0, opener=_private)  # noqa: SIM115 - held to the end
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return file

    def _adopt(self, path: Path) -> list[Landed]:
        """Take over a list that nobody holds; what is damaged or too old counts for nothing."""
        try:
            file = path.open("rb")
        except OSError:
            return []
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return []
        self._adopted.append((path, file))
        oldest = self._clock() // 1_000_000 - KEPT
        entries = (entry for entry in self._entries(file.read()) if entry.time >= oldest)
        return [landed for entry in entries for landed in entry.landed]

    def _entries(self, content: bytes) -> Iterator[_Entry]:
        """Open the entries up to the first that is cut short or damaged."""
        at = 0
        while at + _LENGTH <= len(content):
            length = int.from_bytes(content[at : at + _LENGTH], "big")
            box = content[at + _LENGTH : at + _LENGTH + length]
            try:
                opened = boxes.open_box(self._key, box, _PLACE, "the list of an upload")
                yield msgpack.decode(opened, type=_Entry)
            except (Tampered, ValueError):
                return
            at += _LENGTH + length

    def _add(self, landed: Landed, key: bytes) -> None:
        """Carry on what is known of a file, if these bytes are the next, sealed under *key*."""
        prior = self._priors.setdefault(landed.identity, Prior(key))
        if landed.key == key and landed.start == prior.length:
            prior.extents.append(landed.extent)
            prior.length += landed.extent.length
            prior.prints += landed.prints
            prior.digest = landed.digest


def lists_key(keyring: Keyring) -> SealingKey:
    """Give the key of lists of what is under way; each kind of list has a place of its own."""
    return derive(keyring.epochs[0], Purpose.UNFINISHED, SealingKey, keyring.drive)


def _private(path: str, flags: int) -> int:
    """Open a file that nobody else may read."""
    return os.open(path, flags, 0o600)

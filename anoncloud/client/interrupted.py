"""Transfers that were under way when the explorer ended: a sealed list for its next start."""

from pathlib import Path
from typing import Final

from msgspec import Struct, msgpack

from anoncloud.client.cache import write_whole
from anoncloud.client.keyring import Keyring
from anoncloud.client.transfers.unfinished import lists_key
from anoncloud.crypto import boxes
from anoncloud.crypto.entropy import Entropy
from anoncloud.errors import Tampered

_PLACE: Final = b"anoncloud 1 transfers"


class Interrupted(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One of them: *up* from the folder *local* to the folder *remote*, or down from there.

    *names* are what goes: for each, its name where it comes from, and the one where it goes to.
    *moving*: it is removed where it comes from, once it is there.
    """

    up: bool
    local: bytes
    remote: tuple[bytes, ...]
    names: tuple[tuple[bytes, bytes], ...]
    moving: bool


class InterruptedList:
    """The list in the file *path*."""

    def __init__(self, path: Path, keyring: Keyring, entropy: Entropy) -> None:
        self._path = path
        self._key = lists_key(keyring)
        self._entropy = entropy

    def add(self, transfers: list[Interrupted]) -> None:
        """Put *transfers* behind what is there.

        :raises LocalFileError: the disk does not take it.
        """
        content = msgpack.encode([*self._load(), *transfers])
        write_whole(self._path, boxes.seal(self._key, content, _PLACE, self._entropy))

    def take(self) -> list[Interrupted]:
        """Give what is there, and forget it; what is damaged counts for nothing."""
        taken = self._load()
        self._path.unlink(missing_ok=True)
        return taken

    def _load(self) -> list[Interrupted]:
        try:
            opened = boxes.open_box(self._key, self._path.read_bytes(), _PLACE, "the list")
            return msgpack.decode(opened, type=list[Interrupted])
        except (OSError, Tampered, ValueError):
            return []

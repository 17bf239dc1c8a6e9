"""Which records of a journal were made by undo on this device, and what they took back.

A journal does not say so: an undo is a record like any other. So a device keeps a file of its own,
beside its cache, by which its next undo walks further back instead of undoing the undo. What is
lost with it is only that. It holds numbers and hashes of records, and no name.
"""

from pathlib import Path
from typing import Final

from msgspec import Struct, msgpack

from anoncloud.client.cache import Head, write_whole
from anoncloud.wire.messages import Hash, Number

_MOST: Final = 1000
"""Undos that are remembered; older ones count as records like any other."""


class Undo(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A record that was made by undo (or *redo*), and the records that it took back."""

    number: Number
    hash: Hash
    took: tuple[Number, ...]
    redo: bool


class Undone:
    """The undos that the file *path* remembers, if there is one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._undos = {undo.number: undo for undo in self._load()}

    def get(self, head: Head) -> Undo | None:
        """Give what is known of a record, if it was made by undo."""
        undo = self._undos.get(head.number)
        return undo if undo is not None and undo.hash == head.hash else None

    def add(self, undo: Undo) -> None:
        """Remember one more.

        :raises LocalFileError: the disk does not take it.
        """
        self._undos[undo.number] = undo
        write_whole(self._path, msgpack.encode(list(self._undos.values())[-_MOST:]))

    def _load(self) -> list[Undo]:
        try:
            return msgpack.decode(self._path.read_bytes(), type=list[Undo])
        except (OSError, ValueError):
            return []

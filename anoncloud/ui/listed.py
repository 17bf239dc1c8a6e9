"""What a folder holds, made into entries only where somebody looks: a pane shows thirty of 100,000.

What takes long, the order by name, is worked out when a list is made; so large ones are made in a
thread, and nobody waits for it.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar, overload

from anoncloud.ui.entries import Entry, Kind, Sort, natural_keys

Thing = TypeVar("Thing")


class Listed(Sequence[Entry]):
    """Entries that *make* makes of *sources*, one each.

    :param key: gives of a source what its entry's key is.
    :ivar names: the entries' names.
    :ivar natural: their places: folders first, and each by name.
    :ivar dotted: the places of names that begin with a dot.
    :ivar is_file: for each a byte, 1 if it stands behind the folders.
    """

    def __init__(
        self,
        sources: Sequence[Any],
        make: Callable[[Any], Entry],
        key: Callable[[Any], bytes],
        names: list[bytes],
        is_file: bytes,
    ) -> None:
        self.names = names
        self.dotted = _dotted(names)
        self.is_file = is_file
        self._sources = sources
        self._make = make
        self._key = key
        keys = natural_keys(names)
        order = sorted(range(len(names)), key=keys.__getitem__)
        order.sort(key=is_file.__getitem__)
        self.natural = array("I", order)

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> "Listed":
        """Take what are entries already."""
        is_file = bytes(one[1] > Kind.FOLDER_LINK for one in entries)
        return cls(entries, Entry._make, _key, names(entries), is_file)

    def keys(self) -> list[bytes]:
        """Give the entries' keys."""
        return list(map(self._key, self._sources))

    def __len__(self) -> int:
        return len(self._sources)

    @overload
    def __getitem__(self, at: int) -> Entry: ...
    @overload
    def __getitem__(self, at: slice) -> list[Entry]: ...
    def __getitem__(self, at: int | slice) -> Entry | list[Entry]:
        if isinstance(at, slice):
            return list(map(self._make, self._sources[at]))
        return self._make(self._sources[at])

    def __iter__(self) -> Iterator[Entry]:
        return map(self._make, self._sources)

    def __eq__(self, other: object) -> bool:
        """Tell whether both are made of the same; their order counts too."""
        return isinstance(other, Listed) and self._sources == other._sources

    __hash__ = None  # type: ignore[assignment]


def keys(entries: Sequence[Entry]) -> list[bytes]:
    """Give the keys of any entries."""
    return entries.keys() if isinstance(entries, Listed) else [entry.key for entry in entries]


def place(things: Sequence[Thing], thing: Thing | None) -> int | None:
    """Tell where in *things* one is; None if it is not there."""
    try:
        return things.index(thing)
    except ValueError:
        return None


def _key(entry: Entry) -> bytes:
    return entry.key


def names(entries: Sequence[Entry]) -> list[bytes]:
    """Give the names of any entries."""
    return entries.names if isinstance(entries, Listed) else [entry[0] for entry in entries]


def arrange(entries: Sequence[Entry], sort: Sort, *, reverse: bool = False) -> Sequence[int]:
    """Give the places of *entries* in the order in which they are shown."""
    listed = entries if isinstance(entries, Listed) else Listed.of(entries)
    if sort is Sort.NAME and not reverse:
        return listed.natural
    order = list(listed.natural)
    if sort is Sort.NAME:
        order.reverse()
    elif sort is Sort.KIND:
        kinds = list(map(extension, listed.names))
        if reverse:
            order.reverse()
        order.sort(key=kinds.__getitem__, reverse=reverse)
    else:
        column = [entry[2] if sort is Sort.SIZE else entry[3] for entry in listed]
        order.sort(key=column.__getitem__, reverse=not reverse)
    order.sort(key=listed.is_file.__getitem__)
    return array("I", order)


def without(order: Sequence[int], left_out: frozenset[int]) -> Sequence[int]:
    """Give of *order* the places that are not *left_out*."""
    return [at for at in order if at not in left_out] if left_out else order


def dotted(entries: Sequence[Entry]) -> frozenset[int]:
    """Give the places of names that begin with a dot."""
    return entries.dotted if isinstance(entries, Listed) else _dotted(names(entries))


def _dotted(listed: Iterable[bytes]) -> frozenset[int]:
    return frozenset(at for at, name in enumerate(listed) if name[:1] == b".")


def extension(name: bytes) -> bytes:
    """Give what stands behind the last dot of a name, in small letters; b"" if nothing does."""
    stem, _, extension = name.rpartition(b".")
    return extension.lower() if stem else b""

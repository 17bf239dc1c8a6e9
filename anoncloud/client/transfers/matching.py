"""What of a file is new: its plaintext against the fingerprints of its own earlier version.

Like rsync's (Tridgell, Mackerras: "The rsync algorithm", 1996), but where rsync rolls a weak
checksum over every byte, this looks for *anchors*, the first bytes of the segments that should come
next: searching for a string runs at memory speed in Python, rolling a checksum a thousand times
slower. Found places are proven by the segment's keyed hash. The search is given a budget of bytes,
so a file that has nothing in common with its past is not searched much longer than it takes to
read.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from anoncloud.crypto.fingerprints import Fingerprints
from anoncloud.limits import MIB, SEGMENT

LOOK_AHEAD: Final = MIB
"""How far an insertion or a deletion is looked behind."""
AHEAD: Final = 20
"""Old segments that are looked for from the place where the next one should be ..."""
BEHIND: Final = 4
"""... and from the one after the last that was found."""
BUDGET: Final = 256 * MIB
TRIES: Final = 8
"""Places with the same anchor that are tried for one segment."""


class Old(NamedTuple):
    """A segment that the drive has: its marks, and where its plaintext lies in an old stream."""

    fingerprint: bytes
    anchor: bytes
    stream: int
    offset: int
    length: int


class Run(NamedTuple):
    """*length* bytes of the file: new ones at *offset*, or those of an *old* segment."""

    offset: int
    length: int
    old: Old | None


Read = Callable[[int, int], bytes]
"""Read so many bytes at an offset; fewer at the end of the file."""


class Matcher:
    """Finds *olds* in a file of *size* bytes that *read* reads."""

    def __init__(self, read: Read, size: int, olds: Sequence[Old], prints: Fingerprints) -> None:
        self._read = read
        self._size = size
        self._olds = olds
        self._prints = prints
        self._places = {old.fingerprint: number for number, old in enumerate(olds)}
        self._budget = BUDGET

    def runs(self) -> Iterator[Run]:
        """Give the file from its beginning to its end as runs, none longer than LOOK_AHEAD."""
        position, expected, found_last = 0, 0, -1
        while position < self._size:
            window = self._read(position, min(SEGMENT, self._size - position))
            if not window:
                return
            number = self._known(window, expected)
            if number is not None:
                yield Run(position, len(window), self._olds[number])
                position += len(window)
                expected, found_last = number + 1, number
                continue
            self._budget = min(BUDGET, self._budget + len(window))
            place = self._search(position, found_last + 1, expected)
            if place is None:
                yield Run(position, len(window), None)
                position, expected = position + len(window), expected + 1
            else:
                yield Run(position, place[0] - position, None)
                position, expected = place

    def _known(self, window: bytes, expected: int) -> int | None:
        """Give the number of the old segment that *window* is, or None."""
        fingerprint = self._prints.segment(window)
        if expected < len(self._olds) and self._olds[expected].fingerprint == fingerprint:
            number: int | None = expected
        else:
            number = self._places.get(fingerprint)
        if number is None or self._olds[number].length != len(window):
            return None
        return number

    def _search(self, position: int, behind: int, expected: int) -> tuple[int, int] | None:
        """Look for the next old segments further on; give (offset, number) of the first found."""
        numbers = dict.fromkeys(
            (*range(behind, behind + BEHIND), *range(expected, expected + AHEAD))
        )
        wanted = [
            number for number in numbers if number < len(self._olds) and self._telling(number)
        ]
        length = min(LOOK_AHEAD + SEGMENT, self._size - position)
        if not wanted or self._budget < length * len(wanted):
            return None
        ahead = self._read(position, length)
        for number in wanted:
            at = self._find(ahead, self._olds[number])
            if at > 0:
                return position + at, number
        return None

    def _find(self, ahead: bytes, old: Old) -> int:
        self._budget -= len(ahead)
        at = 0
        for _ in range(TRIES):
            at = ahead.find(old.anchor, at + 1)
            if at < 0:
                break
            segment = ahead[at : at + SEGMENT]
            if len(segment) == SEGMENT and self._prints.segment(segment) == old.fingerprint:
                return at
        return -1

    def _telling(self, number: int) -> bool:
        """Whether a segment is worth looking for: a whole one, with an anchor of several bytes."""
        old = self._olds[number]
        return old.length == SEGMENT and len(set(old.anchor)) > 1

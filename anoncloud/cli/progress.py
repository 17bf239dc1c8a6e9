"""How far a transfer is: a tally of files and bytes, and the lines that tell it on a terminal.

:func:`tell` is a pure function from the tally to text that fits; :class:`ProgressLines` paints it
over itself, at most ten times a second, and takes it away for whatever else is to be said.
"""

import unicodedata
from collections import deque
from collections.abc import Callable
from typing import Final, TextIO

import attrs

from anoncloud.cli.output import size_text
from anoncloud.client.threads import Watcher

EVERY: Final = 0.1
"""Seconds from one paint to the next, at least."""
SPAN: Final = 5.0
"""Seconds that the rate is taken over."""
NAME_WIDTH: Final = 12
"""Cells of a name that are worth more than a figure beside it."""
_LONGEST_WAIT: Final = 100 * 3600
_SAMPLES: Final = 2
"""So many tell a rate."""
_GAP: Final = "  "


@attrs.define
class Pace:
    """Bytes a second over the last seconds, from samples of (time, bytes so far)."""

    _samples: deque[tuple[float, int]] = attrs.field(factory=deque, converter=deque)

    def note(self, now: float, done: int) -> None:
        """Take a sample."""
        self._samples.append((now, done))
        while len(self._samples) > _SAMPLES and self._samples[1][0] <= now - SPAN:
            self._samples.popleft()

    def rate(self) -> int:
        """Give the bytes a second; 0 before there are two samples."""
        (begun, before), (now, done) = self._samples[0], self._samples[-1]
        return int((done - before) / (now - begun)) if now > begun else 0


@attrs.define
class Count:
    """Bytes done, and how many there are in all, if that is known."""

    done: int = 0
    size: int | None = None
    pace: Pace = attrs.Factory(Pace)

    def figures(self) -> list[str]:
        """Tell bytes, rate and time left, as far as they are known."""
        rate = self.pace.rate()
        told = [size_text(self.done)]
        if self.size is not None:
            told = [f"{size_text(self.done)} of {size_text(max(self.size, self.done))}"]
        told.append(f"{size_text(rate)}/s")
        if self.size is not None and rate and self.size > self.done:
            told += left((self.size - self.done) / rate)
        return told


@attrs.define
class Tally:
    """How far the whole is, and the long file that is under way."""

    doing: str
    whole: Count = attrs.Factory(Count)
    files: int = 0
    passed: int = 0
    name: str = ""
    file: Count | None = None


def left(seconds: float) -> list[str]:
    """Tell the time left, unless it is so long that it means nothing."""
    if seconds >= _LONGEST_WAIT:
        return []
    minutes, rest = divmod(int(seconds + 0.5), 60)
    hours, minutes = divmod(minutes, 60)
    clock = f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
    return [f"{clock} left"]


def tell(tally: Tally, width: int, ellipsis: str = "…") -> list[str]:
    """Tell *tally* in lines of at most *width* cells: the long file, then the whole if more."""
    lines = []
    alone = tally.files <= 1
    if tally.file is not None:
        figures = tally.file.figures()
        lines.append(_line(f"{tally.doing} ", tally.name, figures, width, ellipsis))
    if tally.file is None or not alone:
        figures = tally.whole.figures()
        if not alone:
            figures.insert(0, f"{tally.passed:,} of {tally.files:,} files")
        head = "total" if lines else tally.doing
        lines.append(_line(head, "", figures, width, ellipsis))
    return lines


def _line(head: str, name: str, figures: list[str], width: int, ellipsis: str) -> str:
    """Put as many figures behind the name as leave it enough room, and cut the name to the rest."""
    wanted = min(cells(name), NAME_WIDTH)
    while len(figures) > 1 and len(head) + wanted + len(_behind(figures)) > width:
        figures = figures[:-1]
    behind = _behind(figures)
    room = width - len(head) - len(behind)
    return (head + cut(name, max(room, 1), ellipsis) + behind)[:width]


def _behind(figures: list[str]) -> str:
    return "".join(_GAP + figure for figure in figures)


def cells(text: str) -> int:
    """Tell how many cells *text* takes on a terminal."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def cut(text: str, width: int, ellipsis: str) -> str:
    """Cut the beginning of *text* off, if it takes more than *width* cells; *ellipsis* says so.

    What tells one path from another stands at its end.
    """
    if cells(text) <= width:
        return text
    room = width - len(ellipsis)
    kept = len(text)
    while kept and (room := room - _cells(text[kept - 1])) >= 0:
        kept -= 1
    return (ellipsis + text[kept:])[:width]


@attrs.define(eq=False)
class ProgressLines(Watcher):
    """Keeps a tally and paints it on *out*; with no *out* it stays silent."""

    _tally: Tally
    _out: TextIO | None
    _clock: Callable[[], float]
    _width: Callable[[], int]
    _fitting: Callable[[str], str] = str
    _next: float = 0.0
    _shown: int = 0

    def __attrs_post_init__(self) -> None:
        self._sample()

    def __call__(self, more: int) -> None:
        tally = self._tally
        tally.whole.done += more
        if tally.file is not None:
            tally.file.done += more
        self.paint()

    def expect(self, files: int, size: int | None) -> None:
        tally, whole = self._tally, self._tally.whole
        known = whole.size if tally.files else 0
        whole.size = None if size is None or known is None else known + size
        tally.files += files
        self.paint()

    def file(self, shown: str, size: int | None) -> None:
        self._tally.name, self._tally.file = self._fitting(shown), Count(0, size)
        self._tally.file.pace.note(self._clock(), 0)
        self.paint()

    def passed(self, files: int, skipped: int = 0) -> None:
        tally = self._tally
        tally.passed += files
        if tally.whole.size is not None:
            tally.whole.size = max(tally.whole.size - skipped, tally.whole.done)
        tally.file = None
        self.paint()

    def paint(self) -> None:
        """Show the tally, unless that was done a moment ago."""
        now = self._clock()
        if self._out is None or now < self._next:
            return
        self._next = now + EVERY
        self._sample()
        # One cell stays free: a terminal may begin a new line when its last one is filled.
        ellipsis = "…" if self._fitting("…") == "…" else "..."
        lines = tell(self._tally, max(self._width() - 1, 1), ellipsis)
        self._write(self._back() + "\n".join(lines))
        self._shown = len(lines)

    def clear(self) -> None:
        """Take the lines away for something else; the next paint brings them back."""
        if self._out is not None and self._shown:
            self._write(self._back())
            self._shown = 0

    def close(self) -> None:
        """Take the lines away for good."""
        self.clear()
        self._out = None

    def _back(self) -> str:
        """Go to where the lines begin, and wipe them."""
        if not self._shown:
            return ""
        return "\r" + (f"\x1b[{self._shown - 1}A" if self._shown > 1 else "") + "\x1b[J"

    def _write(self, text: str) -> None:
        if self._out is None:
            return
        try:
            self._out.write(text)
            self._out.flush()
        except OSError:  # the terminal has gone; the transfer goes on
            self._out = None

    def _sample(self) -> None:
        now, tally = self._clock(), self._tally
        for count in (tally.whole, tally.file):
            if count is not None:
                count.pace.note(now, count.done)

"""Bytes as numbers, with the ASCII characters among them beside."""

from collections.abc import Iterable
from typing import Final

from anoncloud.ui.cells import Row, Span, Style
from anoncloud.ui.viewing.window import Window

_LONG_OFFSET: Final = 8
_BESIDE: Final = 4
_PER_BYTE: Final = 4
"""Cells that a byte takes: two digits, a blank, and its character."""
_WIDTHS: Final = (32, 16, 8, 4)
_UNKNOWN: Final = ".."


def per_row(size: int, columns: int) -> int:
    """Tell how many bytes of a file stand on one row."""
    room = columns - _digits(size) - _BESIDE
    return next((count for count in _WIDTHS if count * _PER_BYTE <= room), _WIDTHS[-1])


def row(window: Window, start: int, count: int, marked: Iterable[tuple[int, int]]) -> Row:
    """Draw the row of *count* bytes at *start*; bytes that have not come are dots."""
    ranges = list(marked)
    data = window.after(start, start + count)
    there = min(count, window.size - start)
    numbers = [f"{byte:02x}" for byte in data] + [_UNKNOWN] * (there - len(data))
    text = data.decode("latin-1")
    shown = "".join(one if one.isascii() and one.isprintable() else "." for one in text)
    spans = [Span(f"{start:0{_digits(window.size)}x}  ", Style.DIM)]
    for at, number in enumerate(numbers, start):
        is_marked = any(first <= at < last for first, last in ranges)
        spans += [Span(number, Style.CHOSEN if is_marked else Style.PLAIN), Span(" ")]
    spans.append(Span("   " * (count - len(numbers)) + " "))
    for at, one in enumerate(shown, start):
        is_marked = any(first <= at < last for first, last in ranges)
        spans.append(Span(one, Style.CHOSEN if is_marked else Style.PLAIN))
    return _joined(spans)


def _joined(spans: list[Span]) -> Row:
    """Join neighbours of one style."""
    made: list[Span] = []
    for span in spans:
        if made and made[-1].style is span.style:
            made[-1] = Span(made[-1].text + span.text, span.style)
        else:
            made.append(span)
    return tuple(made)


def _digits(size: int) -> int:
    return max(_LONG_OFFSET, len(f"{max(0, size - 1):x}"))

"""A text as a QR code that a terminal can draw, for cameras to read.

Dark modules are drawn black on white whatever the terminal's own colours are, with the quiet zone
of four modules around that ISO/IEC 18004 asks for. Two rows share a line where there are letters
for half a block; else a module is two spaces of its colour.
"""

from collections.abc import Iterator, Sequence
from typing import Final

QUIET: Final = 4
"""Modules of white around the code."""
_BLACK_ON_WHITE: Final = "\x1b[30;47m"
_BLACK: Final = "\x1b[40m"
_WHITE: Final = "\x1b[47m"
_PLAIN: Final = "\x1b[0m"
_HALVES: Final = {(0, 0): " ", (1, 0): "\u2580", (0, 1): "\u2584", (1, 1): "\u2588"}
"""What is drawn for two modules above each other; 1 is dark."""

Matrix = Sequence[Sequence[int]]
"""Rows of modules, 1 for dark and 0 for light, without a quiet zone."""


def encode(text: str) -> Matrix:
    """Make the smallest code that holds *text*; capitals, digits and hyphens take least room."""
    import segno  # noqa: PLC0415 - drawn once in the life of an account

    return segno.make_qr(text, error="l").matrix


def draw(matrix: Matrix, *, blocks: bool) -> list[str]:
    """Give the lines that show *matrix*; with *blocks* by half blocks, else by spaces alone."""
    framed = list(_framed(matrix))
    if not blocks:
        return ["".join(_square(module) for module in row) + _PLAIN for row in framed]
    if len(framed) % 2:
        framed.append([0] * len(framed[0]))
    pairs = zip(framed[::2], framed[1::2], strict=True)
    return [
        _BLACK_ON_WHITE + "".join(_HALVES[two] for two in zip(*pair, strict=True)) + _PLAIN
        for pair in pairs
    ]


def width(matrix: Matrix, *, blocks: bool) -> int:
    """Give the columns that the lines of :func:`draw` take."""
    return (len(matrix) + 2 * QUIET) * (1 if blocks else 2)


def _framed(matrix: Matrix) -> Iterator[list[int]]:
    """Put the quiet zone around."""
    across = len(matrix) + 2 * QUIET
    yield from ([0] * across for _ in range(QUIET))
    yield from ([0] * QUIET + [int(module) for module in row] + [0] * QUIET for row in matrix)
    yield from ([0] * across for _ in range(QUIET))


def _square(module: int) -> str:
    return (_BLACK if module else _WHITE) + "  "

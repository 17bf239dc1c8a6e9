"""A text as a QR code that a terminal can draw, for cameras to read.

Dark modules are drawn black on white whatever the terminal's own colours are, with the quiet zone
of four modules around that ISO/IEC 18004 asks for. Two rows share a line where there are letters
for half a block; else a module is two spaces of its colour.
"""

from typing import Final

from anoncloud.client.qr import HALVES, QUIET, Matrix, framed

_BLACK_ON_WHITE: Final = "\x1b[30;47m"
_BLACK: Final = "\x1b[40m"
_WHITE: Final = "\x1b[47m"
_PLAIN: Final = "\x1b[0m"


def draw(matrix: Matrix, *, blocks: bool) -> list[str]:
    """Give the lines that show *matrix*; with *blocks* by half blocks, else by spaces alone."""
    rows = list(framed(matrix))
    if not blocks:
        return ["".join(_square(module) for module in row) + _PLAIN for row in rows]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return [
        _BLACK_ON_WHITE + "".join(HALVES[two] for two in zip(*pair, strict=True)) + _PLAIN
        for pair in pairs
    ]


def width(matrix: Matrix, *, blocks: bool) -> int:
    """Give the columns that the lines of :func:`draw` take."""
    return (len(matrix) + 2 * QUIET) * (1 if blocks else 2)


def _square(module: int) -> str:
    return (_BLACK if module else _WHITE) + "  "

"""A text as a QR code: its modules, and the white around them that ISO/IEC 18004 asks for."""

from collections.abc import Iterator, Sequence
from typing import Final

QUIET: Final = 4
"""Modules of white around the code."""
HALVES: Final = {(0, 0): " ", (1, 0): "\u2580", (0, 1): "\u2584", (1, 1): "\u2588"}
"""What is drawn for two modules above each other; 1 is dark."""

Matrix = Sequence[Sequence[int]]
"""Rows of modules, 1 for dark and 0 for light, without a quiet zone."""


def encode(text: str) -> Matrix:
    """Make the smallest code that holds *text*; capitals, digits and hyphens take least room."""
    import segno  # noqa: PLC0415 - drawn once in the life of an account

    return segno.make_qr(text, error="l").matrix


def framed(matrix: Matrix) -> Iterator[list[int]]:
    """Give the rows of *matrix* with the quiet zone around them."""
    across = len(matrix) + 2 * QUIET
    yield from ([0] * across for _ in range(QUIET))
    yield from ([0] * QUIET + [int(module) for module in row] + [0] * QUIET for row in matrix)
    yield from ([0] * across for _ in range(QUIET))

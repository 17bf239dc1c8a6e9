"""A reader of QR codes as terminals draw them: lines to modules, modules to the text in them.

Source: ISO/IEC 18004. It corrects no errors: nothing is wrong with what was drawn a moment ago.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from segno import consts

Matrix = list[list[int]]
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
"""The alphanumeric mode's alphabet."""
LEVELS = {1: consts.ERROR_LEVEL_L, 0: consts.ERROR_LEVEL_M, 3: consts.ERROR_LEVEL_Q}
"""Levels of correction by their two bits in the format; the fourth is H."""
ALPHANUMERIC = 0b0010
FORMAT_MASK = 0b101010000010010
TIMING = 6
MASKS: tuple[Callable[[int, int], bool], ...] = (
    lambda i, j: (i + j) % 2 == 0,
    lambda i, _: i % 2 == 0,
    lambda _, j: j % 3 == 0,
    lambda i, j: (i + j) % 3 == 0,
    lambda i, j: (i // 2 + j // 3) % 2 == 0,
    lambda i, j: i * j % 2 + i * j % 3 == 0,
    lambda i, j: (i * j % 2 + i * j % 3) % 2 == 0,
    lambda i, j: ((i + j) % 2 + i * j % 3) % 2 == 0,
)


def from_half_blocks(lines: Sequence[str]) -> Matrix:
    """Take black on white half blocks apart into modules, 1 for dark."""
    rows: Matrix = []
    for line in lines:
        found = re.fullmatch(r"\x1b\[30;47m([ \u2580\u2584\u2588]+)\x1b\[0m", line)
        assert found, line
        rows += [[int(one in "\u2580\u2588") for one in found[1]]]
        rows += [[int(one in "\u2584\u2588") for one in found[1]]]
    return rows if len(rows[0]) % 2 == 0 else rows[:-1]


def from_spaces(lines: Sequence[str]) -> Matrix:
    """Take pairs of coloured spaces apart into modules, 1 for dark."""
    rows: Matrix = []
    for line in lines:
        assert re.fullmatch(r"(\x1b\[4[07]m  )+\x1b\[0m", line), line
        rows += [[int(colour == "0") for colour in re.findall(r"\[4([07])m", line)]]
    return rows


def without_quiet_zone(framed: Matrix, quiet: int) -> Matrix:
    """See that *quiet* light modules stand on every side, and take them away."""
    assert len(framed) == len(framed[0]), "a QR code is a square"
    inner = [row[quiet:-quiet] for row in framed[quiet:-quiet]]
    assert sum(map(sum, inner)) == sum(map(sum, framed)), "the quiet zone is not quiet"
    return inner


def read(matrix: Matrix) -> str:
    """Give the text of a code in alphanumeric mode."""
    version = (len(matrix) - 17) // 4
    level, mask = _format(matrix)
    drawn = [matrix[i][j] ^ MASKS[mask](i, j) for i, j in _way(len(matrix), _reserved(len(matrix)))]
    data = _deinterleaved(_numbers(drawn, 8), consts.ECC[version][level])
    bits = "".join(f"{byte:08b}" for byte in data)
    assert int(bits[:4], 2) == ALPHANUMERIC
    wide = 9 if version < 10 else 11 if version < 27 else 13
    count, bits = int(bits[4 : 4 + wide], 2), bits[4 + wide :]
    return _text(bits, count)


def _text(bits: str, count: int) -> str:
    text = ""
    while len(text) + 1 < count:
        first, second = divmod(int(bits[:11], 2), len(LETTERS))
        text, bits = text + LETTERS[first] + LETTERS[second], bits[11:]
    return text + LETTERS[int(bits[:6], 2)] if len(text) < count else text


def _format(matrix: Matrix) -> tuple[int, int]:
    """Read level and mask beside the upper left finder pattern."""
    places = [(8, j) for j in (0, 1, 2, 3, 4, 5, 7, 8)] + [(i, 8) for i in (7, 5, 4, 3, 2, 1, 0)]
    (found,) = _numbers([matrix[i][j] for i, j in places], 15)
    found ^= FORMAT_MASK
    return LEVELS.get(found >> 13, consts.ERROR_LEVEL_H), found >> 10 & 7


def _reserved(across: int) -> set[tuple[int, int]]:
    """Give the places of patterns, of the format, and of the version."""
    version = (across - 17) // 4
    taken = {(TIMING, n) for n in range(across)} | {(n, TIMING) for n in range(across)}
    for top, left in ((0, 0), (0, across - 8), (across - 8, 0)):
        high, wide = (9 if not top else 8), (9 if not left else 8)
        taken |= {(top + i, left + j) for i in range(high) for j in range(wide)}
    taken |= {(8, across - 1 - n) for n in range(8)} | {(across - 1 - n, 8) for n in range(8)}
    centres = consts.ALIGNMENT_POS[version - 2] if version > 1 else ()
    for i in centres:
        for j in centres:
            if (i, j) not in {(6, 6), (6, centres[-1]), (centres[-1], 6)}:
                taken |= {(i + a, j + b) for a in range(-2, 3) for b in range(-2, 3)}
    if version >= 7:
        taken |= {(i, across - 11 + j) for i in range(6) for j in range(3)}
        taken |= {(across - 11 + j, i) for i in range(6) for j in range(3)}
    return taken


def _way(across: int, reserved: set[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Go through the places of data: in pairs of columns from the right, up and down in turn."""
    up = True
    right = across - 1
    while right > 0:
        if right == TIMING:
            right -= 1
        for i in range(across - 1, -1, -1) if up else range(across):
            yield from ((i, j) for j in (right, right - 1) if (i, j) not in reserved)
        up, right = not up, right - 2


def _numbers(bits: Sequence[int], wide: int) -> list[int]:
    whole = range(0, len(bits) - wide + 1, wide)
    return [int("".join(str(int(bit)) for bit in bits[at : at + wide]), 2) for at in whole]


def _deinterleaved(codewords: list[int], groups: Sequence[consts.EC]) -> list[int]:
    """Put the data of the blocks, which lie in each other, one behind the other."""
    lengths = [group.num_data for group in groups for _ in range(group.num_blocks)]
    blocks: Matrix = [[] for _ in lengths]
    coming = iter(codewords)
    for at in range(max(lengths)):
        for block, length in zip(blocks, lengths, strict=True):
            if at < length:
                block.append(next(coming))
    return [byte for block in blocks for byte in block]

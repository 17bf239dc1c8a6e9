"""How two pixels in one cell look: a character and two colours, by what the terminal can do."""

from typing import Final, NamedTuple

from anoncloud.ui.cells import Tint
from anoncloud.ui.theme import DEFAULT, Depth

HALF: Final = "▀"
_SHADES: Final = " ░▒▓█"
_ASCII: Final = " .:-=+*#%@"
_CUBE: Final = (0, 95, 135, 175, 215, 255)
_FULL: Final = 255


class Cell(NamedTuple):
    """A character, its colour and that of its ground, as curses counts them."""

    text: str
    colour: int = DEFAULT
    ground: int = DEFAULT


def cell(tint: Tint, depth: Depth, *, unicode: bool, light: bool) -> Cell:
    """Choose what shows two pixels best."""
    if not unicode or depth in {Depth.NONE, Depth.SIXTEEN}:  # too few pairs of colours
        bright = (_brightness(tint.upper) + _brightness(tint.lower)) // 2
        shades = _SHADES if unicode else _ASCII
        share = (_FULL - bright if light else bright) / _FULL
        return Cell(shades[round(share * (len(shades) - 1))])
    if depth is Depth.TRUE:
        return Cell(HALF, tint.upper, tint.lower)
    return Cell(HALF, _of_many(tint.upper), _of_many(tint.lower))


def _parts(colour: int) -> tuple[int, int, int]:
    return colour >> 16, colour >> 8 & 0xFF, colour & 0xFF


def _brightness(colour: int) -> int:
    red, green, blue = _parts(colour)
    return (299 * red + 587 * green + 114 * blue) // 1000  # ITU-R BT.601


def _of_many(colour: int) -> int:
    """Give one of xterm's 256 colours, which *colour* is made of."""
    red, green, blue = _parts(colour)
    if red == green == blue and red not in _CUBE:
        return 232 + (red - 8) // 10
    places = [min(range(6), key=lambda at: abs(_CUBE[at] - part)) for part in (red, green, blue)]
    return 16 + 36 * places[0] + 6 * places[1] + places[2]

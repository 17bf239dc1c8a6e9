"""How roles of text look: by how many colours a terminal has, on a dark ground or a light one.

Knows no terminal: a :class:`Look` is numbers and attributes, and the painter turns it into what
curses wants. Nothing is told by colour alone: what the cursor, marks and alarms are shows in a
terminal without any.
"""

import enum
import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from anoncloud.ui.cells import Style

DEFAULT: Final = -1
"""The terminal's own colour."""


class Depth(enum.Enum):
    """How many colours there are."""

    NONE = 0
    SIXTEEN = 16
    MANY = 256
    TRUE = 1 << 24


class Look(NamedTuple):
    """How text looks: a colour each for it and its ground, and attributes."""

    text: int = DEFAULT
    ground: int = DEFAULT
    bold: bool = False
    dim: bool = False
    reverse: bool = False
    underline: bool = False


Theme = Mapping[Style, Look]

_PLAIN: Final = Look()
_NO_COLOURS: Final[Theme] = {
    Style.DIM: Look(dim=True),
    Style.STRONG: Look(bold=True),
    Style.FOLDER: Look(bold=True),
    Style.MARKED: Look(bold=True, underline=True),
    Style.CURSOR: Look(reverse=True),
    Style.CURSOR_MARKED: Look(reverse=True, bold=True, underline=True),
    Style.CURSOR_AWAY: Look(underline=True),
    Style.TITLE: Look(bold=True),
    Style.BAR: Look(reverse=True),
    Style.KEY: Look(bold=True),
    Style.FIELD: Look(underline=True),
    Style.CHOSEN: Look(reverse=True),
    Style.WARNING: Look(bold=True),
    Style.ERROR: Look(bold=True, reverse=True),
    Style.ALARM: Look(bold=True, reverse=True),
    Style.PAPER: Look(reverse=True),
}

_RED, _GREEN, _YELLOW, _BLUE, _MAGENTA, _CYAN, _WHITE = range(1, 8)
_BLACK: Final = 0
_SIXTEEN_DARK: Final[Theme] = {
    Style.DIM: Look(_CYAN),
    Style.STRONG: Look(bold=True),
    Style.FOLDER: Look(_BLUE, bold=True),
    Style.LINK: Look(_CYAN),
    Style.MARKED: Look(_YELLOW, bold=True),
    Style.CURSOR: Look(_BLACK, _CYAN),
    Style.CURSOR_MARKED: Look(_YELLOW, _CYAN, bold=True),
    Style.CURSOR_AWAY: Look(underline=True),
    Style.BORDER: Look(_BLUE),
    Style.TITLE: Look(bold=True),
    Style.BAR: Look(_BLACK, _WHITE),
    Style.KEY: Look(_CYAN, bold=True),
    Style.FIELD: Look(_BLACK, _CYAN),
    Style.CHOSEN: Look(_BLACK, _GREEN),
    Style.GOOD: Look(_GREEN),
    Style.WARNING: Look(_YELLOW, bold=True),
    Style.ERROR: Look(_RED, bold=True),
    Style.ALARM: Look(_WHITE, _RED, bold=True),
    Style.PAPER: Look(_BLACK, _WHITE),
    Style.INK: Look(_WHITE, _BLACK),
}
_SIXTEEN_LIGHT: Final[Theme] = {
    **_SIXTEEN_DARK,
    Style.DIM: Look(_BLUE),
    Style.FOLDER: Look(_BLUE, bold=True),
    Style.LINK: Look(_MAGENTA),
    Style.MARKED: Look(_RED, bold=True),
    Style.CURSOR: Look(_WHITE, _BLUE, bold=True),
    Style.CURSOR_MARKED: Look(_YELLOW, _BLUE, bold=True),
    Style.BAR: Look(_WHITE, _BLUE),
    Style.KEY: Look(_BLUE, bold=True),
    Style.FIELD: Look(_WHITE, _BLUE),
    Style.WARNING: Look(_MAGENTA, bold=True),
}
# The cube and the greys of xterm's 256 colours.
_MANY_DARK: Final[Theme] = {
    **_SIXTEEN_DARK,
    Style.DIM: Look(245),
    Style.FOLDER: Look(75, bold=True),
    Style.LINK: Look(80),
    Style.MARKED: Look(221, bold=True),
    Style.CURSOR: Look(231, 25),
    Style.CURSOR_MARKED: Look(221, 25, bold=True),
    Style.CURSOR_AWAY: Look(DEFAULT, 238),
    Style.BORDER: Look(240),
    Style.BAR: Look(252, 236),
    Style.KEY: Look(117, bold=True),
    Style.FIELD: Look(231, 237),
    Style.CHOSEN: Look(231, 29, bold=True),
    Style.GOOD: Look(114),
    Style.WARNING: Look(215),
    Style.ERROR: Look(203, bold=True),
    Style.ALARM: Look(231, 160, bold=True),
    Style.PAPER: Look(16, 231),
    Style.INK: Look(231, 16),
}
_MANY_LIGHT: Final[Theme] = {
    **_MANY_DARK,
    Style.DIM: Look(242),
    Style.FOLDER: Look(25, bold=True),
    Style.LINK: Look(30),
    Style.MARKED: Look(130, bold=True),
    Style.CURSOR: Look(231, 32),
    Style.CURSOR_MARKED: Look(226, 32, bold=True),
    Style.CURSOR_AWAY: Look(DEFAULT, 253),
    Style.BORDER: Look(247),
    Style.BAR: Look(235, 254),
    Style.KEY: Look(25, bold=True),
    Style.FIELD: Look(16, 253),
    Style.GOOD: Look(28),
    Style.WARNING: Look(130, bold=True),
    Style.ERROR: Look(160, bold=True),
}
_LEVELS: Final = (0, 95, 135, 175, 215, 255)
_CUBE: Final = 16
_GREYS: Final = 232
_LIGHT_GROUNDS: Final = frozenset({"7", "9", "10", "11", "12", "13", "14", "15"})
_GROUND: Final = re.compile(r"\]11;rgba?:([0-9a-fA-F]+)/([0-9a-fA-F]+)/([0-9a-fA-F]+)")
_HALF: Final = 0.5


def theme(depth: Depth, *, light: bool) -> Theme:
    """Give the look of every role."""
    if depth is Depth.NONE:
        chosen = _NO_COLOURS
    elif depth is Depth.SIXTEEN:
        chosen = _SIXTEEN_LIGHT if light else _SIXTEEN_DARK
    else:
        chosen = _MANY_LIGHT if light else _MANY_DARK
        if depth is Depth.TRUE:
            chosen = {style: _in_true_colour(look) for style, look in chosen.items()}
    return {style: chosen.get(style, _PLAIN) for style in Style}


def _in_true_colour(look: Look) -> Look:
    return look._replace(text=rgb(look.text), ground=rgb(look.ground))


def rgb(colour: int) -> int:
    """Give one of the 256 colours as 0xRRGGBB; the first 16 are the terminal's own, and stay."""
    if colour < _CUBE:
        return colour
    if colour >= _GREYS:
        return 0x010101 * (8 + 10 * (colour - _GREYS))
    red, rest = divmod(colour - _CUBE, 36)
    green, blue = divmod(rest, 6)
    return _LEVELS[red] << 16 | _LEVELS[green] << 8 | _LEVELS[blue]


def depth_of(colours: int, environ: Mapping[str, str]) -> Depth:
    """Choose by how many colours the terminal has, and NO_COLOR (https://no-color.org)."""
    if environ.get("NO_COLOR") or colours < Depth.SIXTEEN.value // 2:
        return Depth.NONE
    if colours >= Depth.TRUE.value:
        return Depth.TRUE
    return Depth.MANY if colours >= Depth.MANY.value else Depth.SIXTEEN


def light_by(environ: Mapping[str, str]) -> bool | None:
    """Tell from the environment whether the ground is light; None if nothing says so.

    ANONCLOUD_THEME is "light" or "dark"; COLORFGBG is what rxvt and others set.
    """
    named = environ.get("ANONCLOUD_THEME", "").lower()
    if named in {"light", "dark"}:
        return named == "light"
    ground = environ.get("COLORFGBG", "").rpartition(";")[2]
    return ground in _LIGHT_GROUNDS if ground.isdecimal() else None


def light_in(reply: str) -> bool | None:
    """Tell from a terminal's answer to OSC 11 whether its ground is light; None if it is none."""
    found = _GROUND.search(reply)
    if found is None:
        return None
    parts = [int(part, 16) / int("f" * len(part), 16) for part in found.groups()]
    shares = (0.2126, 0.7152, 0.0722)  # of luminance, by ITU-R BT.709
    return sum(share * part for share, part in zip(shares, parts, strict=True)) > _HALF

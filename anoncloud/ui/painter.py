"""The one place that knows curses: a picture in, the bytes that a terminal needs out.

Curses never sees the terminal itself. While it works its output is a file in memory, and what it
wrote there is handed on, so a slow line never makes it wait, and what it wrote can be counted. It
sends only the cells that differ, and scrolls by the terminal's scroll region where that is cheaper.

Whatever is in a picture, no control character gets through, and every cluster of characters takes
just the cells that ``ui.cells`` counted for it, by what curses thinks that they take.
"""

import curses
import locale
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, Protocol

from anoncloud.errors import UsageError
from anoncloud.ui import scrolling, tints
from anoncloud.ui.canvas import Canvas
from anoncloud.ui.cells import Block, Row, Span, Style, Tint
from anoncloud.ui.fitting import fitted
from anoncloud.ui.scrolling import ASK_MARGINS, Region
from anoncloud.ui.theme import DEFAULT, Depth, Look, Theme, depth_of, light_by, theme

MOUSE_AND_PASTE: Final = b"\x1b[?1000h\x1b[?1002h\x1b[?1006h\x1b[?2004h"
"""Press and release, drags, in SGR form; bracketed paste."""
NO_MOUSE_AND_PASTE: Final = b"\x1b[?2004l\x1b[?1006l\x1b[?1002l\x1b[?1000l"
AS_PLACED: Final = b"\x1b[8l"
"""Cells stay where they are put, whatever direction text runs in: BDSM (ECMA-48, 7.2.3), reset.

VTE and mintty would lay out right-to-left text themselves; terminals without BDSM take no notice.
"""
NOT_AS_PLACED: Final = b"\x1b[8h"
"""What these two begin with."""
ASK_GROUND: Final = b"\x1b]11;?\x07"
"""Ask for the colour of the ground."""

_MOST_PAIRS: Final = 255
"""Pairs of colours that fit into an attribute of curses."""
_KEYS: Final = {
    "kcuu1": "up", "kcud1": "down", "kcub1": "left", "kcuf1": "right", "khome": "home",
    "kend": "end", "kpp": "pageup", "knp": "pagedown", "kich1": "insert", "kdch1": "delete",
    "kbs": "backspace", "kcbt": "shift-tab", "kent": "enter",
    **{f"kf{number}": f"f{number}" for number in range(1, 13)},
}  # fmt: skip
_FAMILIES: Final = {
    **dict.fromkeys(("screen", "tmux"), "screen"),
    **dict.fromkeys(
        ("xterm", "alacritty", "contour", "foot", "ghostty", "iterm", "kitty", "mintty", "rio",
         "st-", "vte", "wezterm", "konsole", "gnome"), "xterm-256color"),
}  # fmt: skip
"""What kinds of terminals can be taken for, by how their names begin."""


class Picture(Protocol):
    """What is to be seen: a block as large as the screen, and where the cursor is, if it shows."""

    @property
    def block(self) -> Block:
        """Every cell."""

    @property
    def cursor(self) -> tuple[int, int] | None:
        """Row and column, from 0."""


class Painter:
    """One terminal's curses; there can be one in a process.

    :ivar unicode: whether the locale can show more than ASCII.
    :ivar keys: what the keys of this terminal send.
    :ivar light: whether its ground is light; None if nobody knows.
    :ivar margins: whether it scrolls a part of its lines; to be set by what it answers.
    :raises UsageError: nothing is known of this kind of terminal.
    """

    def __init__(self, environ: Mapping[str, str], rows: int, columns: int) -> None:
        locale.setlocale(locale.LC_ALL, "")
        self.unicode = locale.nl_langinfo(locale.CODESET).upper().replace("-", "") == "UTF8"
        self._canvas = Canvas()
        self._shown: tuple[Row, ...] = ()
        self._pairs: dict[tuple[int, int], int] = {}
        with self._canvas.drawing():
            self._screen = _begin(environ, rows, columns)
            self._depth = depth_of(_colours(environ), environ)
            self._defaults = self._depth is not Depth.NONE and _has_defaults()
            curses.typeahead(-1)  # else what is typed would cut a picture in two
            self._screen.idlok(True)  # noqa: FBT003 - curses takes no keyword
            curses.resizeterm(rows, columns)
            is_console = environ.get("TERM", "").startswith("linux")  # it has gpm for a mouse
            self._speaks = curses.tigetstr("kmous") is not None and not is_console
            self._keypad = curses.tigetstr("smkx") or b"", curses.tigetstr("rmkx") or b""
            self.keys = _key_strings()
        self.light = light_by(environ)
        self.margins = False
        self._attributes = self._looks(theme(self._depth, light=bool(self.light)))

    def enter(self) -> bytes:
        """Give what prepares the terminal; the next picture is painted whole."""
        return self._keypad[0] + (MOUSE_AND_PASTE + AS_PLACED if self._speaks else b"")

    @property
    def questions(self) -> bytes:
        """What asks the terminal for its ground and its abilities, if it may answer."""
        if not self._speaks:
            return b""
        wants_ground = self.light is None and self._depth is not Depth.NONE
        return ASK_MARGINS + (ASK_GROUND if wants_ground else b"")

    def leave(self) -> bytes:
        """Give what hands the terminal back: as it was, or below the picture."""
        with self._canvas.drawing():
            _try(curses.curs_set, 1)
            _try(curses.endwin)
        self._shown = ()
        before = NOT_AS_PLACED + NO_MOUSE_AND_PASTE if self._speaks else b""
        return before + self._keypad[1] + self._canvas.take()

    def relight(self, *, light: bool) -> None:
        """Choose the theme for another ground."""
        self.light = light
        self._attributes = self._looks(theme(self._depth, light=light))
        self._shown = ()

    def resize(self, rows: int, columns: int) -> None:
        """Learn how large the terminal is; the next picture is painted whole."""
        with self._canvas.drawing():
            curses.resizeterm(rows, columns)
        self._shown = ()

    def redraw(self) -> None:
        """Trust nothing on the screen; the next picture is painted whole."""
        self._screen.clearok(True)  # noqa: FBT003
        self._shown = ()

    def paint(self, picture: Picture, regions: Sequence[Region] = ()) -> bytes:
        """Give what makes the terminal show *picture*, from what it shows now.

        *regions* are where lists scroll.
        """
        rows = picture.block.rows
        moved = b"".join(self._scroll(rows, region) for region in regions)
        with self._canvas.drawing():
            self._put_rows(rows)
            cursor = picture.cursor
            self._screen.leaveok(cursor is None)
            _try(curses.curs_set, 0 if cursor is None else 1)
            if cursor is not None:
                _try(self._screen.move, *cursor)
            self._screen.refresh()
        return moved + self._canvas.take()

    def _scroll(self, rows: Sequence[Row], region: Region) -> bytes:
        """Let the terminal scroll a list; curses is told, and what it would send is not sent."""
        by = scrolling.shift(self._shown, rows, region) if self.margins else 0
        if not by:
            return b""
        with self._canvas.drawing():
            self._put_rows(scrolling.scrolled(self._shown, region, by))
            self._screen.leaveok(False)  # noqa: FBT003 - curses takes no keyword
            self._screen.move(region.row, region.column)
            self._screen.refresh()
        self._canvas.take()
        return scrolling.sequence(region, by, (region.row, region.column))

    def _put_rows(self, rows: Sequence[Row]) -> None:
        shown = self._shown
        for y, row in enumerate(rows):
            if y >= len(shown) or shown[y] != row:
                self._put(y, row)
        self._shown = tuple(rows)

    def close(self) -> None:
        """Let go of it."""
        self._canvas.close()

    def _put(self, y: int, row: Row) -> None:
        x = 0
        for span in row:
            text, attribute = self._look(span)
            text, cells = fitted(text, unicode=self.unicode)
            # In the last cell of all curses writes, and then can't go on.
            _try(self._screen.addstr, y, x, text, attribute)
            x += cells
        if x < self._screen.getmaxyx()[1]:
            _try(self._screen.move, y, x)
            self._screen.clrtoeol()

    def _looks(self, chosen: Theme) -> dict[Style, int]:
        with self._canvas.drawing():
            made = {style: self._attribute(look) for style, look in chosen.items()}
        self._fixed = len(self._pairs)
        return made

    def _attribute(self, look: Look) -> int:
        attribute = curses.A_NORMAL
        for wanted, bits in (
            (look.bold, curses.A_BOLD),
            (look.dim, curses.A_DIM),
            (look.reverse, curses.A_REVERSE),
            (look.underline, curses.A_UNDERLINE),
        ):
            attribute |= bits if wanted else 0
        colours = look.text, look.ground
        if self._depth is Depth.NONE or colours == (DEFAULT, DEFAULT):
            return attribute
        if not self._defaults:
            colours = (7 if look.text < 0 else look.text), max(look.ground, 0)
        return attribute | curses.color_pair(self._pair(colours))

    def _pair(self, colours: tuple[int, int]) -> int:
        """Give the number of a pair; where there are too many, those of older pictures go."""
        if colours not in self._pairs:
            if len(self._pairs) >= _MOST_PAIRS:
                for old in list(self._pairs)[self._fixed :]:
                    del self._pairs[old]
            self._pairs[colours] = len(self._pairs) + 1
            curses.init_pair(self._pairs[colours], *colours)
        return self._pairs[colours]

    def _look(self, span: Span) -> tuple[str, int]:
        """Give text and attribute; blanks that are pixels become what shows those."""
        text, style = span
        if not isinstance(style, Tint):
            return text, self._attributes[style]
        made = tints.cell(style, self._depth, unicode=self.unicode, light=bool(self.light))
        return made.text * len(text), self._attribute(Look(made.colour, made.ground))


def _begin(environ: Mapping[str, str], rows: int, columns: int) -> Any:
    kind = _known(environ.get("TERM", ""))
    if not curses.tigetstr("cup"):
        message = f"using the terminal: a {kind!r} can't place its cursor"
        raise UsageError(message, "use another terminal, or the commands: anoncloud --help")
    # Curses sees no terminal that it could ask, and sets a scroll region by what it believes.
    told = {"TERM": kind, "LINES": str(rows), "COLUMNS": str(columns)}
    kept = {name: os.environ.get(name) for name in told}
    os.environ |= told
    # Only where it finds the default does curses deal with it, and is deaf to it while it paints.
    stop = signal.signal(signal.SIGTSTP, signal.SIG_IGN)
    try:
        return curses.initscr()
    finally:
        signal.signal(signal.SIGTSTP, stop)
        for name, value in kept.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _known(kind: str) -> str:
    """Give *kind*, or one that is known here and does as well; machines lack the newest ones."""
    family = next((like for begins, like in _FAMILIES.items() if kind.startswith(begins)), kind)
    for name in (kind, family):
        with suppress(curses.error):
            curses.setupterm(name or "unknown", 1)
            return name
    message = f"using the terminal: nothing is known of its kind, {kind or 'no TERM'!r}"
    raise UsageError(message, "set TERM to what it is, such as xterm-256color")


def _colours(environ: Mapping[str, str]) -> int:
    if environ.get("NO_COLOR") or not curses.has_colors():
        return 0
    curses.start_color()
    return curses.COLORS


def _has_defaults() -> bool:
    try:
        curses.use_default_colors()
    except curses.error:
        return False
    return True


def _key_strings() -> dict[bytes, str]:
    """Give what the keys of this terminal send, by terminfo."""
    strings = ((curses.tigetstr(name), key) for name, key in _KEYS.items())
    return {sent: key for sent, key in strings if sent}


def _try(function: Any, *arguments: object) -> None:
    """Do what some terminals can't."""
    with suppress(curses.error):
        function(*arguments)

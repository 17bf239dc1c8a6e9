"""What a terminal sends, made into names of keys; pure, and the same however the bytes are split.

A key is named as ``ui/keys.py`` says: ``a``, ``space``, ``ctrl-r``, ``alt-x``, ``shift-tab``,
``pageup``. Pasted text comes as ``paste:TEXT``, the mouse as ``mouse:KIND:ROW:COLUMN`` (counted
from 0), and what a terminal answers to a question as ``reply:BYTES`` without the leading ESC.

Sources: ECMA-48 section 5.4 (control sequences), xterm's "Control Sequences" (function keys, SGR
mouse, bracketed paste), and whatever strings a terminfo entry names beside these.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

MAX_SEQUENCE: Final = 256
"""Bytes of an escape sequence; what is longer is none, and is dropped."""
MAX_PASTE: Final = 1 << 20
"""Bytes of pasted text; the rest is dropped."""
ESCAPE_WAIT: Final = 0.05
"""Seconds after which an ESC that nothing follows is the key of that name."""
DOUBLE_CLICK: Final = 0.4
"""Seconds within which a second click at the same place makes a double one."""

PASTE: Final = "paste:"
MOUSE: Final = "mouse:"
REPLY: Final = "reply:"

_ESC: Final = 0x1B
_FIRST_PRINTED: Final = 0x20
_DELETE: Final = 0x7F
_PASTE_BEGINS: Final = "200~"
_PASTE_ENDS: Final = b"\x1b[201~"

_CONTROLS: Final = {0x00: "ctrl-space", 0x08: "backspace", 0x09: "tab", 0x0A: "enter",
                    0x0D: "enter", 0x7F: "backspace"}  # fmt: skip
_PUNCTUATION: Final = {0x1C: "ctrl-\\", 0x1D: "ctrl-]", 0x1E: "ctrl-^", 0x1F: "ctrl-_"}
_LETTERS: Final = {"A": "up", "B": "down", "C": "right", "D": "left", "H": "home", "F": "end",
                   "P": "f1", "Q": "f2", "R": "f3", "S": "f4", "E": "begin"}  # fmt: skip
_KEYPAD: Final = {"M": "enter", "j": "*", "k": "+", "l": ",", "m": "-", "n": ".", "o": "/",
                  "X": "=", **{chr(0x70 + digit): str(digit) for digit in range(10)}}  # fmt: skip
_NUMBERS: Final = {
    1: "home", 2: "insert", 3: "delete", 4: "end", 5: "pageup", 6: "pagedown", 7: "home", 8: "end",
    11: "f1", 12: "f2", 13: "f3", 14: "f4", 15: "f5", 17: "f6", 18: "f7", 19: "f8", 20: "f9",
    21: "f10", 23: "f11", 24: "f12",
}  # fmt: skip
_MODIFIERS: Final = ((4, "ctrl-"), (2, "alt-"), (1, "shift-"))
_CHARACTERS: Final = {9: "tab", 13: "enter", 27: "esc", 32: "space", 127: "backspace"}
_CONTROL_SEQUENCE: Final = re.compile(rb"\x1b\[([0-?]*)([ -/]*)([@-~])")
_CONTROL_BEGINS: Final = re.compile(rb"\x1b\[[0-?]*[ -/]*\Z")
_STRING: Final = re.compile(rb"\x1b[P\]_^]([^\x07\x1b]*)(?:\x07|\x1b\\)")
_STRING_BEGINS: Final = re.compile(rb"\x1b[P\]_^][^\x07\x1b]*\x1b?\Z")
_LINUX_KEYS: Final = {b"\x1b[[" + bytes((65 + number,)): f"f{number + 1}" for number in range(5)}


class _Taken(NamedTuple):
    """What stands at the beginning of some bytes; no *key*: nothing that concerns anybody."""

    key: str | None
    length: int


class Decoder:
    """Bytes in, names of keys out; *strings* are what this terminal's keys send, by terminfo."""

    def __init__(self, strings: Mapping[bytes, str] | None = None) -> None:
        known = {**_LINUX_KEYS, **(strings or {})}
        self._strings = {sent: key for sent, key in known.items() if len(sent) > 1}
        self._begun = {sent[:end] for sent in self._strings for end in range(1, len(sent))}
        self._longest = max(map(len, self._strings))
        self._rest = b""
        self._pasted: bytearray | None = None

    @property
    def waits(self) -> bool:
        """Whether something has begun that may be whole already: see :meth:`flush`."""
        return bool(self._rest) and self._pasted is None

    def feed(self, data: bytes) -> list[str]:
        """Take bytes; give the keys that are whole by now."""
        self._rest += data
        return list(self._keys())

    def flush(self) -> list[str]:
        """Give what was begun as the keys that it is if nothing follows."""
        if not self.waits:
            return []
        rest, self._rest = self._rest, b""
        if rest == b"\x1b":
            return ["esc"]
        if rest in {b"\x1b[", b"\x1bO", b"\x1bP", b"\x1b]", b"\x1b_", b"\x1b^"}:
            return [f"alt-{chr(rest[1])}"]
        return []

    def _keys(self) -> Iterator[str]:
        while self._rest:
            if self._pasted is not None:
                key = self._take_paste()
                if key is None:
                    return
                yield key
                continue
            taken = self._take()
            if taken is None:
                if len(self._rest) <= MAX_SEQUENCE:
                    return
                taken = _Taken(None, len(self._rest))
            self._rest = self._rest[taken.length :]
            if taken.key == PASTE:
                self._pasted = bytearray()
            elif taken.key is not None:
                yield taken.key

    def _take_paste(self) -> str | None:
        """Take pasted bytes; give the text at its end."""
        pasted = self._pasted = self._pasted if self._pasted is not None else bytearray()
        text, found, rest = self._rest.partition(_PASTE_ENDS)
        if not found:  # its end may have begun
            kept = next(n for n in range(5, -1, -1) if text.endswith(_PASTE_ENDS[:n]))
            text, rest = text[: len(text) - kept], text[len(text) - kept :]
        pasted += text[: MAX_PASTE - len(pasted)]
        self._rest = rest
        if not found:
            return None
        self._pasted = None
        said = pasted.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
        return PASTE + said

    def _take(self) -> _Taken | None:
        """Take one key from the beginning of the rest; None if it is not whole."""
        rest = self._rest
        for length in range(min(self._longest, len(rest)), 1, -1):
            key = self._strings.get(rest[:length])
            if key is not None:
                return _Taken(key, length)
        if rest in self._begun:
            return None
        first = rest[0]
        if first == _ESC:
            return self._take_escape(rest)
        if first < _FIRST_PRINTED or first == _DELETE:
            return _Taken(_control(first), 1)
        return _character(rest)

    def _take_escape(self, rest: bytes) -> _Taken | None:
        if len(rest) == 1:
            return None
        second = rest[1:2]
        if second == b"\x1b":
            return _Taken("esc", 1)
        if second == b"[":
            return _control_sequence(rest)
        if second == b"O":
            return _single_shift(rest)
        if second in b"P]_^":
            found = _STRING.match(rest)
            if found:
                return _Taken(REPLY + rest[1 : found.end()].decode("latin-1"), found.end())
            return None if _STRING_BEGINS.match(rest) else _Taken(f"alt-{chr(rest[1])}", 2)
        if rest[1] < _FIRST_PRINTED or rest[1] == _DELETE:
            return _Taken("alt-" + _control(rest[1]), 2)
        inner = _character(rest[1:])
        if inner is None or inner.key is None:
            return None if inner is None else _Taken(None, inner.length + 1)
        return _Taken("alt-" + inner.key, inner.length + 1)


def _control(byte: int) -> str:
    if byte in _CONTROLS:
        return _CONTROLS[byte]
    return _PUNCTUATION.get(byte) or f"ctrl-{chr(byte + 0x60)}"


def _character(rest: bytes) -> _Taken | None:
    """Take one character of UTF-8; what is none is passed over, byte by byte."""
    first = rest[0]
    length = 1 + (first >= 0xC2) + (first >= 0xE0) + (first >= 0xF0)  # noqa: PLR2004 - RFC 3629
    try:
        text = rest[:length].decode()
    except UnicodeDecodeError as error:
        cut_off = error.reason == "unexpected end of data" and len(rest) < length
        return None if cut_off else _Taken(None, 1)
    if text == " ":
        return _Taken("space", 1)
    return _Taken(text if text.isprintable() else None, length)


def _single_shift(rest: bytes) -> _Taken | None:
    if len(rest) == 2:  # noqa: PLR2004 - ESC O
        return None
    letter = chr(rest[2])
    key = _LETTERS.get(letter) or _KEYPAD.get(letter)
    return _Taken(key, 3) if key else _Taken("alt-O", 2)


def _control_sequence(rest: bytes) -> _Taken | None:
    found = _CONTROL_SEQUENCE.match(rest)
    if found is None:
        # A key pressed in the midst of a sequence that was cut off still counts.
        return None if _CONTROL_BEGINS.match(rest) else _Taken(None, _valid_length(rest))
    parameters, between, final = (part.decode("ascii") for part in found.groups())
    if between or parameters[:1] in {"?", ">", "="}:
        return _Taken(REPLY + rest[1 : found.end()].decode("ascii"), found.end())
    if parameters[:1] == "<" and final in "Mm":
        return _Taken(_mouse(parameters[1:], pressed=final == "M"), found.end())
    if parameters + final == _PASTE_BEGINS:
        return _Taken(PASTE, found.end())
    return _Taken(_function_key(parameters, final), found.end())


def _valid_length(rest: bytes) -> int:
    found = re.match(rb"\x1b\[[0-?]*[ -/]*", rest)
    return found.end() if found else 1


def _function_key(parameters: str, final: str) -> str | None:
    try:
        numbers = [int(part.partition(":")[0] or "1") for part in parameters.split(";")]
    except ValueError:
        return None
    if final == "Z":
        return "shift-tab"
    modifier = numbers[1] if len(numbers) > 1 else 1
    if final == "u":
        return _modified(_named(numbers[0]), modifier)
    if final == "~":
        return _modified(_NUMBERS.get(numbers[0]), modifier)
    return _modified(_LETTERS.get(final), modifier)


def _named(point: int) -> str | None:
    """Name the key that makes the character *point*."""
    if point in _CHARACTERS:
        return _CHARACTERS[point]
    return chr(point) if point < 0x110000 and chr(point).isprintable() else None  # noqa: PLR2004


def _modified(key: str | None, modifier: int) -> str | None:
    if key is None:
        return None
    bits = modifier - 1
    named = "".join(name for bit, name in _MODIFIERS if bits & bit)
    return named + key


_WHEEL: Final = 64
_MOVED: Final = 32
_BUTTON: Final = 3


def _mouse(parameters: str, *, pressed: bool) -> str | None:
    """Name what the mouse did; SGR coordinates begin at 1, column first."""
    try:
        button, column, row = map(int, parameters.split(";"))
    except ValueError:
        return None
    kind = None
    if button & _WHEEL:
        kind = {0: "wheel-up", 1: "wheel-down"}.get(button & _BUTTON) if pressed else None
    elif button & _BUTTON == 0:
        kind = "drag" if button & _MOVED else "click" if pressed else "release"
    return f"{MOUSE}{kind}:{max(0, row - 1)}:{max(0, column - 1)}" if kind else None


class Clicks:
    """Tells double clicks from single ones."""

    def __init__(self) -> None:
        self._last = ""
        self._when = 0.0

    def named(self, key: str, now: float) -> str:
        """Give *key*, a click soon after the same one as a double click; *now* in seconds."""
        if not key.startswith(f"{MOUSE}click:"):
            return key
        again = key == self._last and now - self._when <= DOUBLE_CLICK
        self._last, self._when = "" if again else key, now
        return key.replace(":click:", ":double:", 1) if again else key

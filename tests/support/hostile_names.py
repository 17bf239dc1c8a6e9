"""A thousand names that do what names can do to a screen.

A terminal in a test must count spacing marks (Unicode category Mc) as ``ui.cells.cell`` does, which
is as most terminals do: pyte takes the wcwidth library's word for them.
"""

import random
from collections.abc import Iterator

COUNT = 1000
_LONGEST = 255
_CONTROLS = [bytes([code]) for code in (*range(1, 32), 127) if code != ord("/")]
_ESCAPES = [
    b"\x1b[31m", b"\x1b[2J", b"\x1b]0;title\x07", b"\x1b[?1049h", b"\x9b5n", b"\x1bc", b"\x0e",
    b"\x1bP+q\x1b\\", b"\x1b[6n", b"\r\x1b[K", b"\x1b[1000000@", b"\xc2\x9b31m", b"\xc2\x85",
]  # fmt: skip
_BIDI = [chr(code) for code in (0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))]
_INVISIBLE = [
    "\u200b",
    "\u200c",
    "\u200d",
    "\u2060",
    "\ufeff",
    "\u00ad",
    "\u3164",
    "\uffa0",
    "\u115f",
]
_BREAKS = ["\u2028", "\u2029", "\u0085", "\u00a0", "\u3000"]
_JOINED = [
    "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f44d\U0001f3fd", "\u2764\ufe0f",
    "\U0001f1e9\U0001f1ea", "1\ufe0f\u20e3", "\U0001f3f4\U000e0067\U000e0062\U000e007f",
]  # fmt: skip
_MARKS = [
    chr(code) for code in (*range(0x300, 0x370), *range(0x1AB0, 0x1AC0), *range(0x20D0, 0x20F0))
]
_RIGHT_TO_LEFT = ["שלום", "مرحبا", "تقرير", "ܫܠܡܐ"]
_SPACING = ["हिन्दी", "தமிழ்", "বাংলা", "ไทย", "မြန်မာ"]
_WIDE = "日本語한국어漢字テスト"


def names(count: int = COUNT) -> list[bytes]:
    """Give so many different names, always the same ones."""
    drawn = random.Random(5)
    made: dict[bytes, None] = {}
    makers = (
        _control, _escape, _directed, _broken, _invalid, _wide, _stacked, _joined, _right_to_left,
        _random,
    )  # fmt: skip
    for one in _fixed():
        made[one] = None
    while len(made) < count:
        made[_fitting(makers[len(made) % len(makers)](drawn))] = None
    return list(made)[:count]


def _fixed() -> Iterator[bytes]:
    yield from (b" ", b"  x  ", b"-rf", b"...", b"\\", b"\\x1b", b"~", b"*", b"%s%n", b"\xff" * 255)
    yield from ("\u0301".encode(), ("e" + "\u0301" * 120).encode(), b"a" * 255, b"\n", b"a\nb")
    yield from ("漢".encode() * 85, "\U0001f600".encode() * 63, "\u200b".encode() * 85)
    yield from (text.encode() for text in (*_JOINED, *_RIGHT_TO_LEFT, *_SPACING, *_INVISIBLE))


def _fitting(name: bytes) -> bytes:
    name = name.replace(b"/", b"_").replace(b"\x00", b"_")[:_LONGEST]
    return name if name not in {b"", b".", b".."} else b"x"


def _control(drawn: random.Random) -> bytes:
    return b"".join(drawn.choice([b"a", b"b ", *_CONTROLS]) for _ in range(drawn.randrange(1, 20)))


def _escape(drawn: random.Random) -> bytes:
    return b"name" + drawn.choice(_ESCAPES) + b"%d" % drawn.randrange(9999)


def _directed(drawn: random.Random) -> bytes:
    return ("pay" + drawn.choice(_BIDI) + "gpj.exe" + str(drawn.randrange(9999))).encode()


def _broken(drawn: random.Random) -> bytes:
    parts = drawn.choices([*_INVISIBLE, *_BREAKS, "x", "y"], k=drawn.randrange(1, 12))
    return "".join(parts).encode()


def _invalid(drawn: random.Random) -> bytes:
    whole = "naïve漢\U0001f600".encode()
    cut = drawn.randrange(len(whole))
    return whole[:cut] + bytes(drawn.randrange(128, 256) for _ in range(3)) + whole[cut + 1 :]


def _wide(drawn: random.Random) -> bytes:
    return "".join(drawn.choices(_WIDE, k=drawn.randrange(1, 86))).encode()


def _stacked(drawn: random.Random) -> bytes:
    letters = drawn.choices([*"aeo", "漢", *_MARKS], k=drawn.randrange(1, 60))
    return "".join(letters).encode()


def _joined(drawn: random.Random) -> bytes:
    return "".join(drawn.choices([*_JOINED, "x", " "], k=drawn.randrange(1, 8))).encode()


def _right_to_left(drawn: random.Random) -> bytes:
    words = drawn.choices([*_RIGHT_TO_LEFT, *_SPACING, "abc", "12"], k=drawn.randrange(1, 6))
    return " ".join(words).encode()


def _random(drawn: random.Random) -> bytes:
    if drawn.random() < 0.5:
        return drawn.randbytes(drawn.randrange(1, _LONGEST + 1))
    points = (drawn.randrange(0x20, 0x30000) for _ in range(drawn.randrange(1, 40)))
    return "".join(map(chr, points)).encode("utf-8", "surrogatepass")

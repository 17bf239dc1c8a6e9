"""Look for words in all that a server has, in every dress in which they might lie there."""

import base64
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path


def dresses(mark: bytes) -> dict[str, bytes]:
    """Give all the ways in which *mark* could be written down."""
    text = mark.decode("latin-1")
    found = {
        "as it is": mark,
        "hex": mark.hex().encode(),
        "HEX": mark.hex().upper().encode(),
        "UTF-16LE": text.encode("utf-16-le"),
        "UTF-16BE": text.encode("utf-16-be"),
        "backwards": mark[::-1],
    }
    for shift in range(3):
        standard = _aligned(base64.b64encode, mark, shift, 6)
        found[f"base64 at {shift}"] = standard
        found[f"base64url at {shift}"] = standard.translate(bytes.maketrans(b"+/", b"-_"))
    for shift in range(5):
        upper = _aligned(base64.b32encode, mark, shift, 5)
        found[f"BASE32 at {shift}"] = upper
        found[f"base32 at {shift}"] = upper.lower()
    return found


def _aligned(encode: Callable[[bytes], bytes], mark: bytes, shift: int, bits: int) -> bytes:
    """Encode *mark* as it stands behind *shift* other bytes: the letters that are all its own."""
    whole = encode(bytes(shift) + mark)
    return whole[-(-8 * shift // bits) : 8 * (shift + len(mark)) // bits]


def sightings(marks: Mapping[str, bytes], places: Mapping[str, bytes]) -> list[str]:
    """Tell which mark is where, and how it is dressed."""
    worn = [
        (f"{name} {how}", pattern)
        for name, mark in marks.items()
        for how, pattern in dresses(mark).items()
    ]
    return [
        f"{what} in {place}"
        for place, content in places.items()
        for what, pattern in worn
        if pattern in content
    ]


def written(folder: Path) -> dict[str, bytes]:
    """Give every byte below *folder*, by its place, and the names of all that is there."""
    found = {str(path.relative_to(folder)): path.read_bytes() for path in _files(folder)}
    return {**found, "the names": "\n".join(found).encode()}


def _files(folder: Path) -> Iterator[Path]:
    for top, _, names in os.walk(folder):
        yield from (Path(top, name) for name in names)

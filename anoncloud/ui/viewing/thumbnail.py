"""A program of its own that makes pictures small: what decodes strangers' bytes holds no key.

It reads a picture from its standard input and writes to its standard output: width, height and the
number of colours as a line of text, the colours (3 bytes each), and one byte for each pixel, the
number of its colour. Its arguments are the most columns and rows of pixels. What is wrong it says
on standard error. It may use little memory and time, and may write no file.

PNG is read by ``ui.viewing.png`` where there is no Pillow; Pillow, if it is installed, reads more.
"""

import io
import resource
import sys
from collections import Counter
from functools import cache
from typing import Any, Final

from anoncloud.ui.viewing import png
from anoncloud.ui.viewing.png import NoPictureError, Pixel

COLOURS: Final = 14
"""Colours that are left: curses pairs them, upper half with lower half, and has 255 pairs."""
_MEMORY: Final = 1024 * 1024 * 1024
_SECONDS: Final = 20
_MOST_PIXELS: Final = 100_000_000
_FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP", "BMP")
_LEVELS: Final = (0, 95, 135, 175, 215, 255)
"""What the 256 colours of xterm are made of, greys aside."""


def small(data: bytes, columns: int, rows: int) -> list[list[Pixel]]:
    """Give a picture in at most so many columns and rows of pixels.

    :raises NoPictureError: it can't be shown.
    """
    pillow = _pillow()
    if pillow is not None:
        return _by_pillow(pillow, data, columns, rows)
    if data.startswith(png.MAGIC):
        return png.read(data, columns, rows)
    message = "pictures of this kind need Pillow: pip install 'anonymouscloud[pictures]'"
    raise NoPictureError(message)


def reduced(pixels: list[list[Pixel]]) -> tuple[list[Pixel], bytes]:
    """Choose at most COLOURS of the 256 of xterm for a picture; give them, and each pixel's."""
    near = [[_nearest_level(pixel) for pixel in row] for row in pixels]
    counted = Counter(pixel for row in near for pixel in row)
    chosen = [counted.most_common(1)[0][0]]
    while len(chosen) < min(COLOURS, len(counted)):
        far = max(counted, key=lambda one: counted[one] * min(_apart(one, it) for it in chosen))
        chosen.append(far)
    number = {
        one: min(range(len(chosen)), key=lambda at: _apart(one, chosen[at])) for one in counted
    }
    return chosen, bytes(number[pixel] for row in near for pixel in row)


@cache
def _nearest_level(pixel: Pixel) -> Pixel:
    red, green, blue = (min(_LEVELS, key=lambda level: abs(level - one)) for one in pixel)
    grey = sum(pixel) // 3
    tone = max(0, min(23, round((grey - 8) / 10))) * 10 + 8
    cube, tones = (red, green, blue), (tone, tone, tone)
    return cube if _apart(pixel, cube) <= _apart(pixel, tones) else tones


def _apart(one: Pixel, other: Pixel) -> int:
    red, green, blue = (a - b for a, b in zip(one, other, strict=True))
    return 2 * red * red + 4 * green * green + 3 * blue * blue


def _pillow() -> Any:
    try:
        from PIL import Image  # noqa: PLC0415 - it need not be there
    except ImportError:
        return None
    return Image


def _by_pillow(pillow: Any, data: bytes, columns: int, rows: int) -> list[list[Pixel]]:
    try:
        picture = pillow.open(io.BytesIO(data), formats=_FORMATS)
        width, height = picture.size
        if width * height > _MOST_PIXELS:
            message = f"the picture has {width} x {height} pixels, which is too many"
            raise NoPictureError(message)
        picture.draft("RGB", (columns, rows))
        picture = picture.convert("RGBA")
        picture.thumbnail((columns, rows))
        ground = pillow.new("RGBA", picture.size, (0, 0, 0, 255))
        shown = pillow.alpha_composite(ground, picture).convert("RGB")
    except (OSError, ValueError, SyntaxError, MemoryError) as error:
        message = "the picture is damaged, or is too large"
        raise NoPictureError(message) from error
    wide, high = shown.size
    found = iter(shown.tobytes())
    flat = list(zip(found, found, found, strict=True))
    return [flat[y * wide : (y + 1) * wide] for y in range(high)]


def main() -> int:
    """Read, make small, write."""
    for limit, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _SECONDS),
        (resource.RLIMIT_FSIZE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    columns, rows = map(int, sys.argv[1:3])
    try:
        pixels = small(sys.stdin.buffer.read(), columns, rows)
        colours, numbers = reduced(pixels)
    except (NoPictureError, MemoryError) as error:
        sys.stderr.write(str(error) or "the picture is too large")
        return 1
    head = f"{len(pixels[0])} {len(pixels)} {len(colours)}\n".encode()
    sys.stdout.buffer.write(head + bytes(one for colour in colours for one in colour) + numbers)
    return 0


if __name__ == "__main__":
    sys.exit(main())

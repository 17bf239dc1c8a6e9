"""Pictures: read by hand, made small in few colours, drawn in blocks; kinds told from bytes."""

import io
import struct
import sys
import zlib

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui.cells import Tint
from anoncloud.ui.layers import Shape
from anoncloud.ui.looking_effects import How, Leave, Look, Stored
from anoncloud.ui.theme import Depth
from anoncloud.ui.tints import HALF, cell
from anoncloud.ui.viewing import kinds, picture, png, thumbnail
from anoncloud.ui.viewing.picture import NotShown, Picture, Small
from anoncloud.ui.viewing.png import NoPictureError
from anoncloud.ui.viewing.said import Room
from tests.support.client_files import noise
from tests.support.looking import LayerTestCase

RED, GREEN, BLUE, WHITE, BLACK = (
    (255, 0, 0),
    (0, 255, 0),
    (0, 0, 255),
    (255, 255, 255),
    (0, 0, 0),
)


def chunk(kind, content):
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def made(width, height, lines, depth=8, colour=2, palette=b"", interlaced=0):
    """Make a PNG of filtered *lines*, each with its filter's number first."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    parts = [chunk(b"IHDR", head)]
    parts += [chunk(b"PLTE", palette)] if palette else []
    packed = zlib.compress(b"".join(lines))
    half = len(packed) // 2
    parts += [chunk(b"IDAT", packed[:half]), chunk(b"IDAT", packed[half:]), chunk(b"IEND", b"")]
    return png.MAGIC + b"".join(parts)


def filtered(kind, line, above, step=3):
    """Filter a row as an encoder does (PNG specification section 9.2)."""
    out = bytearray([kind])
    for at, value in enumerate(line):
        left = line[at - step] if at >= step else 0
        up, corner = above[at], above[at - step] if at >= step else 0
        near = left + up - corner
        paeth = min((left, up, corner), key=lambda one: abs(near - one))
        guess = (0, left, up, (left + up) // 2, paeth)[kind]
        out.append((value - guess) % 256)
    return bytes(out)


class PngTests(SynchronousTestCase):
    def test_every_filter(self):
        lines = [noise(30, number) for number in range(10)]
        above, encoded = bytes(30), []
        for number, line in enumerate(lines):
            encoded.append(filtered(number % 5, line, above))
            above = line
        pixels = png.read(made(10, 10, encoded), 100, 100)
        self.assertEqual([b"".join(map(bytes, row)) for row in pixels], lines)

    def test_every_colour_type(self):
        for depth, colour, line, pixels in (
            (8, 0, b"\x00\x80\xff", [BLACK, (128,) * 3, WHITE]),
            (8, 2, b"\xff\0\0\0\xff\0\0\0\xff", [RED, GREEN, BLUE]),
            (8, 3, b"\2\1\0", [BLUE, GREEN, RED]),
            (8, 4, b"\xff\xff\xff\x00\xff\x80", [WHITE, BLACK, (128,) * 3]),
            (8, 6, b"\xff\0\0\xff" * 2 + b"\xff\xff\xff\0", [RED, RED, BLACK]),
            (16, 0, b"\xff\x01\0\x02\x80\x03", [WHITE, BLACK, (128,) * 3]),
            (16, 2, b"\xff\0\0\0\0\0" * 3, [RED, RED, RED]),
            (1, 0, b"\xa0", [WHITE, BLACK, WHITE]),
            (2, 3, b"\x24", [RED, BLUE, GREEN]),
            (4, 0, b"\xf0\xf0", [WHITE, BLACK, WHITE]),
        ):
            palette = bytes(RED + GREEN + BLUE) if colour == 3 else b""
            data = made(3, 1, [b"\0" + line], depth, colour, palette)
            self.assertEqual(png.read(data, 9, 9), [pixels], (depth, colour))

    def test_made_small(self):
        data = made(100, 50, [b"\0" + bytes(RED) * 50 + bytes(BLUE) * 50] * 50)
        pixels = png.read(data, 10, 10)
        self.assertEqual((len(pixels), len(pixels[0])), (5, 10))
        self.assertEqual(pixels[0], [RED] * 5 + [BLUE] * 5)
        self.assertEqual(len(png.read(made(1000, 1, [b"\0" + bytes(3000)]), 10, 10)), 1)

    def test_refused(self):
        good = made(3, 1, [b"\0" + bytes(9)])
        for data in (
            made(3, 2, [b"\0" + bytes(9)]),
            made(3, 1, [b"\x09" + bytes(9)]),
            made(3, 1, [b"\0" + bytes(9)], interlaced=1),
            made(3, 1, [b"\0" + bytes(9)], depth=7),
            made(3, 1, [b"\0" + bytes(9)], colour=5),
            made(3, 1, [b"\0\0\0\x09"], colour=3, palette=bytes(3)),
            made(2**31 - 1, 2**31 - 1, [b""]),
            made(0, 0, [b""]),
            good[:20],
            good[:50],
            png.MAGIC,
            png.MAGIC + noise(100),
        ):
            error = self.assertRaises(NoPictureError, png.read, data, 9, 9)
            self.assertTrue(str(error))

    def test_every_cut_and_flip(self):
        """A damaged picture is shown or refused; nothing else happens."""
        good = made(4, 4, [b"\4" + noise(12, number) for number in range(4)])
        for at in range(len(good)):
            for data in (good[:at], good[:at] + bytes([good[at] ^ 0x41]) + good[at + 1 :]):
                try:
                    pixels = png.read(data, 9, 9)
                except NoPictureError:
                    continue
                self.assertTrue(pixels[0])


class ThumbnailTests(SynchronousTestCase):
    def run_program(self, data, pillow=None):
        self.patch(thumbnail, "_pillow", lambda: pillow)
        self.patch(thumbnail.resource, "setrlimit", lambda *_: None)
        streams = {name: io.TextIOWrapper(io.BytesIO()) for name in ("stdout", "stderr")}
        for name, stream in streams.items():
            self.patch(sys, name, stream)
        self.patch(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        self.patch(sys, "argv", ["thumbnail", "10", "10"])
        code = thumbnail.main()
        for stream in streams.values():
            stream.flush()
        return code, streams["stdout"].buffer.getvalue(), streams["stderr"].buffer.getvalue()

    def test_round_trip(self):
        lines = [b"\0" + bytes(RED + BLUE)] * 2
        code, out, _ = self.run_program(made(2, 2, lines))
        self.assertEqual(code, 0)
        small = picture.parse(out)
        self.assertEqual((small.width, small.height), (2, 2))
        self.assertEqual([small.colours[one] for one in small.pixels], [0xFF0000, 0x0000FF] * 2)

    def test_without_pillow(self):
        """Other kinds say what they need."""
        code, out, said = self.run_program(b"\xff\xd8\xff" + bytes(100))
        self.assertEqual((code, out), (1, b""))
        self.assertIn(b"Pillow", said)

    def test_damaged(self):
        code, _, said = self.run_program(png.MAGIC + noise(50))
        self.assertEqual(code, 1)
        self.assertTrue(said)

    def test_few_colours(self):
        pixels = [[(x * 8, y * 8, (x * y) % 256) for x in range(32)] for y in range(32)]
        colours, numbers = thumbnail.reduced(pixels)
        self.assertEqual(len(colours), thumbnail.COLOURS)
        self.assertEqual(len(numbers), 32 * 32)
        for row, start in zip(pixels, range(0, 1024, 32), strict=True):
            for pixel, number in zip(row, numbers[start : start + 32], strict=True):
                far = max(abs(a - b) for a, b in zip(pixel, colours[number], strict=True))
                self.assertLess(far, 160)

    def test_greys_are_kept(self):
        colours, _ = thumbnail.reduced([[(118, 118, 118)]])
        self.assertEqual(colours, [(118, 118, 118)])


class ParseTests(SynchronousTestCase):
    def test_anything_else(self):
        good = b"2 1 2\n" + bytes(6) + b"\0\1"
        self.assertIsNotNone(picture.parse(good))
        for bad in (
            b"",
            b"2 1\n",
            b"-2 1 2\n" + bytes(8),
            b"9999999 1 1\n",
            good[:-1],
            good + b"\0",
            b"2 1 1\n" + bytes(3) + b"\0\1",
            b"0 0 1\n" + bytes(3),
        ):
            self.assertIsNone(picture.parse(bad), bad)


class LayerTests(LayerTestCase):
    small = Small(4, 2, (0xFF0000, 0x0000FF), bytes([0, 0, 1, 1, 0, 1, 1, 1]))
    subject = Stored(bytes(8), 1, b"p.png", 5)

    def setUp(self):
        self.show(Picture(1, "p.png", self.subject))

    def test_waits(self):
        self.assertIn("reading", self.seen()[1])
        self.assertIs(self.layer.shape, Shape.WHOLE)

    def test_drawn(self):
        """In the middle, two pixels a cell, neighbours of one look in one span."""
        self.hear(self.small)
        self.seen()
        block = self.layer.view(self.columns, self.rows)
        spans = [span for row in block.rows for span in row if isinstance(span.style, Tint)]
        red, blue = 0xFF0000, 0x0000FF
        self.assertEqual(
            [(span.style, len(span.text)) for span in spans],
            [(Tint(red, red), 1), (Tint(red, blue), 1), (Tint(blue, blue), 2)],
        )

    def test_fits_any_screen(self):
        self.hear(Small(300, 201, (0xFF0000,), bytes(300 * 201)))
        for columns, rows in ((300, 100), (80, 22), (40, 8), (1, 2), (3, 1)):
            self.columns, self.rows = columns, rows
            self.seen()

    def test_not_shown(self):
        self.hear(NotShown("it is too large"))
        self.assertIn("it is too large", self.seen()[1])
        self.hear(NotShown("other"), number=2)
        self.assertIn("it is too large", self.seen()[1])

    def test_keys(self):
        self.assertEqual(self.press("x"), [Look(self.subject, How.HEX)])
        self.press("z")
        self.assertEqual(self.press("esc"), [Leave(1)])
        self.assertIsNone(self.layer)

    def test_room(self):
        self.assertEqual(picture.pixels_of(Room(80, 22)), (80, 42))
        self.assertEqual(picture.pixels_of(Room(0, 0)), (1, 1))


class TintTests(SynchronousTestCase):
    def test_many_colours(self):
        made_of = {0xFF0000: 196, 0x0000FF: 21, 0: 16, 0xFFFFFF: 231, 0x767676: 243}
        for colour, number in made_of.items():
            drawn = cell(Tint(colour, 0), Depth.MANY, unicode=True, light=False)
            self.assertEqual(drawn, (HALF, number, 16))
        drawn = cell(Tint(0xFF0000, 1), Depth.TRUE, unicode=True, light=False)
        self.assertEqual(drawn, (HALF, 0xFF0000, 1))

    def test_few_colours(self):
        """Without colours enough shades show what is bright; on a light ground what is dark."""
        for depth in (Depth.NONE, Depth.SIXTEEN):
            texts = [
                cell(Tint(grey * 0x010101, grey * 0x010101), depth, unicode=True, light=False).text
                for grey in (0, 64, 128, 192, 255)
            ]
            self.assertEqual(texts, [" ", "░", "▒", "▓", "█"])
        self.assertEqual(cell(Tint(0, 0), Depth.NONE, unicode=True, light=True).text, "█")
        ascii_only = cell(Tint(0xFFFFFF, 0), Depth.MANY, unicode=False, light=False)
        self.assertTrue(ascii_only.text.isascii())
        self.assertNotIn(ascii_only.text, " @")


class KindTests(SynchronousTestCase):
    def test_kinds(self):
        for first, how in (
            (png.MAGIC, How.PICTURE),
            (b"\xff\xd8\xff\xe0", How.PICTURE),
            (b"GIF89a", How.PICTURE),
            (b"RIFF\0\0\0\0WEBPVP8 ", How.PICTURE),
            (b"BM\x36\0\0\0\0\0\0\0", How.PICTURE),
            (b"BMW is a name", How.TEXT),
            (b"RIFF\0\0\0\0WAVE", How.HEX),
            (b"PK\x03\x04", How.LIST),
            (b"PK\x05\x06", How.LIST),
            (b"\x1f\x8b\x08", How.LIST),
            (bytes(257) + b"ustar\0", How.LIST),
            (b"text", How.TEXT),
            (b"", How.TEXT),
            (b"\x7fELF\0", How.HEX),
        ):
            self.assertIs(kinds.best(first, len(first)), how, first)

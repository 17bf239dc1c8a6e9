"""Pictures of all kinds by Pillow, and the process that decodes them under its limits."""

import io
import subprocess
import sys
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui.doing.pictures import PROGRAM
from anoncloud.ui.viewing import picture, thumbnail
from anoncloud.ui.viewing.png import NoPictureError
from tests.support.client_files import noise

PILLOW: Any = thumbnail._pillow()
KINDS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")


class PillowCase(SynchronousTestCase):
    """Skipped, and seen to be, where Pillow is missing: it comes with requirements-dev.txt."""

    if PILLOW is None:
        skip = "Pillow is not installed; pictures but for PNG are NOT tested here"

    def encoded(self, kind: str, mode: str = "RGB", size: tuple[int, int] = (64, 32)) -> bytes:
        """Make a picture whose left half is red and whose right half is blue."""
        wide, high = size
        made = PILLOW.new("RGB", size, "red")
        made.paste("blue", (wide // 2, 0, wide, high))
        made = made.convert(mode)
        stream = io.BytesIO()
        made.save(stream, kind)
        return stream.getvalue()


class SmallTests(PillowCase):
    """thumbnail.small."""

    def test_kinds(self) -> None:
        """Each kind is made small, keeps its shape, and shows what is in it."""
        for kind in KINDS:
            pixels = thumbnail.small(self.encoded(kind), 16, 16)
            self.assertEqual((len(pixels[0]), len(pixels)), (16, 8), kind)
            for row in pixels:
                (red, _, none), (nothing, _, blue) = row[2], row[-3]
                self.assertGreater(min(red, blue), 220, kind)
                self.assertLess(max(none, nothing), 35, kind)

    def test_palettes_and_greys(self) -> None:
        """Whatever a picture is made of, three colours come out for each pixel."""
        for mode in ("P", "L", "LA", "1", "RGBA"):
            pixels = thumbnail.small(self.encoded("PNG", mode), 8, 8)
            self.assertEqual({len(pixel) for row in pixels for pixel in row}, {3}, mode)

    def test_transparent(self) -> None:
        """What is transparent is black."""
        stream = io.BytesIO()
        PILLOW.new("RGBA", (4, 4), (255, 255, 255, 0)).save(stream, "PNG")
        pixels = thumbnail.small(stream.getvalue(), 8, 8)
        self.assertEqual({pixel for row in pixels for pixel in row}, {(0, 0, 0)})

    def test_never_larger(self) -> None:
        """A small picture stays as small as it is."""
        pixels = thumbnail.small(self.encoded("PNG", size=(4, 2)), 80, 80)
        self.assertEqual((len(pixels[0]), len(pixels)), (4, 2))

    def test_other_kinds(self) -> None:
        """Kinds with large decoders that nobody looks at in a terminal are not even tried."""
        for kind in ("TIFF", "PPM", "ICO"):
            self.assertRaises(NoPictureError, thumbnail.small, self.encoded(kind), 8, 8)

    def test_too_many_pixels(self) -> None:
        """A picture that is small as a file and large in memory is refused before it is decoded."""
        self.patch(PILLOW, "MAX_IMAGE_PIXELS", None)  # its own limit is another, and only warns
        stream = io.BytesIO()
        PILLOW.new("1", (20_000, 6_000)).save(stream, "PNG")
        error = self.assertRaises(NoPictureError, thumbnail.small, stream.getvalue(), 8, 8)
        self.assertIn("too many", str(error))

    def test_damaged(self) -> None:
        """Pictures that were cut off, and nonsense, are shown or refused; nothing else happens."""
        for kind in KINDS:
            whole = self.encoded(kind)
            for data in (*(whole[:at] for at in range(0, len(whole), 7)), whole[:20] + noise(99)):
                try:
                    pixels = thumbnail.small(data, 8, 8)
                except NoPictureError:
                    continue
                self.assertTrue(pixels[0])


class ProcessTests(PillowCase):
    """The program, as the explorer starts it."""

    def run_program(self, data: bytes) -> "subprocess.CompletedProcess[bytes]":
        """Run it to its end."""
        words = (sys.executable, "-m", PROGRAM, "16", "16")
        return subprocess.run(words, input=data, capture_output=True, check=False, timeout=60)

    def test_kinds(self) -> None:
        """Its limits of memory, time and files leave room for what it is for."""
        for kind in ("JPEG", "WEBP"):
            done = self.run_program(self.encoded(kind, size=(2000, 1000)))
            self.assertEqual(done.returncode, 0, done.stderr)
            small = picture.parse(done.stdout)
            assert small is not None
            self.assertEqual((small.width, small.height), (16, 8))

    def test_refused(self) -> None:
        """Why it shows nothing is one line, and no traceback."""
        done = self.run_program(b"\xff\xd8\xff" + noise(1000))
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertEqual(done.stderr, b"the picture is damaged, or is too large")

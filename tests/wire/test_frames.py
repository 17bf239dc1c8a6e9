"""Frames: length-limited, whole or not at all, however the bytes come."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import Misuse, ProtocolBroken
from anoncloud.wire.frames import HEADER, FrameCutter, frame_header
from tests.support.damage import split
from tests.support.strategies import places

bodies = st.lists(st.binary(min_size=1, max_size=40), max_size=8)


def framed(*frames: bytes, limit: int = 100) -> bytes:
    """Make the stream of *frames*."""
    return b"".join(frame_header(len(body), limit) + body for body in frames)


class HeaderTests(SynchronousTestCase):
    """The four bytes before a body."""

    def test_length_is_big_endian(self) -> None:
        """The header is the body's length and nothing else."""
        self.assertEqual(frame_header(0x01020304, 2**31), b"\x01\x02\x03\x04")
        self.assertEqual(frame_header(1, 1), b"\x00\x00\x00\x01")

    def test_limits(self) -> None:
        """An empty body, and one over the limit, is the caller's mistake."""
        for length in (0, -1, 101):
            self.assertRaises(Misuse, frame_header, length, 100)
        self.assertEqual(frame_header(100, 100), b"\x00\x00\x00\x64")


class CutterTests(SynchronousTestCase):
    """Bytes to frames."""

    @given(bodies, places)
    def test_any_split_gives_the_same(self, frames: list[bytes], at: list[int]) -> None:
        """Whole, byte by byte or cut anywhere: the frames are the same, and nothing is left."""
        stream = framed(*frames)
        for parts in ([stream], split(stream, at), [bytes([byte]) for byte in stream]):
            cutter = FrameCutter(100)
            came: list[bytes] = []
            for part in parts:
                cutter.feed(part)
                came += cutter.frames()
            self.assertEqual(came, frames)
            self.assertEqual(cutter.waiting, 0)

    @given(bodies.filter(bool), st.data())
    def test_unfinished(self, frames: list[bytes], data: st.DataObject) -> None:
        """A stream that is cut gives the frames before the cut and keeps the rest waiting."""
        stream = framed(*frames)
        length = data.draw(st.integers(0, len(stream) - 1))
        cutter = FrameCutter(100)
        cutter.feed(stream[:length])
        came = list(cutter.frames())
        self.assertEqual(came, frames[: len(came)])
        self.assertLess(len(came), len(frames))
        self.assertEqual(cutter.waiting, length - len(framed(*came)))

    def test_oversized_is_refused_before_it_comes(self) -> None:
        """The length alone is enough to refuse, and not one byte of the body is waited for."""
        for length in (101, 2**16, 2**32 - 1):
            cutter = FrameCutter(100)
            cutter.feed(framed(b"before") + length.to_bytes(HEADER, "big"))
            frames = cutter.frames()
            self.assertEqual(next(frames), b"before")
            self.assertRaises(ProtocolBroken, next, frames)
            self.assertEqual(cutter.waiting, HEADER)

    def test_at_the_limit(self) -> None:
        """A frame of exactly the limit is taken, and a body waits until it is whole."""
        cutter = FrameCutter(100)
        stream = framed(b"x" * 100)
        cutter.feed(stream[:-1])
        self.assertEqual(list(cutter.frames()), [])
        self.assertEqual(cutter.waiting, HEADER + 99)
        cutter.feed(stream[-1:])
        self.assertEqual(list(cutter.frames()), [b"x" * 100])

    def test_empty_frame_is_refused(self) -> None:
        """A frame without a body is refused, alone and after others."""
        for before in ((), (b"a",), (b"a", b"b")):
            cutter = FrameCutter(100)
            cutter.feed(framed(*before) + bytes(HEADER))
            frames = cutter.frames()
            self.assertEqual([next(frames) for _ in before], list(before))
            self.assertRaises(ProtocolBroken, next, frames)

    def test_limit_may_rise_between_two_frames(self) -> None:
        """The limit is read for each frame, also while a caller is going through them."""
        cutter = FrameCutter(2)
        cutter.feed(framed(b"ab") + framed(b"abc"))
        frames = cutter.frames()
        self.assertEqual(next(frames), b"ab")
        cutter.limit = 3
        self.assertEqual(list(frames), [b"abc"])
        cutter.limit = 2
        cutter.feed(framed(b"abc"))
        self.assertRaises(ProtocolBroken, list, cutter.frames())

    def test_given_up_halfway(self) -> None:
        """A caller that stops after a frame finds the others the next time, once."""
        cutter = FrameCutter(100)
        cutter.feed(framed(b"one", b"two", b"three"))
        frames = cutter.frames()
        self.assertEqual(next(frames), b"one")
        frames.close()
        self.assertEqual(cutter.waiting, len(framed(b"two", b"three")))
        self.assertEqual(list(cutter.frames()), [b"two", b"three"])

    def test_bytes_may_come_between_two_frames(self) -> None:
        """Bytes that are fed while a caller is going through frames are seen by that caller."""
        cutter = FrameCutter(100)
        cutter.feed(framed(b"one"))
        frames = cutter.frames()
        self.assertEqual(next(frames), b"one")
        cutter.feed(framed(b"two"))
        self.assertEqual(list(frames), [b"two"])
        self.assertEqual(cutter.waiting, 0)


class LineTests(SynchronousTestCase):
    """The one line before the frames, and raw bytes."""

    @given(st.binary(max_size=9).filter(lambda line: b"\n" not in line), st.binary(max_size=9))
    def test_line(self, line: bytes, rest: bytes) -> None:
        """A line comes off with its newline, and what follows stays."""
        cutter = FrameCutter(100)
        for byte in line:
            cutter.feed(bytes([byte]))
            self.assertIsNone(cutter.line(10))
        cutter.feed(b"\n" + rest)
        self.assertEqual(cutter.line(10), line + b"\n")
        self.assertEqual(cutter.waiting, len(rest))

    def test_endless_line_is_refused(self) -> None:
        """A line that does not end within the limit is refused as soon as that is known."""
        cutter = FrameCutter(100)
        cutter.feed(b"x" * 9)
        self.assertIsNone(cutter.line(10))
        cutter.feed(b"x")
        self.assertRaises(ProtocolBroken, cutter.line, 10)
        cutter = FrameCutter(100)
        cutter.feed(b"x" * 10 + b"\n")
        self.assertRaises(ProtocolBroken, cutter.line, 10)

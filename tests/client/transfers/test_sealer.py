"""Sealing a stream: the same however it comes, and never twice under one key for two contents."""

from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.transfers import sealer as sealing
from anoncloud.client.transfers.fingerprints import WORTHWHILE, list_key
from anoncloud.client.transfers.reading import open_whole
from anoncloud.client.transfers.sealer import NotTheSame, Sealer, seal_all
from anoncloud.client.transfers.unfinished import Prior
from anoncloud.crypto.fingerprints import FINGERPRINT
from anoncloud.crypto.keys import FileKey
from anoncloud.crypto.segments import seal_segment, sealed_length
from anoncloud.limits import SEALED_SEGMENT, SEGMENT
from tests.support.client_files import PRINTS, noise, olds_of
from tests.support.damage import split

KEY = FileKey(b"\x07" * 32)
sizes = st.one_of(
    st.sampled_from((0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT, 3 * SEGMENT + 9)),
    st.integers(0, 4 * SEGMENT),
)
places = st.lists(st.integers(0, 5 * SEGMENT), max_size=6)


def sealed(sealer: Sealer, pieces: list[bytes]) -> bytes:
    """Seal *pieces* to the end."""
    return b"".join([*(one for piece in pieces for one in sealer.feed(piece)), sealer.finish()])


def prior(content: bytes, length: int) -> Prior:
    """Give what an upload of *content* has left whose first *length* sealed bytes are durable."""
    sealer = Sealer(KEY, PRINTS)
    sealed(sealer, [content])
    prints = bytes(sealer.marks[: -(-length // SEALED_SEGMENT) * FINGERPRINT])
    return Prior(KEY.expose(), None, [], prints, length)


class SealerTests(SynchronousTestCase):
    """A stream of its own."""

    @settings(max_examples=60)
    @given(sizes, places)
    def test_any_split(self, size: int, at: list[int]) -> None:
        """Whatever pieces the plaintext comes in, empty ones too, the segments are the same."""
        content = noise(size)
        sealer = Sealer(KEY, PRINTS)
        pieces = [b"", *split(content, at), b""]
        self.assertEqual(sealed(sealer, pieces), b"".join(seal_all(KEY, content)))
        self.assertEqual(sealer.size, size)
        self.assertEqual(open_whole(KEY, size, b"".join(seal_all(KEY, content))), content)

    def test_empty_pieces_between(self) -> None:
        """A piece without a byte changes nothing, just behind a whole segment neither."""
        content = noise(2 * SEGMENT)
        pieces = [content[:SEGMENT], b"", content[SEGMENT:], b""]
        self.assertEqual(sealed(Sealer(KEY, PRINTS), pieces), b"".join(seal_all(KEY, content)))

    def test_fingerprints(self) -> None:
        """A long stream has a list, sealed under a key of its own; a short one has none."""
        content = noise(WORTHWHILE)
        sealer = Sealer(KEY, PRINTS)
        sealed(sealer, [content])
        listed = b"".join(sealer.fingerprints())
        opened = open_whole(list_key(KEY), 16 * 32, listed)
        known = b"".join(old.fingerprint + old.anchor for old in olds_of(content))
        self.assertEqual(opened, known)
        short = Sealer(KEY, PRINTS)
        sealed(short, [content[:-1]])
        self.assertEqual(short.fingerprints(), [])


class PriorTests(SynchronousTestCase):
    """Streams whose beginning is on the server already."""

    @settings(max_examples=60)
    @given(sizes, st.integers(0, 2**30), places)
    def test_rest(self, size: int, durable: int, at: list[int]) -> None:
        """Just what is missing is given, and the list is whole all the same."""
        content = noise(size)
        length = durable % (sealed_length(size) + 1)
        sealer = Sealer(KEY, PRINTS, prior(content, length))
        whole = b"".join(seal_all(KEY, content))
        self.assertEqual(sealed(sealer, split(content, at)), whole[length:])
        plain = Sealer(KEY, PRINTS)
        sealed(plain, [content])
        self.assertEqual(sealer.entries, plain.entries)

    @settings(max_examples=40)
    @given(st.integers(0, 4 * SEGMENT - 1), st.integers(0, 2**30))
    def test_another_content(self, changed: int, durable: int) -> None:
        """Where a known segment is another one, nothing of it is sealed under the old key."""
        content = noise(4 * SEGMENT)
        other = bytearray(content)
        other[changed] ^= 1
        length = durable % sealed_length(len(content)) + 1
        number = changed // SEGMENT
        if number >= -(-length // SEALED_SEGMENT):
            return  # that segment was never sealed
        sealer = Sealer(KEY, PRINTS, prior(content, length))
        with patch.object(sealing, "seal_segment", wraps=seal_segment) as seal:
            self.assertRaises(NotTheSame, sealed, sealer, [bytes(other)])
        self.assertNotIn(number, [call.args[1] for call in seal.call_args_list])

    def test_shorter_content(self) -> None:
        """A content that is only the beginning of the one that was sealed is another one."""
        content = noise(4 * SEGMENT)
        for kept in (0, 1, SEGMENT, 2 * SEGMENT, 3 * SEGMENT + 7):
            begun = max(1, -(-kept // SEGMENT))
            for durable in (begun * SEALED_SEGMENT, sealed_length(len(content))):
                sealer = Sealer(KEY, PRINTS, prior(content, durable))
                self.assertRaises(NotTheSame, sealed, sealer, [content[:kept]])

    def test_longer_content(self) -> None:
        """One that begins with all of it is another one, too."""
        for size in (2 * SEGMENT + 5, 2 * SEGMENT):
            content = noise(size)
            for durable in (sealed_length(size) - 1, sealed_length(size)):
                sealer = Sealer(KEY, PRINTS, prior(content, durable))
                self.assertRaises(NotTheSame, sealed, sealer, [content + b"more"])

"""Lines that people keep on paper: whatever they are for, they are written and read alike."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.printed import damaged, mistaken, read_line, write_line
from anoncloud.errors import UsageError

PREFIX = "anoncloud-thing-1-"
SUM = bytes(range(5))


class LineTests(SynchronousTestCase):
    """write_line and read_line."""

    @given(st.binary(max_size=200), st.binary(min_size=5, max_size=5))
    def test_round_trip(self, content: bytes, checksum: bytes) -> None:
        """Content and checksum come back, from capitals and broken lines too."""
        line = write_line(PREFIX, content, checksum)
        for text in (line, line.upper(), "\n".join(line)):
            self.assertEqual(read_line(text, PREFIX, "thing"), (content, checksum))

    def test_refused(self) -> None:
        """Another beginning, other letters and loose bits are told by the thing's name."""
        line = write_line(PREFIX, b"x", SUM)
        for text, said in (
            ("", "this is not a thing"),
            (line.replace("thing", "kit"), "this is not a thing"),
            (line + "1", "the thing is damaged"),
            (line + "=", "the thing is damaged"),
            (line + "a", "the thing is damaged"),
            (line[:-1] + "b", "the thing is damaged"),
            (PREFIX, "the thing is damaged"),
        ):
            error = self.assertRaises(UsageError, read_line, text, PREFIX, "thing")
            self.assertEqual(error.message, said, text)
            self.assertIn(PREFIX, error.hint)

    def test_words(self) -> None:
        """What else can be wrong has words of its own, and the same hint."""
        for error in (damaged(PREFIX, "thing"), mistaken(PREFIX, "thing")):
            self.assertIn("thing", error.message)
            self.assertIn(PREFIX, error.hint)

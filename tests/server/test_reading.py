"""How values are read: the readers that take arguments, and what they say is allowed."""

import enum
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.limits import MIB
from anoncloud.server import reading


class Colour(enum.Enum):
    """A choice."""

    RED = "red"
    BLUE = "blue"


class ReaderTests(SynchronousTestCase):
    """Readers."""

    def wrong(self, reader: reading.Reader, value: Any) -> str:
        """Give what is said to be allowed instead of *value*."""
        return str(self.assertRaises(ValueError, reader, value))

    def test_count(self) -> None:
        """A count lies within its bounds, which are told."""
        reader = reading.count(5, 7)
        self.assertEqual([reader(value) for value in (5, "6", 7)], [5, 6, 7])
        for wrong in (4, 8, "8", 5.0, True, None, "", [6]):
            self.assertEqual(self.wrong(reader, wrong), "a whole number from 5 to 7")

    def test_size_from(self) -> None:
        """A size has a least value, and an example that is not below it."""
        reader = reading.size_from(3 * MIB)
        self.assertEqual(reader("3MiB"), 3 * MIB)
        for wrong in (3 * MIB - 1, 0, "x", None):
            said = self.wrong(reader, wrong)
            self.assertEqual(said, 'a size from 3 MiB on, such as "6MiB"')
        self.assertEqual(reader("6MiB"), 6 * MIB)

    def test_choice(self) -> None:
        """A choice is one of its words, which are told."""
        reader = reading.choice(Colour)
        self.assertIs(reader("blue"), Colour.BLUE)
        for wrong in ("green", "RED", 1, None, []):
            self.assertEqual(self.wrong(reader, wrong), 'one of "red", "blue"')

    def test_private_endpoint(self) -> None:
        """An endpoint for this machine alone is on loopback or a file; nothing is none."""
        for good in (
            "",
            "unix:/run/metrics",
            "tcp:1:interface=127.0.0.1",
            "tcp:1:interface=127.0.0.1:backlog=5",
            "tcp:1:backlog=5:interface=localhost",
            "tcp6:1:interface=\\:\\:1",
        ):
            self.assertEqual(reading.private_endpoint(good), good)
        for wrong in (
            "tcp:1",
            "tcp:1:interface=0.0.0.0",
            "tcp:1:interface=127.0.0.1.example.org",
            "tcp:1:interface=::1",
            "tls:1:interface=127.0.0.1",
            "9651",
            9651,
            None,
        ):
            self.assertIn("on this machine alone", self.wrong(reading.private_endpoint, wrong))

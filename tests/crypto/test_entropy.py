"""Randomness: what programs hand over, and filler that looks like sealed bytes."""

from os import urandom

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.crypto.entropy import filler, system_entropy
from tests.support.entropy import counting, replaying
from tests.support.vectors import load


class EntropyTests(SynchronousTestCase):
    """The source of the programs, and the filler of blobs."""

    def test_system(self) -> None:
        """Programs draw from the operating system."""
        self.assertIs(system_entropy, urandom)
        self.assertEqual(len(system_entropy(24)), 24)
        self.assertNotEqual(system_entropy(24), system_entropy(24))

    def test_filler_is_chacha20(self) -> None:
        """Filler is the keystream of the drawn key from block zero on: RFC 8439 A.1."""
        keystream = bytes.fromhex(load("published")["chacha20"]["keystream"])
        for length in (0, 1, 63, 64):
            self.assertEqual(filler(length, replaying(bytes(32))), keystream[:length])

    def test_filler_takes_a_fresh_key(self) -> None:
        """Two fillers from one source share nothing, and each has its exact length."""
        source = counting()
        one, two = filler(4096, source), filler(4096, source)
        self.assertEqual((len(one), len(two)), (4096, 4096))
        self.assertNotEqual(one[:32], two[:32])
        self.assertNotIn(bytes(32), one)

"""Shares of a turn: much for one alone, less for each of many, and never next to nothing."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.server.shares import LEAST, MOST, SPAN, TURN, Shares


class ShareTests(SynchronousTestCase):
    """Peers that move bytes again and again."""

    def setUp(self) -> None:
        self.shares = Shares()
        self.now = 100.0

    def move(self, peers: list[object], spans: int = 3) -> int:
        """Let all of *peers* move bytes for so many spans; give the last one's share."""
        share = 0
        for _ in range(spans * 4):
            self.now += SPAN / 4
            for peer in peers:
                share = self.shares.take(peer, self.now)
        return share

    def test_alone(self) -> None:
        """One alone may move the most there is, however often it asks."""
        self.assertEqual(self.move([object()]), MOST)

    def test_many(self) -> None:
        """Many have equal parts of a turn; so many that little is left have the least each."""
        for count in (2, 4, 8, 16):
            self.assertEqual(self.move([object() for _ in range(count)]), min(MOST, TURN // count))
        self.assertEqual(self.move([object() for _ in range(1000)]), LEAST)

    def test_whole_span(self) -> None:
        """At the beginning of a span, too, the others count who moved bytes in the one before."""
        peers = [object() for _ in range(16)]
        self.move(peers)
        self.assertEqual(self.shares.take(peers[0], self.now + SPAN), TURN // 16)

    def test_gone(self) -> None:
        """Who moves nothing any more leaves its share to the others, soon or after a pause."""
        peers = [object() for _ in range(16)]
        self.move(peers)
        self.assertEqual(self.move(peers[:1]), MOST)
        self.move(peers)
        self.now += 3 * SPAN
        self.assertEqual(self.shares.take(peers[0], self.now), MOST)

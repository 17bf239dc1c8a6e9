"""A crowd: who is in it, how many of each network, and who makes room."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.server.crowd import NO_NETWORK, Crowd


class CrowdTests(SynchronousTestCase):
    """Crowds."""

    def setUp(self) -> None:
        self.crowd: Crowd[str] = Crowd()

    def join(self, **networks: str) -> None:
        """Let peers come in order."""
        for peer, network in networks.items():
            self.crowd.join(peer, network)

    def test_in_and_out(self) -> None:
        """Who joined is in it until it leaves, which it may do twice."""
        self.join(a="one", b="one")
        self.assertEqual((len(self.crowd), "a" in self.crowd), (2, True))
        for _ in range(2):
            self.crowd.leave("a")
            self.assertEqual((len(self.crowd), "a" in self.crowd), (1, False))

    def test_room(self) -> None:
        """A network has room for so many, without a limit for any; no network has always room."""
        self.join(a="one", b="one", c=NO_NETWORK, d=NO_NETWORK)
        self.assertEqual([self.crowd.has_room("one", most) for most in (0, 1, 2, 3)], [1, 0, 0, 1])
        self.assertTrue(self.crowd.has_room("two", 1))
        self.assertTrue(self.crowd.has_room(NO_NETWORK, 1))
        self.crowd.leave("a")
        self.assertTrue(self.crowd.has_room("one", 2))

    def test_network_comes_later(self) -> None:
        """Who joins again is counted for its new network alone."""
        self.join(a=NO_NETWORK)
        self.join(a="one")
        self.assertEqual(len(self.crowd), 1)
        self.assertFalse(self.crowd.has_room("one", 1))

    def test_oldest(self) -> None:
        """Of the network with most peers it is who came first; among equals, who came first."""
        self.join(a="one", b="two", c="two", d="one", e="two")
        for oldest in ("b", "a", "c", "d", "e"):
            self.assertEqual(self.crowd.oldest(), oldest)
            self.crowd.leave(oldest)

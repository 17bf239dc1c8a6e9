"""Who comes in: limits in all, by network, and of those who agree on keys."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.server.conditions import Allowance
from anoncloud.server.lobby import Lobby


class LobbyTests(SynchronousTestCase):
    """Peers are numbers here."""

    def lobby(self, **limits: int) -> "Lobby[int]":
        """Make a lobby; who is turned out goes to a list."""
        self.allowance = Allowance(**limits)
        self.out: list[int] = []
        return Lobby(lambda: self.allowance, self.out.append)

    def test_all(self) -> None:
        """So many, and no more until one has gone."""
        lobby = self.lobby(connections=2)
        self.assertEqual([lobby.enter(n, "a") for n in range(3)], [True, True, False])
        self.assertEqual((len(lobby), sorted(lobby), 2 in lobby), (2, [0, 1], False))
        lobby.leave(0)
        lobby.leave(0)
        self.assertTrue(lobby.enter(3, None))
        self.assertFalse(lobby.enter(4, None))

    def test_per_network(self) -> None:
        """So many of one network, counted when it is known; "" is none."""
        lobby = self.lobby(connections_per_address=1)
        self.assertTrue(lobby.enter(1, "a"))
        self.assertFalse(lobby.enter(2, "a"))
        self.assertTrue(lobby.enter(3, None))
        self.assertFalse(lobby.is_placed(3))
        self.assertFalse(lobby.place(3, "a"))
        lobby.leave(3)
        self.assertTrue(lobby.enter(4, None) and lobby.place(4, "b"))
        self.assertTrue(lobby.is_placed(4))
        self.assertTrue(all(lobby.enter(n, "") for n in range(10, 15)))
        lobby.leave(1)
        self.assertTrue(lobby.enter(5, "a"))

    def test_handshakes(self) -> None:
        """Of too many who agree on keys the oldest goes; who has agreed is not counted."""
        lobby = self.lobby(handshakes=2)
        for peer in range(4):
            self.assertTrue(lobby.enter(peer, "a"))
            if peer == 1:
                lobby.agreed(1)
        self.assertEqual(self.out, [0])

    def test_handshakes_per_network(self) -> None:
        """A network that has as many under way as it may gets no more, until one is through."""
        lobby = self.lobby(handshakes_per_address=1)
        self.assertTrue(lobby.enter(1, "a"))
        self.assertFalse(lobby.enter(2, "a"))
        self.assertTrue(lobby.enter(3, "b"))
        lobby.agreed(1)
        self.assertTrue(lobby.enter(4, "a"))

    def test_changed(self) -> None:
        """Other limits hold at once."""
        lobby = self.lobby(connections=1)
        lobby.enter(1, "a")
        self.allowance = Allowance(connections=2)
        self.assertTrue(lobby.enter(2, "a"))

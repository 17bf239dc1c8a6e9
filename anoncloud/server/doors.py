"""The doors of a server: who comes in, as long as there is room, and who is there."""

from typing import Any

from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory

from anoncloud.server.lobby import Lobby
from anoncloud.server.metrics.table import Count
from anoncloud.server.networks import network_of
from anoncloud.server.protocol import Front, ServerProtocol


class ServerFactory(Factory):
    """Lets peers in as long as there is room, and knows who is there.

    Whoever comes through a proxy says where from with the first bytes, and is counted then.
    """

    noisy = False

    def __init__(self, front: Front) -> None:
        self._front = front
        self._peers: Lobby[ServerProtocol] = Lobby(
            lambda: front.house.allowance, lambda peer: peer.turn_out()
        )

    def __len__(self) -> int:
        """Count the connections."""
        return len(self._peers)

    def buildProtocol(self, addr: IAddress | None) -> ServerProtocol | None:
        """Make a protocol for a peer at *addr*; None for one whose address comes later."""
        protocol = ServerProtocol(self._front, self)
        if not self._peers.enter(protocol, network_at(addr)):
            protocol.connectionLost()  # or its time would run out some day
            self._count(Count.TURNED_AWAY)
            return None
        self._count(Count.CONNECTIONS)
        return protocol

    def let_in(self, protocol: ServerProtocol) -> bool:
        """Whether a peer whose first bytes came may stay."""
        peers = self._peers
        if peers.is_placed(protocol) or peers.place(protocol, protocol.network()):
            return True
        self._count(Count.TURNED_AWAY)
        return False

    def agreed(self, protocol: ServerProtocol) -> None:
        """Take note that a peer has agreed on keys."""
        self._peers.agreed(protocol)

    def lost(self, protocol: ServerProtocol) -> None:
        """Make room: a peer has gone."""
        self._peers.leave(protocol)

    def go_down(self) -> None:
        """Tell every peer that the server stops; each goes when what is under way is answered."""
        for protocol in tuple(self._peers):
            protocol.go_down()

    def hang_up(self) -> None:
        """End every connection, whatever is under way."""
        for protocol in tuple(self._peers):
            protocol.hang_up()

    def _count(self, what: Count) -> None:
        self._front.house.tally.count(what)


class ProxiedFactory(Factory):
    """The same behind a proxy, whose own address says nothing of its peers."""

    noisy = False

    def __init__(self, factory: Any) -> None:
        self._factory = factory

    def buildProtocol(self, addr: IAddress | None) -> Any:
        del addr
        return self._factory.buildProtocol(None)


def network_at(address: IAddress | None) -> str | None:
    """Name the network of an address, "" for none, as a unix socket has; None if it comes later."""
    return None if address is None else network_of(str(getattr(address, "host", "")))

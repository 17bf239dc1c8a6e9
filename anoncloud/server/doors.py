"""The doors of a server: who comes in, as long as there is room, and who is there."""

from collections import Counter
from typing import Any

from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory
from twisted.logger import Logger

from anoncloud.server.networks import network_of
from anoncloud.server.protocol import Front, ServerProtocol


class ServerFactory(Factory):
    """Lets peers in as long as there is room, and knows who is there.

    Whoever comes through a proxy says where from with the first bytes, and is counted then.
    """

    noisy = False
    _log = Logger()

    def __init__(self, front: Front) -> None:
        self._front = front
        self._peers: dict[ServerProtocol, str | None] = {}
        """By their networks; None until the address is known."""
        self._per_address: Counter[str] = Counter()

    def buildProtocol(self, addr: IAddress | None) -> ServerProtocol | None:
        """Make a protocol for a peer at *addr*; None for one whose address comes later."""
        front = self._front
        if front.max_connections and len(self._peers) >= front.max_connections:
            self._log.warn("as many connections as there may be; one was turned away")
            return None
        protocol = ServerProtocol(front, self)
        if addr is not None and not self._count(protocol, addr):
            return None
        self._peers.setdefault(protocol, None)
        return protocol

    def let_in(self, protocol: ServerProtocol) -> bool:
        """Whether a peer whose first bytes came may stay."""
        transport: Any = protocol.transport
        return self._peers[protocol] is not None or self._count(protocol, transport.getPeer())

    def lost(self, protocol: ServerProtocol) -> None:
        """Make room: a peer has gone."""
        host = self._peers.pop(protocol)
        if host:
            self._per_address[host] -= 1
            if not self._per_address[host]:
                del self._per_address[host]

    def go_down(self) -> None:
        """Tell every peer that the server stops."""
        for protocol in tuple(self._peers):
            protocol.go_down()

    def _count(self, protocol: ServerProtocol, address: IAddress) -> bool:
        """Count a peer by its network, if there may be one more; a unix socket has none."""
        host = network_of(str(getattr(address, "host", "")))
        if host and 0 < self._front.max_per_address <= self._per_address[host]:
            self._log.info("one address has as many connections as it may")
            return False
        self._peers[protocol] = host
        if host:
            self._per_address[host] += 1
        return True


class ProxiedFactory(Factory):
    """The same behind a proxy, whose own address says nothing of its peers."""

    noisy = False

    def __init__(self, factory: ServerFactory) -> None:
        self._factory = factory

    def buildProtocol(self, addr: IAddress | None) -> ServerProtocol | None:
        del addr
        return self._factory.buildProtocol(None)

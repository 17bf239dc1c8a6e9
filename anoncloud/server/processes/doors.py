"""The two halves of a door: where the listener takes sockets, and where a worker serves them.

The listener hands on what the kernel accepted, with not a byte read. What an endpoint lays over it,
TLS or a proxy's protocol, is laid over it in the worker.
"""

import os
import socket
from collections.abc import Callable
from typing import Any, Final

from twisted.application.internet import StreamServerEndpointService
from twisted.application.strports import service as listening
from twisted.internet.defer import Deferred, succeed
from twisted.internet.endpoints import serverFromString
from twisted.internet.interfaces import IAddress, IListeningPort, IStreamServerEndpoint
from twisted.internet.protocol import Factory, Protocol
from twisted.protocols.haproxy import proxyEndpoint
from twisted.protocols.tls import TLSMemoryBIOFactory
from zope.interface import implementer

from anoncloud.server.checking import cannot_listen
from anoncloud.server.doors import ProxiedFactory, network_at
from anoncloud.server.processes import channel
from anoncloud.server.protocol import Front, ServerProtocol

PROXIED: Final = "haproxy:"
LAYERED: Final = ("ssl:", "tls:")
"""Endpoints that lay something over TCP; all others give the bytes as they are."""

Take = Callable[[socket.socket, str | None], None]
"""Takes a socket that was accepted, and its network; None if a proxy will tell it."""


class Handing(Protocol):
    """Hands a connection on, and knows no more of it."""

    def __init__(self, take: Take, network: str | None) -> None:
        self._take = take
        self._network = network

    def connectionMade(self) -> None:
        transport: Any = self.transport
        transport.stopReading()
        handle: socket.socket = transport.getHandle()
        # Closed by Twisted it would be shut down, for the worker too; so it is taken from under it.
        self._take(socket.socket(fileno=handle.detach()), self._network)


class HandingFactory(Factory):
    """Hands all connections of one endpoint on."""

    noisy = False

    def __init__(self, take: Take, *, is_proxied: bool) -> None:
        self._take = take
        self._is_proxied = is_proxied

    def buildProtocol(self, addr: IAddress | None) -> Handing:
        return Handing(self._take, None if self._is_proxied else network_at(addr))


class _Outside:
    """A reactor that listens with *factory*, whatever it is told to lay over it."""

    def __init__(self, reactor: Any, factory: Factory) -> None:
        self._reactor = reactor
        self._factory = factory

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reactor, name)

    def listenTCP(self, port: int, factory: Any, *details: Any, **options: Any) -> Any:
        return self._reactor.listenTCP(port, self._factory, *details, **options)

    def listenSSL(self, port: int, factory: Any, contextFactory: Any, **options: Any) -> Any:
        return self._reactor.listenTCP(port, self._factory, **options)

    def listenUNIX(self, address: str, factory: Any, *details: Any, **options: Any) -> Any:
        return self._reactor.listenUNIX(address, self._factory, *details, **options)

    def adoptStreamPort(self, descriptor: int, family: int, factory: Any) -> Any:
        return self._reactor.adoptStreamPort(descriptor, family, self._factory)


def outside(endpoint: str, take: Take, reactor: Any) -> StreamServerEndpointService:
    """Make the service that listens at *endpoint*, and hands on what comes.

    :raises UsageError: the endpoint makes no sense.
    """
    factory = HandingFactory(take, is_proxied=endpoint.startswith(PROXIED))
    listens: Any = _Outside(reactor, factory)
    try:
        return listening(endpoint, factory, listens)
    except (ValueError, TypeError, LookupError, OSError) as error:
        raise cannot_listen(endpoint, error) from error


@implementer(IStreamServerEndpoint)
class _Inside:
    """An endpoint, and a reactor, that listen to nothing and keep what they were to listen with."""

    def __init__(self) -> None:
        self.factory: Any = None

    def listen(self, protocolFactory: Any) -> "Deferred[IListeningPort]":
        self.factory = protocolFactory
        port: Any = None  # nobody looks at it
        return succeed(port)

    def listenTCP(self, port: int, factory: Any, *details: Any, **options: Any) -> None:
        self.factory = factory

    def listenSSL(self, port: int, factory: Any, contextFactory: Any, **options: Any) -> None:
        self.factory = TLSMemoryBIOFactory(contextFactory, False, factory)


def inside(endpoint: str, factory: Factory) -> Any:
    """Give the factory for sockets that came in at *endpoint*, all its layers over *factory*."""
    end = _Inside()
    if endpoint.startswith(PROXIED):
        proxyEndpoint(end).listen(ProxiedFactory(factory))
        return inside(endpoint.removeprefix(PROXIED), end.factory)
    if endpoint.startswith(LAYERED):
        served: Any = serverFromString(end, endpoint)
        served.listen(factory)
        return end.factory
    return factory


class WorkerFactory(Factory):
    """The doors of a worker: the listener has let in who comes, and is told who goes."""

    noisy = False

    def __init__(self, front: Front, tell: Callable[..., None], endpoints: tuple[str, ...]) -> None:
        self._front = front
        self._tell = tell
        self._factories = [inside(endpoint, self) for endpoint in endpoints]
        self._arriving = 0
        self._numbers: dict[ServerProtocol, int] = {}
        self._unplaced: set[ServerProtocol] = set()
        """Those whose network is not known yet."""

    def __len__(self) -> int:
        """Count the connections."""
        return len(self._numbers)

    def adopt(self, number: int, endpoint: int, family: int, descriptor: int) -> None:
        """Serve a connection; *descriptor* is closed."""
        self._arriving = number
        os.set_blocking(descriptor, False)
        reactor: Any = self._front.reactor
        try:
            reactor.adoptStreamConnection(descriptor, family, self._factories[endpoint])
        except OSError:  # it has gone before it came here
            self._tell(channel.Left, number=number)
        finally:
            os.close(descriptor)

    def buildProtocol(self, addr: IAddress | None) -> ServerProtocol:
        protocol = ServerProtocol(self._front, self)
        self._numbers[protocol] = self._arriving
        if addr is None:
            self._unplaced.add(protocol)
        return protocol

    def let_in(self, protocol: ServerProtocol) -> bool:
        """Let a peer stay whose first bytes came, and say where it comes from."""
        if protocol in self._unplaced:
            self._unplaced.discard(protocol)
            number, network = self._numbers[protocol], protocol.network()
            self._tell(channel.Came, number=number, network=network)
        return True

    def agreed(self, protocol: ServerProtocol) -> None:
        """Say that a peer has agreed on keys."""
        self._tell(channel.Agreed, number=self._numbers[protocol])

    def lost(self, protocol: ServerProtocol) -> None:
        """Say that a peer has gone."""
        self._unplaced.discard(protocol)
        self._tell(channel.Left, number=self._numbers.pop(protocol))

    def turn_out(self, number: int) -> None:
        """End the connection of that number, if it is there."""
        for protocol in [one for one, of in self._numbers.items() if of == number]:
            protocol.turn_out()

    def hang_up(self) -> None:
        """End every connection, whatever is under way."""
        for protocol in tuple(self._numbers):
            protocol.hang_up()

    def go_down(self) -> None:
        """Tell every peer that the server stops; each goes when what is under way is answered."""
        for protocol in tuple(self._numbers):
            protocol.go_down()

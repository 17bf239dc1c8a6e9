"""The one connection over which a pairing goes: what the server passes on, in order, to its end.

It is not made again after a cut: a pairing that is interrupted is begun anew, with another code.
"""

from collections import deque
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory
from twisted.python.failure import Failure

from anoncloud.client.accounts import Surroundings, way_to
from anoncloud.client.address import Address
from anoncloud.client.drive import unexpected
from anoncloud.client.protocol import ClientProtocol
from anoncloud.errors import ConnectionCut, ProtocolBroken, Refused, Unreachable
from anoncloud.limits import MAX_PAIRING_MESSAGES, PAIRING_TIMEOUT
from anoncloud.wire import messages

_AGAIN = "look at the other device; to try again, let it make a new code by 'anoncloud pair'"


class PairingLine:
    """One end of a pairing, for PAIRING_TIMEOUT seconds at most."""

    def __init__(self, here: Surroundings, address: Address) -> None:
        self._here = here
        self._address = address
        self._connection: ClientProtocol | None = None
        self._heard: deque[bytes] = deque()
        self._waiting: Deferred[bytes] | None = None
        self._ended: BaseException | None = None
        minutes = int(PAIRING_TIMEOUT // 60)
        late = ConnectionCut(f"the pairing took longer than {minutes} minutes", _AGAIN)
        self._timer = here.reactor.callLater(PAIRING_TIMEOUT, self._end, late)

    async def begin(self) -> tuple[ClientProtocol, bytes]:
        """Connect and agree on keys; give the connection and its handshake hash.

        :raises Unreachable: there is no way to the server.
        :raises HandshakeFailed: it does not hold the key of the address.
        """
        here = self._here

        def build() -> ClientProtocol:
            key = self._address.key
            return ClientProtocol(here.reactor, key, here.entropy, here.packet, self._take_event)

        factory = Factory.forProtocol(build)
        factory.noisy = False
        try:
            connected: Any = await way_to(here, self._address).connect(factory)
        except Exception as error:
            message = f"connecting to the server: {str(error).strip() or type(error).__name__}"
            hint = "check the address, the network, and that the server runs"
            raise Unreachable(message, hint) from error
        connection: ClientProtocol = connected
        _ = connection.over.addCallback(self._lose)
        try:
            handshake_hash = await connection.established
        except BaseException:
            connected.transport.abortConnection()
            raise
        self._connection = connection
        return connection, handshake_hash

    async def open(self, message: bytes) -> int:
        """Open a slot for whoever comes, with a first *message*; give the slot."""
        answer = await self._ask(lambda request: messages.OpenPairing(request, message))
        if not isinstance(answer, messages.PairingOpened):
            raise unexpected(answer)
        return answer.slot

    async def join(self, slot: int, message: bytes) -> bytes:
        """Join the device that waits in *slot*; give its first message.

        :raises Refused: no device waits there.
        """
        answer = await self._ask(lambda request: messages.JoinPairing(request, slot, message))
        if not isinstance(answer, messages.PairingJoined):
            raise unexpected(answer)
        return answer.message

    async def say(self, message: bytes) -> None:
        """Say something to the other device.

        :raises ConnectionCut: the pairing is over.
        """
        self.check()
        try:
            await self._ask(lambda request: messages.SayPairing(request, message))
        except Refused:
            self.check()  # why it is over says more
            raise

    async def hear(self) -> bytes:
        """Wait for what the other device says next.

        :raises ConnectionCut: the pairing is over, and nothing more was said before.
        """
        if self._heard:
            return self._heard.popleft()
        self.check()
        self._waiting = Deferred()
        return await self._waiting

    async def burn(self) -> None:
        """Close the slot, whose code is of no use from then on."""
        await self._ask(messages.ClosePairing)

    def check(self) -> None:
        """See that the pairing is not over.

        :raises ConnectionCut: it is.
        """
        if self._ended is not None:
            raise self._ended

    async def leave(self) -> None:
        """End the connection properly, and the pairing with it."""
        if self._timer.active():
            self._timer.cancel()
        if self._connection is not None:
            await self._connection.leave()

    async def _ask(self, make: Callable[[int], messages.Message]) -> messages.Answers:
        if self._connection is None:
            message = "the pairing has not begun"
            raise ConnectionCut(message, _AGAIN)
        return await self._connection.ask(make)

    def _take_event(self, event: messages.Answers) -> None:
        if isinstance(event, messages.PairingSaid):
            self._take_message(event.message)
        elif isinstance(event, messages.PairingClosed):
            message = "the pairing was ended by the other device, or by the server"
            self._end(ConnectionCut(message, _AGAIN))

    def _take_message(self, message: bytes) -> None:
        if self._ended is not None:
            return
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            waiting.callback(message)
        elif len(self._heard) < MAX_PAIRING_MESSAGES:
            self._heard.append(message)
        else:
            fault = "the server passes on more than a pairing has"
            self._end(ProtocolBroken(fault, "do not use this server"))

    def _lose(self, why: BaseException | None) -> None:
        if why is None or isinstance(why, ConnectionCut):
            why = ConnectionCut("the connection was cut, and the pairing is over", _AGAIN)
        self._end(why)

    def _end(self, why: BaseException) -> None:
        """Let whoever waits, and whoever asks from now on, hear why the pairing is over."""
        if self._ended is not None:
            return
        self._ended = why
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            waiting.errback(Failure(why))

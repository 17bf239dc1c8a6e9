"""What two devices that are to be paired ask: a slot, the place in it, and to pass messages on."""

from twisted.internet.defer import CancelledError, Deferred, DeferredLock
from twisted.logger import Logger
from twisted.python.failure import Failure

from anoncloud.errors import Code, Refused
from anoncloud.limits import PAIRING_TIMEOUT
from anoncloud.server.delays import Kind
from anoncloud.server.house import Channel, House
from anoncloud.server.pairings import Place
from anoncloud.server.standing import Standing
from anoncloud.wire import messages


class PairingRequests:
    """The requests about pairings of a peer, who may be anybody."""

    _log = Logger()

    def __init__(self, house: House, channel: Channel, standing: Standing) -> None:
        self._house = house
        self._channel = channel
        self._standing = standing
        self._place: Place | None = None
        self._turn = DeferredLock()

    async def open(self, message: messages.OpenPairing) -> messages.Message:
        """Open a slot, which closes by itself after PAIRING_TIMEOUT."""
        async with self._turn:  # or two requests at once could both find the connection free
            self._check_free()
            drive, pairings = self._standing.account().drive, self._house.pairings
            place, slot = await pairings.open(drive, self._channel, message.message)
            self._take(place)
        waiting = Deferred.fromCoroutine(self._run_out(place))
        place.on_end.append(waiting.cancel)
        _ = waiting.addErrback(self._give_up_waiting)
        return messages.PairingOpened(message.request, slot)

    async def join(self, message: messages.JoinPairing) -> messages.Message:
        """Take the place in a slot, unless too many wrong ones came from this network."""
        async with self._turn:
            self._check_free()
            try:
                await self._check_held()
                place, first = await self._house.pairings.join(
                    message.slot, self._channel, message.message
                )
            except Refused as refusal:
                self._standing.failed_logins += 1
                if refusal.code is not Code.TOO_SOON:
                    await self._count()
                raise
            self._take(place)
        return messages.PairingJoined(message.request, first)

    async def say(self, message: messages.SayPairing) -> messages.Message:
        """Pass a message on."""
        if self._place is None:
            fault = "this connection is in no pairing"
            raise Refused(Code.NOT_ALLOWED, fault, "open or join one first")
        await self._house.pairings.say(self._place, message.message)
        return messages.Done(message.request)

    async def close_slot(self, message: messages.ClosePairing) -> messages.Message:
        """Close the slot; harmless if it is closed."""
        if self._place is not None:
            await self._house.pairings.close(self._place)
        return messages.Done(message.request)

    def leave(self) -> None:
        """Leave the pairing: the peer has gone."""
        if self._place is not None:
            closing = Deferred.fromCoroutine(self._house.pairings.close(self._place))
            _ = closing.addErrback(lambda failure: self._log.failure("leaving", failure))

    def _take(self, place: Place) -> None:
        """Be in *place*, and leave it at once if the peer has gone meanwhile."""
        self._place = place
        if self._standing.is_over:
            self.leave()

    async def _run_out(self, place: Place) -> None:
        """Close the slot when its time is over, and tell both."""
        await self._house.wait(PAIRING_TIMEOUT)
        place.on_end.clear()  # or the end would cut short what makes it
        await self._house.pairings.close(place, and_tell=True)

    def _give_up_waiting(self, failure: Failure) -> None:
        """Take note that the pairing was over before its time; all else goes into the log."""
        if not failure.check(CancelledError):
            self._log.failure("closing a pairing", failure)

    def _check_free(self) -> None:
        if self._place is not None and not self._place.is_over:
            fault = "this connection is in a pairing already"
            raise Refused(Code.NOT_ALLOWED, fault, "close it first, or use another connection")

    async def _check_held(self) -> None:
        """See that this network may ask for a slot.

        Wrong logins do not count here: a code is the way in for who is kept waiting by them.
        """
        house, network, now = self._house, self._channel.network(), self._house.clock()
        wait = await house.accounts.held_back(network, now, house.schedules, Kind.SLOT)
        if wait:
            fault = "too many wrong pairing codes came from your network"
            seconds = -(-wait // 1000)
            hint = "look at the number that the code begins with"
            raise Refused(Code.TOO_SOON, f"{fault}; try again in {seconds} seconds", hint)

    async def _count(self) -> None:
        """Count a wrong slot of this network, by itself and with its wrong logins."""
        house, network, now = self._house, self._channel.network(), self._house.clock()
        for kind in (Kind.SLOT, Kind.NETWORK):
            await house.accounts.penalise(network, 1, now, house.schedules, kind)

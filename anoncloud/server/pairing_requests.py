"""What two devices that are to be paired ask: a slot, the place in it, and to pass messages on."""

from twisted.internet.defer import CancelledError, Deferred

from anoncloud.errors import Code, Refused
from anoncloud.limits import PAIRING_TIMEOUT
from anoncloud.server.delays import Kind, subject
from anoncloud.server.entering import penalise
from anoncloud.server.house import Channel, House
from anoncloud.server.pairings import Pairing, State
from anoncloud.server.standing import Standing
from anoncloud.wire import messages


class PairingRequests:
    """The requests about pairings of a peer, who may be anybody."""

    def __init__(self, house: House, channel: Channel, standing: Standing) -> None:
        self._house = house
        self._channel = channel
        self._standing = standing
        self._pairing: Pairing | None = None

    async def open(self, message: messages.OpenPairing) -> messages.Message:
        """Open a slot, which closes by itself after PAIRING_TIMEOUT."""
        self._check_free()
        account = self._standing.account().name
        pairing = self._house.pairings.open(account, self._channel, message.message)
        waiting = Deferred.fromCoroutine(self._wait())
        pairing.on_end.append(waiting.cancel)
        _ = waiting.addCallbacks(lambda _: pairing.close(), lambda why: why.trap(CancelledError))
        self._pairing = pairing
        return messages.PairingOpened(message.request, pairing.slot)

    async def join(self, message: messages.JoinPairing) -> messages.Message:
        """Take the place in a slot, unless too many wrong ones came from this network."""
        self._check_free()
        try:
            self._check_held()
            pairing = self._house.pairings.find(message.slot)
        except Refused as refusal:
            self._standing.failed_logins += 1
            if refusal.code is not Code.TOO_SOON:
                await self._count()
            raise
        first = pairing.join(self._channel, message.message)
        self._pairing = pairing
        return messages.PairingJoined(message.request, first)

    async def say(self, message: messages.SayPairing) -> messages.Message:
        """Pass a message on."""
        self._under_way().say(self._channel, message.message)
        return messages.Done(message.request)

    async def close_slot(self, message: messages.ClosePairing) -> messages.Message:
        """Close the slot; harmless if it is closed."""
        self.leave()
        return messages.Done(message.request)

    def leave(self) -> None:
        """Leave the pairing: the peer has gone, or wants no more of it."""
        if self._pairing is not None:
            self._pairing.close(but=self._channel)

    async def _wait(self) -> None:
        await self._house.wait(PAIRING_TIMEOUT)

    def _under_way(self) -> Pairing:
        if self._pairing is None:
            fault = "this connection is in no pairing"
            raise Refused(Code.NOT_ALLOWED, fault, "open or join one first")
        return self._pairing

    def _check_free(self) -> None:
        if self._pairing is not None and self._pairing.state is not State.OVER:
            fault = "this connection is in a pairing already"
            raise Refused(Code.NOT_ALLOWED, fault, "close it first, or use another connection")

    def _check_held(self) -> None:
        """See that this network may ask for a slot.

        Wrong logins do not count here: a code is the way in for who is kept waiting by them.
        """
        house, network = self._house, self._channel.network()
        known = house.pairings.wrong.get(Kind.NETWORK, subject(Kind.NETWORK, network))
        wait = house.schedules.network.held(known, int(house.clock() * 1000))
        if network and wait:
            fault = "too many wrong pairing codes came from your network"
            seconds = -(-wait // 1000)
            hint = "look at the number that the code begins with"
            raise Refused(Code.TOO_SOON, f"{fault}; try again in {seconds} seconds", hint)

    async def _count(self) -> None:
        """Count a wrong slot of this network, here and with its wrong logins."""
        house, network, now = self._house, self._channel.network(), self._house.clock()
        penalise(house.pairings.wrong, house.schedules, network, 1, now)
        await house.accounts.penalise(network, 1, now, house.schedules)

"""One peer's requests and their answers, one each; which method answers what.

Plain async over stores; knows no transport. The table ``_METHODS`` says who answers a request: each
method returns the answer, or None if it has sent it, or raises :class:`Refused`, which becomes it.
Only what breaks the protocol itself leaves as :class:`ProtocolBroken`, and ends the connection.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from anoncloud.errors import Code, ProtocolBroken, Refused
from anoncloud.limits import MAX_REQUESTS
from anoncloud.server.account_contract import Access
from anoncloud.server.admission import Admission
from anoncloud.server.house import Channel, House
from anoncloud.server.membership import Membership
from anoncloud.server.metrics.table import Count
from anoncloud.server.metrics.tally import LET_IN, REFUSED
from anoncloud.server.ownership import Ownership
from anoncloud.server.pairing_requests import PairingRequests
from anoncloud.server.penalties import Penalties
from anoncloud.server.standing import Standing
from anoncloud.server.terms import read_terms
from anoncloud.server.transfers import Transfers
from anoncloud.wire import messages

MAX_FAILED_LOGINS: Final = 3
"""After so many a connection is closed; what holds back new ones is in ``delays``."""
Method = Callable[[Any], Awaitable[messages.Message | None]]


class Session:
    """One peer's requests, from connection to disconnection."""

    _log = Logger()

    def __init__(self, house: House, channel: Channel, handshake_hash: bytes) -> None:
        def revoked(_: None) -> None:
            channel.hang_up()

        self.house = house
        self._channel = channel
        self._standing = Standing()
        self._last = 0
        self._under_way: dict[int, Deferred[None]] = {}
        self._is_retiring = False
        self._penalties = Penalties(house, channel)
        self.admission = Admission(house, channel, self._standing, handshake_hash, revoked)
        self.membership = Membership(house, channel, self._standing, revoked)
        self.ownership = Ownership(house, channel, self._standing, revoked)
        self.pairing = PairingRequests(house, channel, self._standing)
        self.transfers = Transfers(house, channel, self._standing)

    @property
    def logged_in(self) -> bool:
        """Whether the peer has shown who it is."""
        return self._standing.logged_in

    def blame(self, weight: int) -> None:
        """Count *weight* failures of the peer's network, if the peer has not logged in."""
        if not self.logged_in:
            self._penalties.blame(weight)

    def receive(self, message: messages.Requests) -> None:
        """Take a message.

        :raises ProtocolBroken: it is a request whose number was used, or it grants too much.
        """
        if isinstance(message, messages.Credit):
            self.transfers.grant(message)
            return
        if message.request <= self._last:
            fault = "the peer used a request's number twice"
            raise ProtocolBroken(fault)
        self._last = message.request
        if self._is_retiring and not isinstance(message, messages.Ping | messages.Cancel):
            return
        if isinstance(message, messages.StageBlob):
            self.transfers.announce(message)

        def answered(_: object) -> None:  # a callback may not return the Deferred that it is of
            del self._under_way[message.request]
            self._retire_when_done()

        answering = Deferred.fromCoroutine(self._answer(message))
        if not answering.called:
            self._under_way[message.request] = answering
            _ = answering.addBoth(answered)

    def receive_bulk(self, request: int, data: memoryview) -> None:
        """Take bulk bytes; those of a request that is answered already are let fall.

        :raises ProtocolBroken: no such transfer was ever announced, or it may not get these.
        """
        if not self.transfers.arrive(request, data) and request > self._last:
            message = "the peer sent bulk bytes for a transfer that it did not announce"
            raise ProtocolBroken(message)

    def retire(self) -> None:
        """Begin nothing more, and hang up when all that is under way is answered.

        What is asked from now on is not answered: the peer asks again on its next connection.
        """
        self._is_retiring = True
        self._retire_when_done()

    def _retire_when_done(self) -> None:
        if self._is_retiring and not self._under_way:
            self._channel.hang_up()

    def close(self) -> None:
        """Give up what is under way: the peer has gone."""
        self.transfers.close()
        self.pairing.leave()
        self._standing.leave()

    async def _answer(self, message: Any) -> None:
        try:
            answer = await self._method(message)(message)
            self._count(message)
        except Refused as refusal:
            answer = _refusal(message.request, refusal)
            self._count(message, refusal.code)
        except Exception:  # noqa: BLE001 - one request's fault is not the next one's
            self._log.failure("answering {kind}", Failure(), kind=type(message).__name__)
            fault = "the server has a fault"
            unavailable = Refused(Code.UNAVAILABLE, fault, "try again, or tell its owner")
            answer = _refusal(message.request, unavailable)
            self._count(message, unavailable.code)
        self.transfers.answered(message.request)
        if answer is not None:
            self._channel.send(answer)
        if self._standing.failed_logins >= MAX_FAILED_LOGINS or self._standing.is_over:
            self._channel.hang_up()

    def _count(self, message: messages.Message, code: Code | None = None) -> None:
        """Count a request that was answered, or refused with *code*."""
        tally = self.house.tally
        tally.count(Count.REQUESTS, type(message).__name__)
        if code is not None:
            tally.count(Count.REFUSALS, code.name)
        if isinstance(message, messages.LogIn):
            tally.count(Count.LOGINS, LET_IN if code is None else REFUSED)

    def _method(self, message: Any) -> Method:
        """Give the method that answers *message*.

        :raises Refused: TOO_MANY, NOT_LOGGED_IN or NOT_ALLOWED.
        """
        if len(self._under_way) >= MAX_REQUESTS:
            fault = "too many requests wait for their answers"
            raise Refused(Code.TOO_MANY, fault, "wait for some of them")
        method, allowed = _METHODS[type(message)]
        self._standing.check(allowed)
        return method(self)


_ANYBODY: Final = frozenset(Access)
_MEMBERS: Final = frozenset({Access.OWNER, Access.DEVICE})
_OWNER: Final = frozenset({Access.OWNER})
_KEYS: Final = frozenset({Access.OWNER, Access.RECOVERY})
_READERS: Final = _MEMBERS | _KEYS
_METHODS: Final[
    dict[type[messages.Message], tuple[Callable[[Session], Method], frozenset[Access]]]
] = {
    messages.Register: (lambda session: session.admission.register, _ANYBODY),
    messages.LogIn: (lambda session: session.admission.log_in, _ANYBODY),
    messages.Ping: (lambda session: session.admission.ping, _ANYBODY),
    messages.ReadTerms: (lambda session: partial(read_terms, session.house), _ANYBODY),
    messages.JoinPairing: (lambda session: session.pairing.join, _ANYBODY),
    messages.SayPairing: (lambda session: session.pairing.say, _ANYBODY),
    messages.OpenPairing: (lambda session: session.pairing.open, _MEMBERS),
    messages.ClosePairing: (lambda session: session.pairing.close_slot, _MEMBERS),
    messages.EnrolDevice: (lambda session: session.membership.enrol_device, _MEMBERS),
    messages.ForgetDevice: (lambda session: session.membership.forget_device, _MEMBERS),
    messages.ListDevices: (lambda session: session.membership.list_devices, _MEMBERS),
    messages.ReadJournal: (lambda session: session.membership.read_journal, _READERS),
    messages.Commit: (lambda session: session.membership.commit, _MEMBERS),
    messages.ReadUsage: (lambda session: session.membership.read_usage, _MEMBERS),
    messages.StageBlob: (lambda session: session.transfers.stage_blob, _MEMBERS),
    messages.ReadBlob: (lambda session: session.transfers.read_blob, _MEMBERS),
    messages.Unstage: (lambda session: session.transfers.unstage, _MEMBERS),
    messages.Cancel: (lambda session: session.transfers.cancel, _MEMBERS),
    messages.FetchKeyring: (lambda session: session.ownership.fetch_keyring, _KEYS),
    messages.ReplaceKeyring: (lambda session: session.ownership.replace_keyring, _KEYS),
    messages.SetRecovery: (lambda session: session.ownership.set_recovery, _OWNER),
    messages.DropRecovery: (lambda session: session.ownership.drop_recovery, _OWNER),
    messages.DeleteAccount: (lambda session: session.ownership.delete_account, _OWNER),
}
"""Each request's method, and who may ask it."""


def _refusal(request: int, refusal: Refused) -> messages.Refusal:
    return messages.Refusal(request, int(refusal.code), refusal.message, refusal.hint)

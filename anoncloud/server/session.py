"""One peer's requests and their answers, one each; which method answers what.

Plain async over stores; knows no transport. The table ``_METHODS`` says who answers a request: each
method returns the answer, or None if it has sent it, or raises :class:`Refused`, which becomes it.
Only what breaks the protocol itself leaves as :class:`ProtocolBroken`, and ends the connection.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from anoncloud.errors import Code, ProtocolBroken, Refused
from anoncloud.limits import MAX_REQUESTS
from anoncloud.server.admission import Admission
from anoncloud.server.house import Channel, House
from anoncloud.server.membership import Membership
from anoncloud.server.standing import Standing
from anoncloud.server.transfers import Transfers
from anoncloud.wire import messages

MAX_FAILED_LOGINS: Final = 3
"""After so many a connection is closed; delays across connections are another matter."""
Method = Callable[[Any], Awaitable[messages.Message | None]]


class Session:
    """One peer's requests, from connection to disconnection."""

    _log = Logger()

    def __init__(self, house: House, channel: Channel, handshake_hash: bytes) -> None:
        def revoked(_: None) -> None:
            channel.hang_up()

        self._channel = channel
        self._standing = Standing()
        self._last = 0
        self._under_way: dict[int, Deferred[None]] = {}
        self.admission = Admission(house, channel, self._standing, handshake_hash, revoked)
        self.membership = Membership(house, channel, self._standing, revoked)
        self.transfers = Transfers(house, channel, self._standing)

    @property
    def logged_in(self) -> bool:
        """Whether the peer has shown who it is."""
        return self._standing.logged_in

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
        if isinstance(message, messages.StageBlob):
            self.transfers.announce(message)
        answering = Deferred.fromCoroutine(self._answer(message))
        if not answering.called:
            self._under_way[message.request] = answering
            _ = answering.addBoth(lambda _: self._under_way.pop(message.request))

    def receive_bulk(self, request: int, data: memoryview) -> None:
        """Take bulk bytes; those of a request that is answered already are let fall.

        :raises ProtocolBroken: no such transfer was ever announced, or it may not get these.
        """
        if not self.transfers.arrive(request, data) and request > self._last:
            message = "the peer sent bulk bytes for a transfer that it did not announce"
            raise ProtocolBroken(message)

    def close(self) -> None:
        """Give up what is under way: the peer has gone."""
        self.transfers.close()
        self._standing.leave()

    async def _answer(self, message: Any) -> None:
        try:
            answer = await self._method(message)(message)
        except Refused as refusal:
            answer = _refusal(message.request, refusal)
        except Exception:  # noqa: BLE001 - one request's fault is not the next one's
            self._log.failure("answering {kind}", Failure(), kind=type(message).__name__)
            fault = "the server has a fault"
            unavailable = Refused(Code.UNAVAILABLE, fault, "try again, or tell its owner")
            answer = _refusal(message.request, unavailable)
        self.transfers.answered(message.request)
        if answer is not None:
            self._channel.send(answer)
        if self._standing.failed_logins >= MAX_FAILED_LOGINS or self._standing.is_over:
            self._channel.hang_up()

    def _method(self, message: Any) -> Method:
        """Give the method that answers *message*.

        :raises Refused: TOO_MANY or NOT_LOGGED_IN.
        """
        if len(self._under_way) >= MAX_REQUESTS:
            fault = "too many requests wait for their answers"
            raise Refused(Code.TOO_MANY, fault, "wait for some of them")
        method, anonymous = _METHODS[type(message)]
        if not anonymous:
            self._standing.account()
        return method(self)


_METHODS: Final[dict[type[messages.Message], tuple[Callable[[Session], Method], bool]]] = {
    messages.Register: (lambda session: session.admission.register, True),
    messages.LogIn: (lambda session: session.admission.log_in, True),
    messages.Ping: (lambda session: session.admission.ping, True),
    messages.FetchKeyring: (lambda session: session.membership.fetch_keyring, False),
    messages.EnrolDevice: (lambda session: session.membership.enrol_device, False),
    messages.ForgetDevice: (lambda session: session.membership.forget_device, False),
    messages.ReadJournal: (lambda session: session.membership.read_journal, False),
    messages.Commit: (lambda session: session.membership.commit, False),
    messages.ReadUsage: (lambda session: session.membership.read_usage, False),
    messages.StageBlob: (lambda session: session.transfers.stage_blob, False),
    messages.ReadBlob: (lambda session: session.transfers.read_blob, False),
    messages.Unstage: (lambda session: session.transfers.unstage, False),
    messages.Cancel: (lambda session: session.transfers.cancel, False),
}
"""Each request's method, and whether it may be asked before logging in."""


def _refusal(request: int, refusal: Refused) -> messages.Refusal:
    return messages.Refusal(request, int(refusal.code), refusal.message, refusal.hint)

"""What anybody may ask: to make an account, to log in to one, to hear a sign of life."""

from collections.abc import Callable
from typing import Final

from twisted.logger import Logger

from anoncloud.crypto.keys import verify
from anoncloud.errors import Code, Refused
from anoncloud.ids import DriveId
from anoncloud.server.account_contract import Attempt, Entry, NewAccount
from anoncloud.server.conditions import Registration
from anoncloud.server.entering import TooSoon, wrong_login
from anoncloud.server.house import Channel, House
from anoncloud.server.names import check_account_name
from anoncloud.server.online import too_many_online
from anoncloud.server.penalties import WRONG, Penalties
from anoncloud.server.standing import Standing
from anoncloud.wire import messages

PACE: Final = 0.25
"""Seconds after which a login that is refused is answered; or twice, three times as many."""


class Admission:
    """The requests of a peer whom nobody knows yet."""

    _log = Logger()

    def __init__(
        self,
        house: House,
        channel: Channel,
        standing: Standing,
        handshake_hash: bytes,
        revoked: Callable[[None], None],
    ) -> None:
        self._house = house
        self._channel = channel
        self._standing = standing
        self._handshake_hash = handshake_hash
        self._revoked = revoked
        self._penalties = Penalties(house, channel)
        self._is_entering = False

    async def register(self, message: messages.Register) -> messages.Message:
        """Make an account; does not log in."""
        house, terms = self._house, self._house.terms
        if terms.registration is Registration.CLOSED:
            fault = "this server takes no registrations"
            raise Refused(Code.NOT_ALLOWED, fault, "ask its owner")
        check_account_name(message.account)
        account = NewAccount(
            message.account,
            message.login_key,
            message.keyring,
            DriveId(message.drive),
            terms.quota,
        )
        if terms.registration is Registration.INVITATION or message.invitation:
            await self._register_by(message.invitation, account)
        else:
            await house.accounts.register(account, None, terms.max_accounts, int(house.clock()))
        self._log.info("an account was registered")
        return messages.Done(message.request)

    async def _register_by(self, invitation: bytes, account: NewAccount) -> None:
        """Make an account by an invitation; a wrong one counts as a wrong login does."""
        house, standing = self._house, self._standing
        now, most = int(house.clock()), house.terms.max_accounts
        try:
            await self._penalties.check("invitations")
            await house.accounts.register(account, invitation, most, now)
        except Refused as refusal:
            standing.failed_logins += refusal.code in {Code.INVITATION, Code.TOO_SOON}
            if refusal.code is Code.INVITATION:
                await self._penalties.count(WRONG)
            raise

    async def log_in(self, message: messages.LogIn) -> None:
        """Let the peer prove who it is; one attempt at a time, or two could succeed."""
        if self._standing.logged_in or self._is_entering:
            fault = "somebody is logged in, or logging in, on this connection already"
            raise Refused(Code.NOT_ALLOWED, fault, "use another connection")
        self._is_entering = True
        begun = self._house.clock()
        try:
            for answer in await self._enter(message, begun):
                self._channel.send(answer)
            if self._house.statements:
                self._channel.send(messages.ServerKeys(self._house.statements))
        except Refused as refusal:
            if refusal.code in {Code.LOGIN, Code.TOO_SOON}:
                # What was looked up, and how long that took, is not to be seen from outside.
                await self._house.wait(PACE - (self._house.clock() - begun) % PACE)
                self._standing.failed_logins += 1
            raise
        finally:
            self._is_entering = False

    async def _enter(self, message: messages.LogIn, now: float) -> list[messages.Message]:
        """Let the peer in, or leave no trace of it; give what it is told."""
        entry = await self._evaluate(message, now)
        try:
            return await self._admit(message, entry)
        except BaseException:
            self._standing.withdraw()
            raise

    async def _admit(self, message: messages.LogIn, entry: Entry) -> list[messages.Message]:
        house, standing = self._house, self._standing
        drive = entry.account.drive
        # Before anything is waited for, or the key could be revoked unheard.
        for topic in (drive + message.key, drive):
            standing.listen(house.revoked, topic, self._revoked)
        standing.until_gone(house.online.enter(drive, house.allowance.users_online))
        grown: list[messages.JournalGrew] = []
        hear_no_more = house.drives.listen(drive, grown.append)
        standing.until_gone(hear_no_more)
        everywhere = await house.in_step()
        if everywhere and not await house.accounts.find(message.account, message.key):
            raise wrong_login()  # it was revoked before this was listened for
        if 0 < house.allowance.users_online < everywhere:
            raise too_many_online(house.allowance.users_online)
        head = await house.journal.head(drive)
        standing.admit(entry, message.key)
        self._channel.trust()
        standing.listen(house.drives, drive, self._channel.send)
        hear_no_more()
        answer = messages.LoggedIn(message.request, drive, head.number, head.hash)
        return [answer, *(one for one in grown if one.head > head.number)]

    async def _evaluate(self, message: messages.LogIn, now: float) -> Entry:
        """See whose key signed this very handshake, and whether it may be tried now.

        What is held back is told so before any work; and to all alike, signed or not.
        """
        house = self._house
        attempt = Attempt(message.account, message.key, self._channel.network(), now)
        held = house.gate.held(attempt)
        if held is not None and message.key not in held.passing:
            raise held
        signed = self._handshake_hash + message.account.encode()
        if not verify(message.key, messages.LOGIN_CONTEXT, signed, message.signature):
            if held is not None:
                raise held
            await self._penalties.count(WRONG)
            raise wrong_login()
        try:
            return await house.accounts.enter(attempt, house.schedules)
        except TooSoon as refusal:
            house.gate.note(attempt, refusal)
            raise

    async def ping(self, message: messages.Ping) -> messages.Message:
        """Give a sign of life."""
        return messages.Done(message.request)

"""What anybody may ask: to make an account, to log in to one, to hear a sign of life."""

from collections.abc import Callable

from twisted.logger import Logger

from anoncloud.crypto.keys import verify
from anoncloud.errors import Code, Refused
from anoncloud.ids import DriveId
from anoncloud.server.contracts import NewAccount
from anoncloud.server.house import Channel, House, Registration
from anoncloud.server.names import check_account_name
from anoncloud.server.standing import Standing
from anoncloud.wire import messages


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
        self._is_entering = False

    async def register(self, message: messages.Register) -> messages.Message:
        """Make an account; does not log in."""
        house = self._house
        if house.registration is Registration.CLOSED:
            fault = "this server takes no registrations"
            raise Refused(Code.NOT_ALLOWED, fault, "ask its owner")
        check_account_name(message.account)
        by_invitation = house.registration is Registration.INVITATION or message.invitation
        await house.accounts.register(
            NewAccount(
                message.account,
                message.login_key,
                message.keyring,
                DriveId(message.drive),
                house.quota,
            ),
            message.invitation if by_invitation else None,
            house.max_accounts,
            int(house.clock()),
        )
        self._log.info("an account was registered")
        return messages.Done(message.request)

    async def log_in(self, message: messages.LogIn) -> messages.Message:
        """Let the peer prove who it is; one attempt at a time, or two could succeed."""
        if self._standing.logged_in or self._is_entering:
            fault = "somebody is logged in, or logging in, on this connection already"
            raise Refused(Code.NOT_ALLOWED, fault, "use another connection")
        self._is_entering = True
        try:
            return await self._enter(message)
        finally:
            self._is_entering = False

    async def _enter(self, message: messages.LogIn) -> messages.Message:
        house, standing = self._house, self._standing
        # The same work, in the same order, whether name, key or signature is wrong.
        account = await house.accounts.find(message.account, message.key)
        signed = self._handshake_hash + message.account.encode()
        proven = verify(message.key, messages.LOGIN_CONTEXT, signed, message.signature)
        if account is None or not proven:
            standing.failed_logins += 1
            fault = "the login was refused: name, kit or passphrase is wrong, or it was revoked"
            raise Refused(Code.LOGIN, fault, "check the kit and type the passphrase again")
        # Before anything is waited for, or the key could be revoked unheard.
        standing.listen(house.revoked, account.drive + message.key, self._revoked)
        head = await house.journal.head(account.drive)
        standing.admit(account, message.key)
        self._channel.trust()
        standing.listen(house.drives, account.drive, self._channel.send)
        return messages.LoggedIn(message.request, account.drive, head.number, head.hash)

    async def ping(self, message: messages.Ping) -> messages.Message:
        """Give a sign of life."""
        return messages.Done(message.request)

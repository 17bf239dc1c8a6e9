"""What the owner of an account, or its recovery key, may ask of its keys, and of its end."""

from collections.abc import Callable

from anoncloud.errors import Code, Refused
from anoncloud.server.house import Channel, House
from anoncloud.server.standing import Standing
from anoncloud.wire import messages


class Ownership:
    """The requests that a device's key does not suffice for.

    Whoever is logged in with a key that goes is told to go, too: the others at once, and who asked
    when the answer has gone out.
    """

    def __init__(
        self, house: House, channel: Channel, standing: Standing, revoked: Callable[[None], None]
    ) -> None:
        self._house = house
        self._channel = channel
        self._standing = standing
        self._revoked = revoked

    async def fetch_keyring(self, message: messages.FetchKeyring) -> messages.Message:
        """Give the sealed keyring, or the recovery key's copy of it."""
        name, key = self._standing.account().name, self._standing.key
        return messages.Keyring(message.request, await self._house.accounts.keyring(name, key))

    async def replace_keyring(self, message: messages.ReplaceKeyring) -> messages.Message:
        """Put another login key and keyring in the place of those that are there."""
        name, key = self._standing.account().name, self._standing.key
        accounts = self._house.accounts
        before = await accounts.replace_keyring(name, key, message.login_key, message.keyring)
        if before != message.login_key:
            self._end(before)
        return messages.Done(message.request)

    async def set_recovery(self, message: messages.SetRecovery) -> messages.Message:
        """Let a recovery key log in, and no other."""
        name, key = self._standing.account().name, self._standing.key
        accounts = self._house.accounts
        before = await accounts.set_recovery(name, key, message.key, message.keyring)
        self._house.gate.forget(name)
        if before is not None and before != message.key:
            self._end(before)
        return messages.Done(message.request)

    async def drop_recovery(self, message: messages.DropRecovery) -> messages.Message:
        """Let the recovery key log in no more."""
        name, key = self._standing.account().name, self._standing.key
        before = await self._house.accounts.drop_recovery(name, key)
        if before is not None:
            self._end(before)
        return messages.Done(message.request)

    async def delete_account(self, message: messages.DeleteAccount) -> messages.Message:
        """Delete the account; what its drive holds is for the collector."""
        account, house = self._standing.account(), self._house
        if message.account != account.name:
            fault = "the name that was said is not this account's"
            raise Refused(Code.NOT_ALLOWED, fault, "say the account's own name to delete it")
        await house.accounts.close_account(account.name, self._standing.key, int(house.clock()))
        house.revoked.say(account.drive, None, but=self._revoked)
        self._standing.is_over = True
        return messages.Done(message.request)

    def _end(self, key: bytes) -> None:
        """End the connections that logged in with *key*."""
        drive = self._standing.account().drive
        self._house.revoked.say(drive + key, None, but=self._revoked)
        self._standing.is_over |= key == self._standing.key

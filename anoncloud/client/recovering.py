"""An account that is opened by its recovery key, by somebody who has lost kit or passphrase.

The recovery key reads the journal, so nothing is replaced before the keyring's copy has proven to
fit it. Then a new kit comes into the place of the old one, as by its owner (``client.owning``), and
the recovery key has been used up.
"""

from collections.abc import Awaitable, Callable

import attrs

from anoncloud.client.accounts import HeadWatch, Surroundings, fetch_keyring, link_to
from anoncloud.client.address import Address
from anoncloud.client.costs import check_cost, highest
from anoncloud.client.drive import Drive
from anoncloud.client.epochs import succession
from anoncloud.client.journal import Journal
from anoncloud.client.keyring import AccountKeyring, account_place, seal_keyring
from anoncloud.client.kit import Kit
from anoncloud.client.link import Credentials, Link, claimed_head, log_in_as
from anoncloud.client.owning import Owner, enter, in_doubt
from anoncloud.client.protocol import ClientProtocol
from anoncloud.client.recovery import Recovery
from anoncloud.client.tree.changes import KeyEvent
from anoncloud.crypto.keys import AccountSecret
from anoncloud.crypto.passphrases import AccountKeys, Argon2
from anoncloud.errors import Code, Refused, Unreachable, WrongPassphrase
from anoncloud.wire import messages


@attrs.frozen
class Recovering:
    """An account that a recovery key has opened; its drive can be read, and not changed.

    :ivar account: the copy of its keyring.
    """

    recovery: Recovery
    account: AccountKeyring
    drive: Drive
    address: Address
    _link: Link
    _here: Surroundings

    @property
    def least_cost(self) -> Argon2:
        """The least that a new kit must cost: this program's choice, or what was noted if more."""
        return highest(Argon2(), self.drive.tree.affairs)

    def draw_kit(self, cost: Argon2) -> Kit:
        """Draw another kit, which opens nothing yet.

        :raises UsageError: *cost* is lower than it was.
        """
        noted = highest(Argon2(0, 0), self.drive.tree.affairs)
        check_cost(cost, noted)
        secret = AccountSecret.generate(self._here.entropy)
        return Kit(self.address, self.recovery.account, secret, cost)

    async def take_kit(self, kit: Kit, passphrase: str) -> Owner:
        """Let *kit* and *passphrase* open the account, and no others any more; log in with them.

        :raises Refused: CHANGED: the recovery key was dropped meanwhile; nothing was done.
        :raises Unreachable: the connection was cut for good; it may be done or not.
        """
        here = self._here
        keys: AccountKeys = await here.in_thread(kit.keys, passphrase)
        account = self.account.successor(self.drive.journal.keyring.epochs, here.entropy)
        sealed = seal_keyring(account, keys.unlock, account_place(kit), here.entropy)
        public = keys.login.public
        try:
            await self._link.ask(lambda request: messages.ReplaceKeyring(request, public, sealed))
        except Unreachable as error:
            raise in_doubt() from error
        await self.close()
        return await enter(here, kit, keys, kit.address, what=KeyEvent.RECOVERY_USED)

    async def close(self) -> None:
        """End the connection properly; harmless more than once."""
        self.drive.journal.close()
        await self._link.stop()


async def recover(
    here: Surroundings, recovery: Recovery, server: Address | None = None
) -> Recovering:
    """Log in with a recovery key, and read the journal; *server* is as for ``owning.own``.

    :raises Refused: the server knows no such account, or its recovery key is another one.
    :raises WrongPassphrase: the copy of the keyring does not open.
    :raises Tampered: the copy's keys are not those that the journal names.
    """
    watch, address = HeadWatch(), server or recovery.address
    link = link_to(here, address, _login(recovery, watch))
    link.start()
    try:
        account = await _fetch(link, recovery)
        answer = watch.answer
        journal = Journal(account.opened(), here.profile.cache(account.drive), here.entropy)
        watch.journal = journal
        watch(answer)
        drive = Drive(journal, link, here.entropy, here.clock)
        await drive.catch_up(claimed_head(answer))
        succession(account, drive.tree.affairs)
    except BaseException:
        await link.stop()
        raise
    newest = attrs.evolve(address, key=link.server.key)
    return Recovering(recovery, account, drive, newest, link, here)


def _login(
    recovery: Recovery, watch: HeadWatch
) -> Callable[[ClientProtocol, bytes], Awaitable[None]]:
    """Log in with the recovery key, and say in plain words when it is not taken."""
    log_in = log_in_as(Credentials(recovery.account, recovery.login), watch)

    async def log_in_plainly(connection: ClientProtocol, handshake_hash: bytes) -> None:
        try:
            await log_in(connection, handshake_hash)
        except Refused as error:
            if error.code is not Code.LOGIN:
                raise
            message = "the recovery key opens nothing: it was used, dropped or replaced"
            hint = "log in with kit and passphrase, or look for a newer recovery key"
            raise Refused(error.code, message, hint) from error

    return log_in_plainly


async def _fetch(link: Link, recovery: Recovery) -> AccountKeyring:
    """Fetch the copy of the keyring, and open it."""
    try:
        return await fetch_keyring(link, recovery.address.key, recovery.unlock, recovery.place)
    except WrongPassphrase as error:
        message = "the copy of the keyring that the server keeps for recovery does not open"
        hint = "it is damaged, or the server lies: ask its owner; kit and passphrase open another"
        raise WrongPassphrase(message, hint) from error

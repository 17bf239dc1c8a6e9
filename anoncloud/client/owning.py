"""The owner of an account, who has kit and passphrase: what no device that stays logged in may do.

To change the passphrase, the server gets the same keyring, sealed anew, with another login key; the
old one opens nothing from then on. A new kit does so too, and brings new private keys and a new
drive key besides, so that whoever had the old kit reads nothing that is written later. The server
takes the keyring first; only then does the journal name its keys, signed by those before. Cut in
between, the new kit opens the account, and who comes next with it carries the rest on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import attrs

from anoncloud.client.accounts import (
    HeadWatch,
    OpenAccount,
    Surroundings,
    fetch_keyring,
    link_to,
    open_drive,
)
from anoncloud.client.address import Address
from anoncloud.client.costs import check_cost, highest
from anoncloud.client.drive import unexpected
from anoncloud.client.entrance import Entrance
from anoncloud.client.epochs import check_room, has_room, new_epoch, succession
from anoncloud.client.keyring import AccountKeyring, account_place, seal_keyring
from anoncloud.client.kit import Kit
from anoncloud.client.recovery import Recovery, draw_recovery
from anoncloud.client.tree.affairs import Affairs
from anoncloud.client.tree.changes import KeyEvent, NoteKeys
from anoncloud.client.tree.draft import Draft
from anoncloud.crypto.keys import AccountSecret
from anoncloud.crypto.passphrases import AccountKeys, Argon2
from anoncloud.errors import Code, ConnectionCut, Refused, Unreachable, UsageError
from anoncloud.limits import KIB
from anoncloud.wire import messages

_IN_DOUBT: Final = "whether it was done is not known: the connection was cut"


@attrs.define
class Owner:
    """An account that is open by its login key.

    Most of what it may ask is refused with CHANGED if somebody else has replaced the keyring, or
    deleted the account, meanwhile; nothing was done then.

    :ivar account: the keyring as the server keeps it.
    """

    kit: Kit
    account: AccountKeyring
    opened: OpenAccount
    _keys: AccountKeys = attrs.field(repr=False)
    _entrance: Entrance
    _here: Surroundings

    @property
    def affairs(self) -> Affairs:
        """What the drive knows of its keys."""
        return self.opened.drive.tree.affairs

    @property
    def least_cost(self) -> Argon2:
        """The least that a new kit must cost: no less than this one, or any that was noted."""
        return highest(self.kit.cost, self.affairs)

    def newest(self) -> AccountKeyring:
        """Give the keyring with all drive keys that there are by now."""
        return attrs.evolve(self.account, epochs=self.opened.keyring.epochs)

    async def change_passphrase(self, passphrase: str) -> None:
        """Let *passphrase* open the account, and the old one no more; takes Argon2id's time.

        :raises UsageError: it is the one that there is.
        :raises Unreachable: the connection was cut for good; it may be done or not.
        """
        keys: AccountKeys = await self._here.in_thread(self.kit.keys, passphrase)
        if keys.login.public == self._keys.login.public:
            message = "the new passphrase is the old one"
            raise UsageError(message, "take another one")
        with _changed():
            await self._replace(self.kit, keys, self.newest())
            await self._note(KeyEvent.PASSPHRASE)

    def draw_kit(self, cost: Argon2) -> Kit:
        """Draw another kit, which opens nothing yet.

        :raises UsageError: *cost* is lower than it was.
        :raises Exists: the drive has changed its key as often as it can.
        """
        check_cost(cost, self.least_cost)
        check_room(self.affairs)
        secret = AccountSecret.generate(self._here.entropy)
        return Kit(self.opened.address, self.kit.account, secret, cost)

    async def take_kit(self, kit: Kit, passphrase: str) -> None:
        """Let *kit* open the account, with *passphrase*, and the old one no more.

        :raises Unreachable: the connection was cut for good; it may be done or not.
        """
        keys: AccountKeys = await self._here.in_thread(kit.keys, passphrase)
        account = self.account.successor(self.opened.keyring.epochs, self._here.entropy)
        with _changed():
            await self._replace(kit, keys, account)
            await self.finish(KeyEvent.KIT)

    async def finish(self, what: KeyEvent) -> None:
        """Carry on what comes with a new kit, and is noted as *what*, as far as it is not done.

        The server's copy gets all drive keys that there are by now; so whoever comes with the kit
        alone notices a journal that ends before the newest of them.
        """
        if succession(self.account, self.affairs) is not None:
            await self._succeed(what)
        if len(self.account.epochs) < len(self.opened.keyring.epochs):
            await self._replace(self.kit, self._keys, self.newest())

    async def _succeed(self, what: KeyEvent) -> None:
        """Let the journal name the new keys, and begin a new epoch for them and the devices.

        Before that the recovery key goes, whose copy of the keyring has the old ones.
        """
        drive = self.opened.drive
        await self.opened.link.ask(messages.DropRecovery)
        drive.journal.keyring = self.newest().opened()

        def plan(draft: Draft) -> None:
            named = succession(self.account, draft.affairs)
            if named is None:  # somebody else has carried it on
                return
            draft.add(named)
            if has_room(draft.affairs):
                draft.add(new_epoch(drive.journal.keyring, draft, drive.entropy))
            draft.add(self._noted(what, draft.affairs))

        await drive.change(plan)

    def draw_recovery(self) -> Recovery:
        """Draw a recovery key, which opens nothing yet."""
        return draw_recovery(self.opened.address, self.kit.account, self._here.entropy)

    async def take_recovery(self, recovery: Recovery) -> None:
        """Let *recovery* open the account, and no other recovery key."""
        sealed = recovery.seal(self.newest(), self._here.entropy)
        public = recovery.login.public
        with _changed():
            await self.opened.link.ask(
                lambda request: messages.SetRecovery(request, public, sealed)
            )
            await self._note(KeyEvent.RECOVERY_MADE)

    async def drop_recovery(self) -> bool:
        """Let no recovery key open the account; tell whether there was one."""
        with _changed():
            answer = await self.opened.link.ask(messages.ListDevices)
            if not isinstance(answer, messages.Devices):
                raise unexpected(answer)
            if answer.recovery:
                await self.opened.link.ask(messages.DropRecovery)
                await self._note(KeyEvent.RECOVERY_DROPPED)
            return bool(answer.recovery)

    async def put_back(self) -> None:
        """Give the server the keyring by which this was opened, to keep again."""
        with _changed():
            await self._replace(self.kit, self._keys, self.newest())

    async def delete(self) -> None:
        """Delete the account, with all that it stores; there is no way back.

        :raises ConnectionCut: the connection was cut; it may be deleted or not.
        """
        name = self.kit.account
        try:
            with _changed():
                await self.opened.link.ask_once(
                    lambda request: messages.DeleteAccount(request, name)
                )
        except ConnectionCut as error:
            hint = "run it again: if the login is refused, the account is gone"
            raise ConnectionCut(_IN_DOUBT, hint) from error

    async def _replace(self, kit: Kit, keys: AccountKeys, account: AccountKeyring) -> None:
        """Put a login key and a keyring in the place of those that are there."""
        sealed = seal_keyring(account, keys.unlock, account_place(kit), self._here.entropy)
        public = keys.login.public
        self._entrance.expect(keys.login)
        try:
            await self.opened.link.ask(
                lambda request: messages.ReplaceKeyring(request, public, sealed)
            )
        except Unreachable as error:
            raise in_doubt() from error
        self._entrance.change(keys.login)
        self.kit, self._keys, self.account = kit, keys, account

    async def _note(self, what: KeyEvent) -> None:
        """Let the other devices hear of it."""
        await self.opened.drive.change(lambda draft: draft.add(self._noted(what, draft.affairs)))

    def _noted(self, what: KeyEvent, affairs: Affairs) -> NoteKeys:
        cost = highest(self.kit.cost, affairs)
        return NoteKeys(what, cost.passes, cost.memory // KIB)


async def own(
    here: Surroundings,
    kit: Kit,
    passphrase: str,
    server: Address | None = None,
    account: AccountKeyring | None = None,
) -> Owner:
    """Log in as the owner, and carry on what a new kit left undone; takes Argon2id's time.

    *server* is where the server of the kit is by now, if it is not there any more, or does not take
    the kit's key; it must show that its key follows that one. With *account* that keyring is used,
    and not the one that the server keeps.

    :raises HandshakeFailed: it does not.
    :raises Refused: the server knows no such account, or passphrase or kit is wrong.
    :raises WrongPassphrase: the login went through, but the keyring does not open.
    :raises Tampered: the keyring's keys are not those that the journal names.
    """
    keys: AccountKeys = await here.in_thread(kit.keys, passphrase)
    return await enter(here, kit, keys, server or kit.address, account)


async def enter(  # noqa: PLR0913 - who enters, where, and with what
    here: Surroundings,
    kit: Kit,
    keys: AccountKeys,
    address: Address,
    account: AccountKeyring | None = None,
    what: KeyEvent = KeyEvent.KIT,
) -> Owner:
    """Do as :func:`own` with keys that are at hand; note what was left undone as *what*."""
    watch = HeadWatch()
    entrance = Entrance(kit.account, keys.login, watch)
    link = link_to(here, address, entrance)
    link.start()
    try:
        if account is None:
            account = await fetch_keyring(link, kit.address.key, keys.unlock, account_place(kit))
    except BaseException:
        await link.stop()
        raise
    opened = await open_drive(here, address, kit.account, link, watch, account.opened())
    owner = Owner(kit, account, opened, keys, entrance, here)
    try:
        with _changed():
            await owner.finish(what)
    except BaseException:
        await opened.close()
        raise
    return owner


def in_doubt() -> Unreachable:
    """Say that nobody knows which keys open an account now."""
    return Unreachable(_IN_DOUBT, "log in with the new kit or passphrase first, then with the old")


@contextmanager
def _changed() -> Iterator[None]:
    """Call a login that is refused after the first what it means then."""
    try:
        yield
    except Refused as error:
        if error.code is not Code.LOGIN:
            raise
        message = "the account's keys were replaced meanwhile, or it was deleted"
        hint = "log in anew, with the newest kit and passphrase"
        raise Refused(Code.CHANGED, message, hint) from error

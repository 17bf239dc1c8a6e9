"""Getting in: what every way in has in common, and the first one, to register.

``client.owning`` logs in with kit and passphrase, ``client.staying`` with neither.

The order is always the same: connect, log in, see that the keyring opens, judge the journal's head
against what this device remembers, read what is new. Only then is there a :class:`Drive`.

To register takes three steps, so that its owner chooses a passphrase that will do, and has the kit
before there is an account: :func:`read_terms` asks the server; :func:`draw` makes keys and kit, and
asks nobody; :func:`register` makes the account.
"""

from collections.abc import Callable
from typing import Any, Final

import attrs
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.interfaces import IStreamClientEndpoint

from anoncloud.client import server_change
from anoncloud.client.address import Address, Invitation
from anoncloud.client.drive import Drive, unexpected
from anoncloud.client.journal import Journal
from anoncloud.client.keyring import (
    AccountKeyring,
    Keyring,
    account_place,
    new_keyring,
    open_keyring,
    seal_keyring,
)
from anoncloud.client.kit import Kit
from anoncloud.client.link import Credentials, Link, Terms, claimed_head, log_in_as
from anoncloud.client.profile import Profile
from anoncloud.client.protocol import ClientProtocol
from anoncloud.client.registering import check_name
from anoncloud.client.threads import InThread
from anoncloud.client.transfers.unfinished import Unfinished
from anoncloud.client.tree.affairs import Acceptance, Note
from anoncloud.crypto.entropy import Entropy
from anoncloud.crypto.keys import AccountSecret, UnlockKey
from anoncloud.crypto.passphrases import AccountKeys, Argon2
from anoncloud.errors import Code, ConnectionCut, Forked, Refused, Tampered
from anoncloud.limits import DEFAULT_PACKET
from anoncloud.wire import messages

_LEAVE: Final = "do not use this server; ask its owner"
_OURS_PERHAPS: Final = frozenset({Code.NAME_TAKEN, Code.INVITATION, Code.TOO_MANY})
"""Refusals of a registration that an earlier one, whose answer was lost, may have brought about."""


@attrs.frozen
class Surroundings:
    """What the client needs from its program: reactor, randomness, time, threads, a profile.

    *told* is called with each note about the account's keys that another device has made, and with
    each other history that one has accepted.
    """

    reactor: Any
    entropy: Entropy
    clock: Callable[[], int]
    in_thread: InThread
    profile: Profile
    packet: int = DEFAULT_PACKET
    told: Callable[[Note | Acceptance], object] = lambda _: None


@attrs.define
class OpenAccount:
    """An account that is logged in, and its drive."""

    address: Address
    account: str
    link: Link
    drive: Drive
    _profile: Profile
    _entropy: Entropy
    _kept: int

    @property
    def keyring(self) -> Keyring:
        """What opens the drive as it is now."""
        return self.drive.journal.keyring

    def keep_keyring(self) -> None:
        """Let this device remember the drive keys that came since it logged in."""
        if self.keyring.epoch > self._kept and self.keyring.device is not None:
            self._profile.keep_keyring(self.keyring, self._entropy)
        self._kept = self.keyring.epoch

    def unfinished(self, here: "Surroundings") -> Unfinished:
        """Give what uploads that were cut off have left."""
        folder = here.profile.cache(self.keyring.drive).unfinished
        return Unfinished(folder, self.keyring, here.entropy, here.clock)

    async def close(self) -> None:
        """Keep what is worth keeping, and end the connection properly."""
        self.keep_keyring()
        self.address = self._profile.follow(self.address, self.link.server.key)
        self.drive.journal.close()
        await self.link.stop()


class HeadWatch:
    """Judges each login's head; the first one waits until there is a journal to judge by."""

    def __init__(self) -> None:
        self.journal: Journal | None = None
        self.first: messages.LoggedIn | None = None

    @property
    def answer(self) -> messages.LoggedIn:
        """What the first login was answered.

        :raises Forked: nothing, though there is a connection.
        """
        if self.first is None:
            message = "the server let nobody in and refused nobody"
            raise Forked(message, _LEAVE)
        return self.first

    def __call__(self, answer: messages.LoggedIn) -> None:
        self.first = self.first or answer
        if self.journal is not None:
            check_drive(answer, self.journal.keyring)
            self.journal.check_head(answer.head, answer.head_hash)


def check_drive(answer: messages.LoggedIn, keyring: Keyring) -> None:
    """See that the server speaks of the drive of *keyring*.

    :raises Tampered: it does not.
    """
    if answer.drive != keyring.drive:
        message = "the server names another drive than the keyring does"
        raise Tampered(message, _LEAVE)


async def read_terms(here: Surroundings, address: Address) -> messages.Terms:
    """Ask a server who may register there; takes a connection of its own."""
    said: list[messages.Answers] = []

    async def ask(connection: ClientProtocol, handshake_hash: bytes) -> None:
        del handshake_hash
        said.append(await connection.ask(messages.ReadTerms))

    link = link_to(here, address, ask)
    link.start()
    try:
        await link.connected()
    finally:
        await link.stop()
    if not isinstance(said[-1], messages.Terms):
        raise unexpected(said[-1])
    return said[-1]


@attrs.frozen
class Registration:
    """An account that is about to be made: its *kit*, which its owner must keep, and its keys."""

    invitation: Invitation
    kit: Kit
    keys: AccountKeys = attrs.field(repr=False)
    keyring: AccountKeyring


async def draw(
    here: Surroundings, invitation: Invitation, account: str, passphrase: str, cost: Argon2
) -> Registration:
    """Draw an account's keys and its kit; takes Argon2id's time and memory, and asks nobody.

    :raises UsageError: *account* can be the name of none, or *passphrase* can be none.
    """
    check_name(account)
    kit = Kit(invitation.address, account, AccountSecret.generate(here.entropy), cost)
    keys: AccountKeys = await here.in_thread(kit.keys, passphrase)
    return Registration(invitation, kit, keys, new_keyring(here.entropy))


async def register(here: Surroundings, registration: Registration) -> OpenAccount:
    """Make the account at the server, and open it.

    :raises Refused: the server makes no such account; kit and keys are of no use then.
    """
    invitation, kit = registration.invitation, registration.kit
    keys, keyring = registration.keys, registration.keyring
    sealed = seal_keyring(keyring, keys.unlock, account_place(kit), here.entropy)
    watch = HeadWatch()
    log_in = log_in_as(Credentials(kit.account, keys.login), watch)
    may_be_made = False

    async def register_first(connection: ClientProtocol, handshake_hash: bytes) -> None:
        nonlocal may_be_made
        try:
            if watch.first is None:
                await connection.ask(
                    lambda request: messages.Register(
                        request,
                        kit.account,
                        invitation.code,
                        keys.login.public,
                        sealed,
                        keyring.drive,
                    )
                )
            may_be_made = True
        except ConnectionCut:
            may_be_made = True
            raise
        except Refused as error:
            # The account may be made already: then the login shows that it is ours.
            if error.code not in _OURS_PERHAPS or not may_be_made:
                raise
        await log_in(connection, handshake_hash)

    link = link_to(here, invitation.address, register_first)
    return await open_drive(here, invitation.address, kit.account, link, watch, keyring.opened())


async def fetch_keyring(
    link: Link, server_key: bytes, unlock: UnlockKey, place: bytes
) -> AccountKeyring:
    """Fetch the keyring, or a recovery key's copy, that *unlock* opens at *place*.

    :raises HandshakeFailed: the server does not show that its key follows *server_key*.
    :raises WrongPassphrase: it does not open.
    """
    answer = await link.ask(messages.FetchKeyring)
    if not isinstance(answer, messages.Keyring):
        raise unexpected(answer)
    link.server.check_kin(server_key)
    return open_keyring(answer.keyring, unlock, place)


def link_to(
    here: Surroundings,
    address: Address,
    log_in: Any,
    on_event: Callable[[messages.Answers], None] = lambda _: None,
) -> Link:
    """Give a link to the server at *address*; *log_in* is called with each new connection."""
    terms = Terms(address.key, here.entropy, here.packet)
    return Link(here.reactor, way_to(here, address), terms, log_in, on_event)


def way_to(here: Surroundings, address: Address) -> IStreamClientEndpoint:
    """Give the way to the server at *address*, on which connections are made."""
    return HostnameEndpoint(here.reactor, address.host, address.port, timeout=10)


async def open_drive(  # noqa: PLR0913 - the parts of an open account
    here: Surroundings,
    address: Address,
    account: str,
    link: Link,
    watch: HeadWatch,
    keyring: Keyring,
) -> OpenAccount:
    """See that the server shows the history that this device knows, and read what is new."""
    try:
        journal = Journal(keyring, here.profile.cache(keyring.drive), here.entropy)
        watch.journal = journal
        known, is_new = journal.tree.affairs.told, journal.remembered.number == 0
        drive = Drive(journal, link, here.entropy, here.clock)
        link.start()
        await link.connected()
        check_drive(watch.answer, keyring)
        await drive.catch_up(claimed_head(watch.answer))
        await server_change.note(drive, link.server)
        address = here.profile.follow(address, link.server.key)
    except BaseException:
        await link.stop()
        raise
    for note in () if is_new else drive.tree.affairs.told:
        if note not in known:
            here.told(note)
    return OpenAccount(address, account, link, drive, here.profile, here.entropy, keyring.epoch)

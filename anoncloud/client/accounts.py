"""Getting in: register, log in with kit and passphrase, stay logged in with a device key.

The order is always the same: connect, log in, see that the keyring opens, judge the journal's head
against what this device remembers, read what is new. Only then is there a :class:`Drive`.
"""

from collections.abc import Callable
from typing import Any

import attrs
from twisted.internet.endpoints import HostnameEndpoint

from anoncloud.client.address import Address, Invitation
from anoncloud.client.drive import Drive, unexpected
from anoncloud.client.journal import Journal
from anoncloud.client.keyring import (
    Keyring,
    account_place,
    device_keys,
    new_keyring,
    open_keyring,
    seal_keyring,
)
from anoncloud.client.kit import Kit
from anoncloud.client.link import Credentials, Link, Terms, claimed_head, log_in_as
from anoncloud.client.profile import Profile
from anoncloud.client.protocol import ClientProtocol
from anoncloud.client.threads import InThread
from anoncloud.client.transfers.unfinished import Unfinished
from anoncloud.client.tree import changes
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.names import check_name
from anoncloud.crypto.entropy import Entropy
from anoncloud.crypto.keys import AccountSecret, DeviceSecret, SigningKey
from anoncloud.crypto.passphrases import AccountKeys, Argon2
from anoncloud.errors import Code, Forked, Refused, Tampered, UsageError
from anoncloud.limits import DEFAULT_PACKET, MAX_ACCOUNT_NAME
from anoncloud.wire import messages


@attrs.frozen
class Surroundings:
    """What the client needs from its program: reactor, randomness, time, threads, a profile."""

    reactor: Any
    entropy: Entropy
    clock: Callable[[], int]
    in_thread: InThread
    profile: Profile
    packet: int = DEFAULT_PACKET


@attrs.define
class OpenAccount:
    """An account that is logged in, and its drive."""

    address: Address
    account: str
    keyring: Keyring
    link: Link
    drive: Drive

    def unfinished(self, here: "Surroundings") -> Unfinished:
        """Give what uploads that were cut off have left."""
        folder = here.profile.cache(self.keyring.drive).unfinished
        return Unfinished(folder, self.keyring, here.entropy, here.clock)

    async def close(self) -> None:
        """Keep what is worth keeping, and end the connection properly."""
        self.drive.journal.close()
        await self.link.stop()


class _HeadWatch:
    """Judges each login's head; the first one waits until there is a journal to judge by."""

    def __init__(self) -> None:
        self.journal: Journal | None = None
        self.first: messages.LoggedIn | None = None

    def __call__(self, answer: messages.LoggedIn) -> None:
        self.first = self.first or answer
        if self.journal is not None:
            _check_drive(answer, self.journal.keyring)
            self.journal.check_head(answer.head, answer.head_hash)


def _check_drive(answer: messages.LoggedIn, keyring: Keyring) -> None:
    if answer.drive != keyring.drive:
        message = "the server names another drive than the keyring does"
        raise Tampered(message, "do not use this server; ask its owner")


async def register(
    here: Surroundings, invitation: Invitation, account: str, passphrase: str, cost: Argon2
) -> tuple[Kit, OpenAccount]:
    """Make an account; gives its kit, which its owner must keep, and the open account."""
    if not 0 < len(account) <= MAX_ACCOUNT_NAME:
        message = f"the name of an account has 1 to {MAX_ACCOUNT_NAME} characters"
        raise UsageError(message, "choose another name")
    kit = Kit(invitation.address, account, AccountSecret.generate(here.entropy), cost)
    keys: AccountKeys = await here.in_thread(kit.keys, passphrase)
    keyring = new_keyring(here.entropy)
    sealed = seal_keyring(keyring, keys.unlock, account_place(kit), here.entropy)
    watch = _HeadWatch()
    log_in = log_in_as(Credentials(account, keys.login), watch)
    attempts = 0

    async def register_first(connection: ClientProtocol, handshake_hash: bytes) -> None:
        nonlocal attempts
        attempts += 1
        try:
            if watch.first is None:
                await connection.ask(
                    lambda request: messages.Register(
                        request, account, invitation.code, keys.login.public, sealed, keyring.drive
                    )
                )
        except Refused as error:
            # After a cut the account may be made already: then the login shows that it is ours.
            if error.code not in {Code.NAME_TAKEN, Code.INVITATION} or attempts == 1:
                raise
        await log_in(connection, handshake_hash)

    link = _link(here, invitation.address, register_first)
    return kit, await _opened(here, invitation.address, account, link, watch, keyring)


async def log_in(here: Surroundings, kit: Kit, passphrase: str) -> OpenAccount:
    """Log in with kit and passphrase; takes Argon2id's time and memory.

    :raises Refused: the server knows no such account, or passphrase or kit is wrong.
    :raises WrongPassphrase: the login went through, but the keyring does not open.
    """
    keys: AccountKeys = await here.in_thread(kit.keys, passphrase)
    watch = _HeadWatch()
    link = _link(here, kit.address, log_in_as(Credentials(kit.account, keys.login), watch))
    link.start()
    try:
        answer = await link.ask(messages.FetchKeyring)
        if not isinstance(answer, messages.Keyring):
            raise unexpected(answer)
        keyring = open_keyring(answer.keyring, keys.unlock, account_place(kit))
    except BaseException:
        await link.stop()
        raise
    return await _opened(here, kit.address, kit.account, link, watch, keyring)


async def resume(here: Surroundings) -> OpenAccount:
    """Log in as the device that stays logged in."""
    known = here.profile.load()
    watch = _HeadWatch()
    credentials = Credentials(known.account, known.device)
    link = _link(here, known.address, log_in_as(credentials, watch))
    return await _opened(here, known.address, known.account, link, watch, known.keyring)


async def stay_logged_in(here: Surroundings, opened: OpenAccount, device_name: bytes) -> None:
    """Give this device a key of its own: at the server, in the journal, and in the profile."""
    secret = DeviceSecret.generate(here.entropy)
    key = device_keys(secret)[0].public
    enrol = changes.EnrolDevice(key, check_name(device_name))
    await opened.link.ask(lambda request: messages.EnrolDevice(request, key))
    await opened.drive.change(lambda draft: draft.add(enrol))
    here.profile.stay_logged_in(
        opened.address, opened.account, secret, opened.keyring, here.entropy
    )


async def log_out(here: Surroundings, opened: OpenAccount, device: SigningKey) -> None:
    """Take this device's key back from journal, server and profile, in this order."""

    def plan(draft: Draft) -> None:
        if device.public in opened.drive.tree.devices:
            draft.add(changes.RevokeDevice(device.public))

    await opened.drive.change(plan)
    await opened.link.ask(lambda request: messages.ForgetDevice(request, device.public))
    here.profile.forget()


def _link(here: Surroundings, address: Address, log_in: Any) -> Link:
    endpoint = HostnameEndpoint(here.reactor, address.host, address.port, timeout=10)
    terms = Terms(address.key, here.entropy, here.packet)
    return Link(here.reactor, endpoint, terms, log_in)


async def _opened(  # noqa: PLR0913 - the parts of an open account
    here: Surroundings,
    address: Address,
    account: str,
    link: Link,
    watch: _HeadWatch,
    keyring: Keyring,
) -> OpenAccount:
    """See that the server shows the history that this device knows, and read what is new."""
    try:
        journal = Journal(keyring, here.profile.cache(keyring.drive), here.entropy)
        watch.journal = journal
        drive = Drive(journal, link, here.entropy, here.clock)
        link.start()
        await link.connected()
        if watch.first is None:
            message = "the server let nobody in and refused nobody"
            raise Forked(message)
        _check_drive(watch.first, keyring)
        await drive.catch_up(claimed_head(watch.first))
    except BaseException:
        await link.stop()
        raise
    return OpenAccount(address, account, keyring, link, drive)

"""A history of the drive accepted in place of the one that this device had seen, after an alarm.

In two steps, and never without its user's word. :func:`examine` reads all that the server shows
into a folder of its own, with every check but the one against what was seen, and says what there
is. :func:`accept` takes just that: it first appends a record that names what is given up, and then
puts aside what this device remembers. A journal that does not open under the keyring, or that ends
before the newest epoch that keyring or device know of, can't be accepted: who was shut out would be
in again.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import attrs

from anoncloud.client.accounts import (
    HeadWatch,
    Surroundings,
    check_drive,
    fetch_keyring,
    link_to,
)
from anoncloud.client.cache import Cache, Head
from anoncloud.client.drive import Drive
from anoncloud.client.epochs import succession
from anoncloud.client.journal import Journal
from anoncloud.client.keyring import AccountKeyring, Keyring, account_place
from anoncloud.client.kit import Kit
from anoncloud.client.link import Credentials, Link, claimed_head, log_in_as
from anoncloud.client.staying import device_link
from anoncloud.client.tree import names
from anoncloud.client.tree.affairs import Acceptance, Affairs
from anoncloud.client.tree.changes import AcceptHistory
from anoncloud.crypto.passphrases import AccountKeys
from anoncloud.errors import Exists, NotLoggedIn, RolledBack, UsageError
from anoncloud.wire import records

When = Callable[[int], str]
"""Shows a time in microseconds."""
_SHOWN: Final = 8
"""Bytes of a hash or a key that are shown."""
_EXPORT: Final = "run 'anoncloud export FOLDER' to save what can be read, and make a new account"


@attrs.frozen
class Entrant:
    """Who comes in past the alarm: the *account*, by a device or by the kit.

    :ivar key: the public key that stands for it in the record.
    :ivar link: makes its way to the server.
    :ivar check: judges what the journal says of the account's keys.
    """

    account: str
    keyring: Keyring
    key: bytes
    link: Callable[[HeadWatch], Link]
    check: Callable[[Affairs], object] = lambda _: None


@attrs.frozen
class Doubt:
    """Two histories of one drive.

    :ivar seen: the newest record that this device has seen.
    :ivar shown: the newest one that the server shows now, and when it was made (microseconds).
    :ivar accepted: the histories that others have accepted before, as the journal says.
    :ivar devices: the names of the drive's devices there, by their keys.
    """

    account: str
    seen: Head
    shown: Head
    newest: int
    accepted: tuple[Acceptance, ...]
    devices: Mapping[bytes, bytes]

    def said(self, when: When) -> list[str]:
        """Say it in sentences."""
        made = f", made on {when(self.newest)}" if self.newest else ""
        lines = [
            f"This device has seen {_records(self.seen)}.",
            f"The server shows {_records(self.shown)}{made}; all of them are genuine.",
        ]
        for one in self.accepted:
            lines.append(f"{said_of(one, self.devices)} on {when(one.time)}.")
            if (one.seen, one.seen_hash) == (self.seen.number, self.seen.hash):
                lines.append("What was given up then is just what this device has seen.")
        return lines


def said_of(one: Acceptance, devices: Mapping[bytes, bytes]) -> str:
    """Say who accepted what in place of what; *devices* are names by keys."""
    known = devices.get(one.key)
    who = names.show(known) if known else f"Who has the key {one.key[:_SHOWN].hex()}"
    given, taken = Head(one.seen, one.seen_hash), Head(one.accepted, one.accepted_hash)
    return f"{who} accepted a history of {_records(taken)}, and gave up one of {_records(given)},"


def _records(head: Head) -> str:
    count = "1 record" if head.number == 1 else f"{head.number} records"
    return f"{count}, the last {head.hash[:_SHOWN].hex()}"


def as_device(here: Surroundings) -> Entrant:
    """Come as the device that stays logged in.

    :raises NotLoggedIn: none does.
    """
    try:
        known = here.profile.load()
    except NotLoggedIn as error:
        raise NotLoggedIn(error.message, "come with your kit: --kit FILE") from error

    def link(watch: HeadWatch) -> Link:
        return device_link(here, known, watch)

    return Entrant(known.account, known.keyring, known.keys.login.public, link)


async def by_kit(here: Surroundings, kit: Kit, passphrase: str) -> Entrant:
    """Come with kit and passphrase; takes Argon2id's time and memory.

    :raises Refused: the server knows no such account, or passphrase or kit is wrong.
    """
    keys: AccountKeys = await here.in_thread(kit.keys, passphrase)

    def link(watch: HeadWatch) -> Link:
        return link_to(here, kit.address, log_in_as(Credentials(kit.account, keys.login), watch))

    first = link(HeadWatch())
    first.start()
    try:
        account: AccountKeyring = await fetch_keyring(
            first, kit.address.key, keys.unlock, account_place(kit)
        )
    finally:
        await first.stop()
    return Entrant(
        kit.account,
        account.opened(),
        account.signing.public,
        link,
        lambda affairs: succession(account, affairs),
    )


async def examine(here: Surroundings, entrant: Entrant) -> Doubt:
    """Read all that the server shows, and compare it with what this device has seen.

    :raises Exists: the server's history goes on from what was seen: there is nothing to accept.
    :raises RemoteError: what the server shows can't be accepted; the hint says what is left.
    """
    cache = here.profile.cache(entrant.keyring.drive)
    seen = _seen(cache)
    cache.shown.begin_anew()
    async with _opened(here, entrant, cache.shown) as drive:
        journal = drive.journal
        if _has(cache.shown, seen):
            cache.forget_records()  # if they say otherwise, they do not fit what was seen
            message = "the server's history goes on from what this device has seen"
            raise Exists(message, "there is nothing to accept; go on as usual")
        tree = journal.tree
        devices = {device.key: device.name for device in tree.devices.values()}
        accepted = tree.affairs.accepted
        return Doubt(entrant.account, seen, journal.head, journal.newest, accepted, devices)


def check_word(doubt: Doubt, word: str) -> None:
    """See that *word*, typed by its user, names the account.

    :raises UsageError: it does not.
    """
    if word.strip() != doubt.account:
        message = f"that is not the name of the account {doubt.account}: nothing was accepted"
        raise UsageError(message, "type the account's name to accept what the server shows")


async def accept(here: Surroundings, entrant: Entrant, doubt: Doubt, word: str) -> Path:
    """Go on with what the server shows; *word* is what its user typed for the account's name.

    Gives where the files of what was seen lie from now on.

    :raises UsageError: the word is another one, or what is to be accepted is not there any more.
    """
    check_word(doubt, word)
    cache = here.profile.cache(entrant.keyring.drive)
    async with _opened(here, entrant, cache.shown) as drive:
        if _seen(cache) != doubt.seen or not _has(cache.shown, doubt.shown):
            message = "what is to be accepted has changed meanwhile: nothing was accepted"
            raise UsageError(message, "look at it again, and then decide")
        seen, shown = doubt.seen, doubt.shown
        made = AcceptHistory(entrant.key, seen.number, seen.hash, shown.number, shown.hash)
        await drive.change(lambda draft: draft.add(made))
        aside: Path = await here.in_thread(cache.take_shown)
        here.profile.keep_keyring(drive.journal.keyring, here.entropy)
        return aside


@asynccontextmanager
async def _opened(here: Surroundings, entrant: Entrant, cache: Cache) -> AsyncIterator[Drive]:
    """Open the drive as the server shows it, over the *cache* of that."""
    newest: int = await here.in_thread(_newest_epoch, here, entrant.keyring)
    watch = HeadWatch()
    link = entrant.link(watch)
    journal = Journal(entrant.keyring, cache, here.entropy)
    drive = Drive(journal, link, here.entropy, here.clock)
    link.start()
    try:
        await link.connected()
        check_drive(watch.answer, entrant.keyring)
        try:
            await drive.catch_up(claimed_head(watch.answer))
        except RolledBack as error:
            raise _before_the_end(error.message) from error
        if journal.epoch < newest:
            shows = f"the server shows a journal up to epoch {journal.epoch} of its key"
            message = f"{shows}; this device knows epoch {newest}"
            raise _before_the_end(message)
        entrant.check(drive.tree.affairs)
        yield drive
    finally:
        await link.stop()


def _before_the_end(message: str) -> RolledBack:
    return RolledBack(f"{message}: it can't be accepted", _EXPORT)


def _newest_epoch(here: Surroundings, keyring: Keyring) -> int:
    """Give the newest epoch of the drive's key that this device knows of, from anywhere; blocking.

    The keyring may be older than what was seen: a kit's comes from the server, and a device's is
    kept when the program ends.
    """
    if here.profile.is_logged_in():
        known = here.profile.load().keyring
        if known.drive == keyring.drive:
            journal = Journal(known, here.profile.cache(known.drive), here.entropy)
            return max(keyring.epoch, journal.keyring.epoch)
    return keyring.epoch


def _seen(cache: Cache) -> Head:
    seen = cache.head()
    if seen is None:
        message = "this device has seen nothing of the drive yet"
        raise UsageError(message, "there is nothing to accept; log in as usual")
    return seen


def _has(cache: Cache, head: Head) -> bool:
    """Tell whether the history in *cache* leads over *head*."""
    for record in cache.records():
        if records.take_apart(record).header.number == head.number:
            return records.record_hash(record) == head.hash
    return head.number == 0

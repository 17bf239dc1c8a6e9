"""A new device let in by a short code that one which is logged in shows (docs/formats.rst 2.7).

The server only passes messages on. The code, which it does not know, gives both devices keys that
it can't have; the new device proves by its first box that it has them, and only then is it enrolled
and told anything. One wrong box, and the code is of no use any more. The kit never crosses: the new
device can use the drive, and not change the account's keys.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Annotated, Final, TypeVar

from msgspec import Meta, Struct, msgpack

from anoncloud.client.accounts import HeadWatch, OpenAccount, Surroundings
from anoncloud.client.address import Address
from anoncloud.client.cache import Head
from anoncloud.client.keyring import Keyring, device_keys
from anoncloud.client.link import Credentials, log_in_as
from anoncloud.client.pairing_code import PairingCode
from anoncloud.client.pairing_line import PairingLine
from anoncloud.client.staying import enrol
from anoncloud.client.tree.changes import MAX_EPOCHS, Name, PublicKey
from anoncloud.client.tree.names import check_name
from anoncloud.crypto import boxes
from anoncloud.crypto.entropy import Entropy
from anoncloud.crypto.keys import DeviceSecret, DriveKey, PairingSecret, SealingKey
from anoncloud.crypto.pairing import End, Exchange, PairingKeys
from anoncloud.errors import ConnectionCut, Refused, RemoteError, Tampered, UsageError
from anoncloud.limits import MAX_NAME
from anoncloud.wire.messages import AccountName, Hash, Identifier, Number

_Kind = TypeVar("_Kind", bound=Struct)
_Key = Annotated[bytes, Meta(min_length=32, max_length=32)]


class Asking(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a new device says first: its public keys and its name, filled up to one length."""

    key: PublicKey
    agreement: PublicKey
    name: Name
    filler: Annotated[bytes, Meta(max_length=MAX_NAME)]


class Given(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What it is given: the account, what opens its drive, and how far the journal has come."""

    account: AccountName
    drive: Identifier
    epochs: Annotated[tuple[_Key, ...], Meta(min_length=1, max_length=MAX_EPOCHS)]
    agreement: PublicKey
    first_signing: PublicKey
    head: Number
    head_hash: Hash

    def __repr__(self) -> str:
        """Show nothing, for the keys must not be shown."""
        return "<Given>"


class Kept(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What it says last: that it has kept all that."""


_PLACES: Final[dict[type[Struct], bytes]] = {
    Asking: b"anoncloud 1 pairing asks",
    Given: b"anoncloud 1 pairing given",
    Kept: b"anoncloud 1 pairing kept",
}
"""The place at which each of them is sealed."""
_NEW_CODE: Final = (
    "a word was typed wrong, or somebody guessed; make a new code, and see who is near"
)


async def let_in(
    here: Surroundings,
    opened: OpenAccount,
    show_code: Callable[[PairingCode], None],
    ask: Callable[[bytes], Awaitable[bool]],
) -> bytes | None:
    """Let one new device in; give its name, or None if *ask*, asked by that name, says no.

    *show_code* shows the code to the person who types it there.

    :raises Tampered: somebody did not know the code, which is of no use any more.
    :raises ConnectionCut: the time is over, or the other device has gone.
    """
    known, watch = here.profile.load(), HeadWatch()
    watch.journal = opened.drive.journal
    log_in = log_in_as(Credentials(known.account, known.keys.login), watch)
    line = PairingLine(here, opened.address)
    try:
        await log_in(*await line.begin())
        keys, asking = await _hear_asking(here, opened, line, show_code)
        if not await ask(asking.name):
            await line.burn()
            return None
        line.check()
        await enrol(opened, asking.key, asking.agreement, asking.name)
        await _give(here, opened, line, keys)
        return asking.name
    finally:
        await line.leave()


async def _hear_asking(
    here: Surroundings,
    opened: OpenAccount,
    line: PairingLine,
    show_code: Callable[[PairingCode], None],
) -> tuple[PairingKeys, Asking]:
    """Show a code, and hear who asks to be let in by it; whoever is wrong burns it."""
    secret, server_key = PairingSecret.generate(here.entropy), opened.address.key
    exchange: Exchange = await here.in_thread(Exchange, End.OLD, secret, server_key, here.entropy)
    slot = await line.open(exchange.message)
    show_code(PairingCode(slot, secret))
    try:
        keys: PairingKeys = await here.in_thread(exchange.agree, await line.hear(), slot)
        asking = unseal(keys.from_new, await line.hear(), Asking)
        check_name(asking.name)
        if asking.key in opened.drive.tree.devices:
            message = "the new device shows a key that another device has"
            raise Tampered(message, _NEW_CODE)
    except (Tampered, UsageError) as error:
        await line.burn()
        message = "somebody used the pairing code who does not know all of it"
        raise Tampered(message, _NEW_CODE) from error
    return keys, asking


async def _give(
    here: Surroundings, opened: OpenAccount, line: PairingLine, keys: PairingKeys
) -> None:
    """Give the device that was let in what it needs, and hear that it has kept that."""
    keyring, head = opened.keyring, opened.drive.journal.head
    given = Given(
        opened.account,
        keyring.drive,
        tuple(key.expose() for key in keyring.epochs),
        keyring.agreement,
        keyring.first_signing,
        head.number,
        head.hash,
    )
    try:
        await line.say(seal(keys.from_old, given, here.entropy))
        unseal(keys.from_new, await line.hear(), Kept)
    except (RemoteError, Refused) as error:
        message = "the new device is let in, but it did not say that it has got its keys"
        hint = "if it is not logged in, revoke it: 'anoncloud devices revoke'"
        raise ConnectionCut(message, hint) from error


async def come_in(
    here: Surroundings, address: Address, code: PairingCode, device_name: bytes
) -> str:
    """Let the device that shows *code* let this one in; give the account's name.

    Afterwards this device stays logged in, and remembers the head that the other one has seen.

    :raises Tampered: the other end does not know the code.
    :raises ConnectionCut: it has said no, or does not take the code; or the time is over.
    """
    secret = DeviceSecret.generate(here.entropy)
    own, name = device_keys(secret), check_name(device_name)
    filler = bytes(MAX_NAME - len(name))
    asking = Asking(own.login.public, own.agreement.public, name, filler)
    line = PairingLine(here, address)
    try:
        await line.begin()
        exchange: Exchange = await here.in_thread(
            Exchange, End.NEW, code.secret, address.key, here.entropy
        )
        answer = await line.join(code.slot, exchange.message)
        keys: PairingKeys = await here.in_thread(exchange.agree, answer, code.slot)
        await line.say(seal(keys.from_new, asking, here.entropy))
        given = unseal(keys.from_old, await line.hear(), Given)
        keyring = Keyring(
            given.drive,
            tuple(DriveKey(key) for key in given.epochs),
            (own.agreement,),
            given.agreement,
            given.first_signing,
            own.login.public,
        )
        here.profile.cache(given.drive).remember(Head(given.head, given.head_hash))
        here.profile.stay_logged_in(address, given.account, secret, keyring, here.entropy)
        # This device is in, whether the other one hears of it or not; if not, that one says so.
        with suppress(RemoteError, Refused):
            await line.say(seal(keys.from_new, Kept(), here.entropy))
    finally:
        await line.leave()
    return given.account


def seal(key: SealingKey, content: Struct, entropy: Entropy) -> bytes:
    """Seal what is said to the other device, at its own place."""
    return boxes.seal(key, msgpack.encode(content), _PLACES[type(content)], entropy)


def unseal(key: SealingKey, box: bytes, kind: type[_Kind]) -> _Kind:
    """Open what the other device sealed.

    :raises Tampered: it was not sealed under this key, as this.
    """
    what = "what the other device sent"
    try:
        return msgpack.decode(boxes.open_box(key, box, _PLACES[kind], what), type=kind)
    except ValueError as error:
        message = f"opening {what}: it is not what it should be"
        raise Tampered(message, "update this program on both devices") from error

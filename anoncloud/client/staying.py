"""A device that stays logged in: its key enrolled, used without a passphrase, and taken back.

It holds no key of the account itself, only those that open the drive as it is now. What another
device takes from it by revoking it is in ``client.devices``.
"""

from collections.abc import Callable
from contextlib import suppress

from anoncloud.client.accounts import HeadWatch, OpenAccount, Surroundings, link_to, open_drive
from anoncloud.client.keyring import device_keys
from anoncloud.client.link import Credentials, Link, log_in_as
from anoncloud.client.profile import StayingLoggedIn
from anoncloud.client.protocol import ClientProtocol
from anoncloud.client.tree import changes
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.names import check_name
from anoncloud.crypto.keys import DeviceSecret
from anoncloud.errors import Code, NotLoggedIn, Refused
from anoncloud.wire import messages


async def resume(here: Surroundings) -> OpenAccount:
    """Log in as the device that stays logged in.

    :raises NotLoggedIn: it does not any more: another device has revoked it.
    """
    known = here.profile.load()
    watch = HeadWatch()
    link = device_link(here, known, watch)
    return await open_drive(here, known.address, known.account, link, watch, known.keyring)


def device_link(
    here: Surroundings,
    known: StayingLoggedIn,
    watch: HeadWatch,
    on_event: Callable[[messages.Answers], None] = lambda _: None,
    on_login: Callable[[ClientProtocol], None] = lambda _: None,
) -> Link:
    """Give a link that says in plain words when the device's key is not taken any more.

    *on_login* hears of every connection that is logged in.
    """
    log_in = log_in_as(Credentials(known.account, known.keys.login), watch)

    async def log_in_plainly(connection: ClientProtocol, handshake_hash: bytes) -> None:
        try:
            await log_in(connection, handshake_hash)
        except Refused as error:
            if error.code is Code.LOGIN:
                message = "the server does not take this device's key any more: it was revoked"
                hint = "run 'anoncloud logout --force', then log in again with your kit"
                raise Refused(error.code, message, hint) from error
            raise
        on_login(connection)

    return link_to(here, known.address, log_in_plainly, on_event)


async def stay_logged_in(here: Surroundings, opened: OpenAccount, device_name: bytes) -> None:
    """Give this device a key of its own: in the journal, at the server, and in the profile."""
    secret = DeviceSecret.generate(here.entropy)
    keys = device_keys(secret)
    await enrol(opened, keys.login.public, keys.agreement.public, check_name(device_name))
    here.profile.stay_logged_in(
        opened.address, opened.account, secret, opened.keyring, here.entropy
    )


async def enrol(opened: OpenAccount, key: bytes, agreement: bytes, name: bytes) -> None:
    """Let the device *name* in by its public keys: in the journal, and at the server.

    In this order, so that at no time the server lets a key in that no other device can see.
    """
    device = changes.EnrolDevice(key, agreement, name)
    await opened.drive.change(lambda draft: draft.add(device))
    try:
        await opened.link.ask(lambda request: messages.EnrolDevice(request, key))
    except Refused:
        await opened.drive.change(lambda draft: draft.add(changes.RevokeDevice(key)))
        raise


async def log_out(here: Surroundings, opened: OpenAccount, device: bytes) -> None:
    """Take the key *device*, which is this one's, back from journal, server and profile.

    The drive key stays as it is: whoever logs out would have drawn the next one.
    """

    def plan(draft: Draft) -> None:
        if draft.device(device) is not None:
            draft.add(changes.RevokeDevice(device))

    with suppress(NotLoggedIn):  # the answer was lost, and the journal says that it is done
        await opened.drive.change(plan)
    await opened.link.ask(lambda request: messages.ForgetDevice(request, device))
    here.profile.forget()


async def leave(here: Surroundings) -> None:
    """Take this device's key back from server and profile, whatever the journal says of it."""
    known = here.profile.load()
    link = device_link(here, known, HeadWatch())
    link.start()
    try:
        await link.ask(lambda request: messages.ForgetDevice(request, known.keys.login.public))
    finally:
        await link.stop()
    here.profile.forget()

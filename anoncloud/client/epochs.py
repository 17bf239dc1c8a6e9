"""Epochs: who gets a new drive key, how it is taken from the journal, and who may say so.

A new epoch counts only inside the chain: it is an operation of a record, sealed under the drive key
before, and delivered to each device and to the account. An account's own keys change only by a
signature of those before, which no device holds (docs/formats.rst sections 6.3 and 6.7).
"""

from typing import Final

import attrs

from anoncloud.client.keyring import SUCCESSION, AccountKeyring, Keyring
from anoncloud.client.tree import changes
from anoncloud.client.tree.affairs import Affairs
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.nodes import Space
from anoncloud.crypto.delivery import accept, check_of, deliver, is_checked
from anoncloud.crypto.entropy import Entropy
from anoncloud.crypto.keys import DriveKey, verify
from anoncloud.errors import Exists, NotLoggedIn, Tampered

CONCERNED: Final = frozenset({changes.RevokeDevice, changes.NewEpoch, changes.NewAccountKeys})
"""The operations that :func:`follow` looks at."""
_AGAIN: Final = "run 'anoncloud logout --force', then log in again with your kit"


def follow(keyring: Keyring, space: Space, operation: changes.Operations) -> Keyring:
    """Judge *operation* by the keyring before it is carried out on *space*; give the keyring after.

    :raises NotLoggedIn: it shuts this device out.
    :raises Tampered: a key in it is not what it says, or was not signed by the account.
    """
    match operation:
        case changes.RevokeDevice() if operation.key == keyring.device:
            message = "this device was revoked: it may not use the drive any more"
            raise NotLoggedIn(message, _AGAIN)
        case changes.NewEpoch() if operation.epoch == space.affairs.epoch + 1:
            return _extended(keyring, operation)
        case changes.NewAccountKeys():
            signed = keyring.drive + operation.agreement + operation.signing
            signer = account_signing(keyring, space.affairs)
            if not verify(signer, SUCCESSION, signed, operation.signature):
                message = "the journal names keys of the account that the account did not sign"
                hint = "a device of yours was stolen, or broken: look at 'anoncloud devices'"
                raise Tampered(message, hint)
    return keyring


def _extended(keyring: Keyring, made: changes.NewEpoch) -> Keyring:
    drive, epoch = keyring.drive, made.epoch
    if epoch <= keyring.epoch:
        key = keyring.epochs[epoch]
    else:
        key = _delivered(keyring, made)
        keyring = attrs.evolve(keyring, epochs=(*keyring.epochs, key))
    if not is_checked(key, drive, epoch, made.check):
        message = f"the key of epoch {epoch} is not the one that the journal names"
        raise Tampered(message, "a device of yours was stolen, or broken; revoke it")
    return keyring


def _delivered(keyring: Keyring, made: changes.NewEpoch) -> DriveKey:
    sealed = {delivery.recipient: delivery.sealed for delivery in made.deliveries}
    for recipient in keyring.recipients:
        if recipient.public in sealed:
            return accept(sealed[recipient.public], keyring.drive, made.epoch, recipient)
    message = "the drive has a new key, which was not given to these keys"
    raise NotLoggedIn(message, _AGAIN)


def new_epoch(keyring: Keyring, draft: Draft, entropy: Entropy) -> changes.NewEpoch:
    """Draw a new drive key, for the devices that *draft* leaves and for the account.

    A device whose agreement key is no usable one gets none: everybody could read it.

    :raises Exists: the drive has had as many keys as it may.
    """
    epoch = draft.affairs.epoch + 1
    check_room(draft.affairs)
    key = DriveKey.generate(entropy)
    recipients = [device.agreement for device in draft.devices()]
    recipients.append(account_agreement(keyring, draft.affairs))
    sealed = {
        one: deliver(key, keyring.drive, epoch, one, entropy) for one in dict.fromkeys(recipients)
    }
    deliveries = tuple(changes.Delivery(one, box) for one, box in sealed.items() if box is not None)
    return changes.NewEpoch(epoch, check_of(key, keyring.drive, epoch), deliveries)


def has_room(affairs: Affairs) -> bool:
    """Tell whether the drive may have one more key."""
    return affairs.epoch + 1 < changes.MAX_EPOCHS


def check_room(affairs: Affairs) -> None:
    """See that the drive may have one more key.

    :raises Exists: it has had as many as it may.
    """
    if not has_room(affairs):
        message = f"the drive has changed its key {changes.MAX_EPOCHS - 1} times, and can't again"
        raise Exists(message, "make a new account, and move your files there")


def account_agreement(keyring: Keyring, affairs: Affairs) -> bytes:
    """Give the account's public X25519 key as the journal has it."""
    return keyring.agreement if affairs.account is None else affairs.account.agreement


def account_signing(keyring: Keyring, affairs: Affairs) -> bytes:
    """Give the account's public Ed25519 key as the journal has it."""
    return keyring.first_signing if affairs.account is None else affairs.account.signing


def succession(account: AccountKeyring, affairs: Affairs) -> changes.NewAccountKeys | None:
    """Give what the journal does not say yet of an account's new keys; None if it says all.

    :raises Tampered: the journal has other keys of the account, and did not come to these.
    """
    known = account_signing(account.opened(), affairs)
    if known == account.signing.public:
        return None
    agreement, signing = account.agreement.public, account.signing.public
    signed = account.drive + agreement + signing
    if account.succession is None or not verify(known, SUCCESSION, signed, account.succession):
        message = "the keyring's keys are not those that the journal names"
        raise Tampered(message, "the kit is an old one, or the server lies; take the newest kit")
    return changes.NewAccountKeys(agreement, signing, account.succession)

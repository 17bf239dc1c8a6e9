"""Messages about accounts: made, entered, their keys looked after; and how two devices meet.

What each means is in docs/protocol.rst sections 5.4, 5.5 and 5.10 to 5.12.
"""

from typing import Annotated

from msgspec import Meta

from anoncloud.limits import MAX_DEVICES, MAX_STATEMENTS
from anoncloud.wire.fields import (
    AccountName,
    Hash,
    Identifier,
    Message,
    Number,
    PairingMessage,
    PublicKey,
    Request,
    Score,
    SealedKeyring,
    Signature,
    Slot,
    Statement,
)


class Register(Message, frozen=True, tag=1):
    """Make an account: its first drive, its public login key and its sealed keyring."""

    request: Request
    account: AccountName
    invitation: Annotated[bytes, Meta(max_length=16)]
    login_key: PublicKey
    keyring: SealedKeyring
    drive: Identifier


class LogIn(Message, frozen=True, tag=2):
    """Prove to hold *key*, the account's login key or one of its devices'."""

    request: Request
    account: AccountName
    key: PublicKey
    signature: Signature


class FetchKeyring(Message, frozen=True, tag=3):
    """Ask for the account's sealed keyring."""

    request: Request


class EnrolDevice(Message, frozen=True, tag=4):
    """Let *key* log in to this account from now on."""

    request: Request
    key: PublicKey


class ForgetDevice(Message, frozen=True, tag=5):
    """Let *key* log in no more."""

    request: Request
    key: PublicKey


class ReadTerms(Message, frozen=True, tag=14):
    """Ask who may register, and what a passphrase must be worth."""

    request: Request


class ReplaceKeyring(Message, frozen=True, tag=15):
    """Put this login key and this sealed keyring in the place of those that are there."""

    request: Request
    login_key: PublicKey
    keyring: SealedKeyring


class SetRecovery(Message, frozen=True, tag=16):
    """Let the recovery key *key* log in, and fetch this copy of the keyring."""

    request: Request
    key: PublicKey
    keyring: SealedKeyring


class DropRecovery(Message, frozen=True, tag=17):
    """Let the recovery key log in no more, and forget its copy of the keyring."""

    request: Request


class ListDevices(Message, frozen=True, tag=18):
    """Ask for the keys of all devices that may log in."""

    request: Request


class DeleteAccount(Message, frozen=True, tag=19):
    """Delete the account and all that it stores; its name is said once more."""

    request: Request
    account: AccountName


class OpenPairing(Message, frozen=True, tag=20):
    """Open a slot for a new device; *message* is for whoever joins."""

    request: Request
    message: PairingMessage


class JoinPairing(Message, frozen=True, tag=21):
    """Take the one place in a slot; *message* is for who opened it."""

    request: Request
    slot: Slot
    message: PairingMessage


class SayPairing(Message, frozen=True, tag=22):
    """Say *message* to the other end of the pairing."""

    request: Request
    message: PairingMessage


class ClosePairing(Message, frozen=True, tag=23):
    """Close the slot, whether somebody has joined or not."""

    request: Request


class LoggedIn(Message, frozen=True, tag=130):
    """Who logs in learns the account's drive and the head of its journal."""

    request: Request
    drive: Identifier
    head: Number
    head_hash: Hash


class Keyring(Message, frozen=True, tag=131):
    """The account's keyring, sealed."""

    request: Request
    keyring: SealedKeyring


class Terms(Message, frozen=True, tag=135):
    """Who may register (0 everybody, 1 by invitation, 2 nobody), and the least score."""

    request: Request
    registration: Annotated[int, Meta(ge=0, le=2)]
    least_score: Score


class Devices(Message, frozen=True, tag=136):
    """The keys of the account's devices, and whether (1) a recovery key is set."""

    request: Request
    keys: Annotated[tuple[PublicKey, ...], Meta(min_length=0, max_length=MAX_DEVICES)]
    recovery: Annotated[int, Meta(ge=0, le=1)]


class PairingOpened(Message, frozen=True, tag=137):
    """The slot is open."""

    request: Request
    slot: Slot


class PairingJoined(Message, frozen=True, tag=138):
    """The place in the slot is taken; *message* is the opener's first."""

    request: Request
    message: PairingMessage


class ServerKeys(Message, frozen=True, tag=162):
    """The server's key was changed: its statements, from the oldest key to the newest."""

    statements: Annotated[tuple[Statement, ...], Meta(min_length=1, max_length=MAX_STATEMENTS)]


class PairingSaid(Message, frozen=True, tag=163):
    """The other end of the pairing says *message*."""

    message: PairingMessage


class PairingClosed(Message, frozen=True, tag=164):
    """The pairing is over: closed, timed out, or its other end has gone."""

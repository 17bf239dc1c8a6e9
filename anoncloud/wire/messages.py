"""Every message of the protocol as a frozen class; the tag in the class is the tag on the wire.

Messages are msgpack arrays: the tag, then the fields in order. Unknown tags, missing, surplus or
mistyped fields and lengths out of bounds are refused by the decoder, because the bounds stand in
the types. Tags 1 to 63 are requests, 64 goes both ways, 128 to 159 are answers, from 160 on the
server speaks unasked. What each means is in docs/protocol.rst sections 5 and 6.
"""

from typing import Annotated, Final

from msgspec import Meta, msgpack

from anoncloud.errors import ProtocolBroken
from anoncloud.limits import BULK_BLOB, MAX_CREDIT, MAX_UNSTAGE
from anoncloud.wire.account_messages import (
    ClosePairing,
    DeleteAccount,
    Devices,
    DropRecovery,
    EnrolDevice,
    FetchKeyring,
    ForgetDevice,
    JoinPairing,
    Keyring,
    ListDevices,
    LoggedIn,
    LogIn,
    OpenPairing,
    PairingClosed,
    PairingJoined,
    PairingOpened,
    PairingSaid,
    ReadTerms,
    Register,
    ReplaceKeyring,
    SayPairing,
    ServerKeys,
    SetRecovery,
    Terms,
)
from anoncloud.wire.fields import (
    AccountName,
    Hash,
    Identifier,
    Message,
    Number,
    PairingMessage,
    PublicKey,
    Record,
    Request,
    Score,
    SealedKeyring,
    Sentence,
    Signature,
    Slot,
    Statement,
)

__all__ = [
    "AccountName",
    "ClosePairing",
    "DeleteAccount",
    "Devices",
    "DropRecovery",
    "EnrolDevice",
    "FetchKeyring",
    "ForgetDevice",
    "Hash",
    "Identifier",
    "JoinPairing",
    "Keyring",
    "ListDevices",
    "LogIn",
    "LoggedIn",
    "Message",
    "Number",
    "OpenPairing",
    "PairingClosed",
    "PairingJoined",
    "PairingMessage",
    "PairingOpened",
    "PairingSaid",
    "PublicKey",
    "ReadTerms",
    "Record",
    "Register",
    "ReplaceKeyring",
    "Request",
    "SayPairing",
    "Score",
    "SealedKeyring",
    "Sentence",
    "ServerKeys",
    "SetRecovery",
    "Signature",
    "Slot",
    "Statement",
    "Terms",
]

LOGIN_CONTEXT: Final = b"anoncloud 1 login\x00"
"""What the signature of a LogIn begins with; the handshake hash and the account name follow."""


class ReadJournal(Message, frozen=True, tag=6):
    """Ask for the records after number *after*, as many as one page holds."""

    request: Request
    drive: Identifier
    after: Number


class Commit(Message, frozen=True, tag=7):
    """Append *record*, if it fits the drive's head."""

    request: Request
    record: Record


class StageBlob(Message, frozen=True, tag=8):
    """Announce *size* bulk bytes under this request's number: a blob for *drive*."""

    request: Request
    drive: Identifier
    blob: Identifier
    size: Annotated[int, Meta(ge=1, le=BULK_BLOB)]


class ReadBlob(Message, frozen=True, tag=9):
    """Ask for *length* bytes at *offset* of a blob, in frames of at most *packet* bytes."""

    request: Request
    drive: Identifier
    blob: Identifier
    offset: Annotated[int, Meta(ge=0, lt=BULK_BLOB)]
    length: Annotated[int, Meta(ge=1, le=BULK_BLOB)]
    packet: Annotated[int, Meta(ge=1, le=BULK_BLOB)]


class Cancel(Message, frozen=True, tag=10):
    """Give up the transfer of request *target*; it still gets its one answer."""

    request: Request
    target: Request


class ReadUsage(Message, frozen=True, tag=11):
    """Ask how much a drive stores and may store."""

    request: Request
    drive: Identifier


class Ping(Message, frozen=True, tag=12):
    """Ask for a sign of life."""

    request: Request


class Unstage(Message, frozen=True, tag=13):
    """Take back those of *blobs* that a drive has staged and no record has added."""

    request: Request
    drive: Identifier
    blobs: Annotated[tuple[Identifier, ...], Meta(min_length=1, max_length=MAX_UNSTAGE)]


class Credit(Message, frozen=True, tag=64):
    """Let the sender of transfer *request* send *length* bytes more."""

    request: Request
    length: Annotated[int, Meta(ge=1, le=MAX_CREDIT)]


class Done(Message, frozen=True, tag=128):
    """The request is carried out, and there is nothing more to say."""

    request: Request


class Refusal(Message, frozen=True, tag=129):
    """The request is not carried out: a code, a sentence, and what could be done."""

    request: Request
    code: Annotated[int, Meta(ge=0, lt=2**16)]
    sentence: Sentence
    hint: Sentence


class JournalPage(Message, frozen=True, tag=132):
    """Records in order, as they were committed; *head* is the journal's newest number."""

    request: Request
    records: tuple[Record, ...]
    head: Number


class Committed(Message, frozen=True, tag=133):
    """The record is durable and is the drive's head now."""

    request: Request
    number: Number


class Usage(Message, frozen=True, tag=134):
    """Bytes that a drive stores, staged ones included, and may store (0: no limit)."""

    request: Request
    stored: Number
    quota: Number


class JournalGrew(Message, frozen=True, tag=160):
    """Another connection committed to a drive: its new head."""

    drive: Identifier
    head: Number


class GoingDown(Message, frozen=True, tag=161):
    """The server is about to stop; connect again a little later."""


Requests = (
    Register
    | LogIn
    | FetchKeyring
    | EnrolDevice
    | ForgetDevice
    | ReadJournal
    | Commit
    | StageBlob
    | ReadBlob
    | Cancel
    | ReadUsage
    | Ping
    | Unstage
    | ReadTerms
    | ReplaceKeyring
    | SetRecovery
    | DropRecovery
    | ListDevices
    | DeleteAccount
    | OpenPairing
    | JoinPairing
    | SayPairing
    | ClosePairing
    | Credit
)
"""What a server takes."""
Events = JournalGrew | GoingDown | ServerKeys | PairingSaid | PairingClosed
"""What a server says unasked."""
Answers = (
    Done
    | Refusal
    | LoggedIn
    | Keyring
    | JournalPage
    | Committed
    | Usage
    | Terms
    | Devices
    | PairingOpened
    | PairingJoined
    | Events
    | Credit
)
"""What a client takes."""

_encoder = msgpack.Encoder()
request_decoder: Final = msgpack.Decoder(Requests)
answer_decoder: Final = msgpack.Decoder(Answers)
Decoder = msgpack.Decoder[Requests] | msgpack.Decoder[Answers]


def encode(message: Message) -> bytes:
    """Encode *message*."""
    return _encoder.encode(message)


def decode(decoder: Decoder, body: memoryview) -> Requests | Answers:
    """Decode the message in *body* with one of the two decoders.

    :raises ProtocolBroken: it is not exactly one message that this side takes.
    """
    try:
        return decoder.decode(body)
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
        message = "the peer sent a message that the protocol does not have"
        raise ProtocolBroken(message) from error

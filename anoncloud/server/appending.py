"""What a record must be to follow a head: the rules that every journal store keeps."""

from anoncloud.errors import Code, ProtocolBroken, Refused
from anoncloud.ids import DriveId
from anoncloud.server.contracts import Head, Usage
from anoncloud.wire.records import Header, record_hash, take_apart


def read_header(drive: DriveId, record: bytes) -> Header:
    """Take the header of a record that is for *drive*.

    :raises Refused: RECORD_INVALID: it is no record, another drive's, or names a blob twice.
    """
    try:
        header = take_apart(record).header
    except ProtocolBroken as error:
        raise _invalid(error.message) from error
    if header.drive != drive:
        fault = "the record is of another drive"
        raise _invalid(fault)
    if len({*header.adds, *header.drops}) != len(header.adds) + len(header.drops):
        fault = "the record names a blob twice"
        raise _invalid(fault)
    return header


def is_head(header: Header, record: bytes, head: Head) -> bool:
    """Whether a record was appended before, and nothing after it: its writer asks a second time."""
    return header.number == head.number and record_hash(record) == head.hash


def check_follows(header: Header, head: Head) -> None:
    """See that a record follows the head.

    :raises Refused: HEAD_MOVED.
    """
    if (header.number, header.previous) != (head.number + 1, head.hash):
        message = f"the journal is at record {head.number}, which this record does not follow"
        raise Refused(Code.HEAD_MOVED, message, "read the newer records and make the change again")


def check_quota(usage: Usage, header: Header) -> None:
    """See that a drive that is over its quota gets no more blobs; it may always lose some.

    :raises Refused: QUOTA.
    """
    if header.adds and usage.quota and usage.stored > usage.quota:
        raise over_quota(usage, 0)


def check_wanted(owner: bytes | None, drive: DriveId, usage: Usage, size: int) -> bool:
    """Whether a blob that *owner* has, or nobody, is to be sent by *drive*.

    :raises Refused: QUOTA or NOT_ALLOWED.
    """
    if owner == drive:
        return False
    if owner is not None:
        message = "a blob of this name is not yours to store"
        raise Refused(Code.NOT_ALLOWED, message, "store the file again")
    if not usage.has_room(size):
        raise over_quota(usage, size)
    return True


def over_quota(usage: Usage, length: int) -> Refused:
    """Say why a drive has no room for *length* bytes: by what it stores, or by what it dropped."""
    if usage.stored + length <= usage.quota:
        message = f"the drive is full: of what was removed, {usage.dropped} bytes are kept a while"
        return Refused(
            Code.QUOTA, message, "try again when they are gone, or ask the server's owner"
        )
    message = f"the drive is full: it may store {usage.quota} bytes, and stores {usage.stored}"
    hint = "remove something for good ('anoncloud rm --forever'), or ask the server's owner"
    return Refused(Code.QUOTA, message, hint)


def unknown_blob() -> Refused:
    """Say that a record names a blob that is not there for it."""
    message = "the record names a blob that is not in the state to be named so"
    return Refused(Code.BLOB_UNKNOWN, message, "store the file again")


def being_removed() -> Refused:
    """Say that no blob of a name can come in as long as one of that name goes."""
    message = "a blob of this name is being removed"
    return Refused(Code.UNAVAILABLE, message, "try again")


def closed_drive() -> Refused:
    """Say that a drive's account was closed."""
    message = "this account was deleted"
    hint = "run 'anoncloud logout --force' to forget it here, too"
    return Refused(Code.NOT_LOGGED_IN, message, hint)


def _invalid(fault: str) -> Refused:
    return Refused(Code.RECORD_INVALID, fault, "update the client")

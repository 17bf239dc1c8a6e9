"""The one tree of exceptions, with the exit code that a command ends with.

::

    AnonymousCloudError                    1
      LocalError                           1   our user's wrong request, or our own bug
        UsageError                         2   the words of a request make no sense
        NotFound                           3   no such file or folder
        Exists                             4   something is in the way
        LocalFileError                     5   a local file can't be read or written
        NotLoggedIn                        7   this command needs an account on this machine
        WrongPassphrase                    7   the passphrase or the kit does not open the keyring
        Misuse                            70   a caller broke the rules of a class: our bug
      RemoteError                         10   the peer, or something between, broke the protocol
        Unreachable                        6   no connection
        ConnectionCut                      6   the connection ended without its end mark
        HandshakeFailed                   10   the peer does not hold the key it should
        ProtocolBroken                    10   bytes that the protocol does not allow
        Tampered                          11   something sealed did not open
        RolledBack                        12   the server shows an older journal than before
        Forked                            12   the server shows another history than before
      Refused                              8   the server said no, with a code

A message says what was being done and what is wrong, in lower case, and tells no secret; a hint
says what to do about it. Tampered never says which check failed.
"""

import enum
from typing import ClassVar


class AnonymousCloudError(Exception):
    """Anything that this project raises on purpose; *hint* says what a person can do."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message


class LocalError(AnonymousCloudError):
    """The request is wrong, or this side has a bug."""


class UsageError(LocalError):
    """The words of a request make no sense."""

    exit_code = 2


class NotFound(LocalError):
    """There is no such file or folder in the drive."""

    exit_code = 3


class Exists(LocalError):
    """Something in the drive or on the local disk is in the way."""

    exit_code = 4


class LocalFileError(LocalError):
    """A local file can't be read or written."""

    exit_code = 5


class NotLoggedIn(LocalError):
    """There is no account on this machine, or it does not stay logged in."""

    exit_code = 7


class WrongPassphrase(LocalError):
    """The passphrase does not open the keyring, or the kit belongs to something else."""

    exit_code = 7


class Misuse(LocalError):
    """A caller broke the rules of a class."""

    exit_code = 70


class RemoteError(AnonymousCloudError):
    """The peer, or something between, broke the protocol."""

    exit_code = 10


class Unreachable(RemoteError):
    """No connection could be made."""

    exit_code = 6


class ConnectionCut(RemoteError):
    """The connection ended without its authenticated end mark."""

    exit_code = 6


class HandshakeFailed(RemoteError):
    """The peer does not hold the key that the address names, or speaks something else."""


class ProtocolBroken(RemoteError):
    """The peer sent bytes that the protocol does not allow."""


class Tampered(RemoteError):
    """Something sealed did not open: it was changed, cut, swapped or put elsewhere."""

    exit_code = 11


class RolledBack(RemoteError):
    """The server shows a journal that ends before what this device has already seen."""

    exit_code = 12


class Forked(RemoteError):
    """The server shows a history that is not the one this device has seen."""

    exit_code = 12


class Code(enum.IntEnum):
    """Why a server refuses; the numbers are on the wire (docs/protocol.rst section 6)."""

    LOGIN = 1
    NOT_ALLOWED = 2
    NOT_LOGGED_IN = 3
    INVITATION = 4
    NAME_TAKEN = 5
    NAME_INVALID = 6
    HEAD_MOVED = 7
    BLOB_UNKNOWN = 8
    BLOB_SIZE = 9
    QUOTA = 10
    DISK_FULL = 11
    TOO_MANY = 12
    RECORD_INVALID = 13
    RANGE_INVALID = 14
    UNAVAILABLE = 15
    CANCELLED = 16
    TOO_SOON = 17
    CHANGED = 18
    LOCKED = 19


class Refused(AnonymousCloudError):
    """The server understood the request and said no."""

    exit_code = 8

    def __init__(self, code: Code, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.code = code
        if code in {Code.LOGIN, Code.NOT_LOGGED_IN}:
            self.exit_code = NotLoggedIn.exit_code  # type: ignore[misc]

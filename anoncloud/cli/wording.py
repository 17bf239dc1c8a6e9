"""How an error is told: what was being done, what is wrong, and what to do; always all three.

What the error does not say itself is filled in: its command is what was being done, and what to do
about an error without a hint follows from its class.
"""

from typing import Any, Final

from anoncloud import errors
from anoncloud.errors import AnonymousCloudError, Refused

ADVICE: Final[dict[type[AnonymousCloudError], str]] = {
    errors.AnonymousCloudError: "try again; if that does not help, report it",
    errors.LocalError: "try again; if that does not help, report it",
    errors.UsageError: "run it with --help to see what it takes",
    errors.NotFound: "run 'anoncloud ls' on the folder above to see what is there",
    errors.Exists: "choose another name, or move it away first",
    errors.LocalFileError: "check the disk, and who may use the file",
    errors.NotLoggedIn: "run 'anoncloud login' with your kit",
    errors.WrongPassphrase: "check passphrase and kit, and try again",
    errors.Misuse: "this is a bug; please report it",
    errors.RemoteError: "update this program and the server; if that does not help, tell its owner",
    errors.Unreachable: "check the network, and whether the server runs",
    errors.ConnectionCut: "check the network, and try again",
    errors.HandshakeFailed: "check the address; if it is right, do not use this server",
    errors.ProtocolBroken: "update this program and the server; if that does not help, tell its "
    "owner",
    errors.Tampered: "trust nothing that this server gives; compare with another device, and ask "
    "its owner",
    errors.RolledBack: "compare with another device, and ask the server's owner",
    errors.Forked: "compare with another device, and ask the server's owner",
    errors.Refused: "try again, or ask the server's owner",
}
"""What to do about an error that does not say it."""


def message(error: AnonymousCloudError, doing: str) -> str:
    """Say what was being done, and what is wrong."""
    return error.message if ": " in error.message or not doing else f"{doing}: {error.message}"


def hint(error: AnonymousCloudError) -> str:
    """Say what to do."""
    return error.hint or next(ADVICE[kind] for kind in type(error).__mro__ if kind in ADVICE)


def line(error: AnonymousCloudError, doing: str) -> str:
    """Tell *error* to a person."""
    return f"{message(error, doing)}; {hint(error)}"


def value(error: AnonymousCloudError, doing: str) -> dict[str, Any]:
    """Tell *error* to a program (docs/commands.rst section 3.4)."""
    return {
        "code": error.code.name if isinstance(error, Refused) else type(error).__name__,
        "message": message(error, doing),
        "hint": hint(error),
        "exit_code": error.exit_code,
    }

"""How far a look through all blobs has come: kept in the state folder, so that it can go on."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Final

from msgspec import Meta, MsgspecError, Struct, json

from anoncloud.disk.replacing import write_whole
from anoncloud.errors import LocalError

FILE: Final = "scrub.json"
MOST_FINDINGS: Final = 1000
"""Findings that are kept and shown one by one; the rest is counted."""


class Finding(Struct, frozen=True, forbid_unknown_fields=True):
    """Something that is wrong with a blob: "damaged", "missing" or "orphan".

    :ivar user: the account whose blob it is; "" for an orphan.
    """

    what: str
    blob: str
    file: str
    user: str


class Progress(Struct, forbid_unknown_fields=True):
    """What was looked at since *begun* (seconds since 1970), up to the blob *after* (hexadecimal).

    :ivar unknown: blobs that have no checksum in the database, of which only the length was seen.
    """

    begun: int
    after: Annotated[str, Meta(pattern="^([0-9a-f]{2})*$")] = ""
    blobs: int = 0
    bytes: int = 0
    unknown: int = 0
    wrong: int = 0
    findings: list[Finding] = []

    def add(self, finding: Finding) -> None:
        """Note a finding."""
        self.wrong += 1
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(finding)


_decoder: Final = json.Decoder(Progress)


def load(folder: Path) -> Progress | None:
    """Give what an earlier look has left; None if it has ended, or what it left can't be read."""
    with suppress(OSError, MsgspecError):
        return _decoder.decode((folder / FILE).read_bytes())
    return None


def save(folder: Path, progress: Progress) -> None:
    """Keep how far a look has come.

    :raises LocalError: it can't be written.
    """
    try:
        write_whole(folder / FILE, json.encode(progress))
    except OSError as error:
        message = f"writing {folder / FILE}: {error.strerror}"
        raise LocalError(message, "check the disk, and who owns the state folder") from error


def forget(folder: Path) -> None:
    """Let the next look begin at the beginning."""
    with suppress(OSError):
        (folder / FILE).unlink(missing_ok=True)

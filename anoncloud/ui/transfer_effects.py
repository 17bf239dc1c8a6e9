"""What the explorer asks its shell to do with transfers; see ``ui.effects``."""

import enum

import attrs


class Decision(enum.Enum):
    """What becomes of a file whose name is taken at its target."""

    OVERWRITE = "overwrite"
    """In the drive as a new version: the old one stays in the file's history."""
    BOTH = "keep both"
    SKIP = "skip"
    NEWER = "newer only"
    RENAME = "rename"
    GIVE_UP = "give up"
    """Not this file alone, but the whole copy."""


@attrs.frozen
class SetLimit:
    """Move no more than so many bytes a second; none lifts the limit."""

    rate: int | None


@attrs.frozen
class PauseTransfer:
    """Hold a transfer up."""

    number: int


@attrs.frozen
class ResumeTransfer:
    """Let a transfer that is held up go on."""

    number: int


@attrs.frozen
class CancelTransfer:
    """Give a transfer up."""

    number: int


@attrs.frozen
class RaiseTransfer:
    """Let a transfer wait one place less, or more if *by* is positive."""

    number: int
    by: int = -1


@attrs.frozen
class RetryTransfer:
    """Try again what has failed."""

    number: int


@attrs.frozen
class AnswerConflict:
    """Say what becomes of a file whose name is taken; *name* is the other one for RENAME."""

    number: int
    decision: Decision
    for_all: bool
    name: bytes | None = None

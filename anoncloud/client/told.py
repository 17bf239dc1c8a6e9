"""What the owner of a device is told of what other devices have noted in the journal."""

from typing import Final

from anoncloud.client.accepting import When, said_of
from anoncloud.client.tree.affairs import Acceptance, Note
from anoncloud.client.tree.changes import KeyEvent

_HAPPENED: Final = {
    KeyEvent.PASSPHRASE: "the passphrase of the account was changed",
    KeyEvent.KIT: "the account was given a new kit, and the one before is void",
    KeyEvent.RECOVERY_MADE: "a recovery key was made",
    KeyEvent.RECOVERY_DROPPED: "the recovery key was made void",
    KeyEvent.RECOVERY_USED: "the recovery key was used to get in",
}


def happened(note: Note | Acceptance, when: When) -> tuple[str, str]:
    """Say what happened, and what to do if its owner knows nothing of it."""
    what = said_of(note, {}) if isinstance(note, Acceptance) else _HAPPENED[note.what]
    return f"{what} on {when(note.time)}", "if it was not you, look at 'anoncloud devices'"

"""The rules of devices and keys: what each operation about them does, and when it is refused.

Signatures and deliveries are judged by ``client.epochs``, which knows the keyring; here stands what
a drive alone can tell (docs/formats.rst section 6.3).
"""

from collections.abc import Callable
from typing import Any, Final

from msgspec import structs

from anoncloud.client.tree import changes
from anoncloud.client.tree.affairs import (
    KEPT_NOTES,
    Acceptance,
    AccountKeys,
    Device,
    Note,
    ServerKey,
    no_device,
)
from anoncloud.client.tree.nodes import Space
from anoncloud.errors import Exists, UsageError
from anoncloud.limits import MAX_DEVICES


def _enrol(space: Space, enrol: changes.EnrolDevice, time: int) -> None:
    if space.device(enrol.key) is None and space.device_count() >= MAX_DEVICES:
        message = f"{MAX_DEVICES} devices stay logged in already"
        raise Exists(message, "revoke one that is not used any more: 'anoncloud devices revoke'")
    space.enrol(Device(enrol.key, enrol.agreement, enrol.name, time))


def _revoke(space: Space, revoke: changes.RevokeDevice, time: int) -> None:
    del time
    space.revoke(revoke.key)


def _rename(space: Space, rename: changes.RenameDevice, time: int) -> None:
    del time
    device = space.device(rename.key)
    if device is None:
        raise no_device()
    space.enrol(structs.replace(device, name=rename.name))


def _new_epoch(space: Space, made: changes.NewEpoch, time: int) -> None:
    del time
    if made.epoch != space.affairs.epoch + 1:
        message = f"epoch {made.epoch} does not follow epoch {space.affairs.epoch}"
        raise Exists(message, "try again")
    space.arrange(structs.replace(space.affairs, epoch=made.epoch))


def _new_account_keys(space: Space, made: changes.NewAccountKeys, time: int) -> None:
    del time
    account = AccountKeys(made.agreement, made.signing)
    space.arrange(structs.replace(space.affairs, account=account))


def _note_keys(space: Space, note: changes.NoteKeys, time: int) -> None:
    known = space.affairs
    if note.passes < known.passes or note.memory_kib < known.memory_kib:
        message = "the account was sealed at a higher cost of Argon2id before"
        hint = f"take at least {known.passes} passes over {known.memory_kib // 1024} MiB"
        raise UsageError(message, hint)
    space.arrange(
        structs.replace(
            known,
            passes=note.passes,
            memory_kib=note.memory_kib,
            notes=(*known.notes, Note(note.what, time))[-KEPT_NOTES:],
        )
    )


def _note_server(space: Space, note: changes.NoteServer, time: int) -> None:
    del time
    server = ServerKey(note.key, note.signer, note.signature)
    space.arrange(structs.replace(space.affairs, server=server))


def _accept_history(space: Space, made: changes.AcceptHistory, time: int) -> None:
    seen, taken = (made.seen, made.seen_hash), (made.accepted, made.accepted_hash)
    if seen == taken:
        message = "what was seen of the drive's history is what is to be accepted"
        raise UsageError(message, "there is nothing to accept; go on as usual")
    accepted = Acceptance(made.key, *seen, *taken, time)
    kept = (*space.affairs.accepted, accepted)[-KEPT_NOTES:]
    space.arrange(structs.replace(space.affairs, accepted=kept))


RULES: Final[dict[type[Any], Callable[[Space, Any, int], None]]] = {
    changes.EnrolDevice: _enrol,
    changes.RevokeDevice: _revoke,
    changes.RenameDevice: _rename,
    changes.NewEpoch: _new_epoch,
    changes.NewAccountKeys: _new_account_keys,
    changes.NoteKeys: _note_keys,
    changes.NoteServer: _note_server,
    changes.AcceptHistory: _accept_history,
}

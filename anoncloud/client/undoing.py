"""Undo: the newest records taken back by a new one, and redo.

An undo is a record like any other, which every device sees. This device remembers its own undos
(``client.undone``), so undoing again walks further back, past what was taken back already, and
redo takes back the newest undo if nothing came after it.
"""

from collections.abc import Callable

import attrs

from anoncloud.client.cache import Head
from anoncloud.client.checkpoint import Checkpoint
from anoncloud.client.drive import Drive
from anoncloud.client.history import Past, read
from anoncloud.client.inverses import PASSED_OVER, Did, Inverse, inverses, joined
from anoncloud.client.tree.draft import Draft
from anoncloud.client.undone import Undo, Undone
from anoncloud.errors import Exists, LocalError, NotFound


@attrs.frozen
class TakenBack:
    """A record that was taken back: its number, when it was made (microseconds), what was done."""

    record: int
    time: int
    did: list[Did]


async def undo(
    drive: Drive, undone: Undone, count: int = 1, *, redo: bool = False
) -> list[TakenBack]:
    """Take back the *count* newest records, or, with *redo*, undos; the newest first.

    :raises NotFound: there are fewer.
    :raises Exists: one of them can't be taken back, or another device was faster; nothing was
        changed.
    """
    head = drive.journal.head
    start, chosen = await _choose(drive, undone, count, redo=redo)
    found = await _inverses(drive, start, chosen)
    kept = _goes_along(drive, [step for number in chosen for step in found[number][1]])
    taken: list[TakenBack] = []

    def plan(draft: Draft) -> None:
        if drive.journal.head != head:
            message = "taking back the newest records: another device has changed the drive"
            raise Exists(message, "look at what it did, then try again")
        taken.clear()
        for number in chosen:
            time, steps = found[number]
            did = joined(_one(number, step, draft) for step in steps if step not in kept)
            taken.append(TakenBack(number, time, did))

    await drive.change(plan)
    now = drive.journal.head
    undone.add(Undo(now.number, now.hash, tuple(chosen), redo))
    return taken


def _goes_along(drive: Drive, steps: list[Inverse]) -> set[Inverse]:
    """Give the steps that need not be done: what was made inside of something new goes with it.

    None, if then a name would be taken that an earlier thing wants back.
    """
    new = {step.new for step in steps}
    inside = {step for step in steps if step.goes_with(new)}
    rehearsed = Draft(drive.tree, 1, drive.entropy)
    try:
        for step in steps:
            if step not in inside:
                step.take_back(rehearsed)
    except LocalError:
        return set()
    return inside


def _one(number: int, step: Inverse, draft: Draft) -> Did:
    try:
        return step.take_back(draft)
    except LocalError as error:
        message = f"taking back record {number}: {error.message}"
        raise type(error)(message, error.hint) from error


@attrs.frozen
class _Seen:
    head: Head
    idle: bool
    """Whether it concerns no file."""


async def _choose(
    drive: Drive, undone: Undone, count: int, *, redo: bool
) -> tuple[Checkpoint | None, list[int]]:
    """Choose the records to take back, and where to begin to read.

    That is the newest checkpoint, if they all lie behind it.
    """
    saved = drive.journal.saved()
    for start in (saved, None) if saved is not None else (None,):
        past = Past(drive.journal, start)
        if past.head.number > drive.journal.head.number:
            continue
        seen: list[_Seen] = []
        await read(drive, past.head.number, _noting(past, seen))
        chosen, ended = _walk_back(seen, undone, count, redo=redo)
        if len(chosen) == count:
            return drive.journal.saved() if start is not None else None, chosen
        if ended:
            break
    raise _too_few(len(chosen), redo=redo)


def _too_few(found: int, *, redo: bool) -> NotFound:
    doing = "redoing what was undone" if redo else "taking back the newest records"
    what = "undos that nothing came after" if redo else "records to take back"
    if found:
        return NotFound(f"{doing}: there are only {found} {what}", "give a smaller number")
    hint = "redo what was undone before anything else is done" if redo else "the drive is new"
    return NotFound(f"{doing}: there are no {what}", hint)


def _noting(past: Past, seen: list[_Seen]) -> Callable[[bytes], None]:
    def take(record: bytes) -> None:
        head, change = past.open(record)
        idle = all(isinstance(one, PASSED_OVER) for one in change.operations)
        past.pass_over(head, change)
        seen.append(_Seen(head, idle))

    return take


def _walk_back(
    seen: list[_Seen], undone: Undone, count: int, *, redo: bool
) -> tuple[list[int], bool]:
    """Choose from the newest on; tell whether looking further back is of no use."""
    chosen: list[int] = []
    taken: set[int] = set()
    for one in reversed(seen):
        number = one.head.number
        if one.idle or number in taken:
            continue
        known = undone.get(one.head)
        if known is not None:
            taken.update(known.took)
        elif redo:
            return chosen, True
        if known is None or (redo and not known.redo):
            chosen.append(number)
        if len(chosen) == count:
            return chosen, True
    return chosen, False


async def _inverses(
    drive: Drive, start: Checkpoint | None, chosen: list[int]
) -> dict[int, tuple[int, list[Inverse]]]:
    """Fold the drive again up to the chosen records, and see what takes each of them back."""
    past = Past(drive.journal, start)
    found: dict[int, tuple[int, list[Inverse]]] = {}

    def take(record: bytes) -> None:
        head, change = past.open(record)
        if head.number in chosen:
            draft = Draft(past.tree, change.time, drive.entropy)
            try:
                found[head.number] = change.time, inverses(draft, change)
            except Exists as error:
                message = f"taking back record {head.number}: {error.message}"
                raise Exists(message, error.hint) from error
        past.carry_out(head, change)

    await read(drive, past.head.number, take)
    return found

"""Many names changed in the user's editor: in the drive by one record, on the disk one by one."""

import shutil
import tempfile
from pathlib import Path
from typing import Final

from anoncloud.client.transfers.localfiles import reported
from anoncloud.client.tree import names
from anoncloud.client.tree.changes import Move
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.nodes import find
from anoncloud.errors import Exists
from anoncloud.ids import NodeId
from anoncloud.ui import amounts, effects, renames, shown
from anoncloud.ui.doing import disk, editing
from anoncloud.ui.doing.desk import Desk
from anoncloud.ui.events import LocalChanged
from anoncloud.ui.places import Local, Remote

_LIST: Final = "names.txt"
_ASIDE: Final = b".anoncloud-%s"
"""What is called so meanwhile that gives its name on and waits for another one."""


async def rename_many(desk: Desk, effect: effects.RenameMany) -> None:
    """Let the user change names, and give them.

    :raises UsageError: what the editor left is no list of names that all can have.
    """
    place, before = effect.place, effect.names
    words = editing.program(editing.EDITORS, editing.USUAL)
    await desk.opened()
    nodes = _nodes(desk, place, before) if isinstance(place, Remote) else []
    wanted = renames.read(await _edited(desk, words, before), before, effect.others)
    if not wanted:
        desk.good("no name was changed")
        return
    steps = renames.steps(wanted, lambda: _ASIDE % desk.here.entropy(8).hex().encode())
    if isinstance(place, Local):
        try:
            await desk.here.in_thread(disk.rename_many, place.path, steps)
        finally:
            desk.tell(LocalChanged(place.path))
        desk.good(f"renamed {_entries(wanted)}")
    else:
        known = dict(zip(before, nodes, strict=True))
        await _in_drive(desk, place, known, steps)
        desk.good(f"renamed {_entries(wanted)}", "u takes that back")


def _nodes(desk: Desk, place: Remote, called: tuple[bytes, ...]) -> list[NodeId]:
    return [find(desk.drive.tree, (*place.path, name)).node for name in called]


async def _edited(desk: Desk, words: list[str], before: tuple[bytes, ...]) -> bytes:
    """Let the editor have the names; give what it leaves."""
    folder = Path(tempfile.mkdtemp(prefix="anoncloud-", dir=editing.private_place()))
    file = folder / _LIST
    try:
        file.write_bytes(renames.written(before))
        await desk.lend([*words, str(file)])
        with reported("reading", file):
            return file.read_bytes()
    finally:
        shutil.rmtree(folder)


async def _in_drive(
    desk: Desk, place: Remote, nodes: dict[bytes, NodeId], steps: list[renames.Step]
) -> None:
    """Rename what was listed; nothing, if something of it is elsewhere by now."""

    def plan(draft: Draft) -> None:
        parent = find(draft, place.path).node
        for name in {old for old, _ in steps} & nodes.keys():
            if draft.child(parent, name) != nodes[name]:
                message = f"{shown.name(name)} was changed meanwhile; nothing was renamed"
                raise Exists(message, "look again, and rename what is there now")
        called = dict(nodes)
        for old, new in steps:
            if draft.child(parent, new) is not None:
                message = f"there is a {names.show(new)} by now; nothing was renamed"
                raise Exists(message, "look again, and choose another name")
            called[new] = called.pop(old)
            draft.add(Move(called[new], parent, new))

    await desk.drive.change(plan)


def _entries(wanted: dict[bytes, bytes]) -> str:
    return amounts.counted(len(wanted), "entry", "entries")

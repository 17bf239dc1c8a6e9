"""Changes of the drive that send no content: folders, names, places, the trash, undo and redo."""

from collections.abc import Callable

from anoncloud.client import arranging, history
from anoncloud.client.drive import Drive
from anoncloud.client.joining import move_joining
from anoncloud.client.tree import names
from anoncloud.client.tree.changes import Move
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.nodes import Folder, Node, find, look_up
from anoncloud.client.tree.tree import Tree
from anoncloud.client.undoing import undo
from anoncloud.client.undone import Undone
from anoncloud.errors import AnonymousCloudError, Exists
from anoncloud.ui import effects, shown
from anoncloud.ui.doing import disk
from anoncloud.ui.doing.asking import left_as_it_was
from anoncloud.ui.doing.desk import Desk
from anoncloud.ui.doing.reading import trashed_node, tree_of
from anoncloud.ui.events import LocalChanged
from anoncloud.ui.places import Local, Past, Remote


async def make_folder(desk: Desk, effect: effects.MakeFolder) -> None:
    """Make a folder, and those above it that are missing."""
    place, parts = effect.place, effect.name.strip(b"/").split(b"/")
    for part in parts:
        names.check_name(part)
    if isinstance(place, Local):
        await _on_disk(desk, place.path, disk.make_folder, place.path, parts)
    elif isinstance(place, Remote):
        path = (*place.path, *parts)
        await desk.drive.make_folder(path, parents=len(parts) > 1)
        desk.good(f"made {shown.path(path)}")


async def rename(desk: Desk, effect: effects.Rename) -> None:
    """Give something another name where it is."""
    place, new = effect.place, names.check_name(effect.new)
    if isinstance(place, Local):
        await _on_disk(desk, place.path, disk.rename, place.path, effect.old, new)
    elif isinstance(place, Remote):
        old = (*place.path, effect.old)
        await _rename(desk.drive, old, new)
        desk.good(f"renamed {shown.name(effect.old)} to {shown.name(new)}")


async def _rename(drive: Drive, old: names.Path, new: bytes) -> None:
    node = find(drive.tree, old).node

    def plan(draft: Draft) -> None:
        parent = find(draft, old[:-1]).node
        if draft.child(parent, new) not in {None, node}:
            message = f"renaming {names.show_path(old)}: there is a {names.show(new)} already"
            raise Exists(message, "choose another name")
        draft.add(Move(node, parent, new))

    await drive.change(plan)


async def move_there(desk: Desk, place: Remote, target: Remote, effect: effects.MoveThere) -> None:
    """Move things inside the drive; its user is asked about files that are there."""
    policy = desk.queue.asking().policy(into_drive=True)
    sources = [(*place.path, name) for name in effect.names]
    folder, name = target.path, effect.name
    if name is not None and isinstance(look_up(desk.drive.tree, (*folder, name)), Folder):
        folder, name = (*folder, name), None
    done = await move_joining(desk.drive, sources, folder, policy, name)
    into = folder if name is None else (*folder, name)
    desk.good(f"moved {_things(done.moved)} to {shown.path(into)}{left_as_it_was(done.left)}")


async def copy_there(
    desk: Desk, place: Remote | Past, target: Remote, effect: effects.CopyThere
) -> None:
    """Copy things inside the drive, which sends no bytes; its user is asked as for a move.

    :raises NotFound: the content of some of the past was removed for good; the rest is copied.
    """
    policy = desk.queue.asking().policy(into_drive=True)
    sources = [(*place.path, name) for name in effect.names]
    into = target.path if effect.name is None else (*target.path, effect.name)
    past = await tree_of(desk, place) if isinstance(place, Past) else None
    lost: list[AnonymousCloudError] = []
    if past is not None:
        for source in sources:
            recovered(desk, past, source, lost.append)
    done = await arranging.copy(desk.drive, sources, into, policy, past)
    left = left_as_it_was(done.left)
    desk.good(f"copied {_things(done.files)} to {shown.path(into)}{left}")
    if lost:
        raise lost[0]


def recovered(
    desk: Desk, past: Tree, path: names.Path, complain: Callable[[AnonymousCloudError], None]
) -> Node:
    """Give what was at *path* then, so that its content can be read now.

    Files whose content was removed for good are complained about, and leave *past*.

    :raises NotFound: it was not there, or is such a file itself.
    """
    for lost in history.recovered(past, desk.drive.tree, find(past, path).node):
        complain(lost)
    return find(past, path)


async def put_in_trash(desk: Desk, effect: effects.PutInTrash) -> None:
    """Put things into the trash; from the local disk they are removed for good."""
    place = effect.place
    if isinstance(place, Local):
        await _on_disk(desk, place.path, disk.remove, place.path, effect.names)
        desk.good(f"removed {_things(len(effect.names))}")
        return
    drive = desk.drive
    nodes = [find(drive.tree, (*place.path, name)) for name in effect.names]
    await arranging.remove(drive, nodes)
    desk.good(f"put {_things(len(nodes))} into the trash", "u takes that back")


async def restore_them(desk: Desk, effect: effects.RestoreThem) -> None:
    """Bring things back from the trash, each to where it was."""
    for node in effect.nodes:
        placed = await desk.drive.restore(trashed_node(desk, node).node)
        desk.good(f"restored {shown.path(placed)}")


async def purge_them(desk: Desk, effect: effects.PurgeThem) -> None:
    """Remove what lies in the trash for good."""
    nodes = [trashed_node(desk, node) for node in effect.nodes]
    await arranging.remove(desk.drive, nodes, forever=True)
    desk.good(f"removed {_things(len(nodes))} for good")


async def undo_last(desk: Desk, effect: effects.Undo) -> None:
    """Take back what was done last."""
    del effect
    await _take_back(desk, redo=False)


async def redo_last(desk: Desk, effect: effects.Redo) -> None:
    """Do again what was taken back last."""
    del effect
    await _take_back(desk, redo=True)


async def _take_back(desk: Desk, *, redo: bool) -> None:
    drive = desk.drive
    undone = Undone(desk.here.profile.cache(drive.id).undone)
    taken = await undo(drive, undone, redo=redo)
    said = [did.said(shown.path) for one in taken for did in one.did]
    more = f", and {len(said) - 1} more" if len(said) > 1 else ""
    desk.good(("redone: " if redo else "undone: ") + (said[0] if said else "a change") + more)


async def _on_disk(desk: Desk, path: str, work: Callable[..., None], *arguments: object) -> None:
    """Do something to the local disk in a thread; the folder *path* is read anew afterwards."""
    try:
        await desk.here.in_thread(work, *arguments)
    finally:
        desk.tell(LocalChanged(path))


def _things(count: int) -> str:
    return "1 thing" if count == 1 else f"{count} things"

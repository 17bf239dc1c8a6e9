"""The rules of docs/formats.rst section 6.3 once more, as plainly as can be: the tree's model.

It keeps a list of nodes and looks through all of it at every question, so it has no links, no
counts and no drafts that could be wrong.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import attrs
from msgspec import structs

from anoncloud.client.tree import changes
from anoncloud.client.tree.nodes import File, Folder, Link, Space
from anoncloud.client.tree.tree import Tree
from anoncloud.client.tree.versions import Stream
from anoncloud.ids import ROOT
from anoncloud.limits import MAX_DEPTH, MAX_DEVICES


@attrs.define
class Thing:
    """A node: *kind* is "folder", "file" or "link"; *content* is what only its kind has."""

    kind: str
    parent: int
    name: bytes
    content: Any
    trashed: int = 0


class Model:
    """A drive."""

    def __init__(self) -> None:
        self.things: dict[int, Thing] = {}
        self.devices: dict[bytes, tuple[bytes, bytes, int]] = {}
        self.compress = False
        self.epoch = 0
        self.cost = (0, 0)
        self.account: tuple[bytes, bytes] | None = None
        self.server: tuple[bytes, bytes, bytes] | None = None
        self.notes: list[tuple[int, int]] = []
        self.accepted: list[tuple[bytes, int, bytes, int, bytes, int]] = []

    def take(self, operation: Any, time: int) -> bool:
        """Carry out an operation; False if it is refused."""
        return bool(getattr(self, f"_{type(operation).__name__.lower()}")(operation, time))

    def blobs(self) -> Counter[bytes]:
        """Count the extents that name each blob."""
        return Counter(
            extent.blob
            for thing in self.things.values()
            if thing.kind == "file"
            for _, version in thing.content
            for stream in version.streams
            for extent in (*stream.extents, *stream.fingerprints)
        )

    def linked(self, parent: int) -> dict[bytes, int]:
        """Give what is linked in a folder."""
        return {
            thing.name: number
            for number, thing in self.things.items()
            if thing.parent == parent and not thing.trashed
        }

    def _free(self, parent: int, name: bytes, mover: int | None = None) -> bool:
        if not 1 <= len(name) <= 255 or name in {b".", b".."} or b"/" in name or b"\0" in name:
            return False
        if self.linked(parent).get(name, mover) != mover:
            return False
        depth, place = 1, parent
        while place != ROOT:
            thing = self.things.get(place)
            if thing is None or thing.kind != "folder" or thing.trashed or place == mover:
                return False
            depth, place = depth + 1, thing.parent
        return depth + self._height(mover) <= MAX_DEPTH

    def _height(self, number: int | None) -> int:
        """Count the names on the longest way down from a node."""
        if number is None:
            return 0
        return max((1 + self._height(one) for one in self.linked(number).values()), default=0)

    def _make(self, made: Any, kind: str, content: Any) -> bool:
        if made.node in self.things or made.node == ROOT or not self._free(made.parent, made.name):
            return False
        self.things[made.node] = Thing(kind, made.parent, made.name, content)
        return True

    def _makefolder(self, made: changes.MakeFolder, time: int) -> bool:
        return self._make(made, "folder", (made.modified, made.mode))

    def _makelink(self, made: changes.MakeLink, time: int) -> bool:
        return self._make(made, "link", (made.target, made.modified))

    def _putfile(self, put: changes.PutFile, time: int) -> bool:
        return self._make(put, "file", [(time, put.version)])

    def _standing(self, number: int, kind: str = "") -> Thing | None:
        thing = self.things.get(number)
        if thing is None or thing.trashed or (kind and thing.kind != kind):
            return None
        return thing

    def _putversion(self, put: changes.PutVersion, time: int) -> bool:
        thing = self._standing(put.node, "file")
        if thing is not None:
            thing.content = [*thing.content, (time, put.version)]
        return thing is not None

    def _setattributes(self, given: changes.SetAttributes, time: int) -> bool:
        thing = self._standing(given.node)
        if thing is None:
            return False
        if thing.kind == "folder":
            thing.content = (given.modified, given.mode)
        elif thing.kind == "link":
            thing.content = (thing.content[0], given.modified)
        else:
            *older, (stored, last) = thing.content
            last = structs.replace(last, modified=given.modified, mode=given.mode)
            thing.content = [*older, (stored, last)]
        return True

    def _forgetversions(self, forget: changes.ForgetVersions, time: int) -> bool:
        thing = self._standing(forget.node, "file")
        if thing is None or len(thing.content) <= forget.count:
            return False
        thing.content = thing.content[forget.count :]
        return True

    def _relocate(self, moved: changes.Relocate, time: int) -> bool:
        thing = self.things.get(moved.node)
        if thing is None or thing.kind != "file":
            return False

        def placed(stream: Stream) -> Stream:
            if stream.key != moved.key:
                return stream
            return Stream(stream.key, stream.size, moved.extents, moved.fingerprints)

        thing.content = [
            (stored, structs.replace(old, streams=tuple(map(placed, old.streams))))
            for stored, old in thing.content
        ]
        return True

    def _move(self, move: changes.Move, time: int) -> bool:
        thing = self._standing(move.node)
        if thing is None or not self._free(move.parent, move.name, move.node):
            return False
        thing.parent, thing.name = move.parent, move.name
        return True

    def _trash(self, trash: changes.Trash, time: int) -> bool:
        thing = self._standing(trash.node)
        if thing is not None:
            thing.trashed = max(time, 1)
        return thing is not None

    def _restore(self, restore: changes.Restore, time: int) -> bool:
        thing = self.things.get(restore.node)
        if thing is None or not thing.trashed:
            return False
        if not self._free(restore.parent, restore.name, restore.node):
            return False
        thing.parent, thing.name, thing.trashed = restore.parent, restore.name, 0
        return True

    def _purge(self, purge: changes.Purge, time: int) -> bool:
        thing = self.things.get(purge.node)
        if thing is None or not thing.trashed:
            return False
        gone = [purge.node]
        for number in gone:
            gone += self.linked(number).values()
        for number in gone:
            del self.things[number]
        return True

    def _enroldevice(self, enrol: changes.EnrolDevice, time: int) -> bool:
        if enrol.key not in self.devices and len(self.devices) >= MAX_DEVICES:
            return False
        self.devices[enrol.key] = (enrol.agreement, enrol.name, time)
        return True

    def _revokedevice(self, revoke: changes.RevokeDevice, time: int) -> bool:
        return self.devices.pop(revoke.key, None) is not None

    def _renamedevice(self, rename: changes.RenameDevice, time: int) -> bool:
        if rename.key not in self.devices:
            return False
        agreement, _, enrolled = self.devices[rename.key]
        self.devices[rename.key] = (agreement, rename.name, enrolled)
        return True

    def _setoptions(self, options: changes.SetOptions, time: int) -> bool:
        self.compress = options.compress
        return True

    def _newepoch(self, made: changes.NewEpoch, time: int) -> bool:
        if made.epoch != self.epoch + 1:
            return False
        self.epoch += 1
        return True

    def _newaccountkeys(self, made: changes.NewAccountKeys, time: int) -> bool:
        self.account = (made.agreement, made.signing)
        return True

    def _notekeys(self, note: changes.NoteKeys, time: int) -> bool:
        if note.passes < self.cost[0] or note.memory_kib < self.cost[1]:
            return False
        self.cost = (note.passes, note.memory_kib)
        self.notes = [*self.notes, (note.what, time)][-16:]
        return True

    def _noteserver(self, note: changes.NoteServer, time: int) -> bool:
        self.server = (note.key, note.signer, note.signature)
        return True

    def _accepthistory(self, made: changes.AcceptHistory, time: int) -> bool:
        seen, accepted = (made.seen, made.seen_hash), (made.accepted, made.accepted_hash)
        if seen == accepted:
            return False
        self.accepted = [*self.accepted, (made.key, *seen, *accepted, time)][-16:]
        return True

    def affairs(self) -> Any:
        """Give what the drive knows beside its files and devices."""
        keys = (self.account, self.server, self.notes, self.accepted)
        return self.compress, self.epoch, *self.cost, *keys


def thing_of(node: File | Folder | Link) -> Thing:
    """Give the model's view of a node."""
    content: Any
    if isinstance(node, Folder):
        kind, content = "folder", (node.modified, node.mode)
    elif isinstance(node, Link):
        kind, content = "link", (node.target, node.modified)
    else:
        kind, content = "file", [(kept.stored, kept.version) for kept in node.versions]
    return Thing(kind, node.parent, node.name, content, node.trashed)


def seen(space: Space, numbers: Iterable[Any], names: Iterable[bytes]) -> Any:
    """Give all that can be seen of *numbers* and *names* in a tree or a draft."""
    nodes = {number: space.node(number) for number in numbers}
    return (
        {number: thing_of(node) for number, node in nodes.items() if node and number},
        {
            number: (
                sorted(space.children(number)),
                [space.child(number, name) for name in names],
            )
            for number in nodes
        },
    )


def seen_of_model(model: Model, numbers: Iterable[int], names: Iterable[bytes]) -> Any:
    """Give the same of a model."""
    linked = {number: model.linked(number) for number in numbers}
    return (
        {number: model.things[number] for number in linked if number in model.things},
        {
            number: (sorted(inside.values()), [inside.get(name) for name in names])
            for number, inside in linked.items()
        },
    )


def held(tree: Tree) -> Any:
    """Give a copy of all that a tree holds, without the empty folders' tables."""
    links = {number: dict(inside) for number, inside in tree.links.items() if inside}
    beside = dict(tree.devices), tree.affairs
    return dict(tree.nodes), links, set(tree.trash), dict(tree.blobs), *beside


def affairs_of(space: Space) -> Any:
    """Give the model's view of what a drive knows beside its files and devices."""
    told = space.affairs
    return (
        told.compress,
        told.epoch,
        told.passes,
        told.memory_kib,
        told.account and structs.astuple(told.account),
        told.server and structs.astuple(told.server),
        [structs.astuple(note) for note in told.notes],
        [structs.astuple(one) for one in told.accepted],
    )

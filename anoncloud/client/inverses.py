"""What takes a change back: for each of its operations, what was there before it.

A change that removed something for good has no inverse. What is about devices and keys is passed
over: no undo lets a revoked device in again.
"""

from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import suppress
from typing import Any

import attrs

from anoncloud.client.tree import changes, names
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.listing import origin
from anoncloud.client.tree.nodes import File, Folder, Link, Node, Space, path_of
from anoncloud.client.tree.versions import Version
from anoncloud.errors import Exists, LocalError, NotFound
from anoncloud.ids import NodeId

_MAKERS = (changes.MakeFolder, changes.PutFile, changes.MakeLink)
PASSED_OVER = (
    changes.Relocate,
    changes.EnrolDevice,
    changes.RevokeDevice,
    changes.SetOptions,
    changes.RenameDevice,
    changes.NewEpoch,
    changes.NewAccountKeys,
    changes.NoteKeys,
    changes.NoteServer,
    changes.AcceptHistory,
)
"""What changes no file: undo leaves it as it is."""


@attrs.frozen
class Did:
    """What taking back has done to one thing: *action*, where it is now, and where it was.

    What is in the trash now has no other path than the one where it was.
    """

    action: str
    path: names.Path
    was: names.Path

    def said(self, show: Callable[[names.Path], str]) -> str:
        """Say it in words; *show* makes a path safe for where they go."""
        path = show(self.path)
        match self.action:
            case "trashed":
                return f"put {path} into the trash"
            case "restored":
                return f"restored {path}"
            case "moved":
                return f"moved {show(self.was)} back to {path}"
            case "version":
                return f"gave {path} the content that it had before"
        return f"gave {path} the time and mode that it had before"


def joined(done: Iterable[Did]) -> list[Did]:
    """Give what was done in one go with several moves of one thing as one.

    Names that were swapped have gone by way of another one, which says nothing.
    """
    made: list[Did] = []
    moved_to: dict[names.Path, int] = {}
    for one in done:
        at = moved_to.pop(one.was, None) if one.action == "moved" else None
        if at is None:
            at = len(made)
            made.append(one)
        else:
            made[at] = attrs.evolve(made[at], path=one.path)
        if one.action == "moved":
            moved_to[one.path] = at
    return made


@attrs.frozen(eq=False)
class Inverse:
    """Takes back one operation: does to *node* what makes it as *before*."""

    made: changes.Operations
    before: Node | None

    @property
    def new(self) -> NodeId | None:
        """The node that was made, if one was."""
        return self.made.node if isinstance(self.made, _MAKERS) else None

    def goes_with(self, nodes: Container[NodeId | None]) -> bool:
        """Whether what was made was made inside of one of *nodes*."""
        return isinstance(self.made, _MAKERS) and self.made.parent in nodes

    def take_back(self, draft: Draft) -> Did:
        """Carry it out on *draft*; tell what it did.

        :raises LocalError: it can't be done any more.
        """
        number = self.made.node  # type: ignore[union-attr]  # those without one have no inverse
        was = path_of(draft, number)
        action = _ACTIONS[type(self.made)]
        if self.before is None:
            draft.add(changes.Trash(number))
            return Did(action, was, was)
        for operation in _back(draft, self.made, number, self.before):
            draft.add(operation)
        return Did(action, was if action == "trashed" else path_of(draft, number), was)


_ACTIONS: dict[type[Any], str] = {
    changes.MakeFolder: "trashed",
    changes.PutFile: "trashed",
    changes.MakeLink: "trashed",
    changes.PutVersion: "version",
    changes.Move: "moved",
    changes.Trash: "restored",
    changes.Restore: "trashed",
    changes.SetAttributes: "attributes",
}


def _back(
    draft: Draft, made: changes.Operations, number: NodeId, before: Node
) -> Iterator[changes.Operations]:
    match made:
        case changes.PutVersion() if isinstance(before, File):
            yield changes.PutVersion(number, _kept(draft, number, before.version))
        case changes.Move():
            yield changes.Move(number, before.parent, before.name)
        case changes.Trash():
            yield changes.Restore(number, before.parent, before.name)
        case changes.Restore():
            there = draft.child(before.parent, before.name)
            if there is None and isinstance(draft.node(before.parent), Folder):
                with suppress(LocalError):  # so that the trash says again where it was
                    draft.add(changes.Move(number, before.parent, before.name))
            yield changes.Trash(number)
        case changes.SetAttributes():
            mode = 0 if isinstance(before, Link) else _mode(before)
            yield changes.SetAttributes(number, before.modified, mode)


def _mode(node: File | Folder) -> int:
    return node.version.mode if isinstance(node, File) else node.mode


def _kept(draft: Draft, number: NodeId, wanted: Version) -> Version:
    """Find an earlier version where it lies now.

    :raises NotFound: it was forgotten.
    """
    node = draft.node(number)
    for kept in reversed(node.versions if isinstance(node, File) else ()):
        if _known_by(kept.version) == _known_by(wanted):
            return kept.version
    message = f"the earlier version of {names.show_path(path_of(draft, number))} was forgotten"
    raise NotFound(message, "only versions that are kept can come back")


def _known_by(version: Version) -> tuple[Any, ...]:
    keys = tuple(stream.key for stream in version.streams)
    return version.digest, version.modified, version.mode, keys, version.pieces


def inverses(draft: Draft, change: changes.Change) -> list[Inverse]:
    """Give what takes *change* back, in the order that it is to be done in.

    *draft* is the drive before the change, and the drive after it when this returns.

    :raises Exists: there is something in it that can't be taken back.
    """
    found: list[Inverse] = []
    for operation in change.operations:
        refusal = _refusal(draft, operation)
        if refusal:
            raise Exists(refusal, "undo gets no further back than this")
        if isinstance(operation, _MAKERS):
            found.append(Inverse(operation, None))
        elif not isinstance(operation, PASSED_OVER):
            found.append(Inverse(operation, draft.node(operation.node)))
        draft.add(operation)
    return found[::-1]


def _refusal(space: Space, operation: changes.Operations) -> str:
    match operation:
        case changes.Purge():
            return f"it removed {_shown(space, operation.node)} for good"
        case changes.ForgetVersions():
            return f"it forgot earlier versions of {_shown(space, operation.node)}"
    known = type(operation) in _ACTIONS or isinstance(operation, PASSED_OVER)
    return "" if known else "it did what this version can't take back"


def _shown(space: Space, number: NodeId) -> str:
    node = space.node(number)
    return "something" if node is None else names.show_path(origin(space, node))

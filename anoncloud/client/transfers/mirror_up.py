"""A folder of the drive made like a local one: what differs goes over, what is unchanged stays.

What is removed or replaced goes into the trash, and only if it still is what was looked at: what
another device changed meanwhile stays, and is told.
"""

import os
import stat
from collections.abc import Callable
from typing import Final, TypeVar

from anoncloud.client.drive import Drive
from anoncloud.client.transfers.comparing_up import Seen, UpPlan
from anoncloud.client.transfers.folders import put_link
from anoncloud.client.transfers.localtree import Complain
from anoncloud.client.transfers.mirroring import Mirrored, portions
from anoncloud.client.transfers.uploads import Uploader
from anoncloud.client.tree import changes, names
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.nodes import Node
from anoncloud.client.tree.planning import join_folder
from anoncloud.errors import Exists, LocalError

Thing = TypeVar("Thing")

_OPERATION: Final = 64
"""Bytes of an operation beside its names."""


class MirrorUp:
    """Carries out plans in *drive*; *uploader* replaces files that exist."""

    def __init__(self, drive: Drive, uploader: Uploader, complain: Complain) -> None:
        self._drive = drive
        self._uploader = uploader
        self._complain = complain

    async def carry_out(self, plan: UpPlan) -> Mirrored:
        """Do what was planned; what can't be done is complained about. Gives what was done."""
        done = Mirrored(unchanged=plan.unchanged)
        done.removed += await self._trash(plan.replaced)
        made = await self._change(plan.folders, lambda one: _length(one[0]), _make_folder)
        done.made += [names.show_path(path) for path, _ in made]
        self._uploader.expect([item.status.st_size for item in plan.files])
        for item in plan.files:
            try:
                await self._uploader.add(item)
            except LocalError as error:
                self._complain(error)
        await self._uploader.finish()
        done.copied += [names.show_path(placed.path) for placed in self._uploader.stored]
        linked = await self._change(
            plan.links,
            lambda one: _length(one[0]) + len(one[1]),
            lambda draft, one: put_link(draft, *one),
        )
        done.linked += [names.show_path(path) for path, _, _ in linked]
        adjusted = await self._change(plan.adjusted, lambda _: 0, _adjust)
        done.adjusted += [names.show_path(path) for path, _, _, _ in adjusted]
        done.removed += await self._trash(plan.removed)
        return done

    async def _trash(self, things: list[Seen]) -> list[str]:
        trashed = await self._change(things, lambda _: 0, _put_into_trash)
        return [names.show_path(seen.path) for seen in trashed]

    async def _change(
        self,
        things: list[Thing],
        names_in: Callable[[Thing], int],
        change: Callable[[Draft, Thing], None],
    ) -> list[Thing]:
        """Change the drive for each of *things*; give those for which it was not refused."""
        changed: list[Thing] = []
        for portion in portions(things, lambda one: _OPERATION + names_in(one)):
            done: list[Thing] = []
            refused: list[LocalError] = []

            def plan(
                draft: Draft,
                portion: list[Thing] = portion,
                done: list[Thing] = done,
                refused: list[LocalError] = refused,
            ) -> None:
                done.clear()
                refused.clear()
                for thing in portion:
                    refusal = _try(draft, thing, change)
                    if refusal is None:
                        done.append(thing)
                    else:
                        refused.append(refusal)

            await self._drive.change(plan)
            changed += done
            for error in refused:
                self._complain(error)
        return changed


def _try(draft: Draft, thing: Thing, change: Callable[[Draft, Thing], None]) -> LocalError | None:
    try:
        change(draft, thing)
    except LocalError as error:
        return error
    return None


def _length(path: names.Path) -> int:
    """Tell how much of a record making *path* takes, with a folder or two above it."""
    return sum(map(len, path[-3:])) + _OPERATION


def _make_folder(draft: Draft, folder: tuple[names.Path, os.stat_result]) -> None:
    path, status = folder
    join_folder(draft, path, status.st_mtime_ns, stat.S_IMODE(status.st_mode))


def _adjust(draft: Draft, wanted: tuple[names.Path, Node, int, int]) -> None:
    path, node, modified, mode = wanted
    if draft.node(node.node) != node:
        raise _changed(path)
    draft.add(changes.SetAttributes(node.node, modified, mode))


def _put_into_trash(draft: Draft, seen: Seen) -> None:
    if not seen.still(draft):
        raise _changed(seen.path)
    draft.add(changes.Trash(seen.nodes[0].node))


def _changed(path: names.Path) -> Exists:
    message = f"mirroring to {names.show_path(path)}: another device changed it meanwhile"
    return Exists(message, "mirror again")

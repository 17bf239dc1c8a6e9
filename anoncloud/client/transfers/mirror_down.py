"""A local folder made like one of the drive: what differs comes down, what is unchanged stays.

Removing comes first, and only what the plan names goes. Then files come as ``get`` brings them,
whole or not at all, and at last folders get their times.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from anoncloud.client.drive import Drive
from anoncloud.client.threads import InThread, Progress
from anoncloud.client.transfers.comparing_down import DownPlan, local_path
from anoncloud.client.transfers.fetching import Fetcher, Terms
from anoncloud.client.transfers.localfiles import reported, show_local
from anoncloud.client.transfers.localtree import Complain
from anoncloud.client.transfers.mirroring import Mirrored
from anoncloud.client.transfers.policies import Existing, Policy
from anoncloud.client.transfers.removing import remove_below
from anoncloud.client.tree import names
from anoncloud.client.tree.nodes import File, Folder, Node
from anoncloud.errors import LocalError


class MirrorDown:
    """Carries out plans on the local folder *top*; what can't be done is complained about."""

    def __init__(
        self, drive: Drive, top: str, in_thread: InThread, progress: Progress, complain: Complain
    ) -> None:
        self._drive = drive
        self._top = top
        self._in_thread = in_thread
        self._progress = progress
        self._complain = complain

    async def carry_out(self, plan: DownPlan) -> Mirrored:
        """Do what was planned; give what was done."""
        done = plan.told(self._top)
        if not done.changes:
            return done
        done.removed = await self._in_thread(self._remove, [*plan.replaced, *plan.removed])

        def wanted(parts: names.Path, is_folder: bool) -> bool:  # noqa: FBT001 - a Chosen
            return parts in (plan.folders if is_folder else plan.copied) or parts in plan.linked

        terms = Terms(Policy(Existing.REPLACE), wanted, always=True)
        fetcher = Fetcher(
            self._drive, self._drive.tree, self._in_thread, self._progress, self._complain, terms
        )
        await fetcher.fetch(plan.source, Path(self._top))
        fetched = set(fetcher.fetched)
        done.copied = self._shown(plan.copied, fetched)
        done.linked = self._shown(plan.linked, fetched)
        done.made = [show_local(path) for path in await self._in_thread(self._made, plan)]
        done.adjusted = await self._in_thread(self._adjust, plan.adjusted)
        return done

    def _shown(self, wanted: Iterable[names.Path], fetched: set[str]) -> list[str]:
        """Give those of *wanted* that came, as the fetcher calls them."""
        top = str(Path(self._top))
        paths = ("/".join((top, *map(os.fsdecode, parts))) for parts in wanted)
        return [show_local(path) for path in paths if path in fetched]

    def _made(self, plan: DownPlan) -> list[str]:
        places = (local_path(self._top, parts) for parts in plan.made)
        return [place for place in places if os.path.isdir(place)]

    def _remove(self, paths: list[names.Path]) -> list[str]:
        removed: list[str] = []
        for parts in paths:
            try:
                remove_below(self._top, parts)
            except LocalError as error:
                self._complain(error)
            else:
                removed.append(show_local(local_path(self._top, parts)))
        return removed

    def _adjust(self, wanted: list[tuple[names.Path, Node]]) -> list[str]:
        """Give files and links their time and mode; folders have theirs."""
        adjusted: list[str] = []
        for parts, node in wanted:
            place = local_path(self._top, parts)
            try:
                with reported("adjusting", place):
                    _set_attributes(place, node)
            except LocalError as error:
                self._complain(error)
            else:
                adjusted.append(show_local(place))
        return adjusted


def _set_attributes(place: str, node: Node) -> None:
    if isinstance(node, Folder):
        return
    if isinstance(node, File) and not os.path.islink(place):
        os.chmod(place, node.version.mode & 0o777)
    os.utime(place, ns=(node.modified, node.modified), follow_symlinks=False)

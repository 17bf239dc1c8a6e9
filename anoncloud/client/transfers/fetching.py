"""Files, links and whole folders down: what goes where, and what of it is there already.

Nothing is ever written through a symbolic link below the target: a folder that is one, on the local
disk, is complained about and left alone. Links are made last, when nothing more is written.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import attrs

from anoncloud.client.drive import Drive
from anoncloud.client.threads import InThread, Progress, begin_file, expect, pass_files
from anoncloud.client.transfers.bulk import BulkDownload, Wish, groups
from anoncloud.client.transfers.downloads import download
from anoncloud.client.transfers.landing import Landing, Plan
from anoncloud.client.transfers.localfiles import reported, show_local
from anoncloud.client.transfers.localtree import Chosen, Complain, everything
from anoncloud.client.transfers.policies import Policy
from anoncloud.client.transfers.sparse import LOST
from anoncloud.client.transfers.targets import PartFile, exists
from anoncloud.client.tree import names
from anoncloud.client.tree.nodes import Folder, Link, Node, Space, below
from anoncloud.client.tree.versions import Version
from anoncloud.errors import Exists, LocalError, LocalFileError, Refused, Tampered


@attrs.frozen
class Terms:
    """What comes down, and what happens to local files that exist.

    *always*: a file that looks the same comes down too. *dry_run*: nothing does; it is only found
    out what would.
    """

    policy: Policy
    chosen: Chosen = everything
    always: bool = False
    dry_run: bool = False


class Fetcher:
    """Brings nodes of *drive* down to local paths.

    *tree* is the drive's own, or the drive as it was at another time.
    """

    def __init__(  # noqa: PLR0913 - each is an outside thing
        self,
        drive: Drive,
        tree: Space,
        in_thread: InThread,
        progress: Progress,
        complain: Complain,
        terms: Terms,
    ) -> None:
        self.fetched: list[str] = []
        self._drive = drive
        self._tree = tree
        self._in_thread = in_thread
        self._progress = progress
        self._complain = complain
        self._terms = terms
        self._landing = Landing(terms.policy, terms.always, complain)

    @property
    def unchanged(self) -> int:
        """How many files and links were left as they are."""
        return self._landing.unchanged

    @property
    def left(self) -> list[Node]:
        """Files that did not come, though they differ from what is there."""
        return self._landing.left

    async def fetch(self, node: Node, target: Path) -> None:
        """Bring *node*, with all below it, down as *target*, joining folders with what is there.

        What can't be written is complained about; the rest goes on. Whoever is asked about files
        that exist is asked before the first one comes.
        """
        await self.fetch_all([(node, target)])

    async def fetch_all(self, wanted: Sequence[tuple[Node, Path]]) -> None:
        """Do as :meth:`fetch` with several, in one go: short files of all of them come together."""
        plan = Plan()
        for node, target in wanted:
            await self._in_thread(self._prepare, node, target, plan)
        await self._landing.settle(plan, self._in_thread)
        if self._terms.dry_run:
            self.fetched += [wish.path for wish in (*plan.short, *plan.long)]
            self.fetched += [str(place) for _, place in plan.links if not os.path.lexists(place)]
            return
        wishes = [*plan.long, *plan.short]
        expect(self._progress, len(wishes), sum(wish.version.size for wish in wishes))
        for wish in plan.long:
            await self._long(wish)
        for group in groups(plan.short):
            await self._short(group)
        await self._in_thread(self._finish, plan)

    async def _short(self, group: list[Wish]) -> None:
        """Bring many short files down; if something is wrong among them, one by one."""
        bulk = BulkDownload(self._drive, self._in_thread, self._progress)
        try:
            outcomes = await bulk.group(group)
        except (Tampered, Refused) as error:
            _see_damage(error)
            for wish in group:
                await self._long(wish)
            return
        for wish, fault_of_one in outcomes:
            if fault_of_one is None:
                self.fetched.append(wish.path)
            elif isinstance(fault_of_one, Tampered):
                self._complain(_see_damage(fault_of_one, show_local(wish.path)))
            else:
                self._complain(fault_of_one)

    async def version(self, version: Version, target: Path) -> None:
        """Bring one version of a file down as *target*."""
        plan = Plan()
        await self._in_thread(self._landing.sort, plan, version, str(target))
        await self._landing.settle(plan, self._in_thread)
        for wish in (*plan.long, *plan.short):
            if self._terms.dry_run:
                self.fetched.append(wish.path)
            else:
                expect(self._progress, 1, version.size)
                await self._long(wish)

    async def _long(self, wish: Wish) -> None:
        begin_file(self._progress, show_local(wish.path), wish.version.size)
        try:
            part = await self._in_thread(
                lambda: PartFile(
                    Path(wish.path),
                    wish.version.digest,
                    overwrite=wish.overwrite,
                    stands=wish.stands,
                )
            )
            await download(self._drive, wish.version, part, self._in_thread, self._progress)
        except LocalError as error:
            self._complain(error)
        except (Tampered, Refused) as error:
            self._complain(_see_damage(error, show_local(wish.path)))
        else:
            self.fetched.append(wish.path)
        pass_files(self._progress)

    def _prepare(self, top: Node, target: Path, plan: Plan) -> None:
        """Make the folders, and sort everything else by how it comes down."""
        places: dict[int, tuple[names.Path, str]] = {}
        for node in below(self._tree, top.node):
            parts: names.Path = ()
            place = str(target)
            if node is not top:
                if node.parent not in places:
                    continue
                parts, place = places[node.parent]
                parts, place = (*parts, node.name), f"{place}/{os.fsdecode(node.name)}"
                if not self._terms.chosen(parts, isinstance(node, Folder)):
                    continue
            try:
                self._prepare_one(node, place, plan, is_top=not parts)
            except LocalError as error:
                self._complain(error)
            else:
                places[node.node] = parts, place

    def _prepare_one(self, node: Node, place: str, plan: Plan, *, is_top: bool) -> None:
        if isinstance(node, Folder):
            with reported("making", place):
                _make_folder(Path(place), follow=is_top, dry_run=self._terms.dry_run)
            plan.folders.append((node, place))
        elif isinstance(node, Link):
            plan.links.append((node, place))
        else:
            self._landing.sort(plan, node.version, place, node)

    def _finish(self, plan: Plan) -> None:
        """Make the links, then give folders mode and time, the deepest first."""
        for link, place in plan.links:
            try:
                self._make_link(link, place)
            except LocalError as error:
                self._complain(error)
        for folder, place in reversed(plan.folders):
            if not folder.modified:  # the drive's root has neither
                continue
            try:
                with reported("finishing", place):
                    os.chmod(place, folder.mode & 0o777)
                    os.utime(place, ns=(folder.modified, folder.modified))
            except LocalFileError as error:
                self._complain(error)

    def _make_link(self, link: Link, place: str) -> None:
        points_to = os.fsdecode(link.target)
        with reported("making", place):
            if os.path.islink(place) and os.readlink(place) == points_to:
                self._landing.unchanged += 1
                return
            if os.path.lexists(place):
                raise exists(place)
            os.symlink(points_to, place)
            os.utime(place, ns=(link.modified, link.modified), follow_symlinks=False)
        self.fetched.append(place)


def _see_damage(error: Tampered | Refused, shown: str = "") -> Tampered:
    """Say which file the server can't give back as it was, or raise what says nothing of a file."""
    if isinstance(error, Refused) and error.code not in LOST:
        raise error
    message = f"bringing {shown} down: {error.message}"
    return Tampered(message, "run 'anoncloud verify' to see which files are damaged")


def _make_folder(place: Path, *, follow: bool, dry_run: bool) -> None:
    """Make a folder, or see that there is one: a real one, unless it is the target itself."""
    if os.path.lexists(place):
        if not place.is_dir() or (place.is_symlink() and not follow):
            message = f"making {show_local(place)}: something that is no folder has that name"
            raise Exists(message, "move it away first")
    elif not dry_run:
        place.mkdir(mode=0o700)

"""What an upload would do: all of it is judged as in earnest, and nothing is sent or changed."""

from contextlib import suppress
from typing import Any, cast

from anoncloud.client.drive import Drive, Plan
from anoncloud.client.transfers.mirroring import has_content
from anoncloud.client.transfers.placing import Placed, Wanted
from anoncloud.client.transfers.uploads import Item, Uploader
from anoncloud.client.tree import names
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.nodes import File, find
from anoncloud.client.tree.planning import free_name
from anoncloud.client.tree.tree import Tree
from anoncloud.errors import NotFound


class RehearsedDrive(Drive):
    """*drive* as it would be: changes are made in a draft, at *now*, and never committed."""

    def __init__(self, drive: Drive, now: int) -> None:
        super().__init__(drive.journal, drive.peer, drive.entropy, lambda: now)
        self.draft = Draft(drive.journal.tree, now, drive.entropy)

    @property
    def tree(self) -> Tree:
        return cast("Tree", self.draft)  # whoever plans an upload asks it as a Space

    async def change(self, plan: Plan) -> None:
        plan(self.draft)


class RehearsedUploader(Uploader):
    """Notes what it would store in a :class:`RehearsedDrive`."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._noted: list[Placed] = []

    @property
    def stored(self) -> list[Placed]:
        """What would be in the drive."""
        return self._noted

    async def add(self, item: Item, *, parents: bool = True) -> None:
        wanted = await self._judge.where(item.target, item.seen, parents=parents)
        if wanted is None:
            self.unchanged += 1
            return
        there = wanted.expected
        same = (
            self._terms.by_content
            and isinstance(there, File)
            and there.version.size == item.status.st_size
            and await self.in_thread(has_content, item.path, there.version, self._drive.prints)
        )
        if same:
            self.unchanged += 1
        else:
            self._note(wanted, item.status.st_size)

    async def add_source(
        self, open_source: object, target: names.Path, *, parents: bool = False
    ) -> None:
        del open_source
        self._note(self._placer.want(target, parents=parents), 0)

    async def finish(self) -> None:
        """Leave everything as it is."""

    def _note(self, wanted: Wanted, size: int) -> None:
        above, name = wanted.target[:-1], wanted.target[-1]
        if wanted.expected is None:
            with suppress(NotFound):  # a folder that would be made; nothing is in it
                folder = find(self._drive.tree, above)
                name = free_name(self._drive.tree, folder.node, name, wanted.label)
        self._noted.append(Placed((*above, name), size, name != wanted.target[-1]))

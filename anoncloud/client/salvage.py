"""All that this device can still read of the drive, saved into a local folder, whatever is wrong.

::

    FOLDER/listing.jsonl    all there is in the drive, as this device knows it: an object a line
    FOLDER/files/           the drive's files, as far as their content came and was genuine
    FOLDER/trash/N/         the same of what lies in the trash
    FOLDER/report.txt       what was wrong, and what is not here

The folder must be new or empty, so nothing is ever overwritten. The server is asked for blobs even
where its history is in doubt: each segment of a file is proven by the file's own key.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import attrs
from msgspec import json

from anoncloud.client.accounts import HeadWatch, Surroundings
from anoncloud.client.drive import Drive
from anoncloud.client.journal import Journal
from anoncloud.client.link import Link, claimed_head
from anoncloud.client.profile import StayingLoggedIn
from anoncloud.client.staying import device_link
from anoncloud.client.threads import Progress
from anoncloud.client.transfers.fetching import Fetcher, Terms
from anoncloud.client.transfers.localfiles import reported, show_local
from anoncloud.client.transfers.policies import Existing, Policy
from anoncloud.client.tree import names
from anoncloud.client.tree.described import node_value
from anoncloud.client.tree.listing import walk
from anoncloud.client.tree.nodes import Folder, Node, below, path_of
from anoncloud.client.tree.tree import Tree
from anoncloud.errors import AnonymousCloudError, Exists
from anoncloud.ids import ROOT

LISTING: Final = "listing.jsonl"
REPORT: Final = "report.txt"


@attrs.define
class Salvaged:
    """What came of it.

    :ivar entries: how many files, folders and links the listing has.
    :ivar saved: how many files and links are in the folder.
    :ivar missing: paths of those that are not, as safe text.
    :ivar wrong: what went wrong, in words.
    """

    folder: Path
    entries: int = 0
    saved: int = 0
    missing: list[str] = attrs.Factory(list)
    wrong: list[str] = attrs.Factory(list)

    def complain(self, error: AnonymousCloudError) -> None:
        """Note what went wrong."""
        self.wrong.append(str(error))


async def salvage(here: Surroundings, folder: Path, progress: Progress) -> Salvaged:
    """Save what the device that stays logged in can read into the new *folder*.

    :raises NotLoggedIn: none does.
    :raises LocalError: the folder is not new, or can't be written.
    """
    known: StayingLoggedIn = await here.in_thread(here.profile.load)
    await here.in_thread(_make, folder)
    cache = here.profile.cache(known.keyring.drive)
    journal: Journal = await here.in_thread(Journal, known.keyring, cache, here.entropy)
    watch = HeadWatch()
    link = device_link(here, known, watch)
    drive = Drive(journal, link, here.entropy, here.clock)
    made = Salvaged(folder)
    link.start()
    try:
        is_there = await _catch_up(drive, link, watch, made)
        places = await here.in_thread(_list, drive.tree, folder, made)
        came = await _fetch(here, drive, places, progress, made) if is_there else set()
    finally:
        await link.stop()
    wanted = [one for place in places for one in place.wanted(drive.tree)]
    made.missing = [shown for shown, local in wanted if local not in came]
    made.saved = len(wanted) - len(made.missing)
    await here.in_thread(_report, known.account, journal, here.clock(), made)
    return made


async def _catch_up(drive: Drive, link: Link, watch: HeadWatch, made: Salvaged) -> bool:
    """Read what is new, if nothing speaks against it; tell whether the server can be asked."""
    try:
        _ = await link.connected()
    except AnonymousCloudError as error:
        made.complain(error)
        return False
    try:
        if watch.first is not None:
            await drive.catch_up(claimed_head(watch.first))
    except AnonymousCloudError as error:
        made.complain(error)
    return True


def _make(folder: Path) -> None:
    with reported("making", folder):
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            message = f"exporting to {show_local(folder)}: the folder is not empty"
            raise Exists(message, "choose a new folder: nothing is ever overwritten")


@attrs.frozen
class _Place:
    """A node that is to be saved at a local *path*, with all below it."""

    node: Node
    path: Path

    def wanted(self, tree: Tree) -> Iterator[tuple[str, str]]:
        """Give the path in the drive, as safe text, and the local one of all but folders."""
        above = len(path_of(tree, self.node.node))
        for one in below(tree, self.node.node):
            if not isinstance(one, Folder):
                path = path_of(tree, one.node)
                local = "/".join((str(self.path), *map(os.fsdecode, path[above:])))
                yield names.show_path(path), local


def _list(tree: Tree, folder: Path, made: Salvaged) -> list[_Place]:
    """Write the listing; give what is to be fetched, and to where."""
    lines = [node_value(path, node) for path, node in walk(tree, ()) if path]
    places = [_Place(tree.nodes[ROOT], folder / "files")]
    for number, trashed in enumerate(sorted(tree.trash), 1):
        top = tree.nodes[trashed]
        beside = {"trash": number, "trashed": top.trashed / 1e6}
        inside = below(tree, trashed)
        lines += [node_value(path_of(tree, one.node), one) | beside for one in inside]
        place = folder / "trash" / str(number)
        with reported("making", place):
            place.mkdir(parents=True)
        places.append(_Place(top, place / os.fsdecode(top.name)))
    with reported("writing", folder / LISTING), (folder / LISTING).open("xb") as file:
        file.writelines(json.encode(line) + b"\n" for line in lines)
    made.entries = len(lines)
    return places


async def _fetch(
    here: Surroundings, drive: Drive, places: list[_Place], progress: Progress, made: Salvaged
) -> set[str]:
    """Bring down what comes; give the local paths of that."""
    terms = Terms(Policy(Existing.FAIL))
    fetcher = Fetcher(drive, drive.tree, here.in_thread, progress, made.complain, terms)
    for place in places:
        try:
            await fetcher.fetch(place.node, place.path)
        except AnonymousCloudError as error:
            made.complain(error)
    return set(fetcher.fetched)


def _report(account: str, journal: Journal, time: int, made: Salvaged) -> None:
    """Write what was wrong, and what is missing."""
    head, newest = journal.head, journal.newest
    count = f"{head.number} records that end with {head.hash[:8].hex()}"
    lines = [
        f"The drive of {account}, exported on {_when(time)}.",
        f"This device knows {count}, the newest made on {_when(newest)}.",
        f"{LISTING} names {made.entries} files, folders and links; {made.saved} are saved here.",
        *(f"Wrong: {one}" for one in made.wrong),
        *(f"Not here: {one}" for one in made.missing),
    ]
    path = made.folder / REPORT
    with reported("writing", path), path.open("x", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in lines)


def _when(time: int) -> str:
    """Show a time, in microseconds, of the world's clock."""
    return f"{datetime.fromtimestamp(time // 1_000_000, UTC):%Y-%m-%d %H:%M:%S} UTC"

"""Fills the lists that look at much at once: versions, finds, sizes, moments; and details."""

import os
import posixpath
import stat
from collections import deque

from twisted.internet.task import deferLater

from anoncloud.client import history
from anoncloud.client.transfers.localfiles import reported
from anoncloud.client.tree.listing import origin
from anoncloud.client.tree.nodes import File, Folder, find, path_of
from anoncloud.errors import AnonymousCloudError, Exists
from anoncloud.ui import effects, places, shown
from anoncloud.ui.doing import measuring
from anoncloud.ui.doing.desk import Desk
from anoncloud.ui.doing.reading import drive_entry, tree_of
from anoncloud.ui.doing.sources import node_of
from anoncloud.ui.entries import Entry
from anoncloud.ui.events import Heard, Shown
from anoncloud.ui.looking_effects import Named, PickMoment
from anoncloud.ui.places import Local, Past, Place, Remote, Trash
from anoncloud.ui.viewing import details, finds, moments, usage, versions
from anoncloud.ui.viewing.said import Unread
from anoncloud.ui.viewing.table import Items


async def turn(desk: Desk) -> None:
    """Let the reactor do what else there is to do."""
    await deferLater(desk.here.reactor, 0)


async def history_of(desk: Desk, effect: effects.HistoryOf) -> None:
    """List the versions of a file."""
    await desk.opened()
    file = find(desk.drive.tree, effect.path)
    if not isinstance(file, File):
        message = f"{shown.path(effect.path)} is not a file"
        raise Exists(message, "only files have versions")
    number, _ = desk.looks.begin()
    desk.tell(Shown(versions.history(number, file, desk.state().zone)))


async def find_all(desk: Desk, effect: effects.FindAll) -> None:
    """List what matches a pattern, as it is found."""
    await desk.opened()
    tree, zone = desk.drive.tree, desk.state().zone
    number, looked = desk.looks.begin()
    desk.tell(Shown(finds.finds(number, effect.pattern)))
    found: list[tuple[tuple[bytes, ...], Entry]] = []
    reactor, told = desk.here.reactor, -measuring.TOLD_EVERY
    for nodes in finds.matches(tree, effect.pattern):
        if not looked.wanted:
            return
        found += [(path_of(tree, node.node), drive_entry(node)) for node in nodes]
        if len(found) >= finds.MOST:
            break
        if nodes and reactor.seconds() - told >= measuring.TOLD_EVERY:
            told = reactor.seconds()
            items = finds.items_of(found, zone)
            desk.tell(Heard(number, Items(items, finds.note(len(found), done=False))))
        await turn(desk)
    found = found[: finds.MOST]
    items = finds.items_of(found, zone)
    desk.tell(Heard(number, Items(items, finds.note(len(found), done=True))))


async def measure_them(desk: Desk, effect: effects.MeasureThem) -> None:
    """List how much lies in each thing of a folder, as it becomes known."""
    place = effect.place
    if isinstance(place, Trash):
        message = "the trash is listed as it is"
        raise Exists(message, "go to the drive to see sizes of folders, older versions with them")
    number, looked = desk.looks.begin()
    desk.tell(Shown(usage.usage(number, place, effect.focus)))
    try:
        if isinstance(place, Local):
            await measuring.measure_local(desk, number, looked, place.path)
        else:
            await measuring.measure_drive(desk, number, looked, place)
    except AnonymousCloudError as error:
        desk.tell(Heard(number, Unread(shown.text(str(error)))))


async def pick_moment(desk: Desk, effect: PickMoment) -> None:
    """List the newest records, to go to the drive as it was after one of them."""
    await desk.opened()
    drive, zone = desk.drive, desk.state().zone
    number, looked = desk.looks.begin()
    desk.tell(Shown(moments.moments(number, effect.path)))
    saved = drive.journal.saved()
    far = drive.journal.head.number > moments.NEAR
    start = saved if far and saved is not None else None
    if start is not None and start.head.number > drive.journal.head.number:
        start = None
    past = history.Past(drive.journal, start)
    found: deque[moments.Moment] = deque(maxlen=moments.MOST)

    def take(record: bytes) -> None:
        head, change = past.open(record)
        past.pass_over(head, change)
        found.append(moments.Moment(head.number, change.time, moments.said(drive.tree, change)))

    try:
        await history.read(drive, past.head.number, take)
    except AnonymousCloudError as error:
        desk.tell(Heard(number, Unread(shown.text(str(error)))))
        return
    if looked.wanted:
        items = moments.items_of(found, zone)
        desk.tell(Heard(number, Items(items, moments.note(found, drive.journal.head.number))))


async def details_of(desk: Desk, effect: effects.DetailsOf) -> None:
    """Show all that is known of an entry."""
    place, entry, zone = effect.place, effect.entry, desk.state().zone
    if isinstance(place, Local):
        path = posixpath.join(place.path, places.decode(entry.name))
        with reported("reading", path):
            status = await desk.here.in_thread(os.lstat, path)
        if stat.S_ISDIR(status.st_mode):
            entries = await desk.here.in_thread(measuring.entries_in, path)
            facts = details.of_local_folder(places.encode(path), status, entries, zone)
            await _with_what_is_below(desk, place, entry, facts)
            return
        facts = details.of_local(places.encode(path), status, zone)
    else:
        await desk.opened()
        node = await node_of(desk, Named(place, entry))
        tree = await tree_of(desk, place) if isinstance(place, Remote | Past) else desk.drive.tree
        path_there = origin(tree, node) if isinstance(place, Trash) else path_of(tree, node.node)
        facts = details.of_node(tree, path_there, node, zone)
        if isinstance(node, Folder) and not isinstance(place, Trash):
            await _with_what_is_below(desk, place, entry, facts)
            return
    desk.tell(Shown(details.message(entry.name, facts)))


async def _with_what_is_below(
    desk: Desk, place: Place, entry: Entry, facts: list[details.Fact]
) -> None:
    """Show *facts* of a folder, and how much lies below it as soon as that is known."""
    number, looked = desk.looks.begin()
    desk.tell(Shown(details.FolderDetails.of(number, entry.name, facts)))
    folder = places.inside(place, entry.name)
    if isinstance(folder, Local):
        await measuring.below_local(desk, number, looked, folder.path)
    elif isinstance(folder, Remote | Past):
        await measuring.below_drive(desk, number, looked, folder)

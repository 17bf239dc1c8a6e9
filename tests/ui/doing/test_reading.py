"""Lists for panes: of the local disk and of a drive."""

import os
from pathlib import Path
from typing import Any

import attrs
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.tree.nodes import Folder, Link
from anoncloud.client.tree.tree import Tree
from anoncloud.errors import LocalFileError
from anoncloud.ids import ROOT
from anoncloud.ui.doing import reading
from anoncloud.ui.effects import ReadPlace, Side
from anoncloud.ui.entries import Entry, Kind
from anoncloud.ui.events import PlaceFailed, PlaceRead
from anoncloud.ui.places import Local, Remote
from tests.support.desks import RememberingDesk
from tests.support.open_desks import OpenDeskTestCase

ODD = b"\xff\x1b[31m"


class LocalTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.top = Path(self.mktemp()).absolute()
        (self.top / "folder").mkdir(parents=True)

    def listed(self) -> dict[bytes, Entry]:
        return {entry.name: entry for entry in reading.local_entries(str(self.top))}

    def test_kinds(self) -> None:
        (self.top / "file").write_bytes(b"four")
        os.utime(self.top / "file", ns=(5, 7))
        (self.top / "to folder").symlink_to("folder")
        (self.top / "to nowhere").symlink_to(os.fsdecode(ODD))
        os.mkfifo(self.top / "pipe")
        (self.top / os.fsdecode(ODD)).touch()
        found = self.listed()
        self.assertEqual(found[b"file"], Entry(b"file", Kind.FILE, 4, 7))
        self.assertIs(found[b"folder"].kind, Kind.FOLDER)
        self.assertIs(found[b"to folder"].kind, Kind.FOLDER_LINK)
        self.assertEqual(found[b"to folder"].note, "-> folder")
        self.assertIs(found[b"to nowhere"].kind, Kind.LINK)
        self.assertEqual(found[b"to nowhere"].note, "-> \\xff\\x1b[31m")
        self.assertIs(found[b"pipe"].kind, Kind.OTHER)
        self.assertIn(ODD, found)

    def test_not_there(self) -> None:
        error = self.assertRaises(LocalFileError, reading.local_entries, str(self.top / "gone"))
        self.assertTrue(error.hint)


class DriveTests(SynchronousTestCase):
    def test_folders_and_links(self) -> None:
        tree = Tree()
        tree.plant([Folder(5, ROOT, b"d", 9, 0o700), Link(6, ROOT, b"l", b"to\x07", 8)])
        self.assertEqual(
            list(reading.listed_nodes(tree, [5, 6, 7])),
            [
                Entry(b"d", Kind.FOLDER, -1, 9, (5).to_bytes(8, "big")),
                Entry(b"l", Kind.LINK, 3, 8, (6).to_bytes(8, "big"), "-> to\\x07"),
            ],
        )


class ManyTests(OpenDeskTestCase):
    """Folders of the drive that are large enough to be listed in a thread."""

    def setUp(self) -> None:
        super().setUp()
        self.patch(reading, "MANY", 2)
        self.threads: list[tuple[Deferred[Any], Any, Any]] = []
        self.desk.here = attrs.evolve(self.desk.here, in_thread=self.in_thread)

    def in_thread(self, function: Any, *arguments: Any) -> "Deferred[Any]":
        ended: Deferred[Any] = Deferred()
        self.threads.append((ended, function, arguments))
        return ended

    def make(self, name: bytes) -> None:
        self.successResultOf(Deferred.fromCoroutine(self.drive.make_folder((name,))))

    def read(self) -> "Deferred[None]":
        effect = ReadPlace(Side.RIGHT, Remote(()))
        return Deferred.fromCoroutine(reading.read_place(self.desk, effect))

    def names(self) -> list[list[bytes]]:
        return [sorted(one.name for one in told.entries) for told in self.desk.heard(PlaceRead)]

    def test_one_after_the_other(self) -> None:
        """A list that is asked for later is begun later, and so is never the older one."""
        self.make(b"a")
        self.make(b"b")
        first, second = self.read(), self.read()
        self.make(b"c")
        self.assertEqual((len(self.threads), self.names()), (1, []))
        for at in range(2):
            ended, function, arguments = self.threads[at]
            ended.callback(function(*arguments))
        self.assertEqual(self.names(), [[b"a", b"b"], [b"a", b"b", b"c"]])
        self.successResultOf(first)
        self.successResultOf(second)

    def test_few(self) -> None:
        """A small folder needs no thread."""
        self.make(b"a")
        self.successResultOf(self.read())
        self.assertEqual((self.threads, self.names()), ([], [[b"a"]]))


class PlaceTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.desk = RememberingDesk(Path(self.mktemp()))

    def read(self, place: Local | Remote) -> "Deferred[None]":
        effect = ReadPlace(Side.RIGHT, place, b"focus")
        return Deferred.fromCoroutine(reading.read_place(self.desk, effect))

    def test_local(self) -> None:
        top = Path(self.mktemp()).absolute()
        top.mkdir()
        (top / "f").touch()
        self.successResultOf(self.read(Local(str(top))))
        (told,) = self.desk.told
        self.assertEqual((told.side, told.place), (Side.RIGHT, Local(str(top))))
        self.assertEqual((told.focus, told.cached), (b"focus", False))
        self.assertEqual([entry.name for entry in told.entries], [b"f"])

    def test_failed(self) -> None:
        place = Local("/nowhere at all")
        self.successResultOf(self.read(place))
        (told,) = self.desk.told
        self.assertIsInstance(told, PlaceFailed)
        self.assertEqual(told.place, place)

    def test_drive_waits_for_its_account(self) -> None:
        """A drive that is not open yet is waited for; without an account it fails in words."""
        reading_it = self.read(Remote(()))
        self.assertNoResult(reading_it)
        self.desk.open(None)
        self.successResultOf(reading_it)
        (told,) = self.desk.told
        self.assertNotIsInstance(told, PlaceRead)
        self.assertIn("nobody is logged in", told.message)

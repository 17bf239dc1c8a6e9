"""Lists for panes: of the local disk and of a drive."""

import os
from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.tree.nodes import Folder, Link
from anoncloud.errors import LocalFileError
from anoncloud.ui.doing import reading
from anoncloud.ui.effects import ReadPlace, Side
from anoncloud.ui.entries import Entry, Kind
from anoncloud.ui.events import PlaceFailed, PlaceRead
from anoncloud.ui.places import Local, Remote
from tests.support.desks import RememberingDesk

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
        nodes = [Folder(5, 0, b"d", 9, 0o700), Link(6, 0, b"l", b"to\x07", 8)]
        self.assertEqual(
            reading.drive_entries(nodes),
            [
                Entry(b"d", Kind.FOLDER, -1, 9, (5).to_bytes(8, "big")),
                Entry(b"l", Kind.LINK, 3, 8, (6).to_bytes(8, "big"), "-> to\\x07"),
            ],
        )


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

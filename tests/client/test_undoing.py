"""Undo and redo: every operation taken back, further and further, seen alike by every device."""

from typing import Any

from anoncloud.client.arranging import remove
from anoncloud.client.epochs import new_epoch
from anoncloud.client.tree import changes
from anoncloud.client.tree.nodes import File, Folder
from anoncloud.client.undoing import undo
from anoncloud.crypto.packing import Extent
from anoncloud.errors import Exists, NotFound
from tests.support.client_arranged import content
from tests.support.client_samples import blob
from tests.support.client_undoing import UndoTestCase


class OneTests(UndoTestCase):
    """Each kind of operation, taken back and done again."""

    def check(self, said: tuple[str, str], before: list[str], *again: tuple[str, str]) -> None:
        """Take back and redo what has been done since the drive was *before*."""
        after = self.shown()
        self.assertEqual(self.undo(), [said])
        self.assertEqual(self.shown(), before)
        self.assertEqual(self.undo(redo=True), list(again))
        self.assertEqual(self.shown(), after)
        self.assertEqual(self.undo(), [said])
        self.assertEqual(self.shown(), before)
        self.same_elsewhere()

    def test_new_things(self) -> None:
        """A new folder, file or link goes into the trash."""
        self.mkdir("/a")
        self.check(("trashed", "/a"), [], ("restored", "/a"))
        self.put("/f", 1)
        self.check(("trashed", "/f"), [], ("restored", "/f"))
        self.link("/l")
        self.check(("trashed", "/l"), [], ("restored", "/l"))

    def test_new_version(self) -> None:
        """The earlier version is the newest again."""
        self.put("/f", 1)
        self.put("/f", 2)
        self.check(("version", "/f"), ["/f 1"], ("version", "/f"))
        versions = [kept.version for kept in self.node("/f").versions]
        self.assertEqual(versions, [content(number) for number in (1, 2, 1, 2, 1)])

    def test_new_version_elsewhere(self) -> None:
        """The earlier version is found where it lies now."""
        self.put("/f", 1)
        self.put("/f", 2)
        stream = content(1).streams[0]
        there = (Extent(blob(9), 0, stream.extents[0].length),)
        node = self.node("/f").node
        self.change(lambda draft: draft.add(changes.Relocate(node, stream.key, there, ())))
        self.undo()
        self.assertEqual(self.node("/f").version.streams[0].extents, there)
        self.same_elsewhere()

    def test_moved(self) -> None:
        """What was moved or renamed goes back."""
        self.put("/a/f", 1)
        before = self.shown()
        self.run_now(self.drive.move((b"a", b"f"), (b"g",)))
        self.check(("moved", "/a/f"), before, ("moved", "/g"))

    def test_trashed(self) -> None:
        """What was trashed comes back."""
        self.put("/a/f", 1)
        before = self.shown()
        self.run_now(self.drive.trash((b"a",)))
        self.check(("restored", "/a"), before, ("trashed", "/a"))

    def test_restored(self) -> None:
        """What was restored goes into the trash again, which says where it was."""
        self.put("/a/f", 1)
        node = self.node("/a/f").node
        self.run_now(self.drive.trash((b"a", b"f")))
        before = self.shown()
        self.run_now(self.drive.restore(node, (b"elsewhere",)))
        again = ("restored", "/a/f"), ("moved", "/elsewhere")
        self.check(("trashed", "/elsewhere"), before, *again)
        (trashed,) = self.drive.trashed()
        self.assertEqual((trashed.name, trashed.parent), (b"f", self.node("/a").node))

    def test_restored_from_a_place_that_is_gone(self) -> None:
        """If it can't be told any more where it was, it still goes into the trash."""
        self.put("/a/f", 1)
        node = self.node("/a/f").node
        self.run_now(self.drive.trash((b"a", b"f")))
        self.run_now(self.drive.trash((b"a",)))
        self.run_now(self.drive.restore(node))
        self.check(("trashed", "/f"), [], ("restored", "/f"))

    def test_attributes(self) -> None:
        """Time and mode are as before."""
        self.put("/f", 1)
        self.link("/l")
        self.mkdir("/a")
        for path in ("/f", "/l", "/a"):
            before = self.node(path)
            given = changes.SetAttributes(before.node, 12_000_000_000, 0o7)
            self.change(lambda draft, given=given: draft.add(given))
            self.assertEqual(self.undo(), [("attributes", path)])
            after = self.node(path)
            self.assertEqual(after.modified, before.modified)
            if isinstance(before, Folder):
                self.assertEqual(after.mode, before.mode)
            if isinstance(before, File):
                self.assertEqual(after.version, before.version)

    def test_many_at_once(self) -> None:
        """A record of many operations is taken back as a whole, the last of them first."""
        self.put("/a/f", 1)
        self.put("/b", 2)
        before = self.shown()

        def plan(draft: Any) -> None:
            f, b, a = (self.node(path).node for path in ("/a/f", "/b", "/a"))
            draft.add(changes.Move(f, 0, b"c"))
            draft.add(changes.Move(b, a, b"f"))
            draft.add(changes.Move(f, 0, b"b"))
            draft.add(changes.Trash(a))

        self.change(plan)
        self.assertEqual(self.shown(), ["/b 1"])
        self.undo()
        self.assertEqual(self.shown(), before)
        self.undo(redo=True)
        self.assertEqual(self.shown(), ["/b 1"])
        self.same_elsewhere()

    def test_inside_of_new_folders(self) -> None:
        """What was made inside of a new folder goes into the trash with it, in one piece."""
        self.put("/a/b/f", 1)
        self.assertEqual(self.undo(), [("trashed", "/a")])
        self.assertEqual(self.trashed(), ["a"])
        self.undo(redo=True)
        self.put("/a/b/g", 2)
        self.assertEqual(self.undo(2), [("trashed", "/a")])
        self.undo(redo=True)
        self.assertEqual(self.shown(), ["/a/", "/a/b/", "/a/b/f 1", "/a/b/g 2"])


class RefusalTests(UndoTestCase):
    """What can't be taken back."""

    def test_nothing(self) -> None:
        """An empty drive has nothing to take back."""
        self.refused(NotFound, "no records")

    def test_for_good(self) -> None:
        """What was removed for good does not come back, nor what was done before it."""
        self.put("/a/f", 1)
        self.put("/g", 2)
        self.run_now(remove(self.drive, [self.node("/a/f")], forever=True))
        self.refused(Exists, "record 3", "removed /a/f for good")
        self.put("/h", 3)
        self.refused(Exists, "for good", count=2)
        self.undo()
        self.refused(Exists, "for good")

    def test_forgotten_versions(self) -> None:
        """Versions that were forgotten do not come back."""
        self.put("/f", 1)
        self.put("/f", 2)
        node = self.node("/f").node
        self.change(lambda draft: draft.add(changes.ForgetVersions(node, 1)))
        self.refused(Exists, "forgot earlier versions of /f")

    def test_forgotten_since(self) -> None:
        """A version that is not kept any more can't be the newest again."""
        self.put("/f", 1)
        self.put("/f", 2)
        other, _ = self.open(b"other")
        node = self.node("/f").node

        def plan(draft: Any) -> None:
            draft.add(changes.ForgetVersions(node, 1))

        async def between() -> None:
            await other.change(plan)

        self.peer.before_commit.append(between)
        error = self.fails(Exists, undo(self.drive, self.undone))
        self.assertIn("another device", str(error))
        self.assertEqual(len(self.node("/f").versions), 1)

    def test_no_file(self) -> None:
        """What concerns no file is passed over, and stays as it is."""
        self.put("/f", 1)
        self.change(lambda draft: draft.add(changes.EnrolDevice(b"k" * 32, b"a" * 32, b"laptop")))
        self.change(lambda draft: draft.add(changes.SetOptions(compress=True)))
        self.run_now(undo(self.drive, self.undone))
        self.assertRaises(NotFound, self.node, "/f")
        self.assertIn(b"k" * 32, self.drive.tree.devices)
        self.assertTrue(self.drive.tree.compress)

    def test_over_epochs(self) -> None:
        """A new drive key is no hindrance: what was done before it is taken back after it."""
        self.put("/f", 1)
        for _ in range(2):
            self.change(
                lambda draft: draft.add(
                    new_epoch(self.drive.journal.keyring, draft, self.drive.entropy)
                )
            )
            self.put("/f", 2)
        self.assertEqual(self.undo(3), [("version", "/f"), ("version", "/f"), ("trashed", "/f")])
        self.assertEqual(self.shown(), [])
        self.assertEqual(self.drive.journal.epoch, 2)
        self.same_elsewhere()

    def test_another_device(self) -> None:
        """What another device does at the same moment is not taken back unseen."""
        self.put("/f", 1)
        other, _ = self.open(b"other")

        async def between() -> None:
            await other.make_folder((b"new",))

        self.peer.before_commit.append(between)
        error = self.fails(Exists, undo(self.drive, self.undone))
        self.assertIn("another device", str(error))
        self.assertEqual(self.shown(), ["/f 1", "/new/"])
        self.assertEqual(self.undo(), [("trashed", "/new")])

    def test_idle_records(self) -> None:
        """A record that only says where things lie is passed over."""
        self.put("/f", 1)
        self.put("/f", 2)
        stream = content(2).streams[0]
        there = (Extent(blob(9), 0, stream.extents[0].length),)
        node = self.node("/f").node
        self.change(lambda draft: draft.add(changes.Relocate(node, stream.key, there, ())))
        self.assertEqual(self.undo(), [("version", "/f")])
        self.assertEqual(self.shown(), ["/f 1"])

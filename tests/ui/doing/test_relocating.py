"""Things copied and moved on the local disk: under their very names, and over nothing unasked."""

import os
import shutil
from pathlib import Path

from twisted.internet.defer import Deferred

from anoncloud.errors import Exists, LocalFileError, UsageError
from anoncloud.ui.doing import relocating
from anoncloud.ui.doing.relocating import Relocation
from tests.support.client import in_thread
from tests.support.client_clashes import BESIDE, LEAVE, STORE, Answerer, called
from tests.ui.doing.test_disk import ODD, DiskCase


class RelocatingCase(DiskCase):
    """The folder "folder" has a file, a folder and a link; "other" is where they go."""

    def setUp(self):
        super().setUp()
        self.complaints = []

    def begin(self, names, asked=None, *, moving=False, name=None, target=None):
        """Begin to copy or move; give the running work."""
        self.asked = asked or Answerer()
        self.work = Relocation(self.asked.policy, in_thread, self.complaints.append, moving)

        async def relocate():
            await self.work.look(str(self.folder), names, str(target or self.other), name)
            await self.work.carry_out()

        return Deferred.fromCoroutine(relocate())

    def take(self, names, asked=None, **how):
        self.successResultOf(self.begin(names, asked, **how))

    def both(self, name, ours=5, theirs=3):
        """Let a file be on both sides, changed in these seconds."""
        for folder, content, seconds in (
            (self.folder, b"the new one", ours),
            (self.other, b"there", theirs),
        ):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
            os.utime(folder / name, (seconds, seconds))


class CopyTests(RelocatingCase):
    def test_copied(self):
        """All that is copied is there, links as links; nothing is left beside it."""
        (self.folder / os.fsdecode(ODD)).write_bytes(b"odd")
        self.take([b"f", b"d", b"link", ODD])
        self.assertEqual((self.other / "d/in").read_bytes(), b"inside")
        self.assertEqual((self.other / "link").readlink(), Path("d"))
        self.assertEqual(self.names(self.other), sorted([b"d", b"f", b"link", ODD]))
        self.assertEqual(self.names(self.folder), self.names(self.other))
        self.assertEqual((self.asked.asked, self.complaints), ([], []))

    def test_in_the_same_folder(self):
        """A copy takes a free name."""
        self.take([b"f"], target=self.folder)
        self.take([b"f"], target=self.folder)
        self.take([b"d"], target=self.folder, name=b"e")
        self.assertEqual(
            self.names(self.folder), [b"d", b"e", b"f", b"f (copy 2)", b"f (copy)", b"link"]
        )

    def test_answers(self):
        for answer, there, beside in (
            (STORE, b"the new one", None),
            (LEAVE, b"there", None),
            (BESIDE, b"there", "x (copy)"),
            (called(b"y"), b"there", "y"),
        ):
            self.both("x")
            self.take([b"x"], Answerer(answer))
            self.assertEqual((self.other / "x").read_bytes(), there)
            expected = [b"x", *([beside.encode()] if beside else [])]
            self.assertEqual(self.names(self.other), sorted(expected))
            self.assertEqual(self.work.left, int(answer is LEAVE))
            (clash,) = self.asked.asked
            self.assertEqual((clash.ours.size, clash.theirs.size), (11, 5))
            for path in self.other.iterdir():
                path.unlink()

    def test_folders_join(self):
        """A folder joins another; what looks the same is left alone without a question."""
        self.both("d/in")
        shutil.copy2(self.folder / "f", self.folder / "d/same")
        shutil.copy2(self.folder / "f", self.other / "d/same")
        (self.folder / "d/new").mkdir()
        self.take([b"d"], Answerer(STORE))
        self.assertEqual([clash.name for clash in self.asked.asked], [b"in"])
        self.assertEqual((self.other / "d/in").read_bytes(), b"the new one")
        self.assertEqual(self.names(self.other / "d"), [b"in", b"new", b"same"])

    def test_other_kinds(self):
        """A folder and a file never replace one another, nor is a link to a folder followed."""
        (self.other / "f").mkdir()
        (self.other / "d").symlink_to(self.top)
        self.take([b"f", b"d", b"link"])
        self.assertEqual([type(error) for error in self.complaints], [Exists, Exists])
        self.assertTrue(all(error.hint for error in self.complaints))
        self.assertEqual(self.names(self.other), [b"d", b"f", b"link"])
        self.assertEqual(self.names(self.top), [b"folder", b"other"])

    def test_chosen_name_is_taken(self):
        self.both("x")
        (self.other / "y").write_bytes(b"there, too")
        self.take([b"x"], Answerer(called(b"y"), LEAVE))
        self.assertEqual([clash.name for clash in self.asked.asked], [b"x", b"y"])
        self.assertEqual((self.other / "y").read_bytes(), b"there, too")

    def test_changed_while_asked(self):
        """An answer counts for what was shown."""
        self.both("x")
        asked = Answerer(STORE)
        asked.gate = gate = Deferred()
        running = self.begin([b"x"], asked)
        (self.other / "x").write_bytes(b"changed meanwhile")
        gate.callback(None)
        self.successResultOf(running)
        self.assertEqual((self.other / "x").read_bytes(), b"changed meanwhile")
        self.assertIn("has changed", self.complaints[0].message)

    def test_given_up(self):
        """Nothing is changed while a question is open."""
        self.both("x")
        asked = Answerer(STORE)
        asked.gate = Deferred()
        running = self.begin([b"f", b"x"], asked)
        self.assertEqual(self.names(self.other), [b"x"])
        running.cancel()
        self.failureResultOf(running)
        self.assertEqual((self.other / "x").read_bytes(), b"there")

    def test_failed(self):
        """What can't be copied is told, and leaves nothing behind; the others go on."""
        self.both("x")

        def full(source, target, **_):
            shutil.copyfile(source, target)
            raise OSError(28, "No space left on device")

        self.patch(relocating.shutil, "copy2", full)
        self.take([b"x", b"gone", b"link"], Answerer(STORE))
        self.assertEqual([type(error) for error in self.complaints], [LocalFileError] * 3)
        self.assertEqual(self.names(self.other), [b"x"])
        self.assertEqual((self.other / "x").read_bytes(), b"there")

    def test_into_itself(self):
        for moving in (False, True):
            self.take([b"d"], target=self.folder / "d", moving=moving)
            self.assertIsInstance(self.complaints.pop(), UsageError)
        self.assertEqual(self.names(self.folder / "d"), [b"in"])


class MoveTests(RelocatingCase):
    def test_moved(self):
        self.take([b"f", b"d", b"link"], moving=True)
        self.assertEqual(self.names(self.other), [b"d", b"f", b"link"])
        self.assertTrue((self.other / "link").is_symlink())
        self.assertEqual((self.names(self.folder), self.asked.asked), ([], []))

    def test_under_another_name(self):
        self.take([b"f"], moving=True, name=b"g")
        self.assertEqual(self.names(self.other), [b"g"])

    def test_answers(self):
        """What was left stays where it is, with its folder."""
        for name in ("d/a", "d/b", "d/c"):
            self.both(name)
        self.take([b"d"], Answerer(STORE, BESIDE, LEAVE), moving=True)
        self.assertEqual(self.names(self.folder / "d"), [b"c"])
        self.assertEqual(self.names(self.other / "d"), [b"a", b"b", b"b (copy)", b"c", b"in"])
        self.assertEqual((self.other / "d/a").read_bytes(), b"the new one")
        self.assertEqual((self.other / "d/c").read_bytes(), b"there")
        self.take([b"d"], Answerer(STORE), moving=True)
        self.assertEqual(self.names(self.folder), [b"f", b"link"])

    def test_the_same(self):
        """What looks the same goes without a question."""
        shutil.copy2(self.folder / "f", self.other / "f")
        self.take([b"f"], moving=True)
        self.assertFalse((self.folder / "f").exists())
        self.assertEqual(self.asked.asked, [])

    def test_to_another_disk(self):
        """Where a rename can't reach, it is copied and then removed."""
        self.both("x")
        self.patch(relocating, "_on_one_disk", lambda *_: False)
        self.take([b"x", b"d", b"link"], Answerer(STORE), moving=True)
        self.assertEqual((self.other / "x").read_bytes(), b"the new one")
        self.assertEqual((self.other / "d/in").read_bytes(), b"inside")
        self.assertEqual(self.names(self.folder), [b"f"])

"""Copies and moves whose names are taken: what each answer leaves on both sides."""

from twisted.internet.defer import Deferred

from anoncloud.client import arranging
from anoncloud.client.tree.changes import PutVersion
from anoncloud.errors import NotFound
from anoncloud.ui import effects
from anoncloud.ui.doing import asking, copying
from anoncloud.ui.events import Conflict, ConflictOver, Progress, Severity, Told
from anoncloud.ui.places import Local, Past, Remote
from anoncloud.ui.transfer_effects import AnswerConflict, Decision
from tests.ui.doing.test_copying import CopyingCase

OVERWRITE, BOTH, SKIP, NEWER, RENAME = (
    Decision.OVERWRITE,
    Decision.BOTH,
    Decision.SKIP,
    Decision.NEWER,
    Decision.RENAME,
)
SECOND = 10**9
ROOT = Remote(())


class ConflictCase(CopyingCase):
    """A local folder "tree", and one in the drive; their files differ unless a test says so."""

    def both(self, *names, ours=2 * SECOND, theirs=SECOND):
        """Let files be in both trees, changed at these times."""
        for name in names:
            self.write(f"tree/{name}", b"there", modified=theirs)
        self.do(copying.copy_there, effects.CopyThere(self.here, (b"tree",), ROOT))
        for name in names:
            self.write(f"tree/{name}", b"the new one", modified=ours)

    def up(self, kind=effects.CopyThere, *names):
        self.do(copying.copy_there if kind is effects.CopyThere else copying.move_there,
                kind(self.here, names or (b"tree",), ROOT))  # fmt: skip

    def answer(self, decision, name=None, *, for_all=False):
        number = self.asked()[-1].number
        effect = AnswerConflict(number, decision, for_all, name)
        self.successResultOf(Deferred.fromCoroutine(asking.answer(self.desk, effect)))

    def asked(self):
        """Give what was asked about; the last one is open, unless it is over."""
        return self.desk.heard(Conflict)

    def assert_over(self, count):
        """See that so much was asked, and that nothing is open."""
        self.assertEqual(len(self.asked()), count)
        self.assertEqual(len(self.desk.heard(ConflictOver)), count)
        self.assertEqual(set(self.states()), {Progress.DONE})

    def remote(self, *path):
        """Give the content of a file of the drive's tree."""
        node = self.drive.stat((b"tree", *path))
        return self.read(node.version)

    def versions(self, *path):
        return [self.read(kept.version) for kept in self.drive.stat((b"tree", *path)).versions]

    def names(self):
        return sorted(node.name for node in self.drive.entries((b"tree",)))


class UploadTests(ConflictCase):
    def test_each(self):
        """Overwrite makes a version; keep both, rename and newer only do as they say."""
        self.both("a", "b", "c", "d", "e")
        self.write("tree/e", b"an older one", modified=SECOND // 2)
        self.write("tree/f", b"only here")
        self.up()
        for path, decision in zip("abcde", (OVERWRITE, BOTH, SKIP, RENAME, NEWER), strict=True):
            self.assertEqual(self.asked()[-1].path, f"/tree/{path}")
            self.assertEqual(self.asked()[-1].theirs.size, len(b"there"))
            self.assertRaises(NotFound, self.remote, b"f")
            self.answer(decision, b"other" if decision is RENAME else None)
        self.assert_over(5)
        self.assertEqual(self.versions(b"a"), [b"there", b"the new one"])
        self.assertEqual(self.names(), [b"a", b"b", b"b (copy)", b"c", b"d", b"e", b"f", b"other"])
        for name in (b"b (copy)", b"other"):
            self.assertEqual(self.remote(name), b"the new one")
        for name in (b"b", b"c", b"d", b"e"):
            self.assertEqual(self.versions(name), [b"there"])

    def test_for_all(self):
        """One answer holds for the whole tree, and for all that was copied with it."""
        self.both("a", "b")
        for content in (b"there", b"the new one"):
            path = self.write("single", content, modified=len(content))
            if content == b"there":
                self.up(effects.CopyThere, b"single")
        self.assertTrue(path.exists())
        self.up(effects.CopyThere, b"tree", b"single")
        self.answer(OVERWRITE, for_all=True)
        self.assert_over(1)
        self.assertEqual((self.remote(b"a"), self.remote(b"b")), (b"the new one",) * 2)
        self.assertEqual(self.content("single"), b"the new one")

    def test_unchanged(self):
        """What looks the same is left alone without a question, and folders join."""
        self.both("a", "in/b", ours=SECOND)
        for name in ("a", "in/b"):
            self.write(f"tree/{name}", b"there", modified=SECOND)
        self.write("tree/in/new", b"new")
        self.up()
        self.assert_over(0)
        self.assertEqual(self.remote(b"in", b"new"), b"new")

    def test_other_kinds(self):
        """A file where a folder is, and a folder where a file is, are told; the rest goes."""
        self.both("in/b", "file")
        (self.top / "tree/in/b").unlink()
        (self.top / "tree/in").rmdir()
        (self.top / "tree/file").unlink()
        self.write("tree/in", b"a file now")
        self.write("tree/file/x", b"in a folder now")
        self.write("tree/new", b"new")
        self.up()
        self.assertEqual(self.asked(), [])
        self.assertEqual(self.remote(b"new"), b"new")
        self.assertEqual(self.remote(b"file"), b"there")
        told = self.desk.heard(Told)[-1]
        self.assertIs(told.severity, Severity.ERROR)
        self.assertTrue(told.hint)

    def test_name_taken_too(self):
        """A chosen name that is taken is asked about in its turn."""
        self.both("a", "b")
        (self.top / "tree/b").unlink()
        self.up()
        self.answer(RENAME, b"b")
        self.assertEqual(self.asked()[-1].path, "/tree/b")
        self.answer(OVERWRITE)
        self.assert_over(2)
        self.assertEqual(self.versions(b"a"), [b"there"])
        self.assertEqual(self.versions(b"b"), [b"there", b"the new one"])

    def test_somebody_was_faster(self):
        """What another has stored while the question was open is not overwritten by its answer."""
        self.both("a")
        self.up()
        other = self.write("other", b"of somebody else", modified=3 * SECOND)
        self.run_now(self.put_files([other]))
        self.run_now(self.drive.change(lambda draft: self.replace(draft, other)))
        self.answer(OVERWRITE)
        self.assertIn(b"of somebody else", self.versions(b"a"))
        self.assertEqual(len(self.asked()), 2)

    def replace(self, draft, path):
        """Give the tree's "a" the version of another file."""
        node = self.drive.stat((b"tree", b"a"))
        draft.add(PutVersion(node.node, self.version(path.name)))


class MoveUpTests(ConflictCase):
    def test_what_was_left_stays(self):
        """Only what is in the drive by then is removed here."""
        self.both("a", "in/b", "in/c")
        self.up(effects.MoveThere)
        for decision in (OVERWRITE, SKIP, OVERWRITE):
            self.answer(decision)
        left = [path.name for path in sorted(self.top.rglob("*")) if path.is_file()]
        self.assertEqual(left, ["b"])
        self.assertEqual((self.top / "tree/in/b").read_bytes(), b"the new one")
        self.assertEqual(self.remote(b"in", b"b"), b"there")
        self.assertIn("1 left as it was", self.desk.heard(Told)[-1].text)

    def test_single(self):
        path = self.write("single", b"there", modified=SECOND)
        self.up(effects.CopyThere, b"single")
        self.write("single", b"the new one", modified=2 * SECOND)
        self.up(effects.MoveThere, b"single")
        self.answer(SKIP)
        self.assertTrue(path.exists())
        self.assertEqual(self.content("single"), b"there")


class DownloadTests(ConflictCase):
    def down(self, kind=effects.CopyThere):
        work = copying.copy_there if kind is effects.CopyThere else copying.move_there
        self.do(work, kind(ROOT, (b"tree",), self.here))

    def local(self, name):
        return (self.top / "tree" / name).read_bytes()

    def test_each(self):
        self.both("a", "b", "c", "d", "e")
        self.down()
        for path, decision in zip("abcde", (OVERWRITE, BOTH, SKIP, RENAME, NEWER), strict=True):
            asked = self.asked()[-1]
            self.assertTrue(asked.path.endswith(f"/tree/{path}"))
            self.assertEqual((asked.name, asked.into_drive), (path.encode(), False))
            self.assertEqual(self.local("a"), b"the new one")
            self.answer(decision, b"other" if decision is RENAME else None)
        self.assert_over(5)
        self.assertEqual((self.local("a"), self.local("b (copy)")), (b"there",) * 2)
        self.assertEqual(self.local("other"), b"there")
        for name in "bcde":
            self.assertEqual(self.local(name), b"the new one")
        self.assertEqual(len(list((self.top / "tree").iterdir())), 7)

    def test_changed_while_asked(self):
        """A file that changes while the question is open is asked about again."""
        self.both("a")
        self.down()
        self.write("tree/a", b"changed meanwhile", modified=5 * SECOND)
        self.answer(OVERWRITE)
        self.assertEqual(self.local("a"), b"changed meanwhile")
        self.assertEqual(self.asked()[-1].theirs.size, len(b"changed meanwhile"))
        self.answer(OVERWRITE)
        self.assertEqual(self.local("a"), b"there")

    def test_moved(self):
        """What was left stays in the drive; the rest lies in its trash."""
        self.both("a", "in/b", "in/c")
        self.down(effects.MoveThere)
        for path in ("a", "b", "c"):
            self.assertEqual(self.asked()[-1].name, path.encode())
            self.answer(SKIP if path == "b" else OVERWRITE)
        self.assertEqual(self.remote(b"in", b"b"), b"there")
        for path in ((b"a",), (b"in", b"c")):
            self.assertRaises(NotFound, self.remote, *path)
        self.assertEqual(self.local("in/b"), b"the new one")
        self.assertEqual(self.local("in/c"), b"there")

    def test_all_of_it_moved(self):
        self.both("a")
        self.down(effects.MoveThere)
        self.answer(BOTH)
        self.assertRaises(NotFound, self.drive.stat, (b"tree",))


class DriveTests(ConflictCase):
    """Inside the drive."""

    def setUp(self):
        super().setUp()
        self.both("a", "in/b")
        self.run_now(self.drive.make_folder((b"to", b"tree"), parents=True))

    def take(self, kind):
        """Copy or move the tree over another one of its name; give the running work."""
        work = copying.copy_there if kind is effects.CopyThere else copying.move_there
        running = Deferred.fromCoroutine(work(self.desk, kind(ROOT, (b"tree",), Remote((b"to",)))))
        self.addCleanup(running.cancel)
        return running

    def there(self, *path):
        return [self.read(kept.version) for kept in self.drive.stat((b"to", *path)).versions]

    def test_copied(self):
        self.successResultOf(self.take(effects.CopyThere))
        self.up()
        self.answer(OVERWRITE, for_all=True)
        running = self.take(effects.CopyThere)
        self.answer(OVERWRITE)
        self.answer(SKIP)
        self.successResultOf(running)
        self.assertEqual(self.desk.heard(Told)[-1].text, "copied 1 thing to /to, 1 left as it was")
        self.assertEqual(self.there(b"tree", b"a"), [b"there", b"the new one"])
        self.assertEqual(self.there(b"tree", b"in", b"b"), [b"there"])

    def test_moved(self):
        self.successResultOf(self.take(effects.CopyThere))
        self.up()
        self.answer(OVERWRITE, for_all=True)
        running = self.take(effects.MoveThere)
        self.answer(RENAME, b"other")
        self.answer(SKIP)
        self.successResultOf(running)
        self.assertIn(", 1 left as it was", self.desk.heard(Told)[-1].text)
        self.assertEqual(self.there(b"tree", b"other"), [b"there", b"the new one"])
        self.assertEqual(self.there(b"tree", b"a"), [b"there"])
        self.assertEqual(self.names(), [b"in"])
        self.assertEqual(self.remote(b"in", b"b"), b"the new one")


class PastTests(ConflictCase):
    """Out of the drive as it was, back into the drive."""

    def setUp(self):
        super().setUp()
        self.both("a", "in/b")
        self.moment = self.clock.now
        self.up()
        self.answer(OVERWRITE, for_all=True)

    def bring_back(self):
        """Copy the tree as it was over the one that is there."""
        effect = effects.CopyThere(Past(1, self.moment, ()), (b"tree",), ROOT)
        running = Deferred.fromCoroutine(copying.copy_there(self.desk, effect))
        self.addCleanup(running.cancel)
        return running

    def test_asked(self):
        """What is there now is overwritten only if its user says so, and keeps its versions."""
        running = self.bring_back()
        self.assertEqual(self.asked()[-1].path, "/tree/a")
        self.answer(OVERWRITE)
        self.answer(SKIP)
        self.successResultOf(running)
        self.assertEqual(self.versions(b"a"), [b"there", b"the new one", b"there"])
        self.assertEqual(self.versions(b"in", b"b"), [b"there", b"the new one"])
        self.assertEqual(self.desk.heard(Told)[-1].text, "copied 1 thing to /, 1 left as it was")

    def test_in_the_trash(self):
        """What lies in the trash by now is whole again, without a question."""
        self.run_now(arranging.remove(self.drive, [self.drive.stat((b"tree",))]))
        before = len(self.asked())
        self.successResultOf(self.bring_back())
        self.assertEqual((self.remote(b"a"), self.remote(b"in", b"b")), (b"there",) * 2)
        self.assertEqual(len(self.asked()), before)

    def test_removed_for_good(self):
        """What has no content any more is told; the rest is there."""
        self.run_now(arranging.remove(self.drive, [self.drive.stat((b"tree",))], forever=True))
        error = self.failureResultOf(self.bring_back(), NotFound).value
        self.assertIn("/tree/", error.message)
        self.assertTrue(error.hint)
        self.assertEqual(self.names(), [b"in"])


class DiskTests(ConflictCase):
    """On the local disk."""

    def setUp(self):
        super().setUp()
        self.write("tree/a", b"the new one", modified=2 * SECOND)
        self.write("to/tree/a", b"there", modified=SECOND)
        self.to = Local(str(self.top.absolute() / "to"))

    def test_copied(self):
        self.do(copying.copy_there, effects.CopyThere(self.here, (b"tree",), self.to))
        self.assertEqual((self.top / "to/tree/a").read_bytes(), b"there")
        self.answer(OVERWRITE)
        self.assertEqual((self.top / "to/tree/a").read_bytes(), b"the new one")
        self.assert_over(1)

    def test_moved(self):
        self.do(copying.move_there, effects.MoveThere(self.here, (b"tree",), self.to))
        self.answer(BOTH)
        self.assertEqual((self.top / "to/tree/a (copy)").read_bytes(), b"the new one")
        self.assertFalse((self.top / "tree").exists())
        self.assert_over(1)

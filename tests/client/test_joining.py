"""Things moved inside the drive to where there are others of their names."""

from twisted.internet.defer import Deferred

from anoncloud.client.joining import move_joining
from anoncloud.client.tree.names import parse_path
from anoncloud.errors import Exists, LocalError
from tests.support.client_arranged import ArrangedTestCase, content
from tests.support.client_clashes import BESIDE, LEAVE, STORE, Answerer, called


class JoiningCase(ArrangedTestCase):
    def move(self, *texts, name=None, answers=()):
        """Move the first paths into the last one; give what that has done."""
        self.asked = Answerer(*answers)
        *sources, folder = (parse_path(text.encode()) for text in texts)
        return move_joining(self.drive, sources, folder, self.asked.policy, name)

    def moved(self, *texts, **how):
        done = self.run_now(self.move(*texts, **how))
        return done.moved, done.left

    def versions(self, path):
        return [kept.version for kept in self.node(path).versions]


class MoveTests(JoiningCase):
    def test_free(self):
        """What finds its place free goes whole, with its earlier versions, in one record."""
        self.put("/a/f", 1)
        self.put("/a/f", 2)
        self.mkdir("/d")
        before = self.peer.commits()
        self.assertEqual(self.moved("/a", "/d", name=b"b"), (1, 0))
        self.assertEqual(
            (self.shown(), self.peer.commits()), (["/d/", "/d/b/", "/d/b/f 2"], before + 1)
        )
        self.assertEqual(len(self.versions("/d/b/f")), 2)
        self.same_elsewhere()

    def test_answers(self):
        for number, (answer, shown, counts) in enumerate(
            (
                (STORE, ["f 1"], (1, 0)),
                (BESIDE, ["f 2", "f (copy) 1"], (1, 0)),
                (called(b"g"), ["f 2", "g 1"], (1, 0)),
                (LEAVE, ["f 2"], (0, 1)),
            )
        ):
            top = f"/{number}"
            self.put(f"{top}/f", 1)
            self.put(f"{top}/d/f", 2)
            self.assertEqual(self.moved(f"{top}/f", f"{top}/d", answers=[answer]), counts)
            self.assertEqual(self.asked.paths, [f"{top}/d/f"])
            found = [
                path.removeprefix(f"{top}/d/")
                for path in self.shown()
                if path.startswith(f"{top}/d/")
            ]
            self.assertEqual([path for path in found if path], shown)
            left = [path for path in self.shown() if path.startswith(f"{top}/f")]
            self.assertEqual(len(left), int(answer is LEAVE))
        self.assertEqual(self.versions("/0/d/f"), [content(2), content(1)])
        self.same_elsewhere()

    def test_folders_join(self):
        """A folder joins another of its name, and goes once nothing is left in it."""
        self.put("/a/in/f", 1)
        self.put("/a/in/g", 1)
        self.put("/a/h", 1)
        self.put("/d/a/in/f", 2)
        self.put("/d/a/in/g", 2)
        self.assertEqual(self.moved("/a", "/d", answers=[STORE, LEAVE]), (2, 1))
        self.assertEqual(self.asked.paths, ["/d/a/in/f", "/d/a/in/g"])
        self.assertEqual(
            self.shown(),
            [
                "/a/",
                "/a/in/",
                "/a/in/g 1",
                "/d/",
                "/d/a/",
                "/d/a/h 1",
                "/d/a/in/",
                "/d/a/in/f 1",
                "/d/a/in/g 2",
            ],
        )
        self.assertEqual(self.moved("/a", "/d", answers=[STORE]), (1, 0))
        self.assertEqual(self.shown()[0], "/d/")

    def test_the_same(self):
        """A file that looks the same needs no question."""
        self.put("/f", 1)
        self.put("/d/f", 1)
        self.assertEqual(self.moved("/f", "/d"), (1, 0))
        self.assertEqual((self.shown(), self.asked.asked), (["/d/", "/d/f 1"], []))

    def test_other_kinds(self):
        """Where a file should be and a folder is, or the other way, nothing at all is moved."""
        self.put("/f/x", 1)
        self.put("/g", 1)
        self.put("/d/f", 2)
        self.mkdir("/d/g")
        before = self.shown()
        for name in ("/f", "/g"):
            error = self.fails(Exists, self.move(name, "/d"))
            self.assertTrue(error.hint)
        self.fails(Exists, self.move("/g", "/d/f"))
        self.assertEqual(self.shown(), before)

    def test_into_itself(self):
        self.put("/a/b/f")
        self.fails(LocalError, self.move("/a", "/a/b"))
        self.assertEqual(self.shown(), ["/a/", "/a/b/", "/a/b/f 1"])

    def test_changed_while_asked(self):
        """What has come meanwhile is not replaced by an answer about what was there before."""
        self.put("/f", 1)
        self.put("/d/f", 2)
        coming = self.move("/f", "/d", answers=[STORE])
        self.asked.gate = gate = Deferred()
        running = Deferred.fromCoroutine(coming)
        self.put("/d/f", 3)
        gate.callback(None)
        self.successResultOf(running)
        self.assertEqual(self.shown(), ["/d/", "/d/f 3", "/d/f (conflict) 1"])

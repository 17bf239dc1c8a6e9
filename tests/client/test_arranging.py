"""Moving, copying and removing many things: one record, all or nothing, no bytes sent."""

from typing import Any

from twisted.internet.defer import Deferred

from anoncloud.client import arranging, parts
from anoncloud.client.transfers.policies import Existing, Policy
from anoncloud.client.tree.names import parse_path, show_path
from anoncloud.errors import Exists, NotFound, UsageError
from anoncloud.limits import MAX_RECORD
from tests.support.client_arranged import ArrangedTestCase, content
from tests.support.client_clashes import BESIDE, LEAVE, STORE, Answerer, called


def paths(*texts: str) -> list[tuple[bytes, ...]]:
    """Take paths apart."""
    return [parse_path(text.encode()) for text in texts]


def both(source: str, target: str) -> tuple[list[tuple[bytes, ...]], tuple[bytes, ...]]:
    """Take a source and a target apart."""
    return paths(source), paths(target)[0]


class MoveTests(ArrangedTestCase):
    """arranging.move."""

    def move(self, *texts: str) -> Any:
        """Move the first paths to the last."""
        *sources, target = paths(*texts)
        return arranging.move(self.drive, sources, target)

    def test_one_record(self) -> None:
        """Several things go into a folder by one record."""
        for name in ("a", "b", "c"):
            self.put(f"/{name}")
        self.mkdir("/d")
        before = self.peer.commits()
        moved = self.run_now(self.move("/a", "/b", "/c", "/d"))
        self.assertEqual([show_path(path) for path in moved], ["/d/a", "/d/b", "/d/c"])
        self.assertEqual(self.peer.commits(), before + 1)
        self.assertEqual(self.shown(), ["/d/", "/d/a 1", "/d/b 1", "/d/c 1"])
        self.same_elsewhere()

    def test_all_or_nothing(self) -> None:
        """If one can't be moved, none is."""
        self.put("/a")
        self.put("/b")
        self.put("/d/b", 2)
        before = self.shown()
        self.fails(Exists, self.move("/a", "/b", "/d"))
        self.fails(NotFound, self.move("/a", "/none", "/d"))
        self.assertEqual(self.shown(), before)

    def test_rename(self) -> None:
        """One thing gets another name; a folder takes what is in it along."""
        self.put("/a/f")
        self.run_now(self.move("/a", "/z"))
        self.assertEqual(self.shown(), ["/z/", "/z/f 1"])

    def test_needs_a_folder(self) -> None:
        """Several things don't become one file, nor something that is not there."""
        self.put("/a")
        self.put("/b")
        self.fails(UsageError, self.move("/a", "/b", "/b"))
        self.fails(NotFound, self.move("/a", "/b", "/none"))
        self.fails(UsageError, self.move("/", "/b"))


class CopyTests(ArrangedTestCase):
    """arranging.copy."""

    def copy(self, *texts: str, existing: Existing = Existing.FAIL) -> Any:
        """Copy the first paths to the last."""
        *sources, target = paths(*texts)
        return arranging.copy(self.drive, sources, target, Policy(existing))

    def test_a_file(self) -> None:
        """A copy has the same newest version, of the same blobs, and lives on its own."""
        self.put("/a", 1)
        self.put("/a", 2)
        blobs = dict(self.store.blobs)
        done = self.run_now(self.copy("/a", "/b"))
        self.assertEqual([show_path(path) for path in done.paths], ["/b"])
        copied = self.node("/b")
        self.assertEqual([kept.version for kept in copied.versions], [content(2)])
        self.assertEqual(self.store.blobs, blobs)
        self.run_now(arranging.remove(self.drive, [self.node("/a")], forever=True))
        self.assertEqual(self.shown(), ["/b 2"])
        self.assertEqual(len(self.store.blobs), 1)
        self.run_now(arranging.remove(self.drive, [copied], forever=True))
        self.assertEqual(self.store.blobs, {})

    def test_a_folder(self) -> None:
        """Folders, files and links are copied with all they are, by one record."""
        self.put("/a/b/f", 1)
        self.link("/a/l", b"elsewhere")
        self.mkdir("/a/empty")
        before = self.peer.commits()
        done = self.run_now(self.copy("/a", "/z"))
        self.assertEqual((done.files, done.skipped), (2, 0))
        self.assertEqual(self.peer.commits(), before + 1)
        self.assertEqual(self.shown()[5:], ["/z/", "/z/b/", "/z/b/f 1", "/z/empty/", "/z/l ->"])
        for name in ("/b", "/l"):
            self.assertEqual(self.node("/z" + name).modified, self.node("/a" + name).modified)
        self.assertEqual(self.node("/z/l").target, b"elsewhere")
        self.same_elsewhere()

    def test_into_itself(self) -> None:
        """A folder is not copied into itself, nor into what is below it."""
        self.put("/a/b/f")
        for target in ("/a", "/a/b", "/a/b/new"):
            self.fails(UsageError, self.copy("/a", target))
        self.fails(UsageError, self.copy("/", "/a"))

    def test_onto_itself(self) -> None:
        """A file is not copied onto itself, but beside itself if that is asked for."""
        self.put("/f")
        self.fails(UsageError, self.copy("/f", "/"))
        self.fails(UsageError, self.copy("/f", "/f", existing=Existing.REPLACE))
        self.run_now(self.copy("/f", "/", existing=Existing.RENAME))
        self.assertEqual(self.shown(), ["/f 1", "/f (copy) 1"])

    def test_taken(self) -> None:
        """A name that is taken is an error, and then nothing at all is copied."""
        self.put("/a/e", 1)
        self.put("/a/f", 1)
        self.put("/z/a/f", 2)
        before = self.shown()
        error = self.fails(Exists, self.copy("/a", "/z"))
        self.assertIn("/z/a/f", str(error))
        self.assertEqual(self.shown(), before)

    def test_replace(self) -> None:
        """A file gets a new version, its earlier one stays; a folder joins the other."""
        self.put("/a/f", 1)
        self.put("/a/g", 3)
        self.put("/z/a/f", 2)
        done = self.run_now(self.copy("/a", "/z", existing=Existing.REPLACE))
        versions = [kept.version for kept in self.node("/z/a/f").versions]
        self.assertEqual(versions, [content(2), content(1)])
        self.assertEqual((done.files, done.skipped), (2, 0))
        again = self.run_now(self.copy("/a", "/z", existing=Existing.REPLACE))
        self.assertEqual((again.files, again.skipped), (0, 2))
        self.assertEqual(len(self.node("/z/a/f").versions), 2)

    def test_asked(self) -> None:
        """Whoever is asked is asked about files that differ, before anything is copied."""
        for number, name in enumerate("abcde", start=1):
            self.put(f"/s/{name}", number)
            self.put(f"/t/s/{name}", number if name == "e" else 9)
        self.put("/s/file", 1)
        self.put("/t/s/file/in a folder", 1)
        asked = Answerer(STORE, LEAVE, BESIDE, called(b"new"))
        done = self.run_now(arranging.copy(self.drive, *both("/s", "/t"), asked.policy))
        self.assertEqual(asked.paths, ["/t/s/a", "/t/s/b", "/t/s/c", "/t/s/d"])
        self.assertEqual((done.files, done.skipped, done.left), (4, 2, 1))
        self.assertEqual(
            [path for path in self.shown() if path.startswith("/t/s/") and path[5:]],
            [
                *("/t/s/a 1", "/t/s/b 9", "/t/s/c 9", "/t/s/c (copy) 3", "/t/s/d 9", "/t/s/e 5"),
                *("/t/s/file/", "/t/s/file/in a folder 1", "/t/s/file (copy) 1", "/t/s/new 4"),
            ],
        )
        self.assertEqual(len(self.node("/t/s/a").versions), 2)

    def test_asked_for_a_name_in_vain(self) -> None:
        """A chosen name that is taken is asked about; a copy beside itself needs no question."""
        self.put("/f", 1)
        for name in ("f", "g"):
            self.put(f"/t/{name}", 2)
        asked = Answerer(called(b"g"), LEAVE)
        done = self.run_now(arranging.copy(self.drive, *both("/f", "/t"), asked.policy))
        self.assertEqual((asked.paths, done.left), (["/t/f", "/t/g"], 1))
        self.run_now(arranging.copy(self.drive, *both("/f", "/"), Answerer().policy))
        self.assertEqual(self.shown()[:2], ["/f 1", "/f (copy) 1"])

    def test_asked_and_changed(self) -> None:
        """An answer about a file that another one has changed meanwhile does not count for that."""
        self.put("/f", 1)
        self.put("/t/f", 2)
        asked = Answerer(STORE)
        asked.gate = gate = Deferred()
        coming = Deferred.fromCoroutine(arranging.copy(self.drive, *both("/f", "/t"), asked.policy))
        self.put("/t/f", 3)
        gate.callback(None)
        self.successResultOf(coming)
        self.assertEqual(self.shown(), ["/f 1", "/t/", "/t/f 3", "/t/f (copy) 1"])

    def test_skip_rename_newer(self) -> None:
        """What is there stays, is joined by a copy, or is replaced only if it is older."""
        self.put("/f", 5)
        self.put("/z/f", 7)
        done = self.run_now(self.copy("/f", "/z", existing=Existing.SKIP))
        self.assertEqual((done.paths, done.skipped), ([], 1))
        self.run_now(self.copy("/f", "/z", existing=Existing.NEWER))
        self.assertEqual(self.shown(), ["/f 5", "/z/", "/z/f 7"])
        done = self.run_now(self.copy("/f", "/z", existing=Existing.RENAME))
        self.assertEqual([show_path(path) for path in done.paths], ["/z/f (copy)"])
        self.put("/f", 9)
        self.run_now(self.copy("/f", "/z", existing=Existing.NEWER))
        self.assertEqual(self.shown(), ["/f 9", "/z/", "/z/f 9", "/z/f (copy) 5"])

    def test_another_kind(self) -> None:
        """A folder never replaces a file, nor a file a folder; a link goes into the trash."""
        self.mkdir("/a")
        self.put("/z/a", 1)
        self.fails(Exists, self.copy("/a", "/z", existing=Existing.REPLACE))
        self.put("/b", 2)
        self.mkdir("/z/b")
        self.fails(Exists, self.copy("/b", "/z", existing=Existing.REPLACE))
        self.link("/z/l")
        self.run_now(self.copy("/b", "/z/l", existing=Existing.REPLACE))
        self.assertEqual((self.node("/z/l").size, self.trashed()), (100, ["l"]))

    def test_several_records(self) -> None:
        """What is too large for one record is copied in several, each below the limit."""
        for number in range(12):
            self.put(f"/a/{number % 3}/{number}", number)
        expected = [line.replace("/a/", "/z/") for line in self.shown()]
        self.patch(parts, "PART_BYTES", 400)
        before = self.peer.commits()
        self.run_now(self.copy("/a", "/z"))
        self.assertGreater(self.peer.commits(), before + 2)
        self.assertEqual([line for line in self.shown() if line.startswith("/z")], expected)
        self.assertLess(max(map(len, self.store.journal)), MAX_RECORD)
        self.same_elsewhere()

    def test_somebody_was_faster(self) -> None:
        """If another device comes in between, the copy is planned again on what is there then."""
        self.put("/a/f", 1)
        other, _ = self.open(b"other")

        async def between() -> None:
            await other.move((b"a", b"f"), (b"a", b"g"))

        self.peer.before_commit.append(between)
        self.run_now(self.copy("/a", "/z"))
        self.assertEqual(self.shown(), ["/a/", "/a/g 1", "/z/", "/z/g 1"])


class RemoveTests(ArrangedTestCase):
    """arranging.remove."""

    def remove(self, *texts: str, forever: bool = False) -> None:
        """Remove what is at these paths."""
        self.run_now(
            arranging.remove(self.drive, [self.node(text) for text in texts], forever=forever)
        )

    def test_one_record(self) -> None:
        """Several things go by one record; what lies in another one of them goes with that."""
        self.put("/a/b/f")
        self.put("/g")
        before = self.peer.commits()
        self.remove("/a/b/f", "/a", "/g", "/g", "/a/b")
        self.assertEqual(self.peer.commits(), before + 1)
        self.assertEqual((self.shown(), sorted(self.trashed())), ([], ["a", "g"]))

    def test_forever(self) -> None:
        """Removed for good, things are neither there nor in the trash, and their blobs go."""
        self.put("/a/f", 1)
        self.put("/g", 2)
        self.remove("/a", "/g", forever=True)
        self.assertEqual((self.shown(), self.trashed(), self.store.blobs), ([], [], {}))

    def test_the_root(self) -> None:
        """The root stays, and so does all in it."""
        self.put("/f")
        root = self.node("/")
        self.fails(UsageError, arranging.remove(self.drive, [root, self.node("/f")]))
        self.assertEqual(self.shown(), ["/f 1"])

    def test_very_many(self) -> None:
        """Very many paths are removed in several records."""
        for number in range(30):
            self.put(f"/{number}", number)
        self.patch(parts, "PART_BYTES", 100)
        before = self.peer.commits()
        self.remove(*(f"/{number}" for number in range(30)))
        self.assertGreater(self.peer.commits(), before + 2)
        self.assertEqual((self.shown(), len(self.trashed())), ([], 30))

    def test_very_many_blobs(self) -> None:
        """A folder of more blobs than a record may drop is forgotten piece by piece."""
        for number in range(20):
            self.put(f"/a/{number % 4}/{number}", number)
        self.patch(parts, "PART_BLOBS", 4)
        before = len(self.store.journal)
        self.remove("/a", forever=True)
        self.assertEqual((self.shown(), self.trashed(), self.store.blobs), ([], [], {}))
        self.assertGreaterEqual(len(self.store.journal), before + 4)
        self.same_elsewhere()

"""Contents into the drive: nothing that its writer has not seen is ever replaced."""

from anoncloud.client.drive import Drive
from anoncloud.client.transfers.placing import Placer, has_content
from anoncloud.client.tree import changes, names
from anoncloud.client.tree.nodes import File
from anoncloud.client.tree.versions import Stream, Version
from anoncloud.crypto.packing import Extent
from anoncloud.errors import Exists, NotFound
from anoncloud.ids import ROOT
from tests.support.client import DriveTestCase

BLOB = b"\xb0" * 16


def version(number: int) -> Version:
    """Give a version that lies in a blob that every record here may name."""
    stream = Stream(bytes([number]) * 32, 84, (Extent(BLOB, 100 * number, 100),))
    return Version(number, 0o600, bytes([number]) * 16, (stream,))


class PlacingTests(DriveTestCase):
    """Two devices on one drive."""

    def setUp(self) -> None:
        super().setUp()
        self.store.staged[BLOB] = bytes(4 * 1024 * 1024)
        self.one, self.peer = self.open(b"one")
        self.put(self.one, b"first", 1)
        self.other, _ = self.open(b"other")

    def put(self, drive: Drive, name: bytes, number: int) -> None:
        """Make a file, as another program does."""
        node = 1000 + number
        change = changes.PutFile(node, ROOT, name, version(number))
        self.run_now(drive.change(lambda draft: draft.add(change)))

    def place(self, drive: Drive, *paths: names.Path, parents: bool = False) -> Placer:
        """Store one content at each of *paths*, and commit them together."""
        placer = Placer(drive)
        for number, path in enumerate(paths, start=20):
            placer.add(placer.want(path, parents=parents), lambda number=number: version(number))
        self.assertEqual(placer.waiting, len(paths))
        self.run_now(placer.commit())
        self.assertEqual(placer.waiting, 0)
        return placer

    def names(self) -> list[bytes]:
        self.run_now(self.one.catch_up())
        return [node.name for node in self.one.entries(())]

    def test_new_and_again(self) -> None:
        """A new file is made, and one that is there gets a new version, in one record."""
        placer = self.place(self.one, (b"new",), (b"first",))
        self.assertEqual([placed.renamed for placed in placer.placed], [False, False])
        self.assertEqual([placed.size for placed in placer.placed], [84, 84])
        first = self.one.stat((b"first",))
        self.assertEqual([kept.version for kept in first.versions], [version(1), version(21)])
        self.assertEqual(self.peer.commits(), 2)

    def test_nothing(self) -> None:
        """Without contents no record is made."""
        self.place(self.one)
        self.assertEqual(self.peer.commits(), 1)

    def test_conflict(self) -> None:
        """What another device has stored meanwhile stays, and ours stands beside it."""
        placer = Placer(self.one)
        for number, path in enumerate(((b"first",), (b"new",)), start=30):
            wanted = placer.want(path, parents=False)
            placer.add(wanted, lambda number=number: version(number))
        self.place(self.other, (b"first",), (b"new",))
        self.run_now(placer.commit())
        self.assertEqual([placed.renamed for placed in placer.placed], [True, True])
        beside = [b"first", b"first (conflict)", b"new", b"new (conflict)"]
        self.assertEqual(self.names(), beside)
        self.assertEqual(self.one.stat((b"first",)).version, version(20))
        self.assertEqual(self.one.stat((b"first (conflict)",)).version, version(30))
        self.assertEqual(placer.placed[0].path, (b"first (conflict)",))

    def test_conflict_while_committing(self) -> None:
        """The same holds when the other device is faster by a moment."""

        async def other_is_faster() -> None:
            placer = Placer(self.other)
            placer.add(placer.want((b"first",), parents=False), lambda: version(40))
            await placer.commit()

        self.peer.before_commit.append(other_is_faster)
        placer = self.place(self.one, (b"first",))
        self.assertEqual([placed.path for placed in placer.placed], [(b"first (conflict)",)])
        self.assertEqual(self.names(), [b"first", b"first (conflict)"])

    def test_moved_meanwhile(self) -> None:
        """A file that was moved away keeps its content, and ours is a new file."""
        placer = Placer(self.one)
        placer.add(placer.want((b"first",), parents=False), lambda: version(50))
        self.run_now(self.other.move((b"first",), (b"moved",)))
        self.run_now(placer.commit())
        self.assertEqual(self.names(), [b"first", b"moved"])
        self.assertEqual(self.one.stat((b"moved",)).version, version(1))
        self.assertFalse(placer.placed[0].renamed)

    def test_twice_in_one_record(self) -> None:
        """Two contents for one new place both stay."""
        placer = self.place(self.one, (b"new",), (b"new",))
        paths = [placed.path for placed in placer.placed]
        self.assertEqual(paths, [(b"new",), (b"new (conflict)",)])

    def test_parents(self) -> None:
        """Missing folders are made if that is wanted, and refused else, before anything is read."""
        self.place(self.one, (b"a", b"b", b"f"), (b"a", b"b", b"g"), parents=True)
        self.assertIsInstance(self.one.stat((b"a", b"b", b"g")), File)
        placer = Placer(self.one)
        self.assertRaises(NotFound, placer.want, (b"none", b"f"), parents=False)
        for path in ((b"first", b"f"), (b"first", b"d", b"f")):
            for parents in (True, False):
                kind = Exists if parents or len(path) == 2 else NotFound
                self.assertRaises(kind, placer.want, path, parents=parents)

    def test_folder_gone_meanwhile(self) -> None:
        """A folder that was trashed meanwhile is made again where that is wanted, refused else."""
        for parents in (True, False):
            self.run_now(self.one.make_folder((b"d",), parents=True))
            placer = Placer(self.one)
            placer.add(placer.want((b"d", b"f"), parents=parents), lambda: version(60))
            self.run_now(self.other.catch_up())
            self.run_now(self.other.trash((b"d",)))
            if parents:
                self.run_now(placer.commit())
                self.assertEqual(self.one.stat((b"d", b"f")).version, version(60))
            else:
                self.fails(NotFound, placer.commit())

    def test_what_is_no_file(self) -> None:
        """No content goes where a folder or a link is."""
        self.run_now(self.one.make_folder((b"d",)))
        link = changes.MakeLink(7, ROOT, b"l", b"first", 1)
        self.run_now(self.one.change(lambda draft: draft.add(link)))
        placer = Placer(self.one)
        for path, kind in (((b"d",), "a folder"), ((b"l",), "a symbolic link"), ((), "a folder")):
            error = self.assertRaises(Exists, placer.want, path, parents=True)
            self.assertIn(kind, error.message)

    def test_label(self) -> None:
        """A place that is taken gives the name a label, and a number from the second on."""
        for expected in (b"first (conflict)", b"first (conflict 2)"):
            placer = Placer(self.one)
            wanted = placer.want((b"first",), parents=False)
            placer.add(type(wanted)(wanted.target, None, parents=False), lambda: version(9))
            self.run_now(placer.commit())
            self.assertEqual(placer.placed[0].path, (expected,))

    def test_content(self) -> None:
        """Whether the very content stands there is told by its digest."""
        wanted = Placer(self.one).want((b"first",), parents=False)
        self.assertTrue(has_content(wanted, bytes([1]) * 16))
        self.assertFalse(has_content(wanted, bytes(16)))
        nothing = Placer(self.one).want((b"none",), parents=False)
        self.assertFalse(has_content(nothing, bytes(16)))

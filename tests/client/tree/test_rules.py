"""The rules, one operation at a time: what each does, and what is refused."""

from typing import Any

from msgspec import structs
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.tree import changes
from anoncloud.client.tree.nodes import File, Folder, Link, path_of
from anoncloud.client.tree.rules import apply
from anoncloud.client.tree.tree import Tree
from anoncloud.crypto.packing import Extent
from anoncloud.errors import Exists, LocalError, NotFound, UsageError
from anoncloud.ids import ROOT
from anoncloud.limits import MAX_DEPTH
from tests.support.client_model import held
from tests.support.client_samples import LONG, PIECED, SHORT, blob, version

PAPERS, DRAFTS, NOTE, LINK = 1, 2, 3, 4
NOW = 1_700_000_000_000_000


class RulesTestCase(SynchronousTestCase):
    """A tree with ``/papers/drafts/note`` and ``/link``."""

    def setUp(self) -> None:
        self.tree = Tree()
        self.do(changes.MakeFolder(PAPERS, ROOT, b"papers", 5, 0o755))
        self.do(changes.MakeFolder(DRAFTS, PAPERS, b"drafts", 5, 0o700))
        self.do(changes.PutFile(NOTE, DRAFTS, b"note", SHORT))
        self.do(changes.MakeLink(LINK, ROOT, b"link", b"papers", 5))

    def do(self, operation: Any, time: int = NOW) -> None:
        """Carry an operation out."""
        apply(self.tree, operation, time)

    def refused(self, kind: type[LocalError], *operations: Any) -> None:
        """See that each operation is refused, and changes nothing."""
        for operation in operations:
            before = held(self.tree)
            self.assertRaises(kind, self.do, operation)
            self.assertEqual(held(self.tree), before, operation)

    def file(self) -> File:
        """Give the note."""
        node = self.tree.node(NOTE)
        if not isinstance(node, File):
            self.fail("the note is no file")
        return node


class MakingTests(RulesTestCase):
    """New nodes, and their places."""

    def test_made(self) -> None:
        """A node is as its operation says; a file's version is stored at the change's time."""
        self.assertEqual(self.tree.node(PAPERS), Folder(PAPERS, ROOT, b"papers", 5, 0o755))
        self.assertEqual(self.tree.node(LINK), Link(LINK, ROOT, b"link", b"papers", 5))
        self.assertEqual([(k.stored, k.version) for k in self.file().versions], [(NOW, SHORT)])
        self.assertEqual(self.tree.blobs, {blob(0): 1})

    def all_makers(self, node: int, parent: int, name: bytes) -> list[Any]:
        """Give every operation that makes something there."""
        return [
            changes.MakeFolder(node, parent, name, 0, 0),
            changes.PutFile(node, parent, name, PIECED),
            changes.MakeLink(node, parent, name, b"x", 0),
        ]

    def test_numbers_are_unique(self) -> None:
        """A number that a node has, the root's and a trashed one's too, is taken."""
        self.do(changes.Trash(LINK))
        for node in (PAPERS, LINK, ROOT):
            self.refused(Exists, *self.all_makers(node, ROOT, b"new"))

    def test_names_are_unique(self) -> None:
        """A name is taken once in a folder; it is free in another and when its node is trashed."""
        self.refused(Exists, *self.all_makers(9, ROOT, b"papers"))
        self.do(changes.MakeFolder(9, PAPERS, b"papers", 0, 0))
        self.do(changes.Trash(LINK))
        self.do(changes.MakeFolder(10, ROOT, b"link", 0, 0))

    def test_names_are_checked(self) -> None:
        """A record can't bring in a name that no client may give."""
        for name in (b".", b"..", b"a/b", b"a\x00", b"n" * 256):
            self.refused(UsageError, *self.all_makers(9, ROOT, name))
            self.refused(UsageError, changes.Move(NOTE, ROOT, name))

    def test_parents_are_folders(self) -> None:
        """The parent is a folder that is there, and no part of it lies in the trash."""
        for parent in (NOTE, LINK, 99):
            self.refused(NotFound, *self.all_makers(9, parent, b"new"))
        self.do(changes.Trash(PAPERS))
        for parent in (PAPERS, DRAFTS):
            self.refused(NotFound, *self.all_makers(9, parent, b"new"))

    def test_depth(self) -> None:
        """Nothing is made deeper than MAX_DEPTH."""
        parent = ROOT
        for depth in range(1, MAX_DEPTH + 1):
            self.do(changes.MakeFolder(100 + depth, parent, b"d", 0, 0))
            parent = 100 + depth
        self.assertEqual(len(path_of(self.tree, parent)), MAX_DEPTH)
        self.refused(NotFound, *self.all_makers(9, parent, b"new"))
        self.refused(NotFound, changes.Move(NOTE, parent, b"note"))


class DepthTests(RulesTestCase):
    """``/papers/drafts/note`` and a chain of folders that leaves room for just so much."""

    def chain(self, depth: int) -> list[int]:
        """Make folders one in another down to *depth*; give them, the root first."""
        chain = [int(ROOT)]
        for number in range(100, 100 + depth):
            self.do(changes.MakeFolder(number, chain[-1], b"d", 0, 0))
            chain.append(number)
        return chain

    def test_move(self) -> None:
        """What is below a folder goes to the deepest place with it, and no deeper."""
        chain = self.chain(MAX_DEPTH - 1)
        self.refused(UsageError, changes.Move(PAPERS, chain[MAX_DEPTH - 2], b"papers"))
        self.refused(NotFound, changes.Move(PAPERS, NOTE, b"papers"))
        self.do(changes.Move(PAPERS, chain[MAX_DEPTH - 3], b"papers"))
        self.assertEqual(len(path_of(self.tree, NOTE)), MAX_DEPTH)

    def test_rename(self) -> None:
        """What is as deep as can be may be renamed, and moved up or sideways."""
        chain = self.chain(MAX_DEPTH - 1)
        self.do(changes.Move(PAPERS, chain[MAX_DEPTH - 3], b"papers"))
        self.do(changes.Move(PAPERS, chain[MAX_DEPTH - 3], b"p"))
        self.do(changes.Move(chain[1], ROOT, b"top"))
        self.do(changes.MakeFolder(9, chain[MAX_DEPTH - 4], b"beside", 0, 0))
        self.do(changes.Move(PAPERS, 9, b"p"))
        self.assertEqual(len(path_of(self.tree, NOTE)), MAX_DEPTH)

    def test_restore(self) -> None:
        """A folder comes back from the trash only where all below it has a place."""
        chain = self.chain(MAX_DEPTH - 1)
        self.do(changes.Trash(PAPERS))
        self.refused(UsageError, changes.Restore(PAPERS, chain[MAX_DEPTH - 2], b"papers"))
        self.do(changes.Restore(PAPERS, chain[MAX_DEPTH - 3], b"papers"))

    def test_restore_after_its_folder_moved(self) -> None:
        """So it is if the folder that it was in has gone down meanwhile, without it."""
        chain = self.chain(MAX_DEPTH - 1)
        self.do(changes.Trash(DRAFTS))
        self.do(changes.Move(PAPERS, chain[MAX_DEPTH - 2], b"papers"))
        self.refused(UsageError, changes.Restore(DRAFTS, PAPERS, b"drafts"))

    def test_trashed_below(self) -> None:
        """What lies in the trash by itself is not below the folder that held it."""
        chain = self.chain(MAX_DEPTH - 1)
        self.do(changes.Trash(NOTE))
        self.do(changes.Move(PAPERS, chain[MAX_DEPTH - 2], b"papers"))

    def test_move_out_of_the_trash(self) -> None:
        """A folder below a trashed one is judged by what is below it, too."""
        chain = self.chain(MAX_DEPTH - 1)
        self.do(changes.Trash(PAPERS))
        self.refused(UsageError, changes.Move(DRAFTS, chain[MAX_DEPTH - 1], b"drafts"))
        self.do(changes.Move(DRAFTS, chain[MAX_DEPTH - 2], b"drafts"))


class MovingTests(RulesTestCase):
    """Move, trash, restore, purge."""

    def test_move(self) -> None:
        """A node keeps all but parent and name; its own place is free to it."""
        before = self.file()
        self.do(changes.Move(NOTE, ROOT, b"n"))
        self.assertEqual(self.file(), structs.replace(before, parent=ROOT, name=b"n"))
        self.do(changes.Move(NOTE, ROOT, b"n"))
        self.refused(Exists, changes.Move(NOTE, ROOT, b"link"))

    def test_move_into_itself(self) -> None:
        """A folder is never moved below itself."""
        for parent in (PAPERS, DRAFTS):
            self.refused(UsageError, changes.Move(PAPERS, parent, b"x"))
        self.do(changes.Trash(PAPERS))
        for parent in (PAPERS, DRAFTS):
            self.refused(UsageError, changes.Restore(PAPERS, parent, b"x"))

    def test_root(self) -> None:
        """The root is not to be touched."""
        self.refused(
            UsageError,
            changes.Move(ROOT, PAPERS, b"x"),
            changes.Trash(ROOT),
            changes.SetAttributes(ROOT, 0, 0),
            changes.PutVersion(ROOT, SHORT),
            changes.ForgetVersions(ROOT, 1),
        )
        self.refused(NotFound, changes.Restore(ROOT, PAPERS, b"x"), changes.Purge(ROOT))

    def test_trash(self) -> None:
        """A trashed node knows since when, also if the clock stood at or before 1970."""
        for time, since in ((NOW, NOW), (0, 1), (-5, 1)):
            self.do(changes.Trash(NOTE), time)
            self.assertEqual(self.file().trashed, since)
            self.refused(NotFound, changes.Trash(NOTE), changes.Move(NOTE, ROOT, b"x"))
            self.do(changes.Restore(NOTE, DRAFTS, b"note"))

    def test_restore(self) -> None:
        """A node comes out of the trash to any free place, and only from there."""
        self.refused(NotFound, changes.Restore(NOTE, ROOT, b"x"), changes.Restore(99, ROOT, b"x"))
        self.do(changes.Trash(NOTE))
        self.refused(Exists, changes.Restore(NOTE, ROOT, b"link"))
        self.refused(NotFound, changes.Restore(NOTE, 99, b"x"))
        self.do(changes.Restore(NOTE, ROOT, b"back"))
        self.assertEqual(path_of(self.tree, NOTE), (b"back",))

    def test_purge(self) -> None:
        """A purged folder takes all linked below with it, and only from the trash."""
        self.refused(NotFound, changes.Purge(PAPERS), changes.Purge(99))
        self.do(changes.PutVersion(NOTE, PIECED))
        self.do(changes.Trash(PAPERS))
        self.do(changes.Purge(PAPERS))
        self.assertEqual(set(self.tree.nodes), {ROOT, LINK})
        self.assertEqual(self.tree.blobs, {})

    def test_what_was_trashed_by_itself_outlives_its_folder(self) -> None:
        """A trashed file in a purged folder can still be restored, elsewhere."""
        self.do(changes.Trash(NOTE))
        self.do(changes.Trash(PAPERS))
        self.do(changes.Purge(PAPERS))
        self.refused(NotFound, changes.Restore(NOTE, DRAFTS, b"note"))
        self.do(changes.Restore(NOTE, ROOT, b"note"))
        self.assertEqual(self.tree.blobs, {blob(0): 1})


class FileTests(RulesTestCase):
    """Versions, attributes, places of streams."""

    def test_versions(self) -> None:
        """A new version stands last; each extent of a stream and of its list counts."""
        self.do(changes.PutVersion(NOTE, PIECED), NOW + 1)
        kept = [(each.stored, each.version) for each in self.file().versions]
        self.assertEqual(kept, [(NOW, SHORT), (NOW + 1, PIECED)])
        self.assertEqual(self.tree.blobs, {blob(0): 1, blob(1): 1, blob(2): 2, blob(3): 1})
        self.refused(Exists, changes.PutVersion(PAPERS, SHORT), changes.PutVersion(LINK, SHORT))
        self.refused(NotFound, changes.PutVersion(99, SHORT))
        self.do(changes.Trash(NOTE))
        self.refused(NotFound, changes.PutVersion(NOTE, SHORT))

    def test_forget_versions(self) -> None:
        """The oldest versions go, and what only they name; never the newest."""
        self.do(changes.PutVersion(NOTE, version(LONG)))
        self.do(changes.PutVersion(NOTE, PIECED))
        self.refused(UsageError, *(changes.ForgetVersions(NOTE, count) for count in (3, 4, 2**63)))
        self.do(changes.ForgetVersions(NOTE, 2))
        self.assertEqual([each.version for each in self.file().versions], [PIECED])
        self.assertEqual(self.tree.blobs, {blob(1): 1, blob(2): 2, blob(3): 1})
        self.refused(Exists, changes.ForgetVersions(PAPERS, 1), changes.ForgetVersions(LINK, 1))
        self.do(changes.Trash(NOTE))
        self.refused(NotFound, changes.ForgetVersions(NOTE, 1))

    def test_set_attributes(self) -> None:
        """Time and mode change of a folder, of a link the time, of a file its newest version's."""
        self.do(changes.PutVersion(NOTE, PIECED), NOW + 1)
        for node in (PAPERS, NOTE, LINK):
            self.do(changes.SetAttributes(node, 77, 0o123))
        self.assertEqual(self.tree.node(PAPERS), Folder(PAPERS, ROOT, b"papers", 77, 0o123))
        self.assertEqual(self.tree.node(LINK), Link(LINK, ROOT, b"link", b"papers", 77))
        older, newest = self.file().versions
        self.assertEqual(older.version, SHORT)
        self.assertEqual(newest.version, structs.replace(PIECED, modified=77, mode=0o123))
        self.assertEqual((older.stored, newest.stored), (NOW, NOW + 1))
        self.do(changes.Trash(NOTE))
        self.refused(NotFound, changes.SetAttributes(NOTE, 0, 0), changes.SetAttributes(99, 0, 0))

    def test_relocate(self) -> None:
        """A stream moves in every version at once, in the trash too; nothing else does."""
        self.do(changes.PutVersion(NOTE, version(LONG)))
        self.do(changes.PutVersion(NOTE, PIECED))
        self.do(changes.Trash(NOTE))
        placed = (Extent(blob(4), 0, 1_048_832),)
        self.do(changes.Relocate(NOTE, LONG.key, placed, ()))
        first, second, third = (each.version for each in self.file().versions)
        self.assertEqual(first, SHORT)
        self.assertEqual(second.streams[0], structs.replace(LONG, extents=placed, fingerprints=()))
        self.assertEqual(third.streams, (second.streams[0], PIECED.streams[1]))
        self.assertEqual(third.pieces, PIECED.pieces)
        self.assertEqual(self.tree.blobs, {blob(0): 1, blob(3): 1, blob(4): 2})
        for node in (PAPERS, LINK, 99):
            self.refused(NotFound, changes.Relocate(node, LONG.key, placed, ()))

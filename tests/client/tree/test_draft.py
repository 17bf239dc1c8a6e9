"""A draft: a change in the making that shows its effect and leaves the tree alone."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.tree import changes
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.nodes import Folder, find, path_of
from anoncloud.client.tree.tree import Tree
from anoncloud.crypto.packing import Extent
from anoncloud.errors import Exists, LocalError, NotFound
from anoncloud.ids import ROOT
from tests.support.client_model import held
from tests.support.client_samples import LONG, PIECED, SHORT, blob, version
from tests.support.entropy import counting, replaying

NOW = 1_700_000_000_000_000
FOLDER, FILE = 1, 2


class DraftTestCase(SynchronousTestCase):
    """A tree with ``/papers/note``."""

    def setUp(self) -> None:
        self.tree = Tree()
        draft = self.draft(
            changes.MakeFolder(FOLDER, ROOT, b"papers", 0, 0o700),
            changes.PutFile(FILE, FOLDER, b"note", version(LONG)),
            changes.EnrolDevice(b"k" * 32, b"a" * 32, b"laptop"),
        )
        draft.settle()

    def draft(self, *operations: changes.Operations) -> Draft:
        """Begin a draft with *operations*."""
        draft = Draft(self.tree, NOW, counting())
        for operation in operations:
            draft.add(operation)
        return draft


class DraftTests(DraftTestCase):
    """What it shows, and what it says."""

    def test_empty(self) -> None:
        """A draft without operations has nothing to commit."""
        draft = self.draft()
        self.assertTrue(draft.empty)
        self.assertEqual((draft.adds, draft.drops), ((), ()))
        self.assertEqual((draft.time, draft.change()), (NOW, changes.Change(NOW, ())))

    def test_operations_build_on_each_other(self) -> None:
        """An operation sees what those before it did; the tree sees none of it."""
        before = held(self.tree)
        operations = (
            changes.MakeFolder(3, ROOT, b"new", 0, 0),
            changes.Move(FILE, 3, b"moved"),
            changes.Trash(FOLDER),
            changes.Purge(FOLDER),
            changes.MakeFolder(4, ROOT, b"papers", 0, 0),
        )
        draft = self.draft(*operations)
        self.assertEqual(path_of(draft, FILE), (b"new", b"moved"))
        self.assertEqual(find(draft, (b"papers",)), Folder(4, ROOT, b"papers", 0, 0))
        self.assertEqual(sorted(draft.children(ROOT)), [3, 4])
        self.assertEqual(draft.change(), changes.Change(NOW, operations))
        self.assertEqual(held(self.tree), before)

    def test_a_refused_operation_leaves_no_trace(self) -> None:
        """What breaks a rule is not part of the change."""
        draft = self.draft(changes.MakeFolder(3, ROOT, b"new", 0, 0))
        for kind, operation in (
            (Exists, changes.MakeFolder(4, ROOT, b"new", 0, 0)),
            (Exists, changes.PutFile(FILE, ROOT, b"x", SHORT)),
            (NotFound, changes.RevokeDevice(b"x" * 32)),
            (NotFound, changes.PutVersion(9, SHORT)),
        ):
            self.assertTrue(issubclass(kind, LocalError))
            self.assertRaises(kind, draft.add, operation)
        self.assertEqual((len(draft.change().operations), draft.adds, draft.drops), (1, (), ()))

    def test_devices(self) -> None:
        """A device that the draft revoked, or enrolled, is known to it."""
        draft = self.draft(changes.RevokeDevice(b"k" * 32))
        self.assertRaises(NotFound, draft.add, changes.RevokeDevice(b"k" * 32))
        draft.add(changes.EnrolDevice(b"k" * 32, b"a" * 32, b"tablet"))
        draft.add(changes.RevokeDevice(b"k" * 32))
        draft.settle()
        self.assertEqual(self.tree.devices, {})

    def test_new_node(self) -> None:
        """A new number is random, not 0, and no other node's, in the tree or in the draft."""
        self.tree.set(Folder(2**62, ROOT, b"taken", 0, 0))
        high, low = (2**63).to_bytes(8, "big"), b"\xff" * 8
        draft = Draft(self.tree, NOW, replaying(b"\x00" * 7 + b"\x01", high, low))
        self.assertEqual(draft.new_node(), 2**63 - 1)
        numbers = {self.draft().new_node()}
        self.assertTrue(all(0 < number < 2**63 for number in numbers))


class BlobTests(DraftTestCase):
    """What a record adds and drops (docs/formats.rst section 6.6)."""

    def check(self, adds: tuple[int, ...], drops: tuple[int, ...], *operations: object) -> None:
        """See what *operations* add and drop, by the numbers of the blobs."""
        draft = self.draft(*operations)  # type: ignore[arg-type]
        self.assertEqual(set(draft.adds), set(map(blob, adds)))
        self.assertEqual(set(draft.drops), set(map(blob, drops)))

    def test_new_blobs(self) -> None:
        """A blob is added once, however often it is named, and not if the drive has it."""
        again = changes.PutFile(8, ROOT, b"again", SHORT)
        self.check((0,), (), changes.PutFile(9, ROOT, b"new", SHORT), again)
        self.check((3,), (), changes.PutVersion(FILE, PIECED))
        self.check((), (), changes.PutVersion(FILE, version(LONG)))

    def test_fingerprints_count(self) -> None:
        """A blob that only a list of fingerprints lies in is the drive's as well."""
        moved = changes.Relocate(FILE, LONG.key, LONG.extents, (Extent(blob(5), 0, 528),))
        self.check((5,), (), moved)
        self.draft(moved).settle()
        self.check((), (1, 2, 5), changes.Trash(FILE), changes.Purge(FILE))

    def test_purge(self) -> None:
        """The trash holds on to blobs; a purge drops those that nothing else names."""
        self.check((), (), changes.Trash(FOLDER))
        self.check((), (1, 2), changes.Trash(FOLDER), changes.Purge(FOLDER))
        copy = changes.PutFile(9, ROOT, b"copy", version(LONG))
        self.check((), (), copy, changes.Trash(FILE), changes.Purge(FILE))

    def test_relocate(self) -> None:
        """A stream that moves drops the blobs it leaves and adds those it goes to."""
        placed = (Extent(blob(2), 0, 9), Extent(blob(4), 0, 9))
        self.check((4,), (1,), changes.Relocate(FILE, LONG.key, placed, ()))
        self.check((), (), changes.Relocate(FILE, b"?" * 32, placed, ()))

    def test_forget(self) -> None:
        """A forgotten version drops what only it named."""
        new = changes.PutVersion(FILE, SHORT)
        self.check((0,), (1, 2), new, changes.ForgetVersions(FILE, 1))

    def test_come_and_gone(self) -> None:
        """What a change both puts and purges is named in neither."""
        self.check(
            (),
            (),
            changes.PutFile(9, ROOT, b"new", SHORT),
            changes.Trash(9),
            changes.Purge(9),
        )

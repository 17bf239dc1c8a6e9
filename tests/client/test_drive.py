"""What a user can do with a drive, over a server in memory."""

from anoncloud.client.drive import Drive
from anoncloud.client.tree import changes, names
from anoncloud.client.tree.nodes import File, Folder, Node
from anoncloud.client.tree.versions import Stream
from anoncloud.crypto.packing import Extent, PackedBlob
from anoncloud.errors import Exists, NotFound, RemoteError, UsageError
from anoncloud.ids import ROOT, BlobId
from anoncloud.limits import SMALL_BLOB
from anoncloud.wire import messages, records
from tests.support.client import DriveTestCase
from tests.support.client_samples import version


class UseTestCase(DriveTestCase):
    """A drive with ``/papers/drafts``, and ``/papers/note`` in a blob of its own."""

    def setUp(self) -> None:
        super().setUp()
        self.drive, self.peer = self.open()
        self.make("papers/drafts", parents=True)
        self.put(self.drive, b"papers/note", b"b" * 16)

    def make(self, path: str, *, parents: bool = False) -> None:
        """Make a folder."""
        self.run_now(self.drive.make_folder(names.parse_path(path.encode()), parents=parents))

    def put(self, drive: Drive, path: bytes, blob: bytes) -> None:
        """Put a file of 100 bytes that lies in *blob*."""
        whole = names.parse_path(path)
        packed = PackedBlob(BlobId(blob), SMALL_BLOB, (bytes(SMALL_BLOB),), ())
        self.run_now(drive.peer.stage(drive.id, packed))
        made = version(Stream(blob * 2, 100, (Extent(BlobId(blob), 0, 116),)))
        parent = drive.stat(whole[:-1]).node
        self.run_now(
            drive.change(
                lambda draft: draft.add(changes.PutFile(draft.new_node(), parent, whole[-1], made))
            )
        )

    def shown(self, drive: Drive | None = None) -> list[str]:
        """Give every path in the drive."""
        return [names.show_path(path) for path, _ in (drive or self.drive).walk(())]

    def node(self, path: bytes) -> Node:
        """Give the node at *path*."""
        return self.drive.stat(names.parse_path(path))


class LookingTests(UseTestCase):
    """Looking around costs no request."""

    def test_stat_and_entries(self) -> None:
        """A folder's entries come in order of names; a file is its own only entry."""
        asked = len(self.peer.asked)
        self.assertEqual(
            [node.name for node in self.drive.entries((b"papers",))], [b"drafts", b"note"]
        )
        self.assertEqual(self.drive.entries((b"papers", b"note")), [self.node(b"papers/note")])
        self.assertIsInstance(self.node(b"papers/note"), File)
        self.assertRaises(NotFound, self.drive.entries, (b"no",))
        self.assertEqual(len(self.peer.asked), asked)

    def test_walk(self) -> None:
        """Walking gives everything below, in order of paths."""
        self.assertEqual(self.shown(), ["/", "/papers", "/papers/drafts", "/papers/note"])
        below = self.drive.walk((b"papers", b"drafts"))
        self.assertEqual([path for path, _ in below], [(b"papers", b"drafts")])

    def test_usage(self) -> None:
        """What the drive stores is the server's to say, and nothing else is taken for it."""
        self.assertEqual(self.run_now(self.drive.usage()).stored, SMALL_BLOB)
        self.peer.faults[messages.ReadUsage] = [lambda _: messages.Done(1)]
        self.fails(RemoteError, self.drive.usage())


class ChangingTests(UseTestCase):
    """Folders, moves, trash."""

    def test_make_folder(self) -> None:
        """A folder is made where there is room for one."""
        self.make("papers/new")
        made = self.node(b"papers/new")
        self.assertIsInstance(made, Folder)
        for kind, path in (
            (Exists, "papers/new"),
            (Exists, "papers/note"),
            (NotFound, "papers/no/new"),
            (NotFound, "papers/note/new"),
            (Exists, ""),
        ):
            self.fails(kind, self.drive.make_folder(names.parse_path(path.encode())))

    def test_make_folders_above(self) -> None:
        """With those above it, and without fuss if it is there; nothing is sent then."""
        self.make("a/b/c", parents=True)
        commits = self.peer.commits()
        self.make("a/b/c", parents=True)
        self.assertEqual(self.peer.commits(), commits)
        self.assertIn("/a/b/c", self.shown())
        path = (b"papers", b"note", b"x")
        self.fails(Exists, self.drive.make_folder(path, parents=True))

    def test_move(self) -> None:
        """To a new name, or into a folder that is there; the new path is given."""
        for source, target, placed in (
            (b"papers/note", b"papers/renamed", b"papers/renamed"),
            (b"papers/renamed", b"", b"renamed"),
            (b"renamed", b"papers/drafts", b"papers/drafts/renamed"),
            (b"papers/drafts", b"moved", b"moved"),
        ):
            given = self.drive.move(names.parse_path(source), names.parse_path(target))
            self.assertEqual(self.run_now(given), names.parse_path(placed))
        self.assertEqual(self.shown(), ["/", "/moved", "/moved/renamed", "/papers"])

    def test_move_refused(self) -> None:
        """Not the root, not into itself, not over something, not from nowhere."""
        for kind, source, target in (
            (UsageError, b"", b"papers"),
            (UsageError, b"papers", b"papers/drafts"),
            (Exists, b"papers/drafts", b"papers/note"),
            (NotFound, b"no", b"papers"),
            (NotFound, b"papers/note", b"no/note"),
        ):
            commits = self.peer.commits()
            move = self.drive.move(names.parse_path(source), names.parse_path(target))
            self.fails(kind, move)
            self.assertEqual(self.peer.commits(), commits)

    def test_trash_and_restore(self) -> None:
        """What was trashed comes back to where it was."""
        for path in (b"papers/note", b"papers"):
            self.run_now(self.drive.trash(names.parse_path(path)))
        self.assertEqual(self.shown(), ["/"])
        trashed = self.drive.trashed()
        self.assertEqual([node.name for node in trashed], [b"papers", b"note"])
        self.assertEqual(self.run_now(self.drive.restore(trashed[0].node)), (b"papers",))
        self.assertEqual(self.run_now(self.drive.restore(trashed[1].node)), (b"papers", b"note"))
        self.assertEqual(self.drive.trashed(), [])
        self.fails(NotFound, self.drive.restore(trashed[0].node))
        self.fails(UsageError, self.drive.trash(()))

    def test_restore_elsewhere(self) -> None:
        """To a named place, to the root if its folder is gone, beside what took its name."""
        note = self.node(b"papers/note").node
        self.run_now(self.drive.trash((b"papers", b"note")))
        self.make("papers/note")
        self.assertEqual(self.run_now(self.drive.restore(note)), (b"papers", b"note (restored)"))
        self.run_now(self.drive.trash((b"papers", b"note (restored)")))
        target = self.drive.restore(note, (b"papers", b"drafts"))
        self.assertEqual(self.run_now(target), (b"papers", b"drafts", b"note (restored)"))
        self.run_now(self.drive.trash((b"papers", b"drafts", b"note (restored)")))
        self.run_now(self.drive.trash((b"papers",)))
        self.assertEqual(self.run_now(self.drive.restore(note)), (b"note (restored)",))

    def test_purge(self) -> None:
        """A purge drops the blobs that nothing names any more."""
        self.put(self.drive, b"other", b"o" * 16)
        self.assertEqual(set(self.store.blobs), {b"b" * 16, b"o" * 16})
        self.run_now(self.drive.trash((b"papers",)))
        self.assertEqual(len(self.store.blobs), 2)
        self.run_now(self.drive.purge([node.node for node in self.drive.trashed()]))
        self.assertEqual(set(self.store.blobs), {b"o" * 16})
        self.assertEqual(self.shown(), ["/", "/other"])
        self.fails(NotFound, self.drive.purge([ROOT]))

    def test_nothing_to_do(self) -> None:
        """A plan that writes nothing sends nothing."""
        commits = self.peer.commits()
        self.run_now(self.drive.change(lambda draft: None))
        self.assertEqual(self.peer.commits(), commits)

    def test_what_the_server_sees(self) -> None:
        """A record names its blobs in clear, and no file."""
        headers = [records.take_apart(record).header for record in self.store.journal]
        self.assertEqual([header.adds for header in headers], [(), (b"b" * 16,)])
        for record in self.store.journal:
            self.assertNotIn(b"papers", record)
            self.assertNotIn(b"note", record)

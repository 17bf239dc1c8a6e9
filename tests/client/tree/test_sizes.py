"""How much is below each folder, and what older versions and the trash hold."""

from msgspec import structs

from anoncloud.client.arranging import copy, remove
from anoncloud.client.transfers.policies import Existing, Policy
from anoncloud.client.tree import changes
from anoncloud.client.tree.names import parse_path, show_path
from anoncloud.client.tree.sizes import sizes
from anoncloud.crypto.packing import Extent
from anoncloud.errors import NotFound
from tests.support.client_arranged import ArrangedTestCase, content
from tests.support.client_samples import blob

SEALED = 116
"""What a content of 100 bytes holds."""


class SizesTests(ArrangedTestCase):
    """sizes."""

    def sizes(self, path: str = "/") -> dict[str, int]:
        """Give the sizes by path, in their order."""
        found = sizes(self.drive.tree, parse_path(path.encode()))
        return {show_path(where): held.size for where, _, held in found}

    def held(self, path: str = "/") -> dict[str, tuple[int, int, int]]:
        """Give what is held by newest versions, older ones and the trash, in contents."""
        found = sizes(self.drive.tree, parse_path(path.encode()), stored=True)
        return {
            show_path(where): (held.held // SEALED, held.older // SEALED, held.trash // SEALED)
            for where, _, held in found
        }

    def copy(self, source: str, target: str) -> None:
        """Copy one thing."""
        paths = parse_path(source.encode()), parse_path(target.encode())
        self.run_now(copy(self.drive, [paths[0]], paths[1], Policy(Existing.FAIL)))

    def test_folders(self) -> None:
        """Each folder has what is below it; those inside come first, in order of names."""
        for path in ("/b/x/f", "/b/x/g", "/b/h", "/a/y/i", "/j"):
            self.put(path)
        self.mkdir("/a/empty")
        self.link("/a/link")
        expected = {"/a/empty": 0, "/a/y": 100, "/a": 100, "/b/x": 200, "/b": 300, "/": 500}
        self.assertEqual(self.sizes(), expected)
        self.assertEqual(list(self.sizes()), list(expected))
        self.assertEqual(self.sizes("/b"), {"/b/x": 200, "/b": 300})

    def test_a_file(self) -> None:
        """A file has its own size, a link none."""
        self.put("/a/f")
        self.link("/l")
        self.assertEqual(self.sizes("/a/f"), {"/a/f": 100})
        self.assertEqual(self.sizes("/l"), {"/l": 0})
        self.assertRaises(NotFound, self.sizes, "/none")
        self.assertEqual(self.held("/a/f"), {"/a/f": (1, 0, 0)})

    def test_older(self) -> None:
        """Older versions hold what the newest has not."""
        self.put("/a/f", 1)
        self.put("/a/f", 2)
        self.put("/a/f", 3)
        self.assertEqual(self.held(), {"/a": (1, 2, 0), "/": (1, 2, 0)})
        self.put("/a/f", 1)
        self.assertEqual(self.held("/a"), {"/a": (1, 2, 0)})
        self.assertEqual(self.sizes("/a"), {"/a": 100})

    def test_lists_of_fingerprints(self) -> None:
        """They are held, too."""
        self.put("/f", 1)
        key = content(1).streams[0].key
        lists = (Extent(blob(2), 0, SEALED),)
        relocate = changes.Relocate(self.node("/f").node, key, (Extent(blob(1), 0, SEALED),), lists)
        self.change(lambda draft: draft.add(relocate))
        self.assertEqual(self.held(), {"/": (2, 0, 0)})

    def test_copies(self) -> None:
        """What copies share is held once; and by what is there, not by what is older or trashed."""
        self.put("/a/f", 1)
        self.copy("/a", "/b")
        self.assertEqual(self.held(), {"/a": (1, 0, 0), "/b": (0, 0, 0), "/": (1, 0, 0)})
        self.assertEqual(self.sizes()["/"], 200)
        self.put("/a/f", 2)
        self.run_now(remove(self.drive, [self.node("/a/f")]))
        self.assertEqual(self.held(), {"/a": (0, 0, 1), "/b": (1, 0, 0), "/": (1, 0, 1)})

    def test_trash(self) -> None:
        """The trash counts to the folder that it was in, as far as that is there."""
        self.put("/a/b/f", 1)
        self.put("/a/b/g", 2)
        self.put("/a/h", 3)
        self.put("/i", 4)
        self.run_now(remove(self.drive, [self.node("/a/b/f")]))
        self.assertEqual(self.held()["/a/b"], (1, 0, 1))
        self.run_now(remove(self.drive, [self.node("/a/b"), self.node("/i")]))
        self.assertEqual(self.held(), {"/a": (1, 0, 2), "/": (1, 0, 3)})
        self.assertEqual(self.held("/a"), {"/a": (1, 0, 2)})
        (folder,) = (node for node in self.drive.trashed() if node.name == b"b")
        self.run_now(remove(self.drive, [folder], forever=True))
        self.assertEqual(self.held(), {"/a": (1, 0, 0), "/": (1, 0, 2)})

    def test_pieces(self) -> None:
        """A version out of pieces holds its streams, and shares them with the one before."""
        one, two = content(1).streams[0], content(2).streams[0]
        self.put("/f", 1)
        made = structs.replace(content(1), streams=(one, two), pieces=((0, 0, 50), (1, 0, 100)))
        node = self.node("/f").node
        self.change(lambda draft: draft.add(changes.PutVersion(node, made)))
        self.assertEqual((self.sizes(), self.held()), ({"/": 150}, {"/": (2, 0, 0)}))

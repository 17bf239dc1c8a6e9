"""Drives with things in them that no bytes were sent for, and few words to make them."""

from collections.abc import Callable

from anoncloud.client.drive import Drive
from anoncloud.client.tree import changes
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.listing import walk
from anoncloud.client.tree.names import parse_path, show_path
from anoncloud.client.tree.nodes import File, Folder, Node, find
from anoncloud.client.tree.planning import ensure_folders
from anoncloud.client.tree.tree import Tree
from anoncloud.client.tree.versions import Version
from tests.support.client import DriveTestCase
from tests.support.client_samples import blob, stream, version

MOST_NUMBERS = 40


def content(number: int, size: int = 100) -> Version:
    """Give the version whose one stream is *number*, in a blob of its own."""
    return version(stream(number, size), modified=number * 1_000_000_000)


class ArrangedTestCase(DriveTestCase):
    """A test with one drive; paths are written as text."""

    def setUp(self) -> None:
        super().setUp()
        for number in range(MOST_NUMBERS):
            self.store.staged[blob(number)] = b"sealed"
        self.drive, self.peer = self.open()

    def change(self, plan: Callable[[Draft], None], drive: Drive | None = None) -> int:
        """Commit a change; give the time when it was made."""
        self.run_now((drive or self.drive).change(plan))
        return self.clock.now

    def put(self, path: str, number: int = 1, drive: Drive | None = None) -> int:
        """Put a file, or a new version of one, with the content of *number*."""
        return self.change(self.putting(path, number), drive)

    def putting(self, path: str, number: int) -> Callable[[Draft], None]:
        """Make the plan for that."""

        def plan(draft: Draft) -> None:
            *above, name = parse_path(path.encode())
            folder = ensure_folders(draft, tuple(above))
            there = draft.child(folder, name)
            if there is None:
                draft.add(changes.PutFile(draft.new_node(), folder, name, content(number)))
            else:
                draft.add(changes.PutVersion(there, content(number)))

        return plan

    def link(self, path: str, target: bytes = b"target") -> int:
        """Make a symbolic link."""

        def plan(draft: Draft) -> None:
            *above, name = parse_path(path.encode())
            folder = ensure_folders(draft, tuple(above))
            draft.add(changes.MakeLink(draft.new_node(), folder, name, target, 5))

        return self.change(plan)

    def mkdir(self, path: str) -> int:
        """Make a folder, with those above it."""
        self.run_now(self.drive.make_folder(parse_path(path.encode()), parents=True))
        return self.clock.now

    def node(self, path: str, tree: Tree | None = None) -> Node:
        """Find what is at *path*."""
        return find(tree or self.drive.tree, parse_path(path.encode()))

    def shown(self, tree: Tree | None = None) -> list[str]:
        """List all paths, folders with a slash and files with the number of their content."""
        listed = []
        for path, node in walk(tree or self.drive.tree, ()):
            if isinstance(node, File):
                listed.append(f"{show_path(path)} {node.modified // 1_000_000_000}")
            elif path:
                listed.append(show_path(path) + ("/" if isinstance(node, Folder) else " ->"))
        return listed

    def trashed(self) -> list[str]:
        """List the names in the trash, the newest first."""
        return [node.name.decode() for node in self.drive.trashed()]

    def same_elsewhere(self) -> None:
        """See that another device folds the journal into the very same tree."""
        other, _ = self.open(b"other")
        self.assertEqual(other.tree.nodes, self.drive.tree.nodes)
        self.assertEqual(other.tree.blobs, self.drive.tree.blobs)

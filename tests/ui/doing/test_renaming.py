"""Many names changed in an editor, on the disk and in the drive."""

from pathlib import Path

from anoncloud.client.undoing import undo
from anoncloud.client.undone import Undone
from anoncloud.errors import Exists, LocalError, UsageError
from anoncloud.ui.doing import renaming
from anoncloud.ui.effects import RenameMany
from anoncloud.ui.events import LocalChanged, Told
from anoncloud.ui.places import Remote
from tests.ui.doing.test_editing import EditingCase


class RenamingCase(EditingCase):
    def rename(self, place, text, names=(b"a", b"b", b"c"), others=(b"d",)):
        """Let the editor leave *text*."""
        self.editor = lambda file: file.write_bytes(text)
        self.do(renaming.rename_many, RenameMany(place, names, frozenset(others)))

    def fails_with(self, kind, place, text, editor=None):
        """Give the error that the text *text* leads to."""
        self.editor = editor or (lambda file: file.write_bytes(text))
        wanted = RenameMany(place, (b"a", b"b", b"c"), frozenset((b"d",)))
        return self.refused(kind, renaming.rename_many, wanted)


class LocalTests(RenamingCase):
    def setUp(self):
        super().setUp()
        for name in "abcd":
            self.write(name, name.encode())

    def contents(self):
        return {path.name: path.read_text() for path in self.top.iterdir()}

    def test_swapped(self):
        """Names go round, and nothing is left of what was called otherwise meanwhile."""
        self.rename(self.here, b"b\na\nnew")
        self.assertEqual(self.contents(), {"b": "a", "a": "b", "new": "c", "d": "d"})
        self.assertEqual(self.desk.heard(LocalChanged), [LocalChanged(self.here.path)])
        self.assertEqual(self.desk.heard(Told)[-1].text, "renamed 3 entries")
        self.assertEqual(list(self.memory.iterdir()), [])
        self.assertEqual(self.modes, [0o700, 0o644])

    def test_nothing_changed(self):
        self.rename(self.here, b"a\nb\nc\n")
        self.assertEqual(self.desk.heard(Told)[-1].text, "no name was changed")

    def test_refused(self):
        """A text that can't be leaves everything as it was, and nothing in memory."""
        self.fails_with(UsageError, self.here, b"a\nb\nd\n")
        self.assertEqual(self.contents(), {name: name for name in "abcd"})
        self.assertEqual(list(self.memory.iterdir()), [])

    def test_taken_meanwhile(self):
        """What the disk refuses halfway is taken back."""

        def editor(file: Path) -> None:
            file.write_bytes(b"b\na\nnew\n")
            self.write("new", b"of somebody else")

        self.fails_with(LocalError, self.here, b"", editor)
        self.assertEqual(
            self.contents(), {**{name: name for name in "abcd"}, "new": "of somebody else"}
        )


class DriveTests(RenamingCase):
    def setUp(self):
        super().setUp()
        self.put_up(*(self.write(name, name.encode()) for name in "abcd"))

    def contents(self):
        return {
            node.name.decode(): self.content(node.name.decode()) for node in self.drive.entries(())
        }

    def test_one_undo(self):
        """Names that go round are one record, which one undo takes back."""
        before = self.peer.commits()
        self.rename(Remote(()), b"b\na\n\\xff\\x0a")
        self.assertEqual(self.peer.commits(), before + 1)
        called = {node.name: self.read(node.version) for node in self.drive.entries(())}
        self.assertEqual(called, {b"b": b"a", b"a": b"b", b"\xff\n": b"c", b"d": b"d"})
        (taken,) = self.run_now(undo(self.drive, Undone(Path(self.mktemp()))))
        moves = {(did.was, did.path) for did in taken.did}
        self.assertEqual(moves, {((b"b",), (b"a",)), ((b"a",), (b"b",)), ((b"\xff\n",), (b"c",))})
        self.assertEqual(self.contents(), {name: name.encode() for name in "abcd"})

    def test_changed_meanwhile(self):
        """If one of them is another by then, nothing is renamed."""

        def editor(file: Path) -> None:
            file.write_bytes(b"b\na\nnew\n")
            self.run_now(self.drive.move((b"a",), (b"gone",)))

        error = self.fails_with(Exists, Remote(()), b"", editor)
        self.assertIn("nothing was renamed", error.message)
        self.assertEqual(set(self.contents()), {"gone", "b", "c", "d"})

    def test_taken_meanwhile(self):
        def editor(file: Path) -> None:
            file.write_bytes(b"b\na\nnew\n")
            self.put_up(self.write("new", b"new"))

        self.fails_with(Exists, Remote(()), b"", editor)
        self.assertEqual(set(self.contents()), {"a", "b", "c", "d", "new"})

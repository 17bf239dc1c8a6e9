"""``backup`` and ``restore``: what they say and end with."""

from pathlib import Path

from anoncloud.admin import copying
from anoncloud.errors import Exists, LocalFileError, NotFound, UsageError
from anoncloud.server.identity import KEY_FILE
from tests.support.administration import StateCase


class CommandTests(StateCase):
    """The commands."""

    def setUp(self) -> None:
        super().setUp()
        self.folder = Path(self.mktemp())
        self.blobs = [self.blob(number) for number in range(3)]

    def kept(self) -> Path:
        """Give the file of the first blob in the backup."""
        shelf = self.shelf.path(self.blobs[0]).relative_to(self.state)
        return self.folder / shelf

    def test_backup(self) -> None:
        """It says what it did, and that the key is in it."""
        done = self.command("backup", self.folder)
        self.assertEqual(done.exit_code, 0, done.exception)
        self.assertIn("with the server's key", done.output)
        self.assertIn("3 blobs of 300 B copied. There before: 0.", done.output)
        value = self.value("backup", self.folder, "--verify")
        self.assertEqual((value["copied"], value["kept"], value["wrong"]), (0, 3, []))
        self.assertEqual((value["removed"], value["backup_wrong"]), ([], []))

    def test_keep(self) -> None:
        """So many generations are kept as are asked for, seven by default."""
        names = [self.value("backup", self.folder)["generation"] for _ in range(8)]
        listed = [one["generation"] for one in self.value("restore", self.folder, "--list")]
        self.assertEqual(len(listed), 7)
        self.assertLess(set(listed), set(names))
        done = self.command("backup", self.folder, "--keep", "2")
        self.assertEqual(done.output.count("removed the generation"), 6)
        self.assertEqual(self.command("backup", self.folder, "--keep", "0").exit_code, 2)

    def test_damaged(self) -> None:
        """What is wrong in the server is told, and the exit code says so."""
        self.flip(self.shelf.path(self.blobs[0]))
        done = self.command("backup", self.folder)
        self.assertEqual(done.exit_code, 1)
        self.assertIn("anoncloud-admin scrub", done.output)
        self.assertIn("2 blobs", done.output)

    def test_verify(self) -> None:
        """What is wrong in the backup is told when it is looked for."""
        self.command("backup", self.folder)
        self.flip(self.kept())
        self.assertEqual(self.command("backup", self.folder).exit_code, 0)
        value = self.value("backup", self.folder, "--verify", code=1)
        self.assertEqual(
            value["backup_wrong"], [str(self.kept().relative_to(self.folder / "blobs"))]
        )
        self.kept().unlink()
        self.assertEqual(self.value("backup", self.folder, "--verify")["copied"], 1)

    def test_inside(self) -> None:
        """A folder within the state folder is refused, whatever way leads there."""
        link = Path(self.mktemp())
        link.symlink_to(self.state.absolute())
        around = self.state / ".." / self.state.name
        for folder in (self.state, *(way / "backup" for way in (self.state, link, around))):
            self.assertIn("elsewhere", self.refused(UsageError, "backup", folder))
        self.assertFalse((self.state / "backup").exists())

    def test_no_server(self) -> None:
        """Where no server is, no backup is made."""
        self.refused(UsageError, "backup", self.folder, state=self.state / "nowhere")
        self.assertFalse(self.folder.exists())

    def test_restore(self) -> None:
        """It says what it did; a state folder with a server is not touched."""
        name = self.value("backup", self.folder)["generation"]
        self.refused(Exists, "restore", self.folder)
        state = Path(self.mktemp())
        done = self.command("restore", self.folder, state=state)
        self.assertEqual(done.exit_code, 0, done.exception)
        self.assertIn(f"as the server was at the backup {name}", done.output)
        self.assertIn("3 blobs of 300 B copied.", done.output)
        self.assertEqual(self.command("scrub", state=state).exit_code, 0)
        self.assertEqual((state / KEY_FILE).read_bytes(), (self.state / KEY_FILE).read_bytes())

    def test_restore_cut_off(self) -> None:
        """Cut off before any of its files, the next one ends it; after the last there is a server.

        What has changed meanwhile, and what another generation has, is not touched.
        """
        first = self.value("backup", self.folder)["generation"]
        self.blob(7)
        self.value("backup", self.folder)
        full = LocalFileError("no space", "make some")
        copy_file, left = copying._copy_file, 0

        def copy(source: Path, target: Path) -> None:
            nonlocal left
            if not left:
                raise full
            left -= 1
            copy_file(source, target)

        self.patch(copying, "_copy_file", copy)
        for before in (0, 1, 2):
            state, left = Path(self.mktemp()), before
            self.refused(LocalFileError, "restore", self.folder, state=state)
            left = 3
            if before:
                words = ("restore", self.folder, "--generation", first)
                self.assertIn("--generation", self.refused(Exists, *words, state=state))
            self.assertEqual(self.value("restore", self.folder, state=state)["kept"], 4)
            self.assertEqual(self.command("scrub", state=state).exit_code, 0)
            self.refused(Exists, "restore", self.folder, state=state)
        state, left = Path(self.mktemp()), 1
        self.refused(LocalFileError, "restore", self.folder, state=state)
        self.write("UPDATE accounts SET name = 'eve'", state=state)
        self.refused(Exists, "restore", self.folder, state=state)

    def test_restore_damaged(self) -> None:
        """What is wrong in the backup is told, and the exit code says so."""
        self.command("backup", self.folder)
        self.flip(self.kept())
        value = self.value("restore", self.folder, code=1, state=Path(self.mktemp()))
        self.assertEqual((value["copied"], len(value["wrong"])), (2, 1))

    def test_generations(self) -> None:
        """One can be chosen; they are listed; an unknown one is told."""
        first = self.value("backup", self.folder)["generation"]
        self.blob(7)
        second = self.value("backup", self.folder)["generation"]
        listed = self.value("restore", self.folder, "--list")
        self.assertEqual(
            [(one["generation"], one["blobs"]) for one in listed], [(first, 3), (second, 4)]
        )
        self.assertIn(
            f"{second}: 4 blobs, 400 B", self.command("restore", self.folder, "--list").output
        )
        words = ("restore", self.folder, "--generation")
        state = Path(self.mktemp())
        self.assertEqual(self.value(*words, first, state=state)["copied"], 3)
        self.assertIn(second, self.refused(NotFound, *words, "x", state=Path(self.mktemp())))

    def test_no_backup(self) -> None:
        """A folder that is no backup is told, and no state folder is made."""
        state = Path(self.mktemp())
        self.refused(UsageError, "restore", self.state, state=state)
        self.assertFalse(state.exists())

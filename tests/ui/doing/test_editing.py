"""Files in the user's own editor, of the local disk and of the drive."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs

from anoncloud.errors import Code, LocalFileError, NotFound, Refused, UsageError
from anoncloud.ui.doing import editing
from anoncloud.ui.effects import Edit
from anoncloud.ui.entries import Entry, Kind
from anoncloud.ui.events import LocalChanged
from anoncloud.ui.places import Remote
from tests.support.client import KEYRING
from tests.support.client_files import LATER
from tests.support.open_desks import OpenDeskTestCase


class Known:
    """Who is logged in."""

    keyring = KEYRING


class EditingCase(OpenDeskTestCase):
    """A desk whose terminal is lent to an editor that is a function of the file."""

    def setUp(self) -> None:
        super().setUp()
        self.memory = Path(self.mktemp())
        self.memory.mkdir()
        self.environ: dict[str, str] = {"XDG_RUNTIME_DIR": str(self.memory.absolute())}
        self.patch(editing.os, "environ", self.environ)
        self.installed = {"vi", "nano", "ed"}
        self.patch(editing.shutil, "which", lambda name: name in self.installed or None)
        self.editor: Callable[[Path], object] = lambda _: None
        self.desk.lend = self.lend
        self.words: list[str] = []
        self.modes: list[int] = []

    async def lend(self, words: list[str]) -> None:
        """Be the editor."""
        self.words = words
        file = Path(words[-1])
        self.modes = [one.stat().st_mode & 0o777 for one in (file.parent, file)]
        self.editor(file)

    def edit_letter(self) -> None:
        """Edit the letter in the drive's root."""
        self.do(editing.edit, Edit(Remote(()), self.entry("letter.txt")))


class LocalTests(EditingCase):
    """Files of the local disk."""

    def test_where_it_is(self) -> None:
        """It is edited in its place, and its folder is listed anew."""
        path = self.write("song.txt", b"la")
        entry = Entry(b"song.txt", Kind.FILE, 2, 0)
        self.do(editing.edit, Edit(self.here, entry))
        self.assertEqual(self.words, ["vi", str(path.absolute())])
        self.assertEqual(self.desk.heard(LocalChanged), [LocalChanged(self.here.path)])

    def test_programs(self) -> None:
        """$VISUAL before $EDITOR, with its arguments; what is not installed is passed by."""
        self.write("song.txt", b"la")
        wanted = Edit(self.here, Entry(b"song.txt", Kind.FILE, 2, 0))
        for environ, installed, words in (
            ({"VISUAL": "ed -p 'a b'", "EDITOR": "nano"}, {"ed", "nano"}, ["ed", "-p", "a b"]),
            ({"VISUAL": "", "EDITOR": "nano -w"}, {"nano"}, ["nano", "-w"]),
            ({"EDITOR": "gone"}, {"nano"}, ["nano"]),
        ):
            self.environ.pop("VISUAL", None)
            self.environ.update(environ)
            self.installed = installed
            self.do(editing.edit, wanted)
            self.assertEqual(self.words[:-1], words)

    def test_none(self) -> None:
        """Where there is no editor at all, it is said how to name one."""
        self.installed = set()
        error = self.refused(
            UsageError, editing.edit, Edit(self.here, Entry(b"x", Kind.FILE, 0, 0))
        )
        self.assertIn("$EDITOR", error.hint)


class DriveTests(EditingCase):
    """Files of the drive."""

    def setUp(self) -> None:
        super().setUp()
        self.put_up(self.write("letter.txt", b"Dear Bob\n", mode=0o644))
        following: Any = self.desk.following
        following.known, following.account = Known(), object()
        clock = self.desk.here.clock
        self.desk.here = attrs.evolve(self.desk.here, clock=lambda: clock() + LATER)

    def test_changed(self) -> None:
        """What the editor left is a new version; until then only its owner could read it."""
        self.editor = lambda file: file.write_bytes(file.read_bytes() + b"how are you?\n")
        self.edit_letter()
        self.assertEqual(self.content("letter.txt"), b"Dear Bob\nhow are you?\n")
        self.assertEqual(len(self.file("letter.txt").versions), 2)
        self.assertEqual(self.modes[0], 0o700)
        self.assertTrue(self.words[-1].startswith(str(self.memory.absolute())))
        self.assertTrue(self.words[-1].endswith("/letter.txt"))
        self.assertEqual(list(self.memory.iterdir()), [])

    def test_put_in_its_place(self) -> None:
        """An editor that writes aside and renames, as many do, is understood."""

        def rename(file: Path) -> None:
            aside = file.with_suffix(".new")
            aside.write_bytes(b"other")
            aside.replace(file)

        self.editor = rename
        self.edit_letter()
        self.assertEqual(self.content("letter.txt"), b"other")

    def test_unchanged(self) -> None:
        """Where nothing was written nothing is stored, and nothing is left behind."""
        self.editor = Path.read_bytes
        self.edit_letter()
        self.assertEqual(len(self.file("letter.txt").versions), 1)
        self.assertEqual(list(self.memory.iterdir()), [])

    def test_not_stored(self) -> None:
        """What can't be stored stays where it is, and it is said where that is."""

        async def full(*_: object) -> None:
            raise Refused(Code.QUOTA, "the drive is full", "remove something")

        def write(file: Path) -> None:
            file.write_bytes(b"long words")
            self.patch(self.drive.peer, "stage", full)
            self.patch(self.drive.peer, "ask_once", full)

        self.editor = write
        wanted = Edit(Remote(()), self.entry("letter.txt"))
        error = self.refused(LocalFileError, editing.edit, wanted)
        self.assertIn("the drive is full", error.message)
        self.assertIn(self.words[-1], error.hint)
        self.assertEqual(Path(self.words[-1]).read_bytes(), b"long words")
        self.assertEqual(self.content("letter.txt"), b"Dear Bob\n")

    def test_gone(self) -> None:
        """A file that another device has removed meanwhile is not edited, and leaves nothing."""
        wanted = Edit(Remote(()), self.entry("letter.txt"))
        self.run_now(self.drive.trash((b"letter.txt",)))
        self.refused(NotFound, editing.edit, wanted)
        self.assertEqual((self.words, list(self.memory.iterdir())), ([], []))

    def test_read_from_a_place_without_memory(self) -> None:
        """Where there is no place in memory it lies in the system's folder, as safely."""
        self.environ.clear()
        self.environ["TMPDIR"] = "x"
        made: list[Any] = []
        self.editor = made.append
        self.edit_letter()
        self.assertEqual(self.modes[0], 0o700)
        self.assertFalse(made[0].parent.exists())

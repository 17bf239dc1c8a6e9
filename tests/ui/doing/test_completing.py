"""Folders that could complete a path, of the drive and of the local disk."""

import os
from typing import Any

from anoncloud.ui import places
from anoncloud.ui.doing.completing import complete_path
from anoncloud.ui.looking_effects import Completed, CompletePath
from anoncloud.ui.places import Local, Past, Place, Remote, Trash
from tests.support.open_desks import OpenDeskTestCase


class CompletingTests(OpenDeskTestCase):
    """complete_path."""

    def lines(self, text: str, before: str, place: Place) -> tuple[str, ...]:
        """Give the lines that *text* could become."""
        self.do(complete_path, CompletePath(text, before, place))
        said: Any = self.said()[-1]
        self.assertIsInstance(said, Completed)
        self.assertEqual(said.text, text)
        lines: tuple[str, ...] = said.lines
        return lines

    def test_drive(self) -> None:
        """Folders alone, of a folder that nothing shows."""
        self.run_now(self.drive.make_folder((b"a", b"xone"), parents=True))
        self.run_now(self.drive.make_folder((b"a", b"xtwo", b"deep"), parents=True))
        self.run_now(self.drive.make_folder((b"a", b"other")))
        place = Remote((b"a",))
        self.assertEqual(self.lines("cd a/x", "cd a/", place), ("cd a/xone/", "cd a/xtwo/"))
        self.assertEqual(self.lines("cd a/z", "cd a/", place), ())
        self.assertEqual(self.lines("cd b/", "cd b/", Remote((b"b",))), ())
        past = Past(1, 2 * 10**15, (b"a",))
        self.assertEqual(len(self.lines("cd a/x", "cd a/", past)), 2)

    def test_local(self) -> None:
        """Folders, and links to folders, byte for byte; no files, and nothing where none is."""
        for name in (b"sub", b"s\xff"):
            (self.top / os.fsdecode(name)).mkdir()
        (self.top / "song").write_bytes(b"")
        (self.top / "sym").symlink_to("sub")
        found = self.lines("cd s", "cd ", Local(str(self.top)))
        expected = [places.decode(name) for name in (b"sub", b"sym", b"s\xff")]
        self.assertEqual(found, tuple(f"cd {name}/" for name in expected))
        self.assertEqual(self.lines("cd none/", "cd none/", Local(f"{self.top}/none")), ())

    def test_nothing_in_the_trash(self) -> None:
        """What lies in the trash is no place to go to."""
        self.assertEqual(self.lines("cd ", "cd ", Trash()), ())

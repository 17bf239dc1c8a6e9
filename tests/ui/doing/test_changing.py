"""Changes asked for by the explorer: done in the drive or on the disk, and told."""

from collections.abc import Coroutine
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from anoncloud.errors import Exists, NotFound, UsageError
from anoncloud.ui import effects
from anoncloud.ui.doing import changing, copying
from anoncloud.ui.events import LocalChanged, Told
from anoncloud.ui.places import Local, Remote
from tests.support.client_arranged import ArrangedTestCase
from tests.support.desks import RememberingDesk

ROOT = Remote(())


class ChangingCase(ArrangedTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.desk = RememberingDesk(Path(self.mktemp()))
        self.desk.following = SimpleNamespace(drive=self.drive, look=bool)  # type: ignore[assignment]
        self.top = Path(self.mktemp()).absolute()
        self.top.mkdir()

    def do(self, work: Coroutine[Any, Any, None]) -> str:
        """Carry something out; give what was said last."""
        self.run_now(work)
        told = self.desk.heard(Told)
        return str(told[-1].text) if told else ""


class DriveTests(ChangingCase):
    def test_folders(self) -> None:
        said = self.do(changing.make_folder(self.desk, effects.MakeFolder(ROOT, b"a/b")))
        self.assertEqual(said, "made /a/b")
        self.assertEqual(self.shown(), ["/a/", "/a/b/"])
        for name, kind in ((b"a", Exists), (b"a/../b", UsageError), (b"", UsageError)):
            self.fails(kind, changing.make_folder(self.desk, effects.MakeFolder(ROOT, name)))

    def test_rename(self) -> None:
        self.put("/old")
        self.do(changing.rename(self.desk, effects.Rename(ROOT, b"old", b"\xff new")))
        self.assertEqual(self.shown(), ["/\\xff new 1"])

    def test_rename_never_moves(self) -> None:
        """To be called as a folder is no wish to go into it."""
        self.put("/file")
        self.mkdir("/folder")
        before = self.shown()
        rename = effects.Rename(ROOT, b"file", b"folder")
        self.fails(Exists, changing.rename(self.desk, rename))
        self.fails(NotFound, changing.rename(self.desk, effects.Rename(ROOT, b"gone", b"x")))
        self.assertEqual(self.shown(), before)

    def test_rename_to_itself(self) -> None:
        self.put("/file")
        self.do(changing.rename(self.desk, effects.Rename(ROOT, b"file", b"file")))
        self.assertEqual(self.shown(), ["/file 1"])

    def test_move_and_copy(self) -> None:
        self.put("/a")
        self.put("/b")
        self.mkdir("/d")
        there = Remote((b"d",))
        self.do(copying.move_there(self.desk, effects.MoveThere(ROOT, (b"a", b"b"), there)))
        self.assertEqual(self.shown(), ["/d/", "/d/a 1", "/d/b 1"])
        self.do(copying.copy_there(self.desk, effects.CopyThere(there, (b"a",), ROOT, b"c")))
        self.assertEqual(self.shown(), ["/c 1", "/d/", "/d/a 1", "/d/b 1"])

    def test_copy_beside_what_is_there(self) -> None:
        self.put("/a")
        self.do(copying.copy_there(self.desk, effects.CopyThere(ROOT, (b"a",), ROOT)))
        self.assertEqual(self.shown(), ["/a 1", "/a (copy) 1"])

    def test_trash_and_back(self) -> None:
        self.put("/a")
        number = self.drive.stat((b"a",)).node.to_bytes(8, "big")
        said = self.do(changing.put_in_trash(self.desk, effects.PutInTrash(ROOT, (b"a",))))
        self.assertEqual((said, self.shown()), ("put 1 thing into the trash", []))
        restore = effects.RestoreThem((number,))
        self.assertEqual(self.do(changing.restore_them(self.desk, restore)), "restored /a")
        self.assertEqual(self.shown(), ["/a 1"])

    def test_purge(self) -> None:
        self.put("/a")
        number = self.drive.stat((b"a",)).node.to_bytes(8, "big")
        self.do(changing.put_in_trash(self.desk, effects.PutInTrash(ROOT, (b"a",))))
        self.do(changing.purge_them(self.desk, effects.PurgeThem((number,))))
        self.assertEqual(self.drive.trashed(), [])
        self.fails(NotFound, changing.purge_them(self.desk, effects.PurgeThem((number,))))

    def test_undo_and_redo(self) -> None:
        self.mkdir("/a")
        said = self.do(changing.undo_last(self.desk, effects.Undo()))
        self.assertEqual((said, self.shown()), ("undone: put /a into the trash", []))
        said = self.do(changing.redo_last(self.desk, effects.Redo()))
        self.assertEqual((said, self.shown()), ("redone: restored /a", ["/a/"]))


class DiskTests(ChangingCase):
    def test_each(self) -> None:
        """On the disk it is done there, and the folder is told to have changed."""
        place = Local(str(self.top))
        self.do(changing.make_folder(self.desk, effects.MakeFolder(place, b"a/b")))
        self.do(changing.rename(self.desk, effects.Rename(place, b"a", b"c")))
        inner = Local(str(self.top / "c"))
        self.do(copying.move_there(self.desk, effects.MoveThere(inner, (b"b",), place)))
        self.assertEqual({path.name for path in self.top.iterdir()}, {"b", "c"})
        said = self.do(changing.put_in_trash(self.desk, effects.PutInTrash(place, (b"b", b"c"))))
        self.assertEqual((said, list(self.top.iterdir())), ("removed 2 things", []))
        changed = [event.path for event in self.desk.heard(LocalChanged)]
        self.assertEqual(changed, [place.path, place.path, inner.path, place.path, place.path])

    def test_failed(self) -> None:
        """What failed may have been half done, so it is looked at too."""
        place = Local(str(self.top))
        (self.top / "a").mkdir()
        self.fails(Exists, changing.make_folder(self.desk, effects.MakeFolder(place, b"a")))
        self.assertEqual(self.desk.heard(LocalChanged), [LocalChanged(place.path)])

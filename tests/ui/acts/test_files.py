"""Actions on files."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui import effects
from anoncloud.ui.acts.table import perform
from anoncloud.ui.effects import CopyThere, Effects, MoveThere, PutInTrash, Rename, RenameMany
from anoncloud.ui.events import PlaceRead
from anoncloud.ui.explorer import Explorer
from anoncloud.ui.places import Local, Past, Remote, Trash
from anoncloud.ui.transfer_effects import SetLimit
from tests.support import hostile_names
from tests.support.screens_of_cells import (
    LOCAL,
    REMOTE,
    entry,
    explorer,
    numbered,
    pressed,
    screen,
    told,
    typed,
)

HOME, DRIVE = Local("/home/ann"), Remote(())
PAST = Past(3, 5, ())


def asked(made: Explorer, key: str, text: str, *keys: str) -> Effects:
    """Press a key, type an answer instead of what is in the line; give what follows."""
    return typed(pressed(made, key, "ctrl-u")[0], text, *(keys or ("enter",)))[1]


class CopyTests(SynchronousTestCase):
    """Copies: up, down, aside."""

    def test_up_and_down(self) -> None:
        """The other pane is the place, unless another is typed."""
        _, done = pressed(explorer(), "down", "f5", "enter")
        self.assertEqual(done, (CopyThere(HOME, (b"notes.txt",), DRIVE),))
        _, done = pressed(explorer(), "tab", "c", "enter")
        self.assertEqual(done, (CopyThere(DRIVE, (b"photos",), HOME),))

    def test_marked(self) -> None:
        """All that is marked is copied; then the marks are gone."""
        made, done = pressed(explorer(), "space", "space", "c", "enter")
        self.assertEqual(done, (CopyThere(HOME, (b"music", b"notes.txt"), DRIVE),))
        self.assertEqual(made.pane.marks, frozenset())

    def test_elsewhere(self) -> None:
        """A path that ends in a slash, or is a folder that is seen, is gone into; else a name."""
        made, _ = pressed(explorer(), "down")
        for text, target, name in (
            ("drive:/photos", Remote((b"photos",)), None),
            ("drive:/new/", Remote((b"new",)), None),
            ("drive:/new", DRIVE, b"new"),
            ("drive:/", DRIVE, None),
            ("drive:/x/notes.txt", Remote((b"x",)), None),
            ("music", Local("/home/ann/music"), None),
            ("copy", HOME, b"copy"),
            ("..", Local("/home"), None),
            ("~", HOME, None),
        ):
            done = asked(made, "c", text)
            self.assertEqual(done, (CopyThere(HOME, (b"notes.txt",), target, name),), text)
        made, _ = pressed(explorer(), "space", "space")
        done = asked(made, "c", "drive:/new")
        self.assertEqual(done[0].target, Remote((b"new",)))

    def test_refused(self) -> None:
        """Nothing goes into the trash by copying, nor out of it, and nothing is no copy."""
        self.assertEqual(asked(explorer(), "c", "trash:"), ())
        self.assertIsNotNone(pressed(explorer(right=Trash()), "tab", "c")[0].notice)
        self.assertIsNotNone(pressed(explorer(local=()), "c")[0].notice)

    def test_out_of_the_past(self) -> None:
        """What was can be brought back, down or into the drive."""
        made = explorer(right=PAST)
        _, done = pressed(made, "tab", "c", "enter")
        self.assertEqual(done, (CopyThere(PAST, (b"photos",), HOME),))
        done = asked(pressed(made, "tab")[0], "c", "drive:/old/")
        self.assertEqual(done, (CopyThere(PAST, (b"photos",), Remote((b"old",))),))

    def test_by_command(self) -> None:
        """A path may stand behind the command."""
        _, done = typed(pressed(explorer(), "down", ":")[0], "copy drive:/photos/", "enter")
        self.assertEqual(done, (CopyThere(HOME, (b"notes.txt",), Remote((b"photos",))),))


class MoveTests(SynchronousTestCase):
    """Names and places."""

    def test_renamed(self) -> None:
        """The name is in the line; the cursor goes to the new one when it is there."""
        made, done = pressed(explorer(), "down", "r", *["backspace"] * 4, "enter")
        self.assertEqual(done, (Rename(HOME, b"notes.txt", b"notes"),))
        new = [one._replace(name=b"notes") if one is LOCAL[1] else one for one in LOCAL]
        made, _ = told(made, PlaceRead(made.active, HOME, new))
        assert made.pane.entry is not None
        self.assertEqual(made.pane.entry.name, b"notes")

    def test_many(self) -> None:
        """E takes what is marked, in the order shown, and knows what else is there."""
        made, done = pressed(explorer(), "down", "space", "space", "E")
        others = frozenset((b"music", b"page 9.txt", b"Page 10.txt", b".hidden"))
        self.assertEqual(done, (RenameMany(HOME, (b"notes.txt", b"old.tar.gz"), others),))
        made, done = pressed(explorer(right=PAST), "tab", "E")
        self.assertEqual(done, ())
        self.assertIsNotNone(made.notice)

    def test_moved(self) -> None:
        """A path moves it; F6 puts the other pane's into the line."""
        made, _ = pressed(explorer(), "down")
        self.assertEqual(
            pressed(made, "f6", "f6", "enter")[1], (MoveThere(HOME, (b"notes.txt",), DRIVE),)
        )
        self.assertEqual(
            asked(made, "r", "music"), (MoveThere(HOME, (b"notes.txt",), Local("/home/ann/music")),)
        )
        self.assertEqual(
            asked(made, "r", "../x"), (MoveThere(HOME, (b"notes.txt",), Local("/home"), b"x"),)
        )
        _, done = pressed(explorer(), "space", "space", "r", "enter")
        self.assertEqual(done, (MoveThere(HOME, (b"music", b"notes.txt"), DRIVE),))

    def test_refused(self) -> None:
        """What stays where it is, and what can't be moved, is said."""
        made, done = pressed(explorer(), "r", "enter")
        self.assertEqual((len(made.layers), done), (1, ()))
        for place in (PAST, Trash()):
            for key in ("r", "n", "e"):
                made, done = pressed(explorer(right=place), "tab", key)
                self.assertEqual((made.layers, done), ((), ()))
                self.assertIsNotNone(made.notice)

    def test_hostile_names(self) -> None:
        """Each of a thousand is chosen, copied, renamed and put away byte for byte."""
        listed = numbered([entry(name) for name in hostile_names.names()])
        made, _ = pressed(explorer(remote=listed), "tab", ".")
        seen = set()
        for _ in listed:
            assert made.pane.entry is not None
            name = made.pane.entry.name
            seen.add(name)
            _, copied = pressed(made, "c", "enter")
            self.assertEqual(copied, (CopyThere(DRIVE, (name,), HOME),))
            _, renamed = pressed(made, "r", "home", "x", "enter")
            if len(name) < 255:
                self.assertEqual(renamed, (Rename(DRIVE, name, b"x" + name),))
            _, put = pressed(made, "d", "y")
            self.assertEqual(put, (PutInTrash(DRIVE, (name,)),))
            made, _ = pressed(made, "down")
        self.assertEqual(seen, {one.name for one in listed})


class FolderTests(SynchronousTestCase):
    """New folders."""

    def test_made(self) -> None:
        """A name, or several at once; the cursor waits for the first."""
        made, _ = typed(pressed(explorer(), "n")[0], "a/b")
        made, done = pressed(made, "enter")
        self.assertEqual(done, (effects.MakeFolder(HOME, b"a/b"),))
        self.assertEqual(made.pane.wanted, b"a")
        _, done = typed(pressed(explorer(), ":")[0], "mkdir x y", "enter")
        self.assertEqual(done, (effects.MakeFolder(HOME, b"x y"),))

    def test_refused(self) -> None:
        """What is no name is refused in the box."""
        for text in ("", "..", "a//b", "x" * 256):
            made, done = typed(pressed(explorer(), "n")[0], text, "enter")
            self.assertEqual((len(made.layers), done), (1, ()), text)


class TrashTests(SynchronousTestCase):
    """Away with it."""

    def test_drive(self) -> None:
        """Into the trash, asked once; Enter says yes, for it can be undone."""
        _, done = pressed(explorer(), "tab", "d", "enter")
        self.assertEqual(done, (PutInTrash(DRIVE, (b"photos",)),))
        self.assertEqual(pressed(explorer(), "tab", "d", "esc")[1], ())

    def test_local(self) -> None:
        """For good, asked twice; Enter alone says no."""
        self.assertEqual(pressed(explorer(), "f8", "y", "y")[1], (PutInTrash(HOME, (b"music",)),))
        for keys in (("y",), ("y", "n"), ("enter",), ("y", "enter")):
            self.assertEqual(pressed(explorer(), "delete", *keys)[1], ())

    def test_in_the_trash(self) -> None:
        """There it is for good, by number; or it is brought back."""
        made = explorer(right=Trash(), remote=numbered([entry("x"), entry("x")]))
        made, _ = pressed(made, "tab")
        one, other = ((1).to_bytes(8, "big"), (2).to_bytes(8, "big"))
        self.assertEqual(pressed(made, "d", "y")[1], (effects.PurgeThem((one,)),))
        self.assertEqual(pressed(made, "d", "enter")[1], ())
        self.assertEqual(pressed(made, "ctrl-a", "R")[1], (effects.RestoreThem((one, other)),))
        self.assertIsNotNone(pressed(explorer(), "R")[0].notice)

    def test_past(self) -> None:
        """The past can't be changed."""
        self.assertIsNotNone(pressed(explorer(right=PAST), "tab", "d")[0].notice)

    def test_the_question(self) -> None:
        """It names what is about to go: a few names, and how many more."""
        many = [entry(f"f{at}") for at in range(9)]
        lines = screen(pressed(explorer(local=many), "ctrl-a", "d")[0])
        self.assertTrue(any("│ f4 " in line for line in lines))
        self.assertTrue(any("│ and 4 more " in line for line in lines))


class LookingTests(SynchronousTestCase):
    """Actions that look."""

    def test_about_the_entry(self) -> None:
        """View, edit, details, history, sizes."""
        made, _ = pressed(explorer(), "tab", "down")
        where, one = DRIVE, REMOTE[1]
        for key, effect in (
            ("v", effects.View(where, one)),
            ("f4", effects.Edit(where, one)),
            ("i", effects.DetailsOf(where, one)),
            ("H", effects.HistoryOf((one.name,))),
            ("w", effects.MeasureThem(where)),
        ):
            self.assertEqual(pressed(made, key)[1], (effect,), key)

    def test_nothing_to_see(self) -> None:
        """Where there is nothing, or nothing fitting, that is said."""
        for made, key in (
            (explorer(local=()), "v"),
            (explorer(local=()), "e"),
            (explorer(), "e"),
            (explorer(), "H"),
        ):
            changed, done = pressed(made, key)
            self.assertEqual(done, ())
            self.assertIsNotNone(changed.notice, key)

    def test_find(self) -> None:
        """A pattern is asked for; nothing is not looked for."""
        made, done = typed(pressed(explorer(), "f")[0], "*.jpg", "enter")
        self.assertEqual(done, (effects.FindAll("*.jpg"),))
        self.assertEqual(made.histories["find"], ("*.jpg",))
        made, done = pressed(explorer(), "f", "enter")
        self.assertEqual((len(made.layers), done), (1, ()))

    def test_limit(self) -> None:
        """A rate with a unit, or none; what is no rate is told."""
        for text, rate in (("500K", 512_000), ("2M/s", 2**21), ("off", None), ("0", None)):
            self.assertEqual(perform(explorer(), "limit", text)[1], (SetLimit(rate),))
        self.assertIsNotNone(perform(explorer(), "limit", "fast")[0].notice)
        self.assertEqual(len(perform(explorer(), "limit")[0].layers), 1)

    def test_others(self) -> None:
        """Undo, redo, refresh, repaint, suspend."""
        for key, effect in (
            ("u", effects.Undo()),
            ("U", effects.Redo()),
            ("ctrl-r", effects.Refresh(effects.Side.LEFT)),
            ("ctrl-l", effects.Repaint()),
            ("ctrl-z", effects.Suspend()),
        ):
            self.assertEqual(pressed(explorer(), key)[1], (effect,))

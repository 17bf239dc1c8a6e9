"""Help, menu, command line and end."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import UsageError
from anoncloud.ui.acts.program import completions, help_rows, read_command
from anoncloud.ui.bookmarks import Bookmarks
from anoncloud.ui.dialogs.menu import Menu
from anoncloud.ui.effects import Perform, Quit, ReadPlace, Remember, RunCommand, Side, Undo
from anoncloud.ui.events import Progress, TransferLine, TransfersChanged
from anoncloud.ui.keymap import Keymap, show
from anoncloud.ui.keys import ACTIONS
from anoncloud.ui.looking_effects import CompletePath
from anoncloud.ui.places import Local, Remote
from tests.support.screens_of_cells import explorer, pressed, screen, told, typed


class HelpTests(SynchronousTestCase):
    """Every action is found from the screen."""

    def test_help_has_all(self) -> None:
        """Each action stands there with all its keys, a user's file counted in."""
        for keys in (Keymap.of(), Keymap.of('[keys]\ncopy = ["y", "f2"]\nundo = []')):
            lines = ["".join(span.text for span in row) for row in help_rows(keys)]
            for action in ACTIONS:
                held = " ".join(map(show, keys.keys[action.name])) or f":{action.name}"
                found = [one for one in lines if one.startswith(f"  {held} ")]
                self.assertTrue(found and found[0].endswith(f" {action.says}"), held)

    def test_menu_has_all(self) -> None:
        """Each is found in the menu by typing its name, and done by Enter."""
        for action in ACTIONS:
            if action.name in {"menu", "undo"}:
                continue
            made, _ = typed(pressed(explorer(), "f9")[0], f"({action.name})")
            layer = made.layers[-1]
            self.assertIn(action.says, "\n".join(screen(made)).replace("│", " "))
            self.assertEqual(layer.press("enter").effects, (Perform(action.name),))
        self.assertEqual(typed(pressed(explorer(), "f9")[0], "(undo)", "enter")[1], (Undo(),))

    def test_menu_begins_with_files(self) -> None:
        """What is done with files comes first, and moving about last."""
        made, _ = pressed(explorer(), "f9")
        layer = made.layers[-1]
        assert isinstance(layer, Menu)
        self.assertTrue(layer.items[0].text.endswith("(view)"))
        self.assertTrue(layer.items[-1].text.endswith("(switch)"))

    def test_help_is_read(self) -> None:
        """It fills the screen, and goes away."""
        made, _ = pressed(explorer(), "?")
        self.assertIn("Moving about", screen(made)[1])
        self.assertEqual(pressed(made, "esc")[0].layers, ())


class CommandTests(SynchronousTestCase):
    """The command line."""

    def test_read(self) -> None:
        """A name, with what stands behind it where something may."""
        self.assertEqual(read_command(" undo ")[1:], (Perform("undo"),))
        self.assertEqual(read_command("cd /a b")[1:], (Perform("cd", "/a b"),))
        self.assertEqual(read_command("!ls 'a b'"), (RunCommand(("ls", "a b")),))
        self.assertEqual(read_command(""), ())

    def test_mistakes(self) -> None:
        """Each is told, with what would do."""
        for text, hint in (
            ("und", "did you mean undo?"),
            ("qqq", "Tab"),
            ("undo x", "type undo alone"),
            ("!ls 'a", "quotes"),
        ):
            error = self.assertRaises(UsageError, read_command, text)
            self.assertIn(hint, error.hint)

    def test_completed(self) -> None:
        """Names, and what may stand behind them: words, paths, letters."""
        made, _ = pressed(explorer(), "B", "x", "enter")
        for text, found in (
            ("un", ["unbookmark ", "unmark-like ", "undo"]),
            ("sort t", ["sort time"]),
            ("cd m", ["cd music/"]),
            ("cd drive:/", ["cd drive:/photos/"]),
            ("cd dr", ["cd drive:/"]),
            ("cd ", ["cd drive:/", "cd local:/home/ann/", "cd music/"]),
            ("cd ../", []),
            ("bookmarks ", ["bookmarks x"]),
            ("undo ", []),
            ("zzz ", []),
        ):
            self.assertEqual(sorted(completions(made, text)), sorted(found), text)

    def test_asked_elsewhere(self) -> None:
        """A path into a folder that no pane shows is the shell's to complete."""
        made = explorer()
        for text, before, place in (
            ("cd music/a", "cd music/", Local("/home/ann/music")),
            ("cd ../", "cd ../", Local("/home")),
            ("copy drive:/photos/x", "copy drive:/photos/", Remote((b"photos",))),
            ("export /t", "export /", Local("/")),
        ):
            answer = pressed(typed(pressed(made, ":")[0], text)[0], "tab")
            self.assertEqual(answer[1], (CompletePath(text, before, place),), text)
        for text in ("cd m", "cd drive:/p", "undo x/", "cd drive:/" + "n" * 300 + "/x"):
            self.assertEqual(pressed(typed(pressed(made, ":")[0], text)[0], "tab")[1], (), text)

    def test_done_and_remembered(self) -> None:
        """A line is done, and comes back by the arrow."""
        made, done = typed(pressed(explorer(), ":")[0], "cd /x", "enter")
        self.assertEqual(done, (ReadPlace(Side.LEFT, Local("/x")),))
        _, done = pressed(made, ":", "up", "enter")
        self.assertEqual(done, (ReadPlace(Side.LEFT, Local("/x")),))

    def test_every_action_has_a_command(self) -> None:
        """Each name is a command, and what it leads to is done without a crash."""
        for action in ACTIONS:
            made, _ = typed(pressed(explorer(), ":")[0], action.name, "enter")
            self.assertNotIn(":" + action.name, [line.strip() for line in screen(made)])


class LeaveTests(SynchronousTestCase):
    """The end."""

    def test_at_once(self) -> None:
        """Nothing is under way: it ends."""
        _, done = pressed(explorer(), "q")
        self.assertEqual(done, (Remember(Bookmarks()), Quit(carry_on=False)))

    def test_asked(self) -> None:
        """What is under way can carry on, or be given up, or keep one here."""
        for state, asks in (
            (Progress.RUNNING, True),
            (Progress.WAITING, True),
            (Progress.PAUSED, True),
            (Progress.DONE, False),
            (Progress.FAILED, False),
        ):
            line = TransferLine(1, "x", 1, 2, state=state, lasting=True)
            made, done = pressed(told(explorer(), TransfersChanged((line,)))[0], "f10")
            self.assertEqual((len(made.layers), bool(done)), (int(asks), not asks))
            if asks:
                self.assertEqual(pressed(made, "c")[1][-1], Quit(carry_on=True))
                self.assertEqual(pressed(made, "g")[1][-1], Quit(carry_on=False))
                self.assertEqual(pressed(made, "enter")[1], ())

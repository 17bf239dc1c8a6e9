"""The table of keys, and a user's file that changes it."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import UsageError
from anoncloud.ui import keymap
from anoncloud.ui.acts.table import ACTS
from anoncloud.ui.keymap import Keymap
from anoncloud.ui.keys import ACTIONS, BY_NAME, GROUPS

WANTED = {
    "switch": "tab", "down": "down j", "up": "up k", "open": "enter l right",
    "parent": "backspace h left", "first": "g", "last": "G", "mark": "space insert",
    "mark-like": "+", "unmark-like": "-", "invert": "*", "help": "f1 ?", "view": "f3 v",
    "edit": "f4 e", "copy": "f5 c", "move": "f6 r", "mkdir": "f7 n", "trash": "f8 d",
    "quit": "f10 q", "filter": "/", "find": "f", "sort": "s", "hidden": ".", "transfers": "t",
    "undo": "u", "history": "H", "details": "i", "bookmarks": "b", "refresh": "ctrl-r",
    "suspend": "ctrl-z", "command": ":",
}  # fmt: skip
"""The keys that every user of such programs expects."""


class TableTests(SynchronousTestCase):
    """The table itself."""

    def test_keys_are_unique(self) -> None:
        """No key does two things, and no action stands there twice."""
        keys = [key for action in ACTIONS for key in action.keys]
        self.assertEqual(len(keys), len(set(keys)))
        self.assertEqual(len(BY_NAME), len(ACTIONS))

    def test_expected(self) -> None:
        """What is known from other programs is where it is expected."""
        keys = Keymap.of()
        for name, held in WANTED.items():
            for key in held.split():
                self.assertEqual(keys.action(key), name)

    def test_every_action_can_be_done(self) -> None:
        """Every action has a function, and every function its action."""
        self.assertEqual(set(ACTS) - {"command-typed"}, set(BY_NAME))

    def test_words(self) -> None:
        """Every action says what it does, in its group."""
        for action in ACTIONS:
            self.assertIn(action.group, GROUPS)
            self.assertNotEqual(action.hint, "")
            self.assertRegex(action.says, r"^[a-z].*[^.]$")

    def test_the_table_is_a_file(self) -> None:
        """What the table says can be said in a user's file, too."""
        lines = [f"{one.name} = {list(one.keys)!r}" for one in ACTIONS]
        self.assertEqual(Keymap.of("[keys]\n" + "\n".join(lines)), Keymap.of())


class FileTests(SynchronousTestCase):
    """A user's file."""

    def refused(self, text: str) -> UsageError:
        """Check that *text* is refused, with a hint."""
        error = self.assertRaises(UsageError, Keymap.of, text)
        self.assertNotEqual(error.hint, "", error.message)
        return error

    def test_changes(self) -> None:
        """An action has the keys it is given; a key leaves the action it had."""
        keys = Keymap.of('[keys]\ncopy = ["y", "c"]\nmkdir = "f5"\nundo = []')
        for key, name in (("y", "copy"), ("c", "copy"), ("f5", "mkdir"), ("n", None), ("u", None)):
            self.assertEqual(keys.action(key), name)
        self.assertEqual((keys.shown("mkdir"), keys.shown("undo")), ("F5", ":undo"))

    def test_taken_over(self) -> None:
        """A key given to one action is taken from the table's."""
        keys = Keymap.of('[keys]\ndetails = "v"')
        self.assertEqual((keys.action("v"), keys.keys["view"]), ("details", ("f3",)))

    def test_mistakes(self) -> None:
        """Each mistake is named, with what would do."""
        for text, said, hint in (
            ("[keys]\ncopi = 'y'", "'copi'", "did you mean copy?"),
            ("[keys]\nzzz = 'y'", "'zzz'", "see the help"),
            ("[keys]\ncopy = 'entr'", "'entr'", "did you mean enter?"),
            ("[keys]\ncopy = 'f13'", "'f13'", "did you mean f"),
            ("[keys]\ncopy = ''", "''", "write a"),
            ("[keys]\ncopy = ' '", "' '", "space"),
            ("[keys]\ncopy = 5", "copy", "write copy"),
            ("[keys]\ncopy = [['y']]", "copy", "write copy"),
            ("[keys]\ncopy = 'y'\nmove = 'y'", "'y'", "one of them"),
            ("[keys]\nquit = []", "quit", 'quit = "f10"'),
            ("[keys]\ncopy = ['f1', '?']", "help", 'help = "f1"'),
            ("[keys]\ncopy = 'ctrl-c'", "'ctrl-c'", "another"),
            ("copy = 'y'", "'copy' outside", "[keys]"),
            ("keys = 5", "no table", "[keys]"),
            ("[keys", "can't be read", "copy ="),
        ):
            error = self.refused(text)
            self.assertIn(said, error.message, text)
            self.assertIn(hint, error.hint, text)

    def test_no_two_meanings_of_a_line(self) -> None:
        """TOML refuses a name that stands there twice, and says where."""
        self.assertIn("line 3", self.refused("[keys]\ncopy = 'y'\ncopy = 'x'\n").message)


class ShownTests(SynchronousTestCase):
    """Keys as they are written."""

    def test_examples(self) -> None:
        """Short, and as they are written on keyboards."""
        for key, text in (
            ("a", "a"), ("G", "G"), ("f10", "F10"), ("ctrl-r", "^R"), ("alt-left", "Alt-Left"),
            ("space", "Space"), ("pageup", "PgUp"), ("shift-tab", "Shift-Tab"), ("-", "-"),
            ("ctrl--", "^-"), ("alt-x", "Alt-X"), (":", ":"),
        ):  # fmt: skip
            self.assertEqual(keymap.show(key), text)

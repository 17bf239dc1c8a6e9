"""The keys of what lies over the panes: in the table, in the user's file, and in the layers."""

from typing import Any

import attrs
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import Forked, RemoteError, Tampered, UsageError
from anoncloud.ui import explorer, keys
from anoncloud.ui.dialogs.alarm import Alarm
from anoncloud.ui.dialogs.ask import Ask
from anoncloud.ui.dialogs.clash import Clash
from anoncloud.ui.dialogs.command import Command
from anoncloud.ui.dialogs.confirm import Confirm
from anoncloud.ui.dialogs.form import Field, Form
from anoncloud.ui.dialogs.menu import Item, Menu
from anoncloud.ui.dialogs.message import said
from anoncloud.ui.effects import Repaint, Suspend, Undo
from anoncloud.ui.events import Candidate, Conflict, Progress, TransferLine
from anoncloud.ui.hints import hints
from anoncloud.ui.keymap import Keymap
from anoncloud.ui.layers import keys_of
from anoncloud.ui.lineedit import Line
from anoncloud.ui.model import Explorer
from anoncloud.ui.viewing import table
from anoncloud.ui.viewing.characters import Encoding
from anoncloud.ui.viewing.looker import Sought
from anoncloud.ui.viewing.said import Room
from anoncloud.ui.viewing.transfers import Now, Transfers
from anoncloud.ui.viewing.viewer import opened

MESSAGE = attrs.evolve(said("title", *map(str, range(60))), top=20)
LINE = Line("one two three", 5, cut="x", history=("older", "old"), steps=1, draft="new")
FORM = Form("title", (Field("a", LINE), Field("b", LINE), Field("c", LINE)), lambda _: (), at=1)


def command() -> Command:
    """Make a command line that knows two completions."""
    return Command(LINE, lambda _: (), lambda _: ("one two three 1", "one two three 2"))


def clash() -> Clash:
    """Make the question of a file whose name is taken."""
    conflict = Conflict(7, "/a", b"a", Candidate(1, 1), Candidate(2, 2), into_drive=True)
    return Clash(conflict, str)


def menu() -> Menu:
    """Make a menu whose cursor stands in its middle."""
    items = tuple(Item(str(number), "", (Undo(),)) for number in range(40))
    return Menu.of("title", items, cursor=20)


def listed(*held: str) -> table.Table:
    """Make a list whose cursor stands in its middle, with keys for the item."""
    acts = {key: table.Act(key, lambda _, key=key: (key,)) for key in held}
    items = tuple(table.Item((), str(number), number) for number in range(40))
    made = table.Table(1, "title", (), "head", acts).with_items(items)
    return attrs.evolve(made, choice=attrs.evolve(made.choice, cursor=20), room=Room(80, 12))


def _transfer(number: int, state: Progress) -> TransferLine:
    return TransferLine(number, f"up: {number}", 1, 2, state=state, lasting=True)


def transfers(state: Progress) -> Transfers:
    """Make the list of three transfers, with the cursor on the one in the middle."""
    made = Transfers.of(Now(tuple(_transfer(number, state) for number in range(1, 4))))
    return attrs.evolve(made, table=made.table.press("down").layer)


def viewers() -> list[Any]:
    """Make viewers of text in their middle: wrapped, cut, after a search."""
    content = b"a line that is longer than eight cells\n" * 500
    text: Any = opened(1, "title", len(content), Encoding.UTF_8, content)
    text = text.hear(0, Room(30, 10)).layer
    text = text.press("pagedown").layer.press("pagedown").layer
    cut = text.press("w").layer
    return [text, cut, cut.press("right").layer, attrs.evolve(text, sought=Sought(b"eight"))]


def alarm(error: RemoteError) -> Alarm:
    """Make an alarm of which a part was read."""
    made = Alarm.of(error)
    return attrs.evolve(made, message=attrs.evolve(made.message, top=3))


SAMPLES: dict[str, Any] = {
    keys.DIALOG: lambda: [MESSAGE, menu()],
    keys.TYPING: lambda: [Ask("t", LINE, lambda _: ()), FORM, command()],
    keys.QUESTION: lambda: [Confirm("t", ("x",), "Do", (Undo(),))],
    keys.CONFLICT: lambda: [clash()],
    keys.LIST: lambda: [
        listed("enter", "v", "f3", "i", "R", "c", "f5", "o", "x"),
        listed("l", "right", "backspace", "h", "left"),
    ],
    keys.TRANSFERS: lambda: list(
        map(transfers, (Progress.RUNNING, Progress.FAILED, Progress.DONE))
    ),
    keys.VIEWER: viewers,
    keys.ALARM: lambda: [alarm(Forked("x" * 9)), alarm(Tampered("x"))],
}


class TableTests(SynchronousTestCase):
    """The table, against what layers do."""

    def test_words(self) -> None:
        """In each group no key does two things, and each action says what it does."""
        for layer in keys.LAYERS:
            held = [key for action in layer.actions for key in action.keys]
            self.assertEqual(len(held), len(set(held)), layer.name)
            for action in layer.actions:
                self.assertRegex(action.says, r"^[a-z].*[^.]$")
                self.assertNotEqual(action.keys, ())

    def test_layers_know_them(self) -> None:
        """Each action does something in some layer of its group, and all its keys do the same."""
        self.assertEqual(set(SAMPLES), set(keys.LAYERS_BY_NAME))
        for layer in keys.LAYERS:
            samples = SAMPLES[layer.name]()
            self.assertEqual({keys_of(one) for one in samples}, {layer.name})
            for action in layer.actions:
                first, *others = action.keys
                done = [str(one.press(first)) for one in samples]
                still = [str(one.press("f12")) for one in samples]
                self.assertNotEqual(done, still, (layer.name, action.name))
                for key in others:
                    again = [str(one.press(key)) for one in samples]
                    if layer.name == keys.LIST and first not in {"down", "up", "home", "end"}:
                        continue  # what an item's keys do is the business of who made the list
                    self.assertEqual(again, done, (layer.name, action.name, key))


class FileTests(SynchronousTestCase):
    """A user's file changes them."""

    def over(self, layer: Any, text: str) -> Explorer:
        """Give an explorer with *layer* on top, and the keys of *text*."""
        return Explorer(keymap=Keymap.of(text)).over(layer)

    def pressed(self, state: Explorer, key: str) -> Any:
        """Give the uppermost layer after a key."""
        return explorer.press(state, key)[0].layers[-1]

    def test_changes(self) -> None:
        """A key that was given does it, the table's do nothing, and the bar shows it."""
        viewer = viewers()[0]
        state = self.over(viewer, '[viewer]\nsearch = ["ctrl-s", "z"]\nwrap = []')
        for key in ("ctrl-s", "z"):
            self.assertIsNotNone(self.pressed(state, key).asking)
        for key in ("/", "f7", "w", "f2"):
            self.assertEqual(self.pressed(state, key), viewer)
        self.assertIn(("^S", "Search"), hints(state))
        self.assertIn(("-", "Wrap"), hints(state))
        self.assertIn(("x", "Hex"), hints(state))

    def test_taken_over(self) -> None:
        """A key given to one action is taken from the table's, in that group alone."""
        keymap = Keymap.of('[viewer]\nhex = "e"')
        self.assertEqual(keymap.in_layer("viewer", "e"), "x")
        self.assertEqual(keymap.in_layer("viewer", "x"), "")
        self.assertEqual(keymap.in_layer("list", "e"), "e")
        viewer = keys.LAYERS_BY_NAME["viewer"]
        encoding = next(one for one in viewer.actions if one.name == "encoding")
        self.assertEqual(keymap.layer_keys(viewer, encoding), ())

    def test_typing(self) -> None:
        """Other keys for the line that is typed; letters stay text."""
        state = self.over(Ask("t", LINE, lambda _: ()), '[typing]\nstart = "alt-a"')
        self.assertEqual(self.pressed(state, "alt-a").line.at, 0)
        self.assertEqual(self.pressed(state, "ctrl-a").line, LINE)
        self.assertEqual(self.pressed(state, "q").line.text, "one tqwo three")

    def test_the_table_is_a_file(self) -> None:
        """What the table says can be said in a file, and changes nothing."""
        lines = [
            f"[{layer.name}]\n"
            + "\n".join(f"{one.name} = {list(one.keys)!r}" for one in layer.actions)
            for layer in keys.LAYERS
        ]
        keymap = Keymap.of("\n".join(lines))
        for layer in keys.LAYERS:
            for action in layer.actions:
                for key in action.keys:
                    self.assertEqual(keymap.in_layer(layer.name, key), action.keys[0])

    def test_mistakes(self) -> None:
        """Each mistake is named, with what would do."""
        for text, told, hint in (
            ("[viwer]\nhex = 'y'", "[viwer]", "[viewer]"),
            ("[viewer]\nhexx = 'y'", "'hexx'", "did you mean hex?"),
            ("[viewer]\nhex = 'y'\nwrap = 'y'", "in [viewer]", "one of them"),
            ("[typing]\nstart = 'y'", "[typing]", "letters are text"),
            ("[typing]\nstart = 'space'", "[typing]", "letters are text"),
            ("viewer = 5", "no table [viewer]", "[viewer]"),
        ):
            error = self.assertRaises(UsageError, Keymap.of, text)
            self.assertIn(told, error.message, text)
            self.assertIn(hint, error.hint, text)


class OverAllTests(SynchronousTestCase):
    """Keys that do the same whatever lies over the panes."""

    def test_suspend(self) -> None:
        """Ctrl-Z goes to the shell and Ctrl-L paints again, while a question is typed too."""
        for samples in SAMPLES.values():
            for layer in samples():
                state = Explorer().over(layer)
                self.assertEqual(explorer.press(state, "ctrl-z"), (state, (Suspend(),)))
                self.assertEqual(explorer.press(state, "ctrl-l"), (state, (Repaint(),)))

    def test_letters_stay_text(self) -> None:
        """A letter that suspends in the panes is a letter where one types."""
        state = Explorer(keymap=Keymap.of('[keys]\nsuspend = "Z"'))
        typed, effects = explorer.press(state.over(Ask("t", Line(), lambda _: ())), "Z")
        asked: Any = typed.layers[-1]
        self.assertEqual((asked.line.text, effects), ("Z", ()))

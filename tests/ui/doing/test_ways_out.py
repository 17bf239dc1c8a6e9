"""Accepting and exporting from the explorer: what is asked, done and told."""

from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred

from anoncloud.client.following import Following
from anoncloud.errors import UsageError
from anoncloud.ui.alarm_effects import (
    ALARM,
    Accept,
    AskFolder,
    AskWord,
    Export,
    LookAtServer,
    Seen,
    Settled,
)
from anoncloud.ui.dialogs.form import Form
from anoncloud.ui.dialogs.message import Message
from anoncloud.ui.doing import ways_out
from anoncloud.ui.doing.desk import Desk
from anoncloud.ui.doing.transfers import Queue
from anoncloud.ui.events import Heard, Shown
from anoncloud.ui.model import Explorer
from tests.evil.histories import HistoriesTestCase
from tests.support.looking import text_of


class WaysOutTests(HistoriesTestCase):
    """A desk on the laptop, whose server has forgotten a folder."""

    def setUp(self) -> None:
        super().setUp()
        self.roll_back()
        self.told: list[Any] = []
        self.home = Path(self.mktemp())
        self.home.mkdir()
        state = Explorer(home=str(self.home.absolute()))

        async def lend(words: list[str]) -> None:
            self.fail(f"the terminal was lent to {words}")

        self.desk = Desk(self.laptop, self.told.append, lambda: state, lend)
        self.desk.queue = Queue(self.desk)
        begun = Following.begin(self.laptop, lambda: None, self.told.append)
        self.desk.open(self.now(begun))

    def do(self, work: Any, effect: Any) -> None:
        """Carry *effect* out to its end."""
        self.now(work(self.desk, effect))

    def last(self, kind: type[Any]) -> Any:
        """Give what was told last of one kind."""
        return [event for event in self.told if isinstance(event, kind)][-1]

    def seen(self) -> str:
        """Give the text of the layer that was shown last."""
        return "\n".join(text_of(self.last(Shown).layer.view(100, 40)))

    def test_looked_at(self) -> None:
        """The alarm hears what the server shows, or why nothing can be accepted."""
        self.do(ways_out.look_at_server, LookAtServer())
        heard = self.last(Heard)
        self.assertEqual(heard.number, ALARM)
        assert isinstance(heard.said, Seen)
        self.assertIn("The server shows", "\n".join(heard.said.texts))
        self.house.is_away = True
        self.do(ways_out.look_at_server, LookAtServer())
        (text,) = self.last(Heard).said.texts
        self.assertIn("connecting to the server", text)

    def test_accepted(self) -> None:
        """Only the account's name leads on; then the alarm goes, and the drive is the server's."""
        self.desk.read_only = True
        seen = self.memory(self.laptop)
        self.do(ways_out.ask_word, AskWord())
        form: Form = self.last(Shown).layer
        self.assertIn("Accepting gives up what only this device has seen", self.seen())
        for word in ("", "yes", "bob"):
            self.assertRaises(UsageError, form.then, (word,))
        (effect,) = form.then((" ada ",))
        assert isinstance(effect, Accept)
        self.assertEqual(self.memory(self.laptop), seen)
        self.do(ways_out.accept, effect)
        self.assertEqual(self.last(Heard).said, Settled())
        self.assertIn("given-up-1", self.seen().replace("\n", ""))
        self.assertFalse(self.desk.read_only)
        self.settle()
        names = [node.name for node in self.desk.drive.entries(())]
        self.assertEqual(names, [b"both", b"early"])
        assert self.desk.following is not None
        self.begin(self.desk.following.close())

    def test_nothing_to_accept(self) -> None:
        """Where the server's history goes on from what was seen, that is said."""
        self.now(self.accept(self.laptop, self.examine(self.laptop)))
        self.do(ways_out.ask_word, AskWord())
        self.assertIsInstance(self.last(Shown).layer, Message)
        self.assertIn("nothing to accept", self.seen())

    def test_exported(self) -> None:
        """A folder is asked for, and what came of it is told; a second time it is in the way."""
        self.do(ways_out.ask_folder, AskFolder())
        ask = self.last(Shown).layer
        self.assertRaises(UsageError, ask.then, "  ")
        self.assertEqual(ask.then("~/saved"), (Export("~/saved"),))
        self.do(ways_out.export, Export("~/saved"))
        self.assertIn("3 entries are listed", self.seen())
        self.assertIn("report.txt", self.seen())
        self.assertEqual(len((self.home / "saved/listing.jsonl").read_text().splitlines()), 3)
        self.do(ways_out.export, Export("~/saved"))
        self.assertIn("the folder is not empty", self.seen())

    def test_exported_without_a_server(self) -> None:
        """The list is saved all the same."""
        self.house.is_away = True
        running: Deferred[Any] = self.begin(ways_out.export(self.desk, Export("~/alone")))
        self.successResultOf(running)
        self.assertIn("3 entries are listed", self.seen())

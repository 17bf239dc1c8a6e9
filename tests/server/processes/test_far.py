"""Boards of two processes, with what is said between them as commands."""

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.server.processes import channel
from anoncloud.server.processes.far import DRIVES, PAIRINGS, REVOKED, FarBoards
from anoncloud.wire import messages

GREW = messages.JournalGrew(b"d" * 16, 7)


class FarTests(SynchronousTestCase):
    """A process's boards, and the listener's end of them."""

    def setUp(self) -> None:
        self.told: list[tuple[type[Any], dict[str, Any]]] = []
        self.boards = FarBoards(lambda command, **said: self.told.append((command, said)))

    def heard_again(self) -> list[Any]:
        """Give what another process hears of all that was said here."""
        heard: list[Any] = []
        there = FarBoards(lambda *_, **__: None)
        for board in (there.drives, there.revoked, there.pairings):
            board.listen(b"t", heard.append)
        for command, said in self.told:
            if command is channel.Say:
                there.hear(said["board"], said["topic"], said["word"])
        return heard

    def test_words(self) -> None:
        """Every word arrives as it was, on its own board."""
        self.boards.drives.say(b"t", GREW)
        self.boards.revoked.say(b"t", None)
        self.boards.pairings.say(b"t", b"said")
        boards = [said["board"] for _, said in self.told]
        self.assertEqual(boards, [DRIVES, REVOKED, PAIRINGS])
        self.assertEqual(self.heard_again(), [GREW, None, b"said"])

    def test_attention(self) -> None:
        """The listener is told of the first who listens to a topic, and of the last's end."""
        stops = [self.boards.drives.listen(b"t", listener) for listener in (print, repr)]
        for stop in (*stops, *stops):
            stop()
        begins = [said["begin"] for command, said in self.told if command is channel.Attend]
        self.assertEqual(begins, [True, False])

    def test_not_back(self) -> None:
        """What comes from another process is heard here, and said to nobody."""
        heard: list[Any] = []
        self.boards.pairings.listen(b"t", heard.append)
        self.told.clear()
        self.boards.hear(PAIRINGS, b"t", b"said")
        self.assertEqual((heard, self.told), ([b"said"], []))

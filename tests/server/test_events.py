"""Boards: who hears what."""

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.server.events import Board


class BoardTests(SynchronousTestCase):
    """Listeners and what they hear."""

    def setUp(self) -> None:
        self.board: Board[int] = Board()
        self.heard: list[tuple[str, int]] = []

    def listener(self, name: str) -> Any:
        """Make a listener."""
        return lambda word: self.heard.append((name, word))

    def test_topics(self) -> None:
        """All who listen to a topic hear what is said of it, and nobody else."""
        for topic, name in ((b"a", "one"), (b"a", "two"), (b"b", "three")):
            self.board.listen(topic, self.listener(name))
        self.board.say(b"a", 1)
        self.board.say(b"c", 2)
        self.assertCountEqual(self.heard, [("one", 1), ("two", 1)])

    def test_but(self) -> None:
        """One listener can be left out."""
        one, two = self.listener("one"), self.listener("two")
        self.board.listen(b"a", one)
        self.board.listen(b"a", two)
        self.board.say(b"a", 1, but=one)
        self.assertEqual(self.heard, [("two", 1)])

    def test_stop(self) -> None:
        """Who has stopped hears nothing more; stopping twice is harmless, and stops no other."""
        stop = self.board.listen(b"a", self.listener("one"))
        self.board.listen(b"a", self.listener("two"))
        stop()
        stop()
        self.board.say(b"a", 1)
        self.assertEqual(self.heard, [("two", 1)])

    def test_stop_while_hearing(self) -> None:
        """A listener may stop, or begin, while something is said."""
        stops: list[Any] = []

        def once(word: int) -> None:
            self.heard.append(("once", word))
            stops.pop()()
            self.board.listen(b"a", self.listener("later"))

        stops.append(self.board.listen(b"a", once))
        self.board.say(b"a", 1)
        self.board.say(b"a", 2)
        self.assertEqual(self.heard, [("once", 1), ("later", 2)])

    def test_costs_nothing(self) -> None:
        """A topic that nobody listens to any more is forgotten."""
        stops = [self.board.listen(b"%d" % number, self.listener("x")) for number in range(9)]
        for number, stop in enumerate(stops):
            self.board.say(b"nobody %d" % number, 1)
            stop()
            stop()
        self.assertEqual(len(self.board._listeners), 0)

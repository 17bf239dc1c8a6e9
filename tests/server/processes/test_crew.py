"""The workers of a listener: who gets which connection, who is told what, who is gone."""

import socket
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.server.conditions import Allowance
from anoncloud.server.processes import channel
from anoncloud.server.processes.crew import HERE, Crew, Member

TOPIC = (1, b"topic")


class Line:
    """A worker's channel: what it was told, and what it is to answer."""

    def __init__(self) -> None:
        self.transport = self
        self.told: list[tuple[type[Any], dict[str, Any]]] = []
        self.taken: list[Deferred[None]] = []

    def callRemote(self, command: type[Any], **said: Any) -> Deferred[None] | None:
        self.told.append((command, said))
        if command is not channel.Serve:
            return None
        self.taken.append(Deferred())
        return self.taken[-1]

    def numbers(self, command: type[Any]) -> list[int]:
        """Give the connections that a command was said of."""
        return [said["number"] for told, said in self.told if told is command]


class CrewTestCase(SynchronousTestCase):
    """A crew with two workers that serve, and sockets that nobody is at the other end of."""

    once = False

    def setUp(self) -> None:
        self.allowance = Allowance()
        self.heard: list[tuple[int, bytes, bytes]] = []
        self.lost: list[Member] = []
        self.busy = 0
        self.crew = Crew(
            lambda: self.allowance,
            lambda *said: self.heard.append(said),
            self.note_busy,
            self.lost.append,
            once=self.once,
        )
        self.lines = [self.join(number) for number in (1, 2)]

    def note_busy(self) -> None:
        self.busy += 1

    def join(self, number: int, *, ready: bool = True) -> Line:
        """Let one more worker come."""
        line = Line()
        self.crew.join(number, line, 0.0)  # type: ignore[arg-type]
        if ready:
            self.crew.ready(number)
        return line

    def take(self, network: str | None = "192.0.2.1") -> socket.socket:
        """Let a connection come."""
        handle = socket.socket()
        self.addCleanup(handle.close)
        self.crew.take(3, handle, network)
        return handle

    def served(self) -> list[list[int]]:
        """Give the connections that each worker was given."""
        return [line.numbers(channel.Serve) for line in self.lines]


class AssignmentTests(CrewTestCase):
    """Connections on their way."""

    def test_by_turns(self) -> None:
        """Each goes to the worker that has fewest, with its endpoint and its descriptor."""
        handles = [self.take() for _ in range(3)]
        self.assertEqual(self.served(), [[1, 3], [2]])
        self.assertEqual(len(self.crew), 3)
        _, said = self.lines[1].told[0]
        self.assertEqual(
            said,
            {
                "number": 2,
                "endpoint": 3,
                "family": int(socket.AF_INET),
                "descriptor": handles[1].fileno(),
            },
        )
        self.crew.left(1, 1)
        self.crew.left(1, 3)
        self.take()
        self.assertEqual(self.served(), [[1, 3, 4], [2]])
        self.assertEqual(self.busy, 4)

    def test_closed_here(self) -> None:
        """A socket stays open here until the worker has it, or is gone."""
        first, second = self.take(), self.take()
        self.lines[0].taken[0].callback(None)
        self.assertEqual(first.fileno(), -1)
        self.assertNotEqual(second.fileno(), -1)
        self.crew.lost(2)
        self.assertEqual(second.fileno(), -1)
        self.lines[1].taken[0].errback(RuntimeError("gone"))

    def test_waiting(self) -> None:
        """Without a worker they wait, in order, until one serves."""
        for number in (1, 2):
            self.crew.lost(number)
        self.take()
        self.take()
        third = self.join(3, ready=False)
        self.assertEqual(third.told, [])
        self.crew.ready(3)
        self.assertEqual(third.numbers(channel.Serve), [1, 2])

    def test_closed_while_waiting(self) -> None:
        """Who waits when the server stops is let go."""
        for number in (1, 2):
            self.crew.lost(number)
        handle = self.take()
        self.crew.close()
        self.assertEqual((handle.fileno(), len(self.crew)), (-1, 0))


class LimitTests(CrewTestCase):
    """How many connections there may be, wherever they are."""

    def test_all(self) -> None:
        """One more than there may be is closed; room comes when one leaves, or its worker ends."""
        self.allowance = Allowance(connections=2)
        self.take()
        self.take()
        self.assertEqual(self.take().fileno(), -1)
        self.crew.left(1, 1)
        self.crew.lost(2)
        self.assertEqual([one.number for one in self.lost], [2])
        self.assertEqual(len(self.crew), 0)
        self.assertNotEqual(self.take().fileno(), -1)

    def test_proxied(self) -> None:
        """A network that a proxy tells is counted then; one too many is turned away."""
        self.allowance = Allowance(connections_per_address=1)
        self.take(None)
        self.take(None)
        self.crew.came(1, 1, "192.0.2.1")
        self.crew.came(2, 2, "192.0.2.1")
        turned = [line.numbers(channel.TurnAway) for line in self.lines]
        self.assertEqual(turned, [[], [2]])

    def test_handshakes(self) -> None:
        """Of too many who agree on keys the oldest is turned away, by the worker that has it."""
        self.allowance = Allowance(handshakes=2)
        self.take()
        self.take()
        self.crew.agreed(1, 1)
        self.take()
        self.take()
        turned = [line.numbers(channel.TurnAway) for line in self.lines]
        self.assertEqual(turned, [[], [2]])

    def test_handshakes_while_waiting(self) -> None:
        """Who still waits for a worker is closed."""
        for number in (1, 2):
            self.crew.lost(number)
        self.allowance = Allowance(handshakes=1)
        first = self.take()
        second = self.take()
        self.assertEqual(first.fileno(), -1)
        self.assertNotEqual(second.fileno(), -1)


class EventTests(CrewTestCase):
    """What workers say to each other."""

    def test_passed_on(self) -> None:
        """A word goes to all others that attend, the listener among them; once each."""
        for worker in (HERE, 1, 2):
            self.crew.attend(worker, *TOPIC, begin=True)
        self.crew.say(1, *TOPIC, b"word")
        said = {"board": 1, "topic": b"topic", "word": b"word"}
        self.assertEqual(self.lines[1].told, [(channel.Hear, said)])
        self.assertEqual((self.lines[0].told, self.heard), ([], [(*TOPIC, b"word")]))

    def test_ceased(self) -> None:
        """Who ceases, or ends, is told nothing."""
        self.crew.attend(1, *TOPIC, begin=True)
        self.crew.attend(2, *TOPIC, begin=True)
        self.assertEqual(self.crew.online(), 1)
        self.crew.attend(1, *TOPIC, begin=False)
        self.crew.lost(2)
        self.crew.say(HERE, *TOPIC, b"word")
        self.assertEqual([line.told for line in self.lines], [[], []])
        self.assertEqual(self.crew.online(), 0)

    def test_all(self) -> None:
        """What is for all goes to all, ready or not."""
        third = self.join(3, ready=False)
        self.crew.tell_all(channel.GoDown)
        for line in (*self.lines, third):
            self.assertEqual(line.told, [(channel.GoDown, {})])


class OnceTests(CrewTestCase):
    """Workers that serve one connection each."""

    once = True

    def test_one_each(self) -> None:
        """A worker gets one, even when that has left; others wait for new workers."""
        self.take()
        self.crew.left(1, 1)
        self.take()
        self.take()
        self.assertEqual(self.served(), [[1], [2]])
        third = self.join(3)
        self.assertEqual(third.numbers(channel.Serve), [3])
        self.assertEqual(self.busy, 3)

"""The services of a listener with workers: every end is followed by a beginning, whatever fails."""

import errno
from pathlib import Path
from typing import Any

from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import Code, Refused
from anoncloud.server.assembly import Parts
from anoncloud.server.occupancy import occupy
from anoncloud.server.processes.assignment import LONG_LIFE, MOST_DELAY
from anoncloud.server.processes.protocol import ListenerEnd, ZygoteLine
from anoncloud.server.processes.service import NO_WORKER, Workforce
from anoncloud.server.settings import Settings
from anoncloud.server.stores.folder import FolderBlobs
from tests.support.entropy import counting
from tests.support.server import Rooms, failing


class Wire(StringTransport):
    """A line on which descriptors may be sent, too."""

    def sendFileDescriptor(self, descriptor: int) -> None:
        """Send it; nobody takes it."""


class Machine(Clock):
    """A clock that is asked for processes and lines, and may have no more of them.

    :ivar lacks: names of what it can't give now.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lacks: set[str] = set()
        self.zygotes: list[ZygoteLine] = []
        self.workers: list[ListenerEnd] = []

    def listenTCP(self, *_: Any, **__: Any) -> "Machine":
        """Listen; nobody comes."""
        return self

    def spawnProcess(self, *_: Any, **__: Any) -> None:
        """Start a process."""
        self._give("processes")

    def adoptStreamConnection(self, _: int, __: int, factory: Any) -> None:
        """Have a line."""
        self._give("lines")
        protocol = factory.buildProtocol(None)
        (self.workers if isinstance(protocol, ListenerEnd) else self.zygotes).append(protocol)
        protocol.makeConnection(Wire())

    def _give(self, what: str) -> None:
        if what in self.lacks:
            raise OSError(errno.EMFILE, "there are no more")


class WorkforceTestCase(SynchronousTestCase):
    """A listener with two workers, and a house."""

    def setUp(self) -> None:
        self.machine = Machine()
        self.rooms = Rooms(clock=self.machine)
        state = Path(self.mktemp())
        state.mkdir()
        lock = occupy(state)
        self.addCleanup(lock.close)
        self.settings = Settings(state_dir=state, workers=2)
        self.force = Workforce(self.settings, self.machine, counting(b"listener"), lock, once=False)
        unused: Any = None
        self.force.use(
            Parts(
                self.settings,
                self.machine,
                unused,
                unused,
                unused,
                FolderBlobs(state / "blobs", unused),
                self.rooms.house,
            )
        )

        self.start()

    def start(self) -> None:
        """Let the workers begin."""
        self.force.startService()

    def numbers(self) -> list[int]:
        """Give the workers that there are."""
        return sorted(self.force.crew.members)

    def end_one(self) -> None:
        """Let the first worker end, after a long life."""
        self.machine.advance(LONG_LIFE)
        self.machine.workers[0].connectionLost()
        self.machine.advance(0)


class ReplacementTests(WorkforceTestCase):
    """What follows when something ends, and something else fails at the same time."""

    def test_at_once(self) -> None:
        """A worker that has lived for long is replaced at once."""
        self.assertEqual(self.numbers(), [1, 2])
        self.end_one()
        self.assertEqual(self.numbers(), [2, 3])

    def test_database_fault(self) -> None:
        """It is replaced even if what it has left behind can't be put in order."""
        fault = failing(Refused(Code.UNAVAILABLE, "the database has a fault"))
        self.patch(self.rooms.house.pairings, "close_of", fault)
        self.end_one()
        self.assertEqual(self.numbers(), [2, 3])
        self.assertEqual(len(self.flushLoggedErrors(Refused)), 1)

    def test_no_more_files(self) -> None:
        """If there is no line to another one, there is one as soon as there can be."""
        self.machine.lacks = {"lines"}
        self.end_one()
        self.assertEqual(self.numbers(), [2])
        self.machine.lacks = set()
        self.machine.advance(MOST_DELAY)
        self.assertEqual(self.numbers(), [2, 4])

    def test_zygote(self) -> None:
        """So it is with what they are forked from, if there can be no process for a while."""
        self.machine.advance(LONG_LIFE)
        for lacking in ("processes", "lines"):
            self.machine.lacks = {lacking}
            before = len(self.machine.zygotes)
            self.machine.zygotes[-1].connectionLost()
            self.machine.advance(0)
            self.assertEqual(len(self.machine.zygotes), before)
            self.machine.lacks = set()
            self.machine.advance(MOST_DELAY)
            self.assertEqual(len(self.machine.zygotes), before + 1)
        self.end_one()
        self.assertEqual(self.numbers(), [2, 3])


class BeginningTests(WorkforceTestCase):
    """The first workers."""

    def start(self) -> None:
        """Start while the database has a fault."""
        fault = failing(Refused(Code.UNAVAILABLE, "the database has a fault"))
        self.broken = self.patch(self.rooms.journal, "still_going", fault)
        super().start()

    def test_database_fault(self) -> None:
        """They begin as soon as the database is there."""
        self.assertEqual(self.numbers(), [])
        self.broken.restore()
        self.machine.advance(MOST_DELAY)
        self.assertEqual(self.numbers(), [1, 2])

    def test_fault(self) -> None:
        """Until one of them is ready it is told that nobody serves."""
        self.assertEqual(self.force.fault(), NO_WORKER)
        self.broken.restore()
        self.machine.advance(MOST_DELAY)
        self.assertEqual(self.force.fault(), NO_WORKER)
        self.machine.workers[1].ready()
        self.assertEqual(self.force.fault(), "")

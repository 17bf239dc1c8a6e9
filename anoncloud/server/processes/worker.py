"""A worker: a child of the zygote that serves connections, and does what its listener says.

It opens its own stores, takes sockets by its channel, and ends with that channel.
"""

import os
import signal
import socket
from typing import Any, Final

from twisted.internet.protocol import Factory
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from anoncloud.crypto.entropy import system_entropy
from anoncloud.disk.syscalls import keep_memory
from anoncloud.server import identity, in_force
from anoncloud.server.assembly import Company, assemble
from anoncloud.server.delays import Schedules
from anoncloud.server.processes import bounds, channel
from anoncloud.server.processes.doors import WorkerFactory
from anoncloud.server.processes.far import FarBoards
from anoncloud.server.processes.logs import begin_logging
from anoncloud.server.processes.orders import Birth, unpack_settings
from anoncloud.server.processes.protocol import WorkerEnd, answer, tell
from anoncloud.server.processes.sandbox import shut_in
from anoncloud.server.settings import Settings

FIRST: Final = 1
"""The number of the worker that tells the log what holds for all."""
LOOK: Final = 0.05
"""Seconds between two looks at whether all peers have gone."""
COUNT_EVERY: Final = 5.0
"""Seconds between two reports of what was counted."""

_log: Final = Logger()


class Worker:
    """Fulfils :class:`~anoncloud.server.processes.protocol.Desk`."""

    def __init__(
        self, reactor: Any, birth: Birth, settings: Settings, found: identity.Identity
    ) -> None:
        """Open the stores, and make the doors.

        :raises LocalError: something can't be opened.
        """
        self.line = WorkerEnd(self)
        self._reactor = reactor
        self._once = birth.once
        self._boards = FarBoards(self.tell)
        boards = self._boards
        company = Company(
            birth.holder,
            birth.salt,
            boards.drives,
            boards.revoked,
            boards.pairings,
            self._in_step,
        )
        self._parts = assemble(settings, reactor, found, Schedules(), company)
        self._put_in_force(settings)
        front = self._parts.front(system_entropy)
        self._factory = WorkerFactory(front, self._tell_of_peer, settings.listen)
        self._leaving = LoopingCall(self._look)
        self._counting = LoopingCall(self._tell_counts)
        self._leaving.clock = self._counting.clock = reactor

    def start(self) -> None:
        """Begin to serve; the channel is open."""
        self._parts.start()
        self.tell(channel.Ready)
        _ = self._counting.start(COUNT_EVERY)

    def close(self) -> None:
        """Close the stores; nobody is served any more."""
        if self._counting.running:
            self._counting.stop()
        self._parts.close()

    def tell(self, command: type[Any], **arguments: Any) -> None:
        """Tell the listener."""
        tell(self.line, command, **arguments)

    def serve(self, number: int, endpoint: int, family: int, descriptor: int) -> None:
        self._factory.adopt(number, endpoint, family, descriptor)

    def turn_away(self, number: int) -> None:
        self._factory.turn_out(number)

    def hear(self, board: int, topic: bytes, word: bytes) -> None:
        self._boards.hear(board, topic, word)

    def change(self, settings: bytes) -> None:
        self._put_in_force(unpack_settings(settings))

    def go_down(self) -> None:
        self._factory.go_down()
        self._reactor.callLater(self._stop_time, self._factory.hang_up)
        self._leave()

    def end(self) -> None:
        if self._reactor.running:
            self._reactor.stop()

    async def _in_step(self) -> int:
        """Wait until the listener has taken all that it was told."""
        told = await answer(self.line, channel.InStep)
        return max(told["online"], 1) if told else 1

    def _put_in_force(self, settings: Settings) -> None:
        self._stop_time = settings.stop_time
        house = self._parts.house
        house.terms, house.allowance = in_force.terms(settings), in_force.allowance(settings)

    def _tell_counts(self) -> None:
        self.tell(channel.Counted, counts=self._parts.house.tally.take())

    def _tell_of_peer(self, command: type[Any], **arguments: Any) -> None:
        self.tell(command, **arguments)
        if self._once and command is channel.Left:
            self._leave()

    def _leave(self) -> None:
        """End when all peers have gone; the listener sees to it that this takes no longer."""
        if not self._leaving.running:
            _ = self._leaving.start(LOOK)

    def _look(self) -> None:
        if not len(self._factory) and self.line.transport is not None:
            self._leaving.stop()
            self._tell_counts()
            self.line.transport.loseConnection()


def run(birth: Birth, descriptor: int) -> None:
    """Be a worker until its channel ends; in a process that has no reactor and no thread yet."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    settings = unpack_settings(birth.settings)
    found = identity.load(settings.state_dir)
    bounds.narrow(settings, once=birth.once)
    keep_memory()
    from twisted.internet import reactor  # noqa: PLC0415 - it is made in the child, not before

    worker = Worker(reactor, birth, settings, found)
    missing = shut_in(settings)
    begin_logging(worker.tell)
    factory: Any = Factory.forProtocol(lambda: worker.line)
    adopting: Any = reactor
    adopting.adoptStreamConnection(descriptor, socket.AF_UNIX, factory)
    os.close(descriptor)
    for sentence in missing if birth.number == FIRST else ():  # not before: it goes by the channel
        _log.warn("the sandbox is not whole: {sentence}", sentence=sentence)
    adopting.callWhenRunning(worker.start)
    adopting.addSystemEventTrigger("before", "shutdown", worker.close)
    adopting.run(installSignalHandlers=False)

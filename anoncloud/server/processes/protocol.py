"""The channel of a listener and a worker, both ends, and the line to the zygote: as protocols."""

import socket
from typing import Any, Final
from typing import Protocol as Contract

from twisted.internet.protocol import connectionDone
from twisted.logger import Logger, LogLevel
from twisted.protocols import amp
from twisted.protocols.basic import LineOnlyReceiver
from twisted.python.failure import Failure

from anoncloud.server.processes import channel, orders

MOST_LINE: Final = 1024
"""Bytes of a line of the zygote's."""
_LEVELS: Final = {level.name: level for level in LogLevel.iterconstants()}


class _End(amp.AMP):
    """AMP that says nothing of its own into the log."""

    def makeConnection(self, transport: Any) -> None:
        amp.BinaryBoxProtocol.makeConnection(self, transport)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        amp.BinaryBoxProtocol.connectionLost(self, reason)
        self.transport = None


class WorkerEnd(_End):
    """A worker's end; what it hears is done by its *desk*."""

    def __init__(self, desk: "Desk") -> None:
        super().__init__()
        self._desk = desk

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        super().connectionLost(reason)
        self._desk.end()

    @channel.Serve.responder
    def serve(self, number: int, endpoint: int, family: int, descriptor: int) -> dict[str, Any]:
        self._desk.serve(number, endpoint, family, descriptor)
        return {}

    @channel.TurnAway.responder
    def turn_away(self, number: int) -> dict[str, Any]:
        self._desk.turn_away(number)
        return {}

    @channel.GoDown.responder
    def go_down(self) -> dict[str, Any]:
        self._desk.go_down()
        return {}

    @channel.Change.responder
    def change(self, settings: bytes) -> dict[str, Any]:
        self._desk.change(settings)
        return {}

    @channel.Ping.responder
    def ping(self) -> dict[str, Any]:
        return {}

    @channel.Hear.responder
    def hear(self, board: int, topic: bytes, word: bytes) -> dict[str, Any]:
        self._desk.hear(board, topic, word)
        return {}


class Desk(Contract):
    """What a worker does when its listener says so."""

    def serve(self, number: int, endpoint: int, family: int, descriptor: int) -> None:
        """Serve a connection; *descriptor* becomes the desk's."""

    def turn_away(self, number: int) -> None:
        """End a connection, if it is there."""

    def go_down(self) -> None:
        """Tell the peers, and end when they have gone."""

    def change(self, settings: bytes) -> None:
        """Let settings hold from now on."""

    def hear(self, board: int, topic: bytes, word: bytes) -> None:
        """Hear what another process said."""

    def end(self) -> None:
        """End at once: the listener has gone."""


class ListenerEnd(_End):
    """A listener's end to one worker, which *crew* knows by *number*."""

    _log = Logger()

    def __init__(self, crew: "Crew", number: int) -> None:
        super().__init__()
        self._crew = crew
        self._number = number

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        super().connectionLost(reason)
        self._crew.lost(self._number)

    @channel.InStep.responder
    def in_step(self) -> dict[str, Any]:
        return {"online": self._crew.online()}

    @channel.Ready.responder
    def ready(self) -> dict[str, Any]:
        self._crew.ready(self._number)
        return {}

    @channel.Say.responder
    def say(self, board: int, topic: bytes, word: bytes) -> dict[str, Any]:
        self._crew.say(self._number, board, topic, word)
        return {}

    @channel.Attend.responder
    def attend(self, board: int, topic: bytes, begin: bool) -> dict[str, Any]:  # noqa: FBT001
        self._crew.attend(self._number, board, topic, begin=begin)
        return {}

    @channel.Came.responder
    def came(self, number: int, network: str) -> dict[str, Any]:
        self._crew.came(self._number, number, network)
        return {}

    @channel.Agreed.responder
    def agreed(self, number: int) -> dict[str, Any]:
        self._crew.agreed(self._number, number)
        return {}

    @channel.Left.responder
    def left(self, number: int) -> dict[str, Any]:
        self._crew.left(self._number, number)
        return {}

    @channel.Counted.responder
    def counted(self, counts: bytes) -> dict[str, Any]:
        self._crew.counted(counts)
        return {}

    @channel.Log.responder
    def log(self, level: str, namespace: str, text: str) -> dict[str, Any]:
        Logger(namespace=namespace).emit(
            _LEVELS.get(level, LogLevel.error),
            "worker {worker}: {text}",
            worker=self._number,
            text=text,
        )
        return {}


class Crew(Contract):
    """What a listener does when one of its workers says so."""

    def online(self) -> int:
        """Count the accounts that are logged in, in all workers."""

    def ready(self, worker: int) -> None:
        """Take note that a worker serves."""

    def lost(self, worker: int) -> None:
        """Do without a worker whose channel has ended."""

    def say(self, worker: int, board: int, topic: bytes, word: bytes) -> None:
        """Tell others what a worker says."""

    def attend(self, worker: int, board: int, topic: bytes, *, begin: bool) -> None:
        """Pass on to a worker what is said of a topic, or do so no more."""

    def came(self, worker: int, number: int, network: str) -> None:
        """Count a connection for its network."""

    def agreed(self, worker: int, number: int) -> None:
        """Take note that a connection has agreed on keys."""

    def counted(self, counts: bytes) -> None:
        """Add what a worker has counted."""

    def left(self, worker: int, number: int) -> None:
        """Make room: a connection has ended."""


class ZygoteLine(LineOnlyReceiver):
    """The listener's end of the line to its zygote."""

    delimiter = b"\n"
    MAX_LENGTH = MOST_LINE

    def __init__(self, workforce: "Births") -> None:
        self._workforce = workforce
        self._sent: dict[int, socket.socket] = {}
        """Ends of channels on their way, which are to stay open until they are there."""

    def give_birth(self, birth: orders.Birth, theirs: socket.socket) -> None:
        """Let a worker be forked, and have *theirs*."""
        transport: Any = self.transport
        self._sent[birth.number] = theirs
        transport.sendFileDescriptor(theirs.fileno())
        transport.write(orders.line(birth))

    def lineReceived(self, line: bytes) -> None:
        notice = orders.read_notice(line)
        theirs = self._sent.pop(notice.number, None)
        if theirs is not None:
            theirs.close()
        if isinstance(notice, orders.Born):
            self._workforce.born(notice.number, notice.pid)
        else:
            self._workforce.died(notice.number, notice.how)

    def connectionLost(self, reason: Failure | None = None) -> None:
        del reason
        for theirs in self._sent.values():
            theirs.close()
        self._sent.clear()
        self._workforce.zygote_lost()


class Births(Contract):
    """What a listener does when its zygote says so."""

    def born(self, number: int, pid: int) -> None:
        """Take note of a worker's process."""

    def died(self, number: int, how: str) -> None:
        """Say how a worker ended, if not as it should."""

    def zygote_lost(self) -> None:
        """Do without workers to come, until there is another zygote."""


async def answer(end: amp.AMP, command: type[amp.Command]) -> dict[str, Any] | None:
    """Ask *end*, and wait; None if it has gone."""
    try:
        answered: dict[str, Any] = await end.callRemote(command)
    except Exception:  # noqa: BLE001 - whatever it was, that end is of no more use
        return None
    return answered


def tell(end: amp.AMP, command: type[amp.Command], **arguments: Any) -> None:
    """Say something that is not answered, unless *end* has gone."""
    if end.transport is not None:
        end.callRemote(command, **arguments)

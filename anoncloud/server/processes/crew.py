"""The workers of a listener: who serves which connection, who hears what, who is there at all.

Knows processes only by their lines: births and kills are asked of a zygote, and a worker whose
channel has ended is gone.
"""

import socket
from collections.abc import Callable
from typing import Any, Final

import attrs
from twisted.logger import Logger

from anoncloud.server.conditions import Allowance
from anoncloud.server.lobby import Lobby
from anoncloud.server.metrics.table import Count
from anoncloud.server.metrics.tally import Tally
from anoncloud.server.processes import channel
from anoncloud.server.processes.assignment import least_busy
from anoncloud.server.processes.far import DRIVES
from anoncloud.server.processes.protocol import ListenerEnd, tell
from anoncloud.server.processes.relay import Relay

HERE: Final = 0
"""The number that stands for the listener among its workers."""


@attrs.define(eq=False)
class Member:
    """A worker as its listener knows it.

    :ivar line: the way to it.
    :ivar pid: its process, once it is known; it is there as long as the line is.
    :ivar is_ready: it has said that it serves.
    :ivar has_served: it has, or had, a connection.
    :ivar connections: those that it has, by number, with what was sent and is not taken yet.
    :ivar silent_since: when it was asked for a sign of life that it has not given; or None.
    """

    number: int
    line: Any
    born: float
    pid: int = 0
    is_ready: bool = False
    has_served: bool = False
    connections: dict[int, socket.socket | None] = attrs.Factory(dict)
    silent_since: float | None = None


@attrs.frozen
class _Waiting:
    number: int
    endpoint: int
    handle: socket.socket


class Crew:
    """Fulfils :class:`~anoncloud.server.processes.protocol.Crew`."""

    _log = Logger()

    def __init__(
        self,
        allowance: Callable[[], Allowance],
        hear: Callable[[int, bytes, bytes], None],
        busy: Callable[[], None],
        lost: Callable[[Member], None],
        *,
        once: bool,
    ) -> None:
        """Let in what *allowance* allows; *hear* is the listener's own ear.

        Calls *busy* when a worker has got a connection, and *lost* with each worker that has
        ended. With *once* a worker gets one connection in its life.
        """
        self.members: dict[int, Member] = {}
        self._lobby: Lobby[int] = Lobby(allowance, self._turn_out)
        self._hear = hear
        self._busy = busy
        self._lost = lost
        self._once = once
        self._relay = Relay()
        self._owners: dict[int, Member] = {}
        self._waiting: list[_Waiting] = []
        self._number = 0
        self.tally = Tally()
        """Where all workers' counts are added up."""

    def __len__(self) -> int:
        """Count the connections."""
        return len(self._lobby)

    def join(self, number: int, line: ListenerEnd, now: float) -> None:
        """Have one more worker, which is not ready yet."""
        self.members[number] = Member(number, line, now)

    def take(self, endpoint: int, handle: socket.socket, network: str | None) -> None:
        """Give a connection to a worker, or close it if there is no room."""
        self._number += 1
        if not self._lobby.enter(self._number, network):
            handle.close()
            self.tally.count(Count.TURNED_AWAY)
            return
        self.tally.count(Count.CONNECTIONS)
        self._waiting.append(_Waiting(self._number, endpoint, handle))
        self._assign()

    def serving(self) -> list[Member]:
        """Give the workers that take connections now."""
        found = [one for one in self.members.values() if one.is_ready]
        return [one for one in found if not one.has_served] if self._once else found

    def online(self) -> int:
        return self._relay.count(DRIVES)

    def ready(self, worker: int) -> None:
        self.members[worker].is_ready = True
        self._assign()

    def lost(self, worker: int) -> None:
        member = self.members.pop(worker)
        self._relay.leave(worker)
        for number, handle in member.connections.items():
            self._forget(number, handle)
        self._lost(member)

    def say(self, worker: int, board: int, topic: bytes, word: bytes) -> None:
        for hearer in self._relay.hearers((board, topic), worker):
            if hearer == HERE:
                self._hear(board, topic, word)
            else:
                line = self.members[hearer].line
                tell(line, channel.Hear, board=board, topic=topic, word=word)

    def attend(self, worker: int, board: int, topic: bytes, *, begin: bool) -> None:
        change = self._relay.attend if begin else self._relay.cease
        change(worker, (board, topic))

    def came(self, worker: int, number: int, network: str) -> None:
        if number in self._lobby and not self._lobby.place(number, network):
            tell(self.members[worker].line, channel.TurnAway, number=number)
            self.tally.count(Count.TURNED_AWAY)

    def counted(self, counts: bytes) -> None:
        self.tally.add(counts)

    def agreed(self, worker: int, number: int) -> None:
        del worker
        self._lobby.agreed(number)

    def left(self, worker: int, number: int) -> None:
        connections = self.members[worker].connections
        if number in connections:
            self._forget(number, connections.pop(number))

    def tell_all(self, command: type[Any], **arguments: Any) -> None:
        """Tell all workers."""
        for member in self.members.values():
            tell(member.line, command, **arguments)

    def close(self) -> None:
        """Let those go who still wait for a worker."""
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            self._forget(one.number, one.handle)

    def _assign(self) -> None:
        while self._waiting:
            loads = {one.number: len(one.connections) for one in self.serving()}
            worker = least_busy(loads)
            if worker is None:
                return
            self._give(self.members[worker], self._waiting.pop(0))

    def _give(self, member: Member, waiting: _Waiting) -> None:
        number, handle = waiting.number, waiting.handle
        member.connections[number] = handle
        member.has_served = True
        self._owners[number] = member
        given = member.line.callRemote(
            channel.Serve,
            number=number,
            endpoint=waiting.endpoint,
            family=int(handle.family),
            descriptor=handle.fileno(),
        )

        def taken(_: object) -> None:  # or not: a worker that fails to is gone, here too
            handle.close()
            if number in member.connections:
                member.connections[number] = None

        given.addBoth(taken)
        self._busy()

    def _turn_out(self, number: int) -> None:
        """End a connection, wherever it is."""
        owner = self._owners.get(number)
        if owner is not None:
            tell(owner.line, channel.TurnAway, number=number)
            return
        for one in [one for one in self._waiting if one.number == number]:
            self._waiting.remove(one)
            self._forget(number, one.handle)

    def _forget(self, number: int, handle: socket.socket | None) -> None:
        self._owners.pop(number, None)
        self._lobby.leave(number)
        if handle is not None:
            handle.close()

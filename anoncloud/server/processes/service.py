"""The services of a listener with workers: zygote, births, signs of life, the end."""

import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, BinaryIO, Final

from twisted.application.service import MultiService
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.task import LoopingCall, deferLater
from twisted.logger import Logger

from anoncloud.crypto.entropy import Entropy
from anoncloud.errors import Refused
from anoncloud.server import in_force
from anoncloud.server.assembly import Company, Parts
from anoncloud.server.conditions import Allowance
from anoncloud.server.modes import cores
from anoncloud.server.processes import channel, orders
from anoncloud.server.processes.assignment import RestartDelay
from anoncloud.server.processes.burial import bury
from anoncloud.server.processes.crew import HERE, Crew, Member
from anoncloud.server.processes.doors import outside
from anoncloud.server.processes.far import FarBoards
from anoncloud.server.processes.handover import hand_over
from anoncloud.server.processes.later import Later
from anoncloud.server.processes.nursery import adopt, start_zygote
from anoncloud.server.processes.protocol import ListenerEnd, ZygoteLine, answer
from anoncloud.server.settings import Settings

WARM: Final = 2
"""Workers that wait for the next connection, where each has one of its own."""
ASK_EVERY: Final = 2.0
SILENCE: Final = 15.0
"""Seconds without a sign of life after which a worker is ended: it loops, or was stopped."""
_LIFE: Final = 12
_NUMBER: Final = 4
_SALT: Final = 32
NO_WORKER: Final = "there is no worker that serves"
LOOK: Final = 0.05
GOING_DOWN: Final = 3.0
"""Seconds that workers have to end, after those that transfers have."""


class Workforce(MultiService):
    """Listens, has as many workers as there should be, and replaces those that end."""

    _log = Logger()

    def __init__(
        self, settings: Settings, reactor: Any, entropy: Entropy, lock: BinaryIO, *, once: bool
    ) -> None:
        """Make what listens; with *once* each connection has a worker of its own.

        All processes hold the *lock* of the state folder.

        :raises UsageError: an endpoint makes no sense.
        """
        super().__init__()
        self.boards = FarBoards(self._tell_self)
        self._settings = settings
        self._reactor = reactor
        self._lock = lock
        self._once = once
        self._life, self._salt = entropy(_LIFE), entropy(_SALT)
        self._parts: Parts | None = None
        self.crew = Crew(self._allowance, self.boards.hear, self._fill, self._lost, once=once)
        for number, endpoint in enumerate(settings.listen):
            outside(endpoint, partial(self.crew.take, number), reactor).setServiceParent(self)
        self._zygote: ZygoteLine | None = None
        self._is_over = False
        self._number = 0
        self._delay = RestartDelay()
        self._zygote_delay = RestartDelay()
        self._zygote_born = 0.0
        self._later = Later(reactor)
        self._asking = LoopingCall(self._ask)
        self._asking.clock = reactor

    def __len__(self) -> int:
        """Count the connections."""
        return len(self.crew)

    def online(self) -> int:
        """Count the accounts that are logged in."""
        return self.crew.online()

    def fault(self) -> str:
        """Say why nobody is served, "" if somebody is."""
        is_served = any(one.is_ready for one in self.crew.members.values())
        return "" if is_served else NO_WORKER

    def company(self) -> Company:
        """Give what the listener has of its workers."""
        boards = self.boards
        return Company(
            self._holder(HERE), self._salt, boards.drives, boards.revoked, boards.pairings
        )

    def use(self, parts: Parts) -> None:
        """Look after the stores of *parts*, which workers use too."""
        self._parts = parts
        self.crew.tally = parts.house.tally

    def privilegedStartService(self) -> None:
        """Listen, and get the stores ready for several processes.

        :raises LocalError: they can't be.
        """
        super().privilegedStartService()
        if self._parts is not None:
            hand_over(self._parts)

    def startService(self) -> None:
        super().startService()
        self._begin_workers()

    def _begin_workers(self) -> None:
        beginning = Deferred.fromCoroutine(self._begin())
        _ = beginning.addErrback(lambda failure: self._log.failure("starting workers", failure))

    async def _begin(self) -> None:
        """Have workers, as soon as the database is open: its files are there then."""
        try:
            if self._parts is not None:
                await self._parts.house.journal.still_going(0)
        except Refused as refusal:
            self._log.error("workers wait for the database: {why}", why=refusal.message)
            self._call_later(self._zygote_delay.after(0), self._begin_workers)
            return
        if not self._is_over:
            self._begin_zygote()
            _ = self._asking.start(ASK_EVERY, now=False)

    def change(self, settings: Settings) -> None:
        """Let other settings hold, here and in all workers."""
        self._settings = settings
        self.crew.tell_all(channel.Change, settings=orders.pack_settings(settings))
        self._fill()

    async def go_down(self) -> None:
        """Listen no more, and let the workers tell their peers and end in the time that is set."""
        self._is_over = True
        for one in tuple(self):
            await maybeDeferred(one.disownServiceParent)
        self._later.cancel()
        if self._asking.running:
            self._asking.stop()
        self.crew.tell_all(channel.GoDown)
        deadline = self._reactor.seconds() + self._settings.stop_time + GOING_DOWN
        while self.crew.members and self._reactor.seconds() < deadline:
            await deferLater(self._reactor, LOOK)
        for member in tuple(self.crew.members.values()):
            _kill(member)
        self.crew.close()
        if self._zygote is not None and self._zygote.transport is not None:
            self._zygote.transport.loseConnection()

    def _allowance(self) -> Allowance:
        return in_force.allowance(self._settings)

    def _tell_self(self, command: type[Any], board: int, topic: bytes, **said: Any) -> None:
        """Do what a worker would tell its listener."""
        if command is channel.Attend:
            self.crew.attend(HERE, board, topic, begin=said["begin"])
        else:
            self.crew.say(HERE, board, topic, said["word"])

    def born(self, number: int, pid: int) -> None:
        """Take note of a worker's process."""
        if number in self.crew.members:
            self.crew.members[number].pid = pid

    def died(self, number: int, how: str) -> None:
        """Say how a worker ended, if not as it should."""
        if how:
            self._log.error("worker {number} was ended {how}", number=number, how=how)

    def zygote_lost(self) -> None:
        """Do without workers to come, until there is another zygote."""
        self._zygote = None
        if not self._is_over:
            self._log.error("the process that makes workers has ended")
            life = self._reactor.seconds() - self._zygote_born
            self._call_later(self._zygote_delay.after(life), self._begin_zygote)

    def _begin_zygote(self) -> None:
        try:
            self._zygote = start_zygote(self._reactor, self._lock, self)
        except OSError as error:
            self._lack(error)
            self._call_later(self._zygote_delay.after(0), self._begin_zygote)
        else:
            self._zygote_born = self._reactor.seconds()
            self._fill()

    def _lack(self, error: OSError) -> None:
        self._log.error("a process can't be started: {why}", why=error.strerror)

    def _fill(self) -> None:
        """Have as many workers as there should be; or try again later."""
        try:
            while not self._is_over and self._zygote is not None and self._missing() > 0:
                self._give_birth(self._zygote)
        except OSError as error:
            self._lack(error)
            self._call_later(self._delay.after(0), self._fill)

    def _missing(self) -> int:
        members = self.crew.members.values()
        if self._once:
            return WARM - sum(not one.has_served for one in members)
        return (self._settings.workers or cores()) - len(members)

    def _give_birth(self, line: ZygoteLine) -> None:
        self._number += 1
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with ours:
            end = ListenerEnd(self.crew, self._number)
            try:
                adopt(self._reactor, ours, end)
            except OSError:
                theirs.close()
                raise
        self.crew.join(self._number, end, self._reactor.seconds())
        settings = orders.pack_settings(self._settings)
        birth = orders.Birth(
            number=self._number,
            settings=settings,
            holder=self._holder(self._number),
            salt=self._salt,
            once=self._once,
        )
        line.give_birth(birth, theirs)

    def _holder(self, number: int) -> bytes:
        """Give a process's name in the database: this server's life, and the process in it."""
        return self._life + number.to_bytes(_NUMBER, "big")

    def _lost(self, member: Member) -> None:
        burying = Deferred.fromCoroutine(self._see_off(member))
        _ = burying.addErrback(lambda failure: self._log.failure("burying a worker", failure))

    async def _see_off(self, member: Member) -> None:
        try:
            if self._parts is not None:
                await bury(self._parts, self._holder(member.number))
        finally:
            life = self._reactor.seconds() - member.born
            is_well = self._once and member.is_ready
            self._call_later(0 if is_well else self._delay.after(life), self._fill)

    def _call_later(self, seconds: float, call: Callable[[], None]) -> None:
        if not self._is_over:
            self._later.call(seconds, call)

    def _ask(self) -> None:
        """Ask all workers for a sign of life, and end those that have not given one for long."""
        now = self._reactor.seconds()
        for member in tuple(self.crew.members.values()):
            if member.silent_since is None:
                member.silent_since = now
                asking = Deferred.fromCoroutine(self._ask_one(member))
                _ = asking.addErrback(lambda failure: self._log.failure("asking", failure))
            elif now - member.silent_since >= SILENCE:
                self._log.error("worker {number} does not answer", number=member.number)
                _kill(member)

    async def _ask_one(self, member: Member) -> None:
        if await answer(member.line, channel.Ping) is not None:
            member.silent_since = None


def _kill(member: Member) -> None:
    """End a worker at once."""
    if member.pid:
        with suppress(ProcessLookupError):
            os.kill(member.pid, signal.SIGKILL)

"""Run one command: the reactor around a coroutine, its errors into words and an exit code."""

import signal
import time
from collections.abc import Awaitable, Callable, Coroutine
from os import urandom
from pathlib import Path
from typing import Any

import attrs
import click
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import LoopingCall
from twisted.internet.threads import deferToThreadPool
from twisted.python.failure import Failure

from anoncloud.cli.output import Output, judge
from anoncloud.client.accounts import OpenAccount, Surroundings
from anoncloud.client.lean import reactor
from anoncloud.client.profile import Profile
from anoncloud.client.staying import resume
from anoncloud.client.tree.affairs import Acceptance, Note
from anoncloud.disk.syscalls import keep_memory
from anoncloud.errors import AnonymousCloudError
from anoncloud.limits import DEFAULT_PACKET

TICK = 1.0
"""Seconds after which a progress line that nothing happens to tells so."""


@attrs.frozen
class Program:
    """What every command needs: where to speak, where state is kept, how it was called."""

    output: Output
    state: Path
    packet: int = DEFAULT_PACKET

    def surroundings(self) -> Surroundings:
        """Give the client what it needs from this process."""
        return Surroundings(
            reactor,
            urandom,
            lambda: time.time_ns() // 1000,
            lambda function, *args, **kwargs: deferToThreadPool(
                reactor, reactor.getThreadPool(), function, *args, **kwargs
            ),
            Profile(self.state),
            self.packet,
            self._tell,
        )

    def _tell(self, note: Note | Acceptance) -> None:
        """Say what another device has noted."""
        from anoncloud.cli.output import time_text  # noqa: PLC0415 - rarely said
        from anoncloud.client.told import happened  # noqa: PLC0415 - rarely said

        self.output.note("; ".join(happened(note, lambda time: time_text(time * 1000))))

    def run(self, command: Callable[[Surroundings], Coroutine[Any, Any, None]]) -> int:
        """Run *command* on the reactor; give the exit code."""
        keep_memory()
        outcome: list[Any] = []
        here = self.surroundings()
        ticking = LoopingCall(self.output.tick)
        ticking.clock = reactor

        def begin() -> None:
            running = Deferred.fromCoroutine(command(here))
            reactor.addSystemEventTrigger("before", "shutdown", self._stop, running)
            _ = running.addBoth(outcome.append).addBoth(lambda _: _stop_reactor())
            _ = ticking.start(TICK, now=False)

        reactor.callWhenRunning(begin)
        reactor.run()
        return self._judge(outcome)

    def _stop(self, running: Deferred[Any]) -> Deferred[Any] | None:
        """Give a running command up when the process is told to stop; wait for its last words."""
        if running.called:
            return None
        self.output.give_up()
        # Who presses Ctrl-C once more does not want to wait for the server's farewell.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        running.cancel()
        return running

    def _judge(self, outcome: list[Any]) -> int:
        """Say how a command ended; give its exit code."""
        if outcome and not isinstance(outcome[0], Failure):
            return self.output.exit_code
        error = outcome[0].value if outcome else CancelledError()
        if isinstance(error, click.Abort):  # Ctrl-C was the answer to a question
            return self.output.interrupted("given up")
        # A command that is given up may end with whatever its parts make of that.
        told = self.output.given_up and isinstance(error, AnonymousCloudError)
        if told or isinstance(error, CancelledError):
            return self.output.interrupted(
                "interrupted; what was confirmed is safe, the rest was given up"
            )
        return judge(self.output, error)


def with_drive(
    command: Callable[[Surroundings, OpenAccount], Awaitable[None]],
) -> Callable[[Surroundings], Coroutine[Any, Any, None]]:
    """Open the account that stays logged in, run *command* on it, and close it properly."""

    async def opened(here: Surroundings) -> None:
        account = await resume(here)
        try:
            await command(here, account)
        finally:
            await account.close()

    return opened


def _stop_reactor() -> None:
    if reactor.running and not reactor._stopped:  # noqa: SLF001 - stop() twice raises
        reactor.stop()

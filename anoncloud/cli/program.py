"""Run one command: the reactor around a coroutine, its errors into words and an exit code."""

import time
from collections.abc import Awaitable, Callable, Coroutine
from os import urandom
from pathlib import Path
from typing import Any

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool
from twisted.python.failure import Failure

from anoncloud.cli.lean import reactor
from anoncloud.cli.output import Output
from anoncloud.client.accounts import OpenAccount, Surroundings, resume
from anoncloud.client.profile import Profile
from anoncloud.disk.syscalls import keep_memory
from anoncloud.errors import AnonymousCloudError
from anoncloud.limits import DEFAULT_PACKET

INTERRUPTED = 130
"""The exit code after Ctrl-C or SIGTERM, as shells have it."""
BUG = 70


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
        )

    def run(self, command: Callable[[Surroundings], Coroutine[Any, Any, None]]) -> int:
        """Run *command* on the reactor; give the exit code."""
        keep_memory()
        outcome: list[Any] = []
        here = self.surroundings()

        def begin() -> None:
            running = Deferred.fromCoroutine(command(here))
            reactor.addSystemEventTrigger("before", "shutdown", _stop, running)
            _ = running.addBoth(outcome.append).addBoth(lambda _: _stop_reactor())

        reactor.callWhenRunning(begin)
        reactor.run()
        return self._judge(outcome)

    def _judge(self, outcome: list[Any]) -> int:
        failure = outcome[0] if outcome else None
        if not isinstance(failure, Failure):
            return self.output.exit_code
        if isinstance(failure.value, AnonymousCloudError):
            self.output.error(failure.value)
            return failure.value.exit_code
        if _interrupted(failure):
            self.output.note("interrupted; what was confirmed is safe, the rest was given up")
            return INTERRUPTED
        failure.printTraceback(self.output.err)
        self.output.note("this is a bug; please report the lines above")
        return BUG


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


def _interrupted(failure: Failure) -> bool:
    return bool(failure.check("twisted.internet.defer.CancelledError"))


def _stop(running: Deferred[Any]) -> Deferred[Any] | None:
    """Give a running command up when the process is told to stop, and wait for its last words."""
    if running.called:
        return None
    running.cancel()
    return running


def _stop_reactor() -> None:
    if reactor.running and not reactor._stopped:  # noqa: SLF001 - stop() twice raises
        reactor.stop()

"""Uploads and downloads under way: their queue, how far each is, and what the screen is told of it.

A file appears at its target whole or not at all. Into the drive it goes as a new version of what
has its name there; on the local disk it goes beside that, under a free name.
"""

from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Final

import attrs
from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure

from anoncloud.client.threads import Watcher
from anoncloud.client.throttling import SLOWEST, Pace
from anoncloud.errors import AnonymousCloudError, UsageError
from anoncloud.ui import transfer_effects as effects
from anoncloud.ui.doing.desk import Desk
from anoncloud.ui.events import Progress, Severity, Told, TransferLine, TransfersChanged

AT_ONCE: Final = 3
"""Transfers that run at the same time; the others wait."""
EVERY: Final = 0.25
"""Seconds from one account of the progress to the next."""
SPAN: Final = 5.0
"""Seconds that a rate is taken over."""
KEPT: Final = 20
"""Transfers that are done and still listed."""

Complain = Callable[[AnonymousCloudError], None]
Work = Callable[["Transfer"], Coroutine[Any, Any, None]]


class Transfer(Watcher):
    """One transfer: what it does, and how far it is; *seconds* is a clock.

    :ivar over: fires when it is done or has failed for the first time.
    """

    def __init__(self, number: int, title: str, work: Work, seconds: Callable[[], float]) -> None:
        self.number = number
        self.title = title
        self.work = work
        self.state = Progress.WAITING
        self.errors: list[AnonymousCloudError] = []
        self.running: Deferred[None] | None = None
        self.over: Deferred[None] = Deferred()
        self._seconds = seconds
        self.begin_anew()

    def begin_anew(self) -> None:
        """Count from nothing."""
        self.done = 0
        self.total: int | None = None
        self.errors = []
        self._samples = deque([(self._seconds(), 0)])

    def __call__(self, more: int) -> None:
        self.done += more

    def expect(self, files: int, size: int | None) -> None:
        del files
        if size is not None:
            self.total = (self.total or 0) + size

    def passed(self, files: int, skipped: int = 0) -> None:
        del files
        self.done += skipped

    def complain(self, error: AnonymousCloudError) -> None:
        """Learn of something that was left out."""
        self.errors.append(error)

    def line(self) -> TransferLine:
        """Tell how far it is; called again and again, for the rate."""
        now, samples = self._seconds(), self._samples
        samples.append((now, self.done))
        while len(samples) > 2 and samples[1][0] <= now - SPAN:  # noqa: PLR2004 - two tell a rate
            samples.popleft()
        begun, before = samples[0]
        rate = (self.done - before) / (now - begun) if now > begun else 0.0
        running = self.state is Progress.RUNNING
        left = None
        if running and rate > 0 and self.total is not None:
            left = max(0, self.total - self.done) / rate
        error = str(self.errors[0]) if self.errors else ""
        rate = rate if running else 0.0
        return TransferLine(
            self.number, self.title, self.done, self.total, rate, left, self.state, error
        )


@attrs.define
class Queue:
    """All transfers, in their order."""

    _desk: Desk
    _transfers: list[Transfer] = attrs.Factory(list)
    _made: int = 0
    _told: tuple[TransferLine, ...] = ()
    _stopped: bool = False

    def add(self, title: str, work: Work) -> Transfer:
        """Put *work* into the queue."""
        self._made += 1
        transfer = Transfer(self._made, title, work, self._desk.here.reactor.seconds)
        self._transfers.append(transfer)
        self._start()
        return transfer

    @property
    def active(self) -> bool:
        """Whether something waits or runs."""
        return any(one.state in {Progress.WAITING, Progress.RUNNING} for one in self._transfers)

    def tell(self) -> None:
        """Tell how far everything is, if that has changed."""
        lines = tuple(transfer.line() for transfer in self._transfers)
        if lines != self._told:
            self._told = lines
            self._desk.tell(TransfersChanged(lines))

    def stop(self) -> None:
        """Give everything up, and begin nothing more."""
        self._stopped = True
        for transfer in list(self._transfers):
            self._cancel(transfer)

    def cancel(self, effect: effects.CancelTransfer) -> None:
        """Give one up; one that is over leaves the list."""
        transfer = self._find(effect.number)
        if transfer is not None:
            self._cancel(transfer)
            self._transfers.remove(transfer)
            self._start()

    def retry(self, effect: effects.RetryTransfer) -> None:
        """Try one that has failed once more."""
        transfer = self._find(effect.number)
        if transfer is not None and transfer.state is Progress.FAILED:
            transfer.begin_anew()
            transfer.state = Progress.WAITING
            self._start()

    def raise_one(self, effect: effects.RaiseTransfer) -> None:
        """Let one go before others, or after them."""
        transfer = self._find(effect.number)
        if transfer is not None:
            at = self._transfers.index(transfer)
            self._transfers.pop(at)
            self._transfers.insert(max(0, at + effect.by), transfer)
            self.tell()

    def limit(self, effect: effects.SetLimit) -> None:
        """Let all of them together be no faster than so many bytes a second."""
        rate = effect.rate
        if rate is not None and rate < SLOWEST:
            message = f"a limit of {rate} bytes a second is too little"
            raise UsageError(message, f"give at least {SLOWEST}")
        reactor = self._desk.here.reactor
        self._desk.drive.peer.pace = None if rate is None else Pace(rate, reactor)  # type: ignore[attr-defined]

    def _find(self, number: int) -> Transfer | None:
        return next((one for one in self._transfers if one.number == number), None)

    def _cancel(self, transfer: Transfer) -> None:
        running, transfer.running = transfer.running, None
        if running is not None:
            running.cancel()

    def _start(self) -> None:
        running = sum(one.state is Progress.RUNNING for one in self._transfers)
        for transfer in self._transfers:
            if running >= AT_ONCE or self._stopped:
                break
            if transfer.state is Progress.WAITING:
                running += 1
                transfer.state = Progress.RUNNING
                transfer.running = Deferred.fromCoroutine(transfer.work(transfer))
                _ = transfer.running.addBoth(self._ended, transfer)
        self.tell()

    def _ended(self, outcome: Any, transfer: Transfer) -> None:
        transfer.running = None
        if isinstance(outcome, Failure):
            error = outcome.value
            if isinstance(error, AnonymousCloudError):
                transfer.errors.insert(0, error)
            elif not outcome.check(CancelledError):
                self._desk.complain(error)
        failed = isinstance(outcome, Failure) or transfer.errors
        transfer.state = Progress.FAILED if failed else Progress.DONE
        if not transfer.over.called:
            transfer.over.callback(None)
        self._desk.look()
        if transfer in self._transfers:
            self._report(transfer)
            self._forget_old()
            self._start()

    def _report(self, transfer: Transfer) -> None:
        if not transfer.errors:
            if transfer.state is Progress.DONE:
                self._desk.good(f"done: {transfer.title}")
            return
        first, more = transfer.errors[0], len(transfer.errors) - 1
        said = first.message + (f", and {more} more" if more else "")
        self._desk.tell(Told(said, first.hint, Severity.ERROR))

    def _forget_old(self) -> None:
        done = [one for one in self._transfers if one.state is Progress.DONE]
        for transfer in done[:-KEPT]:
            self._transfers.remove(transfer)


async def limit(desk: Desk, effect: effects.SetLimit) -> None:
    """Let all transfers together be no faster than so many bytes a second."""
    desk.queue.limit(effect)


async def cancel(desk: Desk, effect: effects.CancelTransfer) -> None:
    """Give a transfer up."""
    desk.queue.cancel(effect)


async def retry(desk: Desk, effect: effects.RetryTransfer) -> None:
    """Try one that has failed once more."""
    desk.queue.retry(effect)


async def raise_one(desk: Desk, effect: effects.RaiseTransfer) -> None:
    """Let a transfer go before others."""
    desk.queue.raise_one(effect)

"""Uploads and downloads under way: their queue, and what the screen is told of it.

A file appears at its target whole or not at all; if its name is taken there, its user is asked
(``doing.asking``). What is held up is stopped, and carries on later from what it has left.
"""

from typing import Any, Final

import attrs
from twisted.internet.defer import CancelledError
from twisted.python.failure import Failure

from anoncloud.client.interrupted import Interrupted
from anoncloud.client.throttling import SLOWEST, Pace
from anoncloud.errors import (
    AnonymousCloudError,
    ConnectionCut,
    LocalFileError,
    Unreachable,
    UsageError,
)
from anoncloud.ui import transfer_effects as effects
from anoncloud.ui.doing import keeping
from anoncloud.ui.doing.asking import Asking, left_as_it_was
from anoncloud.ui.doing.desk import Desk
from anoncloud.ui.doing.transfer import Transfer, Work
from anoncloud.ui.events import Progress, Severity, Told, TransferLine, TransfersChanged

AT_ONCE: Final = 3
"""Transfers that run at the same time; the others wait."""
EVERY: Final = 0.25
"""Seconds from one account of the progress to the next."""
KEPT: Final = 20
"""Transfers that are done and still listed."""
AGAIN: Final = 5.0
"""Seconds until what had no connection tries again."""


@attrs.define
class Queue:
    """All transfers, in their order.

    :ivar questions: the copies that wait for an answer, by their numbers.
    """

    _desk: Desk
    questions: dict[int, Asking] = attrs.Factory(dict)
    _transfers: list[Transfer] = attrs.Factory(list)
    _made: int = 0
    _asking: int = 0
    _told: TransfersChanged = attrs.Factory(lambda: TransfersChanged(()))
    _stopped: bool = False
    _rate: int | None = None

    def add(
        self,
        title: str,
        work: Work,
        *,
        job: Interrupted | None = None,
        asking: Asking | None = None,
    ) -> Transfer:
        """Put *work* into the queue; *job* as :class:`Transfer` has it, *asking* asks for it."""
        self._made += 1
        transfer = Transfer(self._made, title, work, self._desk.here.reactor.seconds)
        transfer.job = job
        if asking is not None:
            asking.transfers.append(transfer)
            transfer.asking = asking
        self._transfers.append(transfer)
        self._start()
        return transfer

    def make_room(self) -> None:
        """Let others begin: one that runs waits for an answer, or waits no more."""
        self._desk.here.reactor.callLater(0, self._start)

    def asking(self) -> Asking:
        """Make who asks on behalf of a new copy."""
        self._asking += 1
        return Asking(self._desk, self._asking)

    @property
    def active(self) -> bool:
        """Whether something waits or runs."""
        return any(one.state in {Progress.WAITING, Progress.RUNNING} for one in self._transfers)

    @property
    def jobs(self) -> list[Interrupted]:
        """What the next start could carry on."""
        return [one.job for one in self._transfers if one.is_open and one.job is not None]

    def tell(self) -> None:
        """Tell how far everything is, if that has changed."""
        lines: tuple[TransferLine, ...] = tuple(one.line() for one in self._transfers)
        told = TransfersChanged(lines, self._rate)
        if told != self._told:
            self._told = told
            self._desk.tell(told)

    def stop(self) -> None:
        """Give everything up, and begin nothing more."""
        self._stopped = True
        for transfer in list(self._transfers):
            transfer.stop()

    def cancel(self, effect: effects.CancelTransfer) -> None:
        """Give one up; one that is over leaves the list."""
        transfer = self._find(effect.number)
        if transfer is not None:
            self.give_up(transfer)

    def give_up(self, transfer: Transfer) -> None:
        """See :meth:`cancel`; harmless if it has left the list."""
        if transfer not in self._transfers:
            return
        self._transfers.remove(transfer)
        if transfer.is_open:
            message = f"{transfer.title} was given up"
            transfer.errors.insert(0, LocalFileError(message, "copy it once more"))
        if transfer.running is None:
            transfer.end()
        transfer.stop()
        self._start()

    def pause(self, effect: effects.PauseTransfer) -> None:
        """Hold one up: others get its place.

        :raises UsageError: it can't be stopped halfway.
        """
        transfer = self._find(effect.number)
        if transfer is None or transfer.state not in {Progress.WAITING, Progress.RUNNING}:
            return
        if transfer.state is Progress.RUNNING and (transfer.steady or transfer.ends):
            why = "it is finishing" if transfer.ends else "it can't be stopped halfway"
            message = f"{transfer.title} is not held up: {why}"
            raise UsageError(message, "wait until it is done")
        transfer.state = Progress.PAUSED
        transfer.stop()
        self._start()

    def resume(self, effect: effects.ResumeTransfer) -> None:
        """Let one that was held up go on, as soon as there is room."""
        transfer = self._find(effect.number)
        if transfer is not None and transfer.state is Progress.PAUSED:
            self._want(transfer)

    def retry(self, effect: effects.RetryTransfer) -> None:
        """Try one that has failed once more."""
        transfer = self._find(effect.number)
        if transfer is not None and transfer.state is Progress.FAILED:
            transfer.errors = []
            self._want(transfer)

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
        self._rate = rate
        self.tell()

    def _find(self, number: int) -> Transfer | None:
        return next((one for one in self._transfers if one.number == number), None)

    def _want(self, transfer: Transfer) -> None:
        transfer.state, transfer.not_before = Progress.WAITING, 0.0
        self._start()

    def _start(self) -> None:
        now = self._desk.here.reactor.seconds()
        for transfer in list(self._transfers):
            if self._stopped or not self._has_room():
                break
            ready = transfer.running is None and transfer.not_before <= now
            if transfer.state is Progress.WAITING and ready and not _would_ask(transfer):
                _ = transfer.begin().addBoth(self._ended, transfer)
        self.tell()

    def _has_room(self) -> bool:
        """Whether one more may run; those that wait for an answer are in nobody's way."""
        running = [one for one in self._transfers if one.running is not None]
        return sum(not one.asks for one in running) < AT_ONCE

    def _ended(self, outcome: Any, transfer: Transfer) -> None:
        transfer.running = None
        error = outcome.value if isinstance(outcome, Failure) else None
        listed = transfer in self._transfers and not self._stopped
        if listed and isinstance(error, CancelledError) and transfer.state is not Progress.RUNNING:
            self._start()  # it was held up, and may be wanted again by now
        elif listed and isinstance(error, Unreachable | ConnectionCut):
            self._wait(transfer, error)
        else:
            self._over(error, transfer)

    def _wait(self, transfer: Transfer, error: AnonymousCloudError) -> None:
        """Let what has no connection try again in a while."""
        reactor = self._desk.here.reactor
        transfer.errors.insert(0, error)
        if transfer.state is Progress.RUNNING:
            transfer.state = Progress.WAITING
        transfer.not_before = reactor.seconds() + AGAIN
        reactor.callLater(AGAIN, self._start)
        self._start()

    def _over(self, error: BaseException | None, transfer: Transfer) -> None:
        if isinstance(error, AnonymousCloudError):
            transfer.errors.insert(0, error)
        elif error is not None and not isinstance(error, CancelledError):
            self._desk.complain(error)
        failed = error is not None or transfer.errors
        transfer.state = Progress.FAILED if failed else Progress.DONE
        transfer.end()
        self._desk.look()
        if transfer in self._transfers:
            self._report(transfer)
            self._forget_old()
            self._start()

    def _report(self, transfer: Transfer) -> None:
        if not transfer.errors:
            if transfer.state is Progress.DONE:
                self._desk.good(f"done: {transfer.title}{left_as_it_was(transfer.left)}")
            return
        first, more = transfer.errors[0], len(transfer.errors) - 1
        said = first.message + (f", and {more} more" if more else "")
        self._desk.tell(Told(said, first.hint, Severity.ERROR))

    def _forget_old(self) -> None:
        done = [one for one in self._transfers if one.state is Progress.DONE]
        for transfer in done[:-KEPT]:
            self._transfers.remove(transfer)


def _would_ask(transfer: Transfer) -> bool:
    """Whether it is of a copy that waits for an answer: its questions would have to wait, too."""
    return transfer.asking is not None and transfer.asking.is_open


async def limit(desk: Desk, effect: effects.SetLimit) -> None:
    """Let all transfers together be no faster than so many bytes a second, from now on."""
    desk.queue.limit(effect)
    await keeping.keep_limit(desk, effect.rate)


async def pause(desk: Desk, effect: effects.PauseTransfer) -> None:
    """Hold a transfer up."""
    desk.queue.pause(effect)


async def resume(desk: Desk, effect: effects.ResumeTransfer) -> None:
    """Let a transfer that was held up go on."""
    desk.queue.resume(effect)


async def cancel(desk: Desk, effect: effects.CancelTransfer) -> None:
    """Give a transfer up."""
    desk.queue.cancel(effect)


async def retry(desk: Desk, effect: effects.RetryTransfer) -> None:
    """Try one that has failed once more."""
    desk.queue.retry(effect)


async def raise_one(desk: Desk, effect: effects.RaiseTransfer) -> None:
    """Let a transfer go before others."""
    desk.queue.raise_one(effect)

"""One upload or download: what it does, how it is, and how far."""

from collections import deque
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Final

from twisted.internet.defer import Deferred

from anoncloud.client.interrupted import Interrupted
from anoncloud.client.threads import Watcher
from anoncloud.errors import AnonymousCloudError
from anoncloud.ui.events import Progress, TransferLine

if TYPE_CHECKING:
    from anoncloud.ui.doing.asking import Asking

SPAN: Final = 5.0
"""Seconds that a rate is taken over."""

_OPEN: Final = frozenset({Progress.WAITING, Progress.RUNNING, Progress.PAUSED})

Work = Callable[["Transfer"], Coroutine[Any, Any, None]]


class Transfer(Watcher):
    """See the module; *seconds* is a clock.

    :ivar over: fires when it is done, has failed for the first time, or was given up.
    :ivar job: what the next start of the program needs to carry it on, if it can.
    :ivar asking: asks what there is to ask, if anybody does.
    :ivar asks: whether it waits for an answer.
    :ivar left: files that stayed out, though they differ from what is there.
    :ivar steady: whether it can't be stopped halfway, and so not be held up.
    :ivar ends: whether what it has moved is being made to count, and so can't be held up any more.
    :ivar not_before: when it may begin, by *seconds*.
    """

    def __init__(self, number: int, title: str, work: Work, seconds: Callable[[], float]) -> None:
        self.number = number
        self.title = title
        self.work = work
        self.state = Progress.WAITING
        self.job: Interrupted | None = None
        self.steady = False
        self.ends = False
        self.asks = False
        self.asking: Asking | None = None
        self.left = 0
        self.not_before = 0.0
        self.errors: list[AnonymousCloudError] = []
        self.running: Deferred[None] | None = None
        self.over: Deferred[None] = Deferred()
        self._seconds = seconds
        self._begin_anew()

    @property
    def is_open(self) -> bool:
        """Whether it is neither done nor has failed."""
        return self.state in _OPEN

    def begin(self) -> Deferred[None]:
        """Run, and count from nothing."""
        self._begin_anew()
        self.state = Progress.RUNNING
        self.running = Deferred.fromCoroutine(self.work(self))
        return self.running

    def stop(self) -> None:
        """Give up what is under way; harmless when nothing is."""
        if self.running is not None:
            self.running.cancel()

    def end(self) -> None:
        """Tell whoever waits for it that it is over."""
        if not self.over.called:
            self.over.callback(None)

    def _begin_anew(self) -> None:
        self.done = 0
        self.total: int | None = None
        self.errors = []
        self.left = 0
        self.steady = False
        self.ends = False
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

    def finishing(self, *, begins: bool) -> None:
        self.ends = begins

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
        running = self.state is Progress.RUNNING
        rate = (self.done - before) / (now - begun) if running and now > begun else 0.0
        left = None
        if rate > 0 and self.total is not None:
            left = max(0, self.total - self.done) / rate
        return TransferLine(
            self.number,
            self.title,
            self.done,
            self.total,
            rate,
            left,
            self.state,
            self._said(),
            lasting=self.job is not None,
        )

    def _said(self) -> str:
        if self.errors:
            return str(self.errors[0])
        if self.asks:
            return "waits for an answer"
        if self.running is None:
            return ""
        if self.state is not Progress.RUNNING:
            return "sends what is under way"
        return "finishing" if self.ends else ""

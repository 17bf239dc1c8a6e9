"""The queue of transfers: in order, a few at once, counted, given up, tried again."""

from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import NotFound, UsageError
from anoncloud.ui import transfer_effects as effects
from anoncloud.ui.doing import transfers
from anoncloud.ui.doing.transfers import AT_ONCE, KEPT
from anoncloud.ui.events import Progress, Severity, Told, TransfersChanged
from tests.support.desks import RememberingDesk

WAITING, RUNNING, PAUSED, FAILED, DONE = (
    Progress.WAITING,
    Progress.RUNNING,
    Progress.PAUSED,
    Progress.FAILED,
    Progress.DONE,
)


class QueueCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.desk = RememberingDesk(Path(self.mktemp()))
        self.queue = self.desk.queue
        self.work: list[tuple[Any, Deferred[None]]] = []

    def add(self, count: int = 1) -> None:
        async def work(transfer: Any) -> None:
            waiting: Deferred[None] = Deferred()
            self.work.append((transfer, waiting))
            await waiting

        for _ in range(count):
            self.queue.add("up: file", work)

    def end(self, at: int, error: Exception | None = None) -> None:
        """End the work that was begun as number *at*."""
        _, waiting = self.work[at]
        if error is None:
            waiting.callback(None)
        else:
            waiting.errback(Failure(error))

    def lines(self) -> Any:
        self.queue.tell()
        return self.desk.heard(TransfersChanged)[-1].transfers

    def states(self) -> list[Progress]:
        return [line.state for line in self.lines()]


class OrderTests(QueueCase):
    def test_a_few_at_once(self) -> None:
        self.add(AT_ONCE + 2)
        self.assertEqual(self.states(), [RUNNING] * AT_ONCE + [WAITING] * 2)
        self.assertTrue(self.queue.active)
        self.end(1)
        self.assertEqual(self.states(), [RUNNING, DONE, RUNNING, RUNNING, WAITING])

    def test_raised(self) -> None:
        """What waits can go before others, and after them."""
        self.add(AT_ONCE + 3)
        last = AT_ONCE + 3
        self.queue.raise_one(effects.RaiseTransfer(last))
        self.queue.raise_one(effects.RaiseTransfer(last))
        self.assertEqual([line.number for line in self.lines()][AT_ONCE], last)
        self.end(0)
        self.assertEqual(self.work[-1][0].number, last)
        self.queue.raise_one(effects.RaiseTransfer(1, by=99))
        self.assertEqual([line.number for line in self.lines()][-1], 1)

    def test_old_ones_leave(self) -> None:
        for at in range(KEPT + 5):
            self.add()
            self.end(at)
        self.assertEqual(len(self.lines()), KEPT)


class EndTests(QueueCase):
    def test_done(self) -> None:
        self.add()
        self.end(0)
        self.assertEqual(self.states(), [DONE])
        self.assertFalse(self.queue.active)
        (told,) = self.desk.heard(Told)
        self.assertEqual((told.text, told.severity), ("done: up: file", Severity.GOOD))

    def test_failed_and_tried_again(self) -> None:
        self.add()
        self.end(0, NotFound("it is gone", "look elsewhere"))
        (line,) = self.lines()
        self.assertEqual((line.state, line.error), (FAILED, "it is gone; look elsewhere"))
        (told,) = self.desk.heard(Told)
        self.assertEqual((told.text, told.hint), ("it is gone", "look elsewhere"))
        self.queue.retry(effects.RetryTransfer(1))
        (line,) = self.lines()
        self.assertEqual((line.state, line.error), (RUNNING, ""))
        self.end(1)
        self.assertEqual(self.states(), [DONE])

    def test_left_something_out(self) -> None:
        """What could not be read of a folder is told, and its transfer has failed."""
        self.add()
        for name in ("one", "other"):
            self.work[0][0].complain(NotFound(f"{name} is gone", "look elsewhere"))
        self.end(0)
        self.assertEqual(self.states(), [FAILED])
        self.assertEqual(self.desk.heard(Told)[0].text, "one is gone, and 1 more")

    def test_bug(self) -> None:
        """A bug is told as one, and the others go on."""
        self.add(AT_ONCE + 1)
        self.end(0, ValueError("boom"))
        self.assertEqual(self.states(), [FAILED] + [RUNNING] * AT_ONCE)
        self.assertIn("ValueError: boom", self.desk.heard(Told)[0].text)
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)

    def test_cancelled(self) -> None:
        """What is given up leaves the list, says nothing, and the next one begins."""
        self.add(AT_ONCE + 1)
        self.queue.cancel(effects.CancelTransfer(1))
        self.assertEqual([line.number for line in self.lines()], list(range(2, AT_ONCE + 2)))
        self.assertEqual(self.states(), [RUNNING] * AT_ONCE)
        self.assertEqual(self.desk.heard(Told), [])

    def test_stopped(self) -> None:
        """At the end all are given up, and nothing new begins."""
        self.add(AT_ONCE + 1)
        self.queue.stop()
        self.assertEqual(len(self.work), AT_ONCE)
        self.assertEqual(self.desk.heard(Told), [])

    def test_unknown_number(self) -> None:
        for effect in (effects.CancelTransfer(9), effects.RetryTransfer(9)):
            work = {
                effects.CancelTransfer: transfers.cancel,
                effects.RetryTransfer: transfers.retry,
            }
            self.successResultOf(Deferred.fromCoroutine(work[type(effect)](self.desk, effect)))
        self.assertEqual(self.desk.heard(Told), [])


class ProgressTests(QueueCase):
    def test_rate_and_time_left(self) -> None:
        self.add()
        transfer = self.work[0][0]
        transfer.expect(2, 1000)
        for _ in range(4):
            self.desk.clock.advance(1)
            transfer(100)
            (line,) = self.lines()
        self.assertEqual((line.done, line.total), (400, 1000))
        self.assertAlmostEqual(line.rate, 100.0)
        self.assertAlmostEqual(line.left_s, 6.0)

    def test_skipped_is_done(self) -> None:
        """What need not be sent counts as done, so that the bar fills."""
        self.add()
        transfer = self.work[0][0]
        transfer.expect(2, 1000)
        transfer(400)
        transfer.passed(1, skipped=600)
        self.assertEqual(self.lines()[0].done, 1000)

    def test_told_only_if_changed(self) -> None:
        self.add()
        self.queue.tell()
        before = len(self.desk.told)
        self.queue.tell()
        self.assertEqual(len(self.desk.told), before)

    def test_limit_too_small(self) -> None:
        error = self.assertRaises(UsageError, self.queue.limit, effects.SetLimit(1))
        self.assertTrue(error.hint)

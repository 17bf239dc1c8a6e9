"""Work in a thread, ahead of its use or behind its making: in order, bounded, its faults told."""

from collections.abc import Callable, Iterator
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.ahead import Ahead, Behind


class Thread:
    """A thread that works when it is told to."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Deferred[Any], Callable[[], Any]]] = []

    def __call__(self, function: Callable[..., Any], *arguments: Any) -> Deferred[Any]:
        done: Deferred[Any] = Deferred()
        self.waiting.append((done, lambda: function(*arguments)))
        return done

    def work(self) -> None:
        """Do what was asked for last."""
        done, call = self.waiting.pop()
        try:
            result = call()
        except ArithmeticError:
            done.errback(Failure())
        else:
            done.callback(result)


def steps(count: int, fault: int = -1) -> Iterator[int]:
    """Give numbers from 1 on; at *fault*, a fault."""
    for number in range(1, count + 1):
        if number == fault:
            raise ArithmeticError
        yield number


class AheadTests(SynchronousTestCase):
    """A generator, a thread, and somebody who wants the steps."""

    def setUp(self) -> None:
        self.thread = Thread()

    def wanted(self, ahead: Ahead[int]) -> Deferred[int | None]:
        """Ask for the next step."""
        return Deferred.fromCoroutine(ahead.next())

    def test_in_order(self) -> None:
        """Steps come in order, and None after the last, and again."""
        ahead = Ahead(steps(3), self.thread)
        for expected in (1, 2, 3, None, None):
            wanted = self.wanted(ahead)
            while self.thread.waiting:
                self.thread.work()
            self.assertEqual(self.successResultOf(wanted), expected)

    def test_depth(self) -> None:
        """One step is taken at a time, and none when as many as wanted are ready."""
        ahead = Ahead(steps(9), self.thread, depth=2)
        self.assertEqual(len(self.thread.waiting), 1)
        self.thread.work()
        self.thread.work()
        self.assertEqual(self.thread.waiting, [])
        self.assertEqual(self.successResultOf(self.wanted(ahead)), 1)
        self.assertEqual(len(self.thread.waiting), 1)

    def test_waiting(self) -> None:
        """Whoever comes first waits for the step."""
        ahead = Ahead(steps(1), self.thread)
        wanted = self.wanted(ahead)
        self.assertNoResult(wanted)
        self.thread.work()
        self.assertEqual(self.successResultOf(wanted), 1)

    def test_failure(self) -> None:
        """What was ready before a fault comes first, and then the fault, each time."""
        ahead = Ahead(steps(3, fault=2), self.thread)
        self.thread.work()
        self.thread.work()
        self.assertEqual(self.successResultOf(self.wanted(ahead)), 1)
        for _ in range(2):
            self.failureResultOf(self.wanted(ahead), ArithmeticError)
        self.assertEqual(self.thread.waiting, [])

    def test_failure_while_waiting(self) -> None:
        """A fault wakes whoever waits."""
        ahead = Ahead(steps(1, fault=1), self.thread)
        wanted = self.wanted(ahead)
        self.thread.work()
        self.failureResultOf(wanted, ArithmeticError)

    def test_close(self) -> None:
        """After the end no step is taken, and the one under way goes by."""
        ahead = Ahead(steps(9), self.thread)
        ahead.close()
        self.thread.work()
        self.assertEqual(self.thread.waiting, [])
        self.assertIsNone(self.successResultOf(self.wanted(ahead)))


class BehindTests(SynchronousTestCase):
    """A thread that follows whoever puts items."""

    def setUp(self) -> None:
        self.thread = Thread()
        self.done: list[int] = []
        self.told: list[int] = []
        self.behind: Behind[int] = Behind(self.work, self.thread, self.told.append, depth=2)

    def work(self, item: int) -> int:
        """Work on *item*; 0 is a fault."""
        self.done.append(100 // item)
        return item

    def put(self, item: int) -> Deferred[None]:
        """Put an item."""
        return Deferred.fromCoroutine(self.behind.put(item))

    def test_in_order(self) -> None:
        """One item is worked on, two wait, and the next one waits for room."""
        for item in (1, 2, 5):
            self.successResultOf(self.put(item))
        fourth = self.put(10)
        self.assertNoResult(fourth)
        self.assertEqual(len(self.thread.waiting), 1)
        self.thread.work()
        self.successResultOf(fourth)
        finished = Deferred.fromCoroutine(self.behind.finish())
        while self.thread.waiting:
            self.assertNoResult(finished)
            self.thread.work()
        self.successResultOf(finished)
        self.assertEqual((self.done, self.told), ([100, 50, 20, 10], [1, 2, 5, 10]))

    def test_fault(self) -> None:
        """A fault is told to whoever comes next, and nothing more is worked on."""
        for item in (0, 1):
            self.successResultOf(self.put(item))
        self.thread.work()
        self.assertEqual((self.thread.waiting, self.done, self.told), ([], [], []))
        self.failureResultOf(self.put(2), ZeroDivisionError)
        self.failureResultOf(Deferred.fromCoroutine(self.behind.finish()), ZeroDivisionError)

    def test_close(self) -> None:
        """Closing drops what waits, and returns when nothing is being done any more."""
        for item in (1, 2):
            self.successResultOf(self.put(item))
        closed = Deferred.fromCoroutine(self.behind.close())
        self.assertNoResult(closed)
        self.thread.work()
        self.successResultOf(closed)
        self.assertEqual((self.done, self.thread.waiting), ([100], []))

    def test_given_up(self) -> None:
        """Whoever gives up waiting can still close, and the work that goes on hurts nobody."""
        for item in (1, 2, 4):
            self.successResultOf(self.put(item))
        fourth = self.put(5)
        fourth.cancel()
        self.failureResultOf(fourth, CancelledError)
        closed = Deferred.fromCoroutine(self.behind.close())
        self.assertNoResult(closed)
        self.thread.work()
        self.successResultOf(closed)
        self.assertEqual(self.done, [100])

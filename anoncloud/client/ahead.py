"""Long work in a thread, a few steps ahead of whoever uses it, or behind whoever makes it."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from anoncloud.client.threads import InThread, Progress

Step = TypeVar("Step")


class Ahead(Generic[Step]):
    """Takes *steps* in a thread, one after the other, up to *depth* of them ahead of their use.

    So neither side waits for the other as long as both are about as fast.
    """

    def __init__(self, steps: Iterator[Step], in_thread: InThread, depth: int = 2) -> None:
        self._steps = steps
        self._in_thread = in_thread
        self._depth = depth
        self._ready: deque[Step] = deque()
        self._running = self._over = False
        self._failure: Failure | None = None
        self._waiting: Deferred[None] | None = None
        self._run()

    async def next(self) -> Step | None:
        """Give the next step, or None after the last."""
        while not self._ready:
            if self._failure is not None:
                self._failure.raiseException()
            if self._over:
                return None
            self._waiting = Deferred()
            await self._waiting
        step = self._ready.popleft()
        self._run()
        return step

    def close(self) -> None:
        """Take no further steps; the one that is being taken goes by."""
        self._over = True

    def _run(self) -> None:
        if not self._running and not self._over and len(self._ready) < self._depth:
            self._running = True
            taking: Deferred[Step | None] = self._in_thread(next, self._steps, None)
            _ = taking.addCallbacks(self._took, self._failed)

    def _took(self, step: Step | None) -> None:
        self._running = False
        if step is None:
            self._over = True
        elif not self._over:
            self._ready.append(step)
        self._run()
        self._wake()

    def _failed(self, failure: Failure) -> None:
        self._running, self._over, self._failure = False, True, failure
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            waiting.callback(None)


class Behind(Generic[Step]):
    """Does *work* on items in a thread, one after the other, while up to *depth* of them wait.

    *work* gives how many bytes are done by it, which *progress* learns.
    """

    def __init__(
        self,
        work: Callable[[Step], int],
        in_thread: InThread,
        progress: Progress,
        depth: int = 2,
    ) -> None:
        self._work = work
        self._in_thread = in_thread
        self._progress = progress
        self._depth = depth
        self._items: deque[Step] = deque()
        self._running = False
        self._waiting: list[Deferred[None]] = []
        self._failure: Failure | None = None

    async def put(self, item: Step) -> None:
        """Let *item* be worked on, as soon as there is room for it.

        Raises what the work on an item before it has raised.
        """
        while len(self._items) >= self._depth and self._running:
            await self._change()
        self._raise()
        self._items.append(item)
        self._run()

    async def finish(self) -> None:
        """Wait until all is done; raises as :meth:`put` does."""
        while self._running:
            await self._change()
        self._raise()

    async def close(self) -> None:
        """Begin nothing more, and wait for what is being done."""
        self._items.clear()
        while self._running:
            await self._change()

    def _change(self) -> Deferred[None]:
        """Give what fires when the work on an item has ended."""
        waiting: Deferred[None] = Deferred()
        self._waiting.append(waiting)
        return waiting

    def _run(self) -> None:
        if not self._running and self._items and self._failure is None:
            self._running = True
            working: Deferred[int] = self._in_thread(self._work, self._items.popleft())
            _ = working.addCallbacks(self._progress, self._fail).addBoth(self._next)

    def _fail(self, failure: Failure) -> None:
        self._failure = failure
        self._items.clear()

    def _next(self, _: object) -> None:
        self._running = False
        self._run()
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            one.callback(None)

    def _raise(self) -> None:
        if self._failure is not None:
            self._failure.raiseException()

"""The steps of long work, taken in a thread a few ahead of whoever deals with them."""

from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from anoncloud.client.threads import InThread

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

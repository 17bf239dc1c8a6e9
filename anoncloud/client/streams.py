"""One transfer on one connection: who waits for credit, for bytes, for the end."""

from collections import deque
from collections.abc import Callable
from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from anoncloud.client.peer import Sent
from anoncloud.errors import ProtocolBroken
from anoncloud.limits import INITIAL_CREDIT, MIB
from anoncloud.wire.credit import Allowance, Window

HEAD_START: Final = MIB
"""A long range flows without a pause if about two MiB of it may be on their way."""


class Upload:
    """Bulk bytes on their way to the server: what may be sent, and who waits to send it."""

    def __init__(self, sent: Sent | None = None) -> None:
        self.allowance = Allowance()
        self._sent = sent
        self._gone = 0
        self.waiting: Deferred[None] | None = None

    def count(self, length: int) -> None:
        """Count bytes that went."""
        self.allowance.spend(length)
        self._gone += length
        if self._sent is not None:
            self._sent(self._gone)

    def wake(self) -> None:
        """Let the sender look again."""
        if self.waiting is not None:
            waiting, self.waiting = self.waiting, None
            waiting.callback(None)


class Stream:
    """Bulk bytes on their way from the server, until the answer that ends them."""

    def __init__(
        self, length: int, grant: Callable[[int], None], close: Callable[[], None]
    ) -> None:
        self._close: Callable[[], None] | None = close
        self._missing = length
        self.head_start = min(HEAD_START, max(0, length - INITIAL_CREDIT))
        """Credit to grant at once, beyond what the protocol gives."""
        self._grant = grant
        self._window = Window(INITIAL_CREDIT + self.head_start)
        self._arrived: deque[memoryview] = deque()
        self._outcome: Failure | None = None
        self._ended = False
        self._waiting: Deferred[None] | None = None

    def arrive(self, data: memoryview) -> None:
        """Take bytes that came."""
        self._window.receive(len(data))
        self._missing -= len(data)
        if self._missing < 0:
            message = "the server sent more of a blob than was asked for"
            raise ProtocolBroken(message)
        self._arrived.append(data)
        self._wake()

    def end(self, outcome: Any) -> None:
        """Take the answer: a Failure, or anything else if all went well."""
        self._ended = True
        if isinstance(outcome, Failure):
            self._outcome = outcome
        elif self._missing:
            message = "the server sent less of a blob than was asked for"
            self._outcome = Failure(ProtocolBroken(message))
        self._wake()

    async def next(self) -> memoryview | None:
        """Give the next bytes, or None after the last."""
        while not self._arrived:
            if self._outcome is not None:
                self._outcome.raiseException()
            if self._ended:
                return None
            self._waiting = Deferred()
            await self._waiting
        data = self._arrived.popleft()
        granted = self._window.consume(len(data))
        if granted and not self._ended:
            self._grant(granted)
        return data

    def close(self) -> None:
        """Give up what has not come yet. Harmless at any time, and more than once."""
        close, self._close = self._close, None
        if close is not None:
            close()

    def _wake(self) -> None:
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            waiting.callback(None)


def unheeded(deferred: Deferred[Any]) -> None:
    """Let a failure go by that is told elsewhere, so that it is not logged as nobody's."""
    _ = deferred.addErrback(lambda _: None)

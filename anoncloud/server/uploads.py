"""One blob on its way in: order, size, credit; knows neither connection nor disk."""

from collections.abc import Callable
from typing import Final

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from anoncloud.errors import Code, ProtocolBroken, Refused
from anoncloud.limits import INITIAL_CREDIT, KIB, MAX_PACKET, MIN_PACKET
from anoncloud.server.contracts import Incoming
from anoncloud.wire.credit import Window

GATHER: Final = 256 * KIB
"""Bytes that are written in one go: enough to be worth the turn, and little of the credit."""


class Upload:
    """The bytes of one StageBlob request.

    Bytes may arrive before :meth:`accept` says where they go; they wait, at most their credit of
    them. Credit is granted as bytes are written, so a slow disk slows its sender.
    """

    _log = Logger()

    def __init__(
        self, size: int, grant: Callable[[int], None], eased: Callable[[], None] = lambda: None
    ) -> None:
        """Take *size* bytes; *grant* gives credit, *eased* hears that some bytes are written."""
        self._grant = grant
        self._eased = eased
        self.unwritten = 0
        """Bytes that came in and are not written yet."""
        self._missing = size
        self._window = Window()
        self._pieces: list[memoryview] = []
        self._gathered = 0
        self._credit = INITIAL_CREDIT
        self._incoming: Incoming | None = None
        self._writing = False
        self._outcome: Deferred[None] = Deferred()
        self._closed = False

    def arrive(self, data: memoryview) -> None:
        """Take the next bytes.

        :raises ProtocolBroken: there was no credit for them, they are more than announced, or so
            few that to keep them would cost more than they are.
        """
        if self._closed:
            return
        self._window.receive(len(data))
        self._missing -= len(data)
        if self._missing < 0:
            message = "the peer sent more of a blob than it announced"
            raise ProtocolBroken(message)
        if self._missing and len(data) < MIN_PACKET:
            message = "the peer sent a blob in smaller parts than the protocol allows"
            raise ProtocolBroken(message)
        self._pieces.append(data)
        self._gathered += len(data)
        self._credit -= len(data)
        self.unwritten += len(data)
        # With less credit than a frame may need, the sender could wait for what waits for it.
        if self._gathered >= GATHER or not self._missing or self._credit < MAX_PACKET:
            self.write()

    async def accept(self, incoming: Incoming) -> None:
        """Write what comes into *incoming*; returns when all of it is written.

        :raises Refused: the disk's word, or CANCELLED.
        """
        self._incoming = incoming
        self.write()
        await self._outcome

    def close(self) -> None:
        """Take no more bytes: the request is answered."""
        self._closed = True
        self._pieces.clear()
        self.unwritten = 0
        _ = self._outcome.addErrback(lambda _: None)  # of one given up before it was accepted

    def cancel(self) -> None:
        """Give up."""
        message = "the transfer was given up"
        self._end(Failure(Refused(Code.CANCELLED, message, "ask again if it is wanted")))

    def write(self) -> None:
        """Write what has come, however little it is."""
        if self._incoming is not None and not self._writing and not self._outcome.called:
            self._writing = True
            writing = Deferred.fromCoroutine(self._write_all(self._incoming))
            _ = writing.addErrback(self._end)

    async def _write_all(self, incoming: Incoming) -> None:
        while self._pieces and not self._closed:
            pieces, self._pieces, self._gathered = self._pieces, [], 0
            await incoming.write(pieces)
            written = sum(map(len, pieces))
            self.unwritten = max(self.unwritten - written, 0)
            self._eased()
            granted = self._window.consume(written)
            if granted and self._missing and not self._closed:
                self._credit += granted
                self._grant(granted)
        self._writing = False
        if not self._missing:
            self._end(None)

    def _end(self, failure: Failure | None) -> None:
        self._closed = True
        if self._outcome.called:
            return
        if failure is None:
            self._outcome.callback(None)
        else:
            self._outcome.errback(failure)

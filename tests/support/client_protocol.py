"""A client's protocol and a server's end, joined without a network."""

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.protocol import ClientProtocol
from anoncloud.crypto.packing import PackedBlob
from anoncloud.limits import SMALL_BLOB
from anoncloud.wire import messages
from tests.support.client_wire import Pipe, ServerEnd
from tests.support.entropy import counting
from tests.support.pairs import STATIC

DRIVE, BLOB = b"d" * 16, b"b" * 16
PACKET = 65552


class ProtocolTestCase(SynchronousTestCase):
    """A protocol and a server's end that have not spoken yet."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.events: list[messages.Answers] = []
        self.protocol = ClientProtocol(
            self.clock, STATIC.public, counting(), PACKET, self.events.append
        )
        self.pipe = Pipe(self.clock)
        self.pipe.protocol = self.protocol
        self.server = ServerEnd(self.pipe)
        self.protocol.makeConnection(self.pipe)

    def agree(self) -> None:
        """Agree on keys, and let the server take long frames, as after a login."""
        self.server.hear()
        self.successResultOf(self.protocol.established)
        self.server.hear()
        self.server.connection.trust()

    def ask(self, make: Any = messages.Ping) -> "Deferred[Any]":
        """Ask something."""
        return Deferred.fromCoroutine(self.protocol.ask(make))

    def stage(self, content: bytes, size: int = SMALL_BLOB) -> "Deferred[Any]":
        """Stage a blob."""
        blob = PackedBlob(BLOB, size, (content,), ())
        return Deferred.fromCoroutine(self.protocol.stage(DRIVE, blob))

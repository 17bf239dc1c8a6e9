"""What the rules of the client may ask of a server, whoever carries it."""

from collections.abc import Callable
from typing import Protocol

from anoncloud.crypto.packing import Extent, PackedBlob
from anoncloud.wire.messages import Answers, Message

Sent = Callable[[int], None]
"""Learn how many bytes of a blob are on their way by now; after a cut, from its beginning."""


class Reading(Protocol):
    """Bytes on their way from the server, in order."""

    async def next(self) -> memoryview | None:
        """Give the next bytes, or None after the last; asking for more is what grants credit."""

    def close(self) -> None:
        """Give up what has not come yet. Harmless at any time, and more than once."""


class Peer(Protocol):
    """A server that one is logged in to, for as long as it takes: links come and go below."""

    async def ask(self, make: Callable[[int], Message]) -> Answers:
        """Send the request that *make* gives for a request number, and give its answer.

        After a cut it is sent again, so it must be harmless to carry it out twice.

        :raises Refused: the server said no.
        :raises Unreachable: there is no connection, and no hope of one.
        """

    async def ask_once(self, make: Callable[[int], Message]) -> Answers:
        """Do as :meth:`ask`, but never send a request twice.

        :raises ConnectionCut: it may have been carried out or not.
        """

    async def stage(self, drive: bytes, blob: PackedBlob, sent: Sent | None = None) -> None:
        """Store *blob*; when this returns it is durable, though not yet the drive's."""

    async def unstage(self, drive: bytes, blobs: tuple[bytes, ...]) -> None:
        """Take blobs back, at most MAX_UNSTAGE, as far as they are staged and not the drive's."""

    async def read(self, drive: bytes, extent: Extent) -> Reading:
        """Begin to read *extent*."""

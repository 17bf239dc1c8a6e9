"""Bytes to length-limited frames and back (docs/protocol.rst section 2).

A frame is its body's length (4 bytes, big-endian) and its body. The limit is checked as soon as
the length is known, before a byte of the body is kept. Knows nothing of what is in a frame.
"""

from collections import deque
from collections.abc import Iterator
from typing import Final

from anoncloud.errors import Misuse, ProtocolBroken

HEADER: Final = 4


def frame_header(length: int, limit: int) -> bytes:
    """Make the header of a frame whose body has *length* bytes."""
    if not 0 < length <= limit:
        message = f"a frame of {length} bytes can't be sent here; the limit is {limit}"
        raise Misuse(message)
    return length.to_bytes(HEADER, "big")


class FrameCutter:
    """Cut a stream of bytes into frames, however it is split on its way.

    What comes is kept as it came; only a frame that comes in several parts is copied.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._parts: deque[memoryview] = deque()
        self._kept = 0
        self._length: int | None = None
        """Of the body whose header is cut off already."""

    @property
    def waiting(self) -> int:
        """Bytes of an unfinished frame."""
        return self._kept if self._length is None else self._kept + HEADER

    def feed(self, received: bytes) -> None:
        """Take bytes as they came."""
        if received:
            self._parts.append(memoryview(received))
            self._kept += len(received)

    def line(self, limit: int) -> bytes | None:
        """Take a line off the front, its newline included, or None if it has not come whole."""
        kept = b"".join(self._parts)
        self._parts = deque([memoryview(kept)])
        end = kept.find(b"\n", 0, limit)
        if end >= 0:
            return bytes(self._cut(end + 1))
        if len(kept) >= limit:
            message = "the peer did not begin with the line that the protocol begins with"
            raise ProtocolBroken(message)
        return None

    def frames(self) -> Iterator[memoryview]:
        """Cut off every whole frame and give its body, which is good until more is fed.

        The limit is read anew for each, so a consumer may raise it between two frames.

        :raises ProtocolBroken: a frame is empty or longer than the limit.
        """
        while True:
            if self._length is None:
                if self._kept < HEADER:
                    return
                self._length = int.from_bytes(self._cut(HEADER), "big")
            if not 0 < self._length <= self.limit:
                message = f"the peer announced {self._length} bytes; {self.limit} may come"
                raise ProtocolBroken(message)
            if self._kept < self._length:
                return
            body = self._cut(self._length)
            self._length = None
            yield body

    def _cut(self, length: int) -> memoryview:
        """Cut *length* bytes off the front, which must be there."""
        self._kept -= length
        first = self._parts[0]
        if len(first) > length:
            self._parts[0] = first[length:]
            return first[:length]
        pieces: list[memoryview] = []
        while length:
            first = self._parts.popleft()
            if len(first) > length:
                self._parts.appendleft(first[length:])
                first = first[:length]
            pieces.append(first)
            length -= len(first)
        return pieces[0] if len(pieces) == 1 else memoryview(b"".join(pieces))

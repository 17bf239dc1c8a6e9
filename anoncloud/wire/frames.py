"""Bytes to length-limited frames and back (docs/protocol.rst section 2).

A frame is its body's length (4 bytes, big-endian) and its body. The limit is checked as soon as
the length is known, before a byte of the body is kept. Knows nothing of what is in a frame.
"""

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
    """Cut a stream of bytes into frames, however it is split on its way."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._buffer = bytearray()

    @property
    def waiting(self) -> int:
        """Bytes of an unfinished frame."""
        return len(self._buffer)

    def feed(self, received: bytes) -> None:
        """Take bytes as they came."""
        self._buffer += received

    def take(self, length: int) -> bytes:
        """Take *length* raw bytes off the front, or none if so many have not come."""
        if len(self._buffer) < length:
            return b""
        taken = bytes(self._buffer[:length])
        del self._buffer[:length]
        return taken

    def line(self, limit: int) -> bytes | None:
        """Take a line off the front, its newline included, or None if it has not come whole."""
        end = self._buffer.find(b"\n", 0, limit)
        if end >= 0:
            return self.take(end + 1)
        if len(self._buffer) >= limit:
            message = "the peer did not begin with the line that the protocol begins with"
            raise ProtocolBroken(message)
        return None

    def frames(self) -> Iterator[bytes]:
        """Cut off every whole frame and give its body.

        The limit is read anew for each, so a consumer may raise it between two frames.

        :raises ProtocolBroken: a frame is empty or longer than the limit.
        """
        start = 0
        try:
            while len(self._buffer) - start >= HEADER:
                length = int.from_bytes(self._buffer[start : start + HEADER], "big")
                if not 0 < length <= self.limit:
                    message = f"the peer announced a frame of {length} bytes; {self.limit} may come"
                    raise ProtocolBroken(message)
                end = start + HEADER + length
                if end > len(self._buffer):
                    return
                with memoryview(self._buffer) as view:
                    body = bytes(view[start + HEADER : end])
                start = end
                yield body
        finally:
            del self._buffer[:start]

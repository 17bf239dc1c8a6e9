"""How many bulk bytes may be under way in one transfer: counters, and nothing else.

The sender of a transfer may begin with INITIAL_CREDIT bytes and go on as the receiver grants more
(docs/protocol.rst section 5.3). So neither end holds more than a window of a transfer, however
large the file and however slow the disk.
"""

from anoncloud.errors import Misuse, ProtocolBroken
from anoncloud.limits import INITIAL_CREDIT, MAX_CREDIT


class Allowance:
    """The sender's side: what it may still send."""

    def __init__(self, initial: int = INITIAL_CREDIT) -> None:
        self.available = initial

    def spend(self, length: int) -> None:
        """Send *length* bytes."""
        if length > self.available:
            message = "a transfer may not send more than it has credit for"
            raise Misuse(message)
        self.available -= length

    def grant(self, length: int) -> None:
        """Take credit from the receiver.

        :raises ProtocolBroken: it grants nothing, or more than a transfer may ever have.
        """
        if length <= 0 or self.available + length > MAX_CREDIT:
            message = "the peer granted more credit than the protocol allows"
            raise ProtocolBroken(message)
        self.available += length


class Window:
    """The receiver's side: what it has allowed, and when to allow more."""

    def __init__(self, size: int = INITIAL_CREDIT) -> None:
        self._size = size
        self._allowed = size
        self._consumed = 0

    def receive(self, length: int) -> None:
        """Note *length* bytes that came.

        :raises ProtocolBroken: the sender had no credit for them.
        """
        if length > self._allowed:
            message = "the peer sent more of a transfer than it had credit for"
            raise ProtocolBroken(message)
        self._allowed -= length

    def consume(self, length: int) -> int:
        """Note that *length* bytes are dealt with; tell how much credit to grant now, often none.

        Credit goes out in halves of the window, so that it costs few messages.
        """
        self._consumed += length
        if self._consumed * 2 < self._size:
            return 0
        granted, self._consumed = self._consumed, 0
        self._allowed += granted
        return granted

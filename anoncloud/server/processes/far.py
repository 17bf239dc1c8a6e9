"""A worker's boards on their way over the channel: which board, and its words as bytes."""

from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

import attrs
import msgspec

from anoncloud.server.events import Board
from anoncloud.server.processes import channel
from anoncloud.wire import messages

Word = TypeVar("Word")
Tell = Callable[..., None]


@attrs.frozen
class FarBoard(Generic[Word]):
    """Fulfils :class:`~anoncloud.server.events.Far`: the board *number*, by ``tell(command)``."""

    number: int
    tell: Tell
    read: Callable[[bytes], Word]
    write: Callable[[Word], bytes]

    def attend(self, topic: bytes, *, begin: bool) -> None:
        self.tell(channel.Attend, board=self.number, topic=topic, begin=begin)

    def say(self, topic: bytes, word: Word) -> None:
        self.tell(channel.Say, board=self.number, topic=topic, word=self.write(word))


DRIVES: Final = 1
REVOKED: Final = 2
PAIRINGS: Final = 3
NOTHING: Final = b""


class FarBoards:
    """The boards of a worker's house, and what is heard for them."""

    def __init__(self, tell: Tell) -> None:
        encode, decode = (
            msgspec.msgpack.encode,
            msgspec.msgpack.Decoder(messages.JournalGrew),
        )
        drives = FarBoard(DRIVES, tell, decode.decode, encode)
        revoked: FarBoard[None] = FarBoard(REVOKED, tell, lambda _: None, lambda _: NOTHING)
        pairings = FarBoard(PAIRINGS, tell, lambda said: said, lambda said: said)
        self.drives = Board(drives)
        self.revoked = Board(revoked)
        self.pairings = Board(pairings)
        self._all: dict[int, tuple[FarBoard[Any], Board[Any]]] = {
            DRIVES: (drives, self.drives),
            REVOKED: (revoked, self.revoked),
            PAIRINGS: (pairings, self.pairings),
        }

    def hear(self, number: int, topic: bytes, word: bytes) -> None:
        """Tell those who listen on a board what another process said."""
        far, board = self._all[number]
        board.hear(topic, far.read(word))

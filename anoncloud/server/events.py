"""Who wants to hear of what: sessions of a drive, and of an account's devices."""

from collections import defaultdict
from collections.abc import Callable
from typing import Generic, TypeVar

Word = TypeVar("Word")


class Board(Generic[Word]):
    """Topics by name, and who listens to them; a topic without listeners costs nothing."""

    def __init__(self) -> None:
        self._listeners: defaultdict[bytes, set[Callable[[Word], None]]] = defaultdict(set)

    def listen(self, topic: bytes, listener: Callable[[Word], None]) -> Callable[[], None]:
        """Call *listener* with what is said of *topic*; gives the way to stop it."""
        self._listeners[topic].add(listener)

        def stop() -> None:
            self._listeners[topic].discard(listener)
            if not self._listeners[topic]:
                del self._listeners[topic]

        return stop

    def say(self, topic: bytes, word: Word, but: Callable[[Word], None] | None = None) -> None:
        """Tell every listener to *topic* but one."""
        for listener in tuple(self._listeners.get(topic, ())):
            if listener != but:
                listener(word)

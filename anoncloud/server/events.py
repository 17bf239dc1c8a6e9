"""Who wants to hear of what: sessions of a drive, of an account's devices, of a pairing.

What is said on a board is heard in this process and, where its server has several, in all of them.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

Word = TypeVar("Word")
Word_contra = TypeVar("Word_contra", contravariant=True)


class Far(Protocol[Word_contra]):
    """A board's way to the other processes of its server."""

    def attend(self, topic: bytes, *, begin: bool) -> None:
        """Let this process hear what others say of a topic, or not any more."""

    def say(self, topic: bytes, word: Word_contra) -> None:
        """Tell the other processes."""


class Board(Generic[Word]):
    """Topics by name, and who listens to them; a topic without listeners costs nothing."""

    def __init__(self, far: Far[Word] | None = None) -> None:
        self._far = far
        self._listeners: defaultdict[bytes, set[Callable[[Word], None]]] = defaultdict(set)

    def listen(self, topic: bytes, listener: Callable[[Word], None]) -> Callable[[], None]:
        """Call *listener* with what is said of *topic*; gives the way to stop it."""
        if topic not in self._listeners and self._far is not None:
            self._far.attend(topic, begin=True)
        self._listeners[topic].add(listener)

        def stop() -> None:
            if listener not in self._listeners.get(topic, ()):
                return
            self._listeners[topic].discard(listener)
            if not self._listeners[topic]:
                del self._listeners[topic]
                if self._far is not None:
                    self._far.attend(topic, begin=False)

        return stop

    def say(self, topic: bytes, word: Word, but: Callable[[Word], None] | None = None) -> None:
        """Tell every listener to *topic* but one, in all processes."""
        self.hear(topic, word, but)
        if self._far is not None:
            self._far.say(topic, word)

    def hear(self, topic: bytes, word: Word, but: Callable[[Word], None] | None = None) -> None:
        """Tell every listener to *topic* but one, in this process."""
        for listener in tuple(self._listeners.get(topic, ())):
            if listener != but:
                listener(word)

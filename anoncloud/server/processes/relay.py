"""Which worker hears what another one says: subscriptions by board and topic; knows no channel."""

from collections import Counter, defaultdict
from collections.abc import Iterable

Topic = tuple[int, bytes]


class Relay:
    """Who attends to what; workers by their numbers."""

    def __init__(self) -> None:
        self._attending: defaultdict[Topic, set[int]] = defaultdict(set)
        self._topics: defaultdict[int, set[Topic]] = defaultdict(set)
        self._boards: Counter[int] = Counter()
        """How many topics of each board somebody attends to."""

    def attend(self, worker: int, topic: Topic) -> None:
        """Let *worker* hear of *topic*; harmless if it does already."""
        self._boards[topic[0]] += topic not in self._attending
        self._attending[topic].add(worker)
        self._topics[worker].add(topic)

    def cease(self, worker: int, topic: Topic) -> None:
        """Let *worker* hear no more of *topic*; harmless if it does not."""
        if topic not in self._topics.get(worker, ()):
            return
        self._topics[worker].discard(topic)
        if not self._topics[worker]:
            del self._topics[worker]
        self._attending[topic].discard(worker)
        if not self._attending[topic]:
            del self._attending[topic]
            self._boards[topic[0]] -= 1

    def leave(self, worker: int) -> None:
        """Forget a worker that has ended."""
        for topic in tuple(self._topics.get(worker, ())):
            self.cease(worker, topic)

    def hearers(self, topic: Topic, but: int = 0) -> Iterable[int]:
        """Give the workers that attend to *topic*, without the one that said it."""
        return sorted(self._attending.get(topic, set()) - {but})

    def count(self, board: int) -> int:
        """Count the topics of a board that somebody attends to."""
        return self._boards[board]

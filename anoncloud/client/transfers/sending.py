"""How far an upload is: what was read of its files counts once it is sent, in the order of reading.

Blobs go several at once. So what was sent of any of them counts for what was read first, and a file
has passed once as much was sent as was read up to its end.
"""

from collections import deque
from collections.abc import Callable
from functools import partial

import attrs

from anoncloud.client.threads import Progress, Watcher, begin_file, expect, pass_files


@attrs.define(eq=False)
class Sending(Watcher):
    """Tells *progress* what it is told itself, when it is true of what was sent.

    All counts are of bytes of plaintext.
    """

    _progress: Progress
    _read: int = 0
    _sent: int = 0
    _told: int = 0
    _marks: deque[tuple[int, Callable[[], None]]] = attrs.field(init=False, factory=deque)

    def __call__(self, more: int) -> None:
        """Learn that *more* bytes were read of which nothing has to be sent."""
        self._read += more
        self.sent(more)

    def read(self, more: int) -> None:
        """Learn that *more* bytes were read, and wait to be sent."""
        self._read += more

    def sent(self, more: int) -> None:
        """Learn that *more* of what waited is on its way."""
        self._sent += more
        while self._marks and self._marks[0][0] <= self._sent:
            at, tell = self._marks.popleft()
            self._tell(at)
            tell()
        self._tell(self._sent)

    def expect(self, files: int, size: int | None) -> None:
        expect(self._progress, files, size)

    def file(self, shown: str, size: int | None) -> None:
        self._mark(partial(begin_file, self._progress, shown, size))

    def passed(self, files: int, skipped: int = 0) -> None:
        self._mark(partial(pass_files, self._progress, files, skipped))

    def finishing(self, *, begins: bool) -> None:
        if isinstance(self._progress, Watcher):
            self._progress.finishing(begins=begins)

    def _mark(self, tell: Callable[[], None]) -> None:
        """Let *tell* wait for what was read up to now."""
        self._marks.append((self._read, tell))
        self.sent(0)

    def _tell(self, until: int) -> None:
        if until > self._told:
            self._progress(until - self._told)
            self._told = until

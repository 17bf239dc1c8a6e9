"""What long work borrows from its program: a thread to run in, somebody to tell how far it is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from twisted.internet.defer import Deferred

InThread = Callable[..., "Deferred[Any]"]
"""Run a blocking function with its arguments in a thread; ``deferToThreadPool`` at heart."""
Progress = Callable[[int], None]
"""Learn that so many more bytes of plaintext are read or written."""


class Watcher:
    """A :data:`Progress` that wants to know more than bytes; as it stands, it heeds nothing.

    Work calls the functions below, so that it need not know which kind it was given.
    """

    def __call__(self, more: int) -> None:
        """Learn that *more* bytes are done."""

    def expect(self, files: int, size: int | None) -> None:
        """Learn that so many more files, of *size* bytes together, are to come.

        None stands for a size that nobody knows beforehand.
        """

    def file(self, shown: str, size: int | None) -> None:
        """Learn that from now on the bytes are those of one long file, *shown* to its owner so."""

    def passed(self, files: int, skipped: int = 0) -> None:
        """Learn that so many files are dealt with, and so many bytes of them need no doing."""

    def finishing(self, *, begins: bool) -> None:
        """Learn that what was done is made to count, which is no good time to stop; or was made."""


def expect(progress: Progress, files: int, size: int | None) -> None:
    """Tell *progress* that more files are to come, if it wants to know."""
    if isinstance(progress, Watcher):
        progress.expect(files, size)


def begin_file(progress: Progress, shown: str, size: int | None) -> None:
    """Tell *progress* which long file is under way, if it wants to know."""
    if isinstance(progress, Watcher):
        progress.file(shown, size)


def pass_files(progress: Progress, files: int = 1, skipped: int = 0) -> None:
    """Tell *progress* that files are dealt with, if it wants to know."""
    if isinstance(progress, Watcher):
        progress.passed(files, skipped)


@contextmanager
def finishing(progress: Progress) -> Iterator[None]:
    """Tell *progress* while what was done is made to count, if it wants to know."""
    watcher = progress if isinstance(progress, Watcher) else Watcher()
    watcher.finishing(begins=True)
    try:
        yield
    finally:
        watcher.finishing(begins=False)

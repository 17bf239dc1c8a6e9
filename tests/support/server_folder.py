"""Blobs in a folder of the test's own, threads that run at once or on demand, and faults."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.python.monkey import MonkeyPatcher

from anoncloud.server.stores.folder import FolderBlobs
from tests.support.server import ServerTestCase


def at_once(function: Callable[..., Any], *arguments: Any) -> "Deferred[Any]":
    """Stand for a thread: run *function* now."""
    return maybeDeferred(function, *arguments)


class Threads:
    """Stands for a pool of threads: each job waits for :meth:`run`."""

    def __init__(self) -> None:
        self.jobs: list[tuple[Deferred[None], str]] = []

    def __call__(self, function: Callable[..., Any], *arguments: Any) -> "Deferred[Any]":
        begun: Deferred[None] = Deferred()
        self.jobs.append((begun, getattr(function, "__name__", "")))
        return begun.addCallback(lambda _: function(*arguments))

    @property
    def waiting(self) -> list[str]:
        """The names of the functions that wait."""
        return [name for _, name in self.jobs]

    def run(self, number: int = 0) -> None:
        """Run a job that waits."""
        self.jobs.pop(number)[0].callback(None)


class FolderCase(ServerTestCase):
    """A test with blobs in a folder."""

    def setUp(self) -> None:
        super().setUp()
        self.folder = Path(self.mktemp())
        self.blobs = FolderBlobs(self.folder, at_once)

    def files(self) -> list[str]:
        """List the files in the folder, below it."""
        found = (path for path in self.folder.rglob("*") if path.is_file())
        return sorted(str(path.relative_to(self.folder)) for path in found)

    def incoming(self, blob: Any, content: bytes = b"content") -> Any:
        """Begin a blob, and write *content*."""
        incoming = self.blobs.begin(blob)
        self.now(incoming.write([content]))
        return incoming

    def break_os(
        self, name: str, error: int, when: Callable[..., bool] = lambda *_: True
    ) -> MonkeyPatcher:
        """Let the function *name* of ``os`` fail at such arguments, until restored."""
        real = getattr(os, name)

        def function(*arguments: Any, **options: Any) -> Any:
            if when(*arguments):
                raise OSError(error, os.strerror(error))
            return real(*arguments, **options)

        return self.patch(os, name, function)

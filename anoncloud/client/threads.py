"""What long work borrows from its program: a thread to run in, somebody to tell how far it is."""

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred

InThread = Callable[..., "Deferred[Any]"]
"""Run a blocking function with its arguments in a thread; ``deferToThreadPool`` at heart."""
Progress = Callable[[int], None]
"""Learn that so many more bytes of plaintext are read or written."""

"""What a server gets from the process that it runs in, besides its settings."""

import os
from collections.abc import Callable
from typing import Any

import attrs

from anoncloud.server.logs import Log
from anoncloud.server.settings import Settings
from anoncloud.server.supervisor import Supervisor


@attrs.frozen
class Surroundings:
    """By default nothing: nobody is told, no signal is heard, and the log is somebody else's.

    :ivar read_again: gives newer settings on SIGHUP; None to hear no signal.
    """

    supervisor: Supervisor
    read_again: Callable[[], Settings] | None = None
    log: Log | None = None


def alone(reactor: Any) -> Surroundings:
    """Give what a server has that nobody looks after."""
    return Surroundings(Supervisor(reactor, {}, os.getpid()))

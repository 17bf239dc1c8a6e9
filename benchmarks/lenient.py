"""A server as it is but for its delays: ``python -m benchmarks.lenient STATE PORT MODE``.

With *evaluating* it looks at every guess, with *holding* at the first one of each name alone.
"""

import sys
from pathlib import Path
from typing import Final

from twisted.internet import reactor

from anoncloud.server.conditions import Registration
from anoncloud.server.delays import Bucket, Schedule, Schedules
from anoncloud.server.service import AnonymousCloud
from anoncloud.server.settings import Settings

_NEVER: Final = Schedule(10**9, 1)
_ROOM: Final = Bucket(10**9, 10**10)
MODES: Final = {
    "evaluating": Schedules(_NEVER, _NEVER, _ROOM),
    "holding": Schedules(Schedule(0, 600_000), _NEVER, _ROOM),
}


def main() -> None:
    """Run the server until it is ended."""
    state, port, mode = sys.argv[1:]
    settings = Settings(
        Path(state),
        (f"tcp:{port}:interface=127.0.0.1",),
        "127.0.0.1",
        Registration.OPEN,
        max_connections=0,
        max_connections_per_address=0,
    )
    server = AnonymousCloud(settings, reactor, schedules=MODES[mode])
    server.privilegedStartService()
    server.startService()
    reactor.addSystemEventTrigger("before", "shutdown", server.stopService)
    reactor.run()


if __name__ == "__main__":
    main()

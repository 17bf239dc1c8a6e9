"""Who serves connections: the process that listens, here; ``processes.service`` has workers do it.

Both are services, and have the same methods besides.
"""

from typing import Any, Final

from twisted.application.service import IService, MultiService
from twisted.application.strports import service as listening
from twisted.internet.defer import maybeDeferred
from twisted.internet.task import deferLater

from anoncloud.crypto.entropy import Entropy
from anoncloud.server.assembly import Parts
from anoncloud.server.checking import cannot_listen
from anoncloud.server.doors import ProxiedFactory, ServerFactory
from anoncloud.server.settings import Settings

LOOK: Final = 0.05
"""Seconds between two looks at whether all peers have gone."""
FAREWELL: Final = 0.5
"""Seconds that peers have to take in that their connection ends."""


class Here(MultiService):
    """Listens, and serves who comes, all in this process."""

    def __init__(self, parts: Parts, entropy: Entropy) -> None:
        """Make the doors, and what listens before them.

        :raises UsageError: an endpoint makes no sense.
        """
        super().__init__()
        self.factory = ServerFactory(parts.front(entropy))
        self._parts = parts
        self._reactor = parts.reactor
        self._stop_time = parts.settings.stop_time
        for endpoint in parts.settings.listen:
            _listening(endpoint, self.factory, parts.reactor).setServiceParent(self)

    def __len__(self) -> int:
        """Count the connections."""
        return len(self.factory)

    def online(self) -> int:
        """Count the accounts that are logged in."""
        return len(self._parts.house.online)

    def fault(self) -> str:
        """Say why nobody is served: whoever gets here is."""
        return ""

    def change(self, settings: Settings) -> None:
        """Let other settings hold; the house has most of them already."""
        self._stop_time = settings.stop_time

    async def go_down(self) -> None:
        """Listen no more, tell the peers, and let what is under way end in the time that is set."""
        for one in tuple(self):
            await maybeDeferred(one.disownServiceParent)
        self.factory.go_down()
        await self._gone(self._stop_time)
        self.factory.hang_up()
        await self._gone(FAREWELL)

    async def _gone(self, seconds: float) -> None:
        """Wait until nobody is connected, or so many seconds."""
        deadline = self._reactor.seconds() + seconds
        while len(self) and self._reactor.seconds() < deadline:
            await deferLater(self._reactor, LOOK)


def _listening(endpoint: str, factory: ServerFactory, reactor: Any) -> IService:
    """Make the service that listens at *endpoint*; starting it fails if it can't."""
    is_proxied = endpoint.startswith("haproxy:")
    try:
        return listening(endpoint, ProxiedFactory(factory) if is_proxied else factory, reactor)
    except (ValueError, TypeError, LookupError, OSError) as error:
        raise cannot_listen(endpoint, error) from error

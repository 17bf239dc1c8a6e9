"""The service at which the owner's tools read metrics and health."""

from collections.abc import Awaitable, Callable
from typing import Any

from twisted.application.service import IService
from twisted.application.strports import service as listening

from anoncloud.server.checking import cannot_listen
from anoncloud.server.metrics.figures import Figures
from anoncloud.server.metrics.pages import Pages
from anoncloud.server.metrics.tally import Tally


def publish(
    endpoint: str, tally: Tally, figures: Figures, fault: Callable[[], Awaitable[str]], reactor: Any
) -> IService:
    """Make the service; *fault* says why peers are not served, "" if they are.

    :raises UsageError: *endpoint* makes no sense.
    """

    async def metrics() -> bytes | None:
        try:
            from anoncloud.server.metrics.exposition import exposition  # noqa: PLC0415 - an extra
        except ImportError:
            return None
        return exposition(tally, await figures.read())

    try:
        return listening(endpoint, Pages(reactor, metrics, fault), reactor)
    except (ValueError, TypeError, LookupError, OSError) as error:
        raise cannot_listen(endpoint, error, "metrics_listen") from error

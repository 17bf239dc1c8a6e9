"""The pages for the owner's tools, over HTTP on loopback: ``/metrics``, ``/health``, ``/ready``.

``/health`` answers while the process does. ``/ready`` answers 200 while peers are served, and 503
with the reason while it is not so. Nothing here tells a name or an address, and nothing is logged
of who asks.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import attrs
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.http import Request
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Site

from anoncloud.errors import Refused

OK: Final = 200
NOT_THERE: Final = 501
UNAVAILABLE: Final = 503
TEXT: Final = b"text/plain; version=0.0.4; charset=utf-8"
TIMEOUT: Final = 30
"""Seconds that a tool's connection may be silent."""


@attrs.frozen
class Answer:
    """What a page shows."""

    code: int
    content: bytes


class _Page(Resource):
    """One page, made by *make*."""

    _log = Logger()

    def __init__(self, make: Callable[[], Awaitable[Answer]]) -> None:
        super().__init__()
        self._make = make

    def render_GET(self, request: Request) -> int:  # noqa: N802 - twisted.web's
        gone: list[Any] = []
        _ = request.notifyFinish().addErrback(gone.append)
        showing = Deferred.fromCoroutine(self._show(request, gone))
        _ = showing.addErrback(lambda failure: self._log.failure("showing a page", failure))
        return NOT_DONE_YET

    async def _show(self, request: Request, gone: list[Any]) -> None:
        try:
            answer = await self._make()
        except Refused as refusal:
            answer = Answer(UNAVAILABLE, f"{refusal}\n".encode())
        except Exception:  # noqa: BLE001 - whoever asks is to be answered
            self._log.failure("making a page", Failure())
            answer = Answer(UNAVAILABLE, b"the server has a fault, which its log tells\n")
        if not gone:
            request.setResponseCode(answer.code)
            request.setHeader(b"content-type", TEXT)
            request.write(answer.content)
            request.finish()


class Pages(Site):
    """All pages; *metrics* writes what is counted, *fault* says why peers are not served, or ""."""

    noisy = False
    displayTracebacks = False  # noqa: N815 - twisted.web's

    def __init__(
        self,
        reactor: Any,
        metrics: Callable[[], Awaitable[bytes | None]],
        fault: Callable[[], Awaitable[str]],
    ) -> None:
        root = Resource()
        super().__init__(root, timeout=TIMEOUT, reactor=reactor)
        self._metrics = metrics
        self._fault = fault
        for path, make in (
            (b"metrics", self._show_metrics),
            (b"health", self._show_health),
            (b"ready", self._show_ready),
        ):
            root.putChild(path, _Page(make))

    def log(self, request: Request) -> None:
        """Log nothing of who asks."""

    async def _show_metrics(self) -> Answer:
        content = await self._metrics()
        if content is None:
            hint = b"install the package prometheus-client: pip install anonymouscloud[metrics]\n"
            return Answer(NOT_THERE, hint)
        return Answer(OK, content)

    async def _show_health(self) -> Answer:
        return Answer(OK, b"alive\n")

    async def _show_ready(self) -> Answer:
        fault = await self._fault()
        return Answer(UNAVAILABLE, f"{fault}\n".encode()) if fault else Answer(OK, b"ready\n")

"""What the owner's command asks of a running server, which looks for it in the database.

So a lock ends sessions at once, and the one process that knows what is coming in collects garbage.
"""

import json
from collections.abc import Callable
from typing import Any, Final

from twisted.application.internet import TimerService
from twisted.logger import Logger
from twisted.python.failure import Failure

from anoncloud.server.collector import Collector
from anoncloud.server.events import Board
from anoncloud.server.upkeep_contract import ErrandKind, UpkeepStore

EVERY: Final = 1.0
"""Seconds between two looks."""


class Errands:
    """Runs the owner's errands, and ends the sessions of locked and deleted accounts.

    :ivar connections: tells how many there are now, in all processes.
    """

    _log = Logger()

    def __init__(
        self,
        upkeep: UpkeepStore,
        revoked: Board[None],
        collector: Collector,
        connections: Callable[[], int],
    ) -> None:
        self._upkeep = upkeep
        self._revoked = revoked
        self._collector = collector
        self._connections = connections

    async def look(self) -> None:
        """Do what is to be done, one after the other, and answer; what fails is logged."""
        due = await self._upkeep.due()
        for drive in due.ended:
            self._revoked.say(drive, None)
        for errand in due.errands:
            try:
                answer = json.dumps(await self._do(errand.kind))
            except Exception:  # noqa: BLE001 - the next one is not to wait for it
                self._log.failure("doing the errand {kind}", Failure(), kind=errand.kind.value)
            else:
                await self._upkeep.answer(errand.number, answer)

    async def _do(self, kind: ErrandKind) -> dict[str, int]:
        if kind is ErrandKind.COLLECT:
            return {"removed": await self._collector.collect()}
        return {"connections": self._connections()}


class ErrandService(TimerService):
    """Looks every second; a look that fails is logged, and the next one comes."""

    _log = Logger()

    def __init__(self, errands: Errands, reactor: Any) -> None:
        super().__init__(EVERY, self._look)
        self.clock = reactor
        self._errands = errands

    async def _look(self) -> None:
        try:
            await self._errands.look()
        except Exception:  # noqa: BLE001 - the timer must go on
            self._log.failure("looking for what the owner asks", Failure())

"""A desk for the explorer's work: it remembers what it is told, and knows no terminal."""

from pathlib import Path
from typing import Any

from twisted.internet.task import Clock

from anoncloud.client.accounts import Surroundings
from anoncloud.client.profile import Profile
from anoncloud.ui.doing.desk import Desk
from anoncloud.ui.doing.transfers import Queue
from anoncloud.ui.model import Explorer
from tests.support.client import Ticking, in_thread
from tests.support.entropy import counting


class RememberingDesk(Desk):
    """See the module; *state_now* is what the screen shows."""

    def __init__(self, folder: Path) -> None:
        self.told: list[Any] = []
        self.state_now = Explorer()
        self.lent: list[list[str]] = []
        self.clock = Clock()
        here = Surroundings(self.clock, counting(b"desk"), Ticking(), in_thread, Profile(folder))
        super().__init__(here, self.told.append, lambda: self.state_now, self._lend)
        self.queue = Queue(self)

    async def _lend(self, words: list[str]) -> None:
        self.lent.append(words)

    def heard(self, kind: type[Any]) -> list[Any]:
        """Give what was told of one kind."""
        return [event for event in self.told if isinstance(event, kind)]

"""An account that is shown before the server has answered, and that hears what others change.

The drive is there as this device last knew it, at once and without a connection; then the server is
asked, as at any login; and from then on every record of another device is read as soon as the
server tells of it. After a cut it connects again by itself.
"""

import enum
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater
from twisted.python.failure import Failure

from anoncloud.client import server_change
from anoncloud.client.accounts import HeadWatch, OpenAccount, Surroundings
from anoncloud.client.drive import Drive
from anoncloud.client.journal import Journal
from anoncloud.client.link import claimed_head
from anoncloud.client.profile import StayingLoggedIn
from anoncloud.client.protocol import ClientProtocol
from anoncloud.client.staying import device_link
from anoncloud.client.tree.affairs import Acceptance, Note
from anoncloud.errors import (
    AnonymousCloudError,
    ConnectionCut,
    HandshakeFailed,
    Unreachable,
)
from anoncloud.wire import messages

RETRY = 5.0
"""Seconds after which a server that could not be reached is tried again."""


class Stage(enum.Enum):
    """How far the account is."""

    CACHED = "as this device last knew it"
    CURRENT = "as the server has confirmed it"
    CUT = "as the server had confirmed it before the connection was cut"


class Following:
    """The account that stays logged in, as *known* says, and its drive.

    :ivar stage: how far it is.
    :ivar account: what is open, once the server has answered.
    """

    def __init__(
        self,
        here: Surroundings,
        known: StayingLoggedIn,
        changed: Callable[[], None],
        tell: Callable[[AnonymousCloudError], None],
    ) -> None:
        self.known = known
        self.stage = Stage.CACHED
        self.account: OpenAccount | None = None
        self._here = here
        self._changed = changed
        self._tell = tell
        self._watch = HeadWatch()
        self.link = device_link(here, known, self._watch, self._hear, self._logged_in)
        self._number = 0
        self._reading = self._again = False

    @classmethod
    async def begin(
        cls,
        here: Surroundings,
        changed: Callable[[], None],
        tell: Callable[[AnonymousCloudError], None],
    ) -> "Following":
        """Open what this device remembers.

        *changed* is called whenever stage or drive has; *tell* hears what goes wrong while nobody
        waits for it: why the server can't be reached, and alarms.

        :raises NotLoggedIn: nobody is logged in here.
        """
        made = cls(here, await here.in_thread(here.profile.load), changed, tell)
        await here.in_thread(made._load)
        made._number = made.drive.journal.head.number
        return made

    def _load(self) -> None:
        keyring = self.known.keyring
        journal = Journal(keyring, self._here.profile.cache(keyring.drive), self._here.entropy)
        self._watch.journal = journal
        self.drive = Drive(journal, self.link, self._here.entropy, self._here.clock)

    async def connect(self) -> None:
        """Ask the server what is new; again and again, if it can't be reached.

        :raises AnonymousCloudError: no other try would mend it: an alarm, a refused login.
        """
        self.link.start()
        while True:
            try:
                await self.link.connected()
                break
            except (Unreachable, ConnectionCut, HandshakeFailed) as error:
                self._tell(error)
            await deferLater(self._here.reactor, RETRY)
        answer = self._watch.answer
        here, known, journal = self._here, self.known, self.drive.journal
        noted, is_new = journal.tree.affairs.told, journal.remembered.number == 0
        await self.drive.catch_up(claimed_head(answer))
        await server_change.note(self.drive, self.link.server)
        address = here.profile.follow(known.address, self.link.server.key)
        epoch = known.keyring.epoch
        self.account = OpenAccount(
            address, known.account, self.link, self.drive, here.profile, here.entropy, epoch
        )
        if not is_new:
            self._tell_notes(noted)
        self._set(Stage.CURRENT)

    async def catch_up(self) -> None:
        """Read what is new, and go on until nothing is."""
        if self._reading:
            self._again = True
            return
        self._reading = True
        noted = self.drive.tree.affairs.told
        try:
            self._again = True
            while self._again:
                self._again = False
                await self.drive.catch_up()
        finally:
            self._reading = False
            self._tell_notes(noted)
            self.look()

    def _tell_notes(self, known: Collection[Note | Acceptance]) -> None:
        """Tell what has been noted beside what is known."""
        for note in self.drive.tree.affairs.told:
            if note not in known:
                self._here.told(note)

    def look(self) -> None:
        """See whether the drive has changed since the last look."""
        number = self.drive.journal.head.number
        if number != self._number:
            self._number = number
            self._changed()

    async def close(self) -> None:
        """Keep what is worth keeping, and end the connection properly."""
        if self.account is not None:
            await self.account.close()
        else:
            await self.link.stop()

    def _set(self, stage: Stage) -> None:
        self._number = self.drive.journal.head.number
        if stage is not self.stage:
            self.stage = stage
            self._changed()

    def _hear(self, event: messages.Answers) -> None:
        if isinstance(event, messages.JournalGrew) and event.drive == self.drive.id:
            self._read_on(event.head)

    def _logged_in(self, connection: ClientProtocol) -> None:
        _ = connection.over.addCallback(self._cut)
        if self.account is not None:
            self._set(Stage.CURRENT)
            # Whatever was said while there was no connection.
            self._here.reactor.callLater(0, self._read_on, self.drive.journal.head.number + 1)

    def _cut(self, reason: Any) -> Any:
        if self.account is not None:
            self._set(Stage.CUT)
            _ = Deferred.fromCoroutine(self._come_back()).addErrback(self._not_read)
        return reason

    async def _come_back(self) -> None:
        """Wait for the next connection; that there is none is shown, and why it can't be is told.

        :raises AnonymousCloudError: no other try would mend it.
        """
        with suppress(Unreachable):
            await self.link.connected()

    def _read_on(self, head: int) -> None:
        if self.account is not None and head > self.drive.journal.head.number:
            _ = Deferred.fromCoroutine(self.catch_up()).addErrback(self._not_read)

    def _not_read(self, failure: Failure) -> None:
        if isinstance(failure.value, AnonymousCloudError):
            self._tell(failure.value)
        else:
            failure.trap(CancelledError)

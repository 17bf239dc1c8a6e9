"""What all work of the explorer shares: its surroundings, the account, and somebody to tell."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, Final

import attrs
from twisted.internet.defer import CancelledError, Deferred, DeferredLock
from twisted.logger import Logger
from twisted.python.failure import Failure

from anoncloud.client.accounts import Surroundings
from anoncloud.client.drive import Drive
from anoncloud.client.following import Following, Stage
from anoncloud.client.tree.nodes import Folder, look_up
from anoncloud.client.tree.tree import Tree
from anoncloud.errors import AnonymousCloudError, NotLoggedIn
from anoncloud.ui.dialogs.alarm import ALARMS, Alarm
from anoncloud.ui.doing.looks import Looks
from anoncloud.ui.events import DriveChanged, Event, Severity, Shown, Told
from anoncloud.ui.places import Place, Remote

PAUSE: Final = 0.5
"""Seconds from one telling of a change to the next; what is shown is listed anew each time."""

if TYPE_CHECKING:
    from anoncloud.ui.doing.transfers import Queue
    from anoncloud.ui.model import Explorer


@attrs.define
class Desk:
    """Where effects are carried out.

    :ivar tell: hears of all that happens.
    :ivar state: gives what the screen shows now.
    :ivar lend: gives the terminal to another program until that ends.
    :ivar queue: uploads and downloads.
    :ivar following: the account, if one is logged in on this machine.
    :ivar pasts: drives as they were, by the moment.
    :ivar listing: held while a folder of the drive is listed.
    :ivar looks: what layers look at.
    :ivar read_only: whether the drive is only looked at, since an alarm.
    :ivar shut_out: whether this device's key opens nothing any more, so that it may log in anew.
    """

    here: Surroundings
    tell: Callable[[Event], None]
    state: Callable[[], "Explorer"]
    lend: Callable[[list[str]], Awaitable[None]]
    following: Following | None = None
    pasts: dict[int, Tree] = attrs.Factory(dict)
    listing: DeferredLock = attrs.Factory(DeferredLock)
    looks: Looks = attrs.Factory(Looks)
    queue: "Queue" = attrs.field(init=False)
    read_only: bool = False
    shut_out: bool = False
    _opened: Deferred[None] = attrs.Factory(Deferred)
    _will_tell: bool = False
    _last_told: float = -PAUSE
    _under_way: set[Deferred[Any]] = attrs.Factory(set)
    _log = Logger()

    @property
    def drive(self) -> Drive:
        """The drive.

        :raises NotLoggedIn: there is none.
        """
        if self.following is None:
            message = "nobody is logged in on this machine"
            raise NotLoggedIn(
                message, "run 'anoncloud login' with your kit, or 'anoncloud register'"
            )
        return self.following.drive

    @property
    def is_cached(self) -> bool:
        """Whether what the drive shows was not confirmed by the server yet."""
        return self.following is None or self.following.stage is Stage.CACHED

    def open(self, following: Following | None) -> None:
        """Learn which account there is; whoever waits for it goes on."""
        self.following = following
        if self._opened.called:
            self.changed()
        else:
            self._opened.callback(None)

    async def opened(self) -> None:
        """Wait until it is known whether there is an account, and what the cache has of it."""
        if not self._opened.called:
            waiting: Deferred[None] = Deferred()
            _ = self._opened.addCallback(lambda _: waiting.callback(None))
            await waiting

    def begin(self, work: Coroutine[Any, Any, None]) -> Deferred[None]:
        """Start *work*; what goes wrong with it is told."""
        running: Deferred[None] = Deferred.fromCoroutine(work)
        self._under_way.add(running)
        _ = running.addErrback(self._failed)
        _ = running.addBoth(lambda _: self._under_way.discard(running))
        return running

    def cancel(self) -> None:
        """Give up all that is under way."""
        for running in list(self._under_way):
            running.cancel()

    def look(self) -> None:
        """Tell if the drive has changed."""
        if self.following is not None:
            self.following.look()

    def changed(self) -> None:
        """Tell that the drive has changed; of many changes at once, now and then."""
        reactor = self.here.reactor
        if self._will_tell:
            return
        wait = self._last_told + PAUSE - reactor.seconds()
        if wait <= 0:
            self._tell_changed()
        else:
            self._will_tell = True
            reactor.callLater(wait, self._tell_changed)

    def _tell_changed(self) -> None:
        self._will_tell, self._last_told = False, self.here.reactor.seconds()
        self.tell(DriveChanged(self._gone()))

    def _gone(self) -> frozenset[Place]:
        """Give the places visited lately that lie in the trash by now, or nowhere.

        None, as long as the server has not said how the drive is.
        """
        recent = () if self.is_cached else self.state().bookmarks.recent
        return frozenset(
            place
            for place in recent
            if isinstance(place, Remote)
            and not isinstance(look_up(self.drive.tree, place.path), Folder)
        )

    def good(self, text: str, hint: str = "") -> None:
        """Say that something went well."""
        self.tell(Told(text, hint, Severity.GOOD))

    def alarm(self, error: AnonymousCloudError, *, history: bool = False) -> None:
        """Fill the screen with an alarm, unless one does; of the drive's *history*, or a part."""
        if not any(isinstance(layer, Alarm) for layer in self.state().layers):
            self.tell(Shown(Alarm.of(error, history=history)))

    def complain(self, error: BaseException | None) -> None:
        """Say what went wrong, in its own words."""
        if isinstance(error, ALARMS):
            self.alarm(error)
            return
        if isinstance(error, AnonymousCloudError):
            self.tell(Told(error.message, error.hint, Severity.ERROR))
            return
        self._log.failure("a bug", Failure(error))
        said = f"this is a bug: {type(error).__name__}: {error}"
        self.tell(Told(said, "see explorer.log in the state folder, and report it", Severity.ERROR))

    def _failed(self, failure: Failure) -> None:
        if not failure.check(CancelledError):
            self.complain(failure.value)

"""The explorer's shell: keys and events in, pictures out, effects carried out.

The only one who holds the explorer's state. Everything runs on the reactor, one thing after the
other; a picture is painted once all that has come is dealt with, and not before the terminal has
taken the one before it.
"""

from collections.abc import Callable
from typing import Final

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.protocol import ProcessProtocol
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from twisted.python.failure import Failure

from anoncloud.client.accounts import Surroundings
from anoncloud.errors import AnonymousCloudError
from anoncloud.ui import effects, explorer
from anoncloud.ui.decoding import REPLY
from anoncloud.ui.doing import carrying
from anoncloud.ui.doing.account import Account
from anoncloud.ui.doing.alarms import changes_drive, refuse
from anoncloud.ui.doing.desk import Desk
from anoncloud.ui.doing.table import work_of
from anoncloud.ui.doing.transfers import EVERY, Queue
from anoncloud.ui.events import Event, Resized, Severity, Tick, Told
from anoncloud.ui.layout import areas, entries_height, first_entry
from anoncloud.ui.model import Explorer
from anoncloud.ui.painter import Painter
from anoncloud.ui.scrolling import Region, has_margins
from anoncloud.ui.terminal import Terminal
from anoncloud.ui.theme import light_in

SLOW_TICK: Final = 5.0
"""Seconds from one look at the clock to the next."""


class App:
    """One explorer on one terminal; *ended* is called when all is over."""

    _log = Logger()

    def __init__(
        self,
        here: Surroundings,
        state: Explorer,
        painter: Painter,
        ended: Callable[[], None],
        suspend: Callable[[], None],
    ) -> None:
        self.state = state
        self.desk = Desk(here, self.tell, lambda: self.state, self._lend)
        self.desk.queue = Queue(self.desk)
        self.crashed: BaseException | None = None
        self._here = here
        self._painter = painter
        self._terminal: Terminal
        self._ended = ended
        self._suspend = suspend
        self._will_paint = self._over = self._stopped = self._lent = False
        self._fast = self._looping(self.desk.queue.tell)
        self._slow = self._looping(self._tick)

    def start(self, terminal: Terminal) -> None:
        """Show the first picture, and open the account."""
        self._terminal = terminal
        self.enter()
        terminal.write(self._painter.questions)  # what it prints of them is painted over
        self._paint()
        for side, pane in zip(effects.Side, self.state.panes, strict=True):
            self._do(effects.ReadPlace(side, pane.place))
        _ = self._fast.start(EVERY, now=False)
        _ = self._slow.start(SLOW_TICK, now=True)
        _ = self.desk.begin(Account(self.desk).open())

    # What comes in.

    def hear(self, key: str) -> None:
        """Take a key."""
        if key.startswith(REPLY):
            self._learn(key)
            return
        try:
            self.state, wanted = explorer.press(self.state, key)
        except Exception as error:  # noqa: BLE001 - one bad key shall not end everything
            self.desk.complain(error)
            return
        self._go_on(wanted)

    def _learn(self, reply: str) -> None:
        """Take what the terminal says of itself."""
        if has_margins(reply):
            self._painter.margins = True
            self.state = attrs.evolve(self.state, scrolls=True)
        light = light_in(reply)
        if light is not None and light is not self._painter.light:
            self._painter.relight(light=light)
            self._paint_soon()

    def tell(self, event: Event) -> None:
        """Take an event."""
        if self._over:
            return
        try:
            self.state, wanted = explorer.learn(self.state, event)
        except Exception as error:  # noqa: BLE001 - nothing more can be told
            self.crash(error)
            return
        self._go_on(wanted)

    def resized(self) -> None:
        """Learn that the terminal has another size."""
        if self._terminal.held:
            rows, columns = self._terminal.size()
            self._painter.resize(rows, columns)
            self.tell(Resized(rows, columns))

    def _go_on(self, wanted: effects.Effects) -> None:
        self._paint_soon()
        for effect in wanted:
            self._do(effect)

    # What goes out.

    def _paint_soon(self) -> None:
        if not self._will_paint:
            self._will_paint = True
            self._here.reactor.callLater(0, self._paint)

    def _paint(self) -> None:
        self._will_paint = False
        if self._over or not self._terminal.held or self._terminal.busy:
            return  # drained, or taken again, the terminal asks for the picture
        try:
            picture = explorer.picture(self.state)
            self._terminal.write(self._painter.paint(picture, _lists(self.state)))
        except Exception as error:  # noqa: BLE001 - there is no other way left to tell it
            self.crash(error)

    def drained(self) -> None:
        """Paint what has changed while the terminal was busy."""
        self._paint_soon()

    # The terminal, taken and given back.

    def enter(self) -> None:
        """Take the terminal; all of it is painted anew."""
        self._stopped = False
        self._terminal.take(self._painter.enter())
        self._painter.redraw()
        self.resized()
        self._paint_soon()

    def leave(self) -> None:
        """Give the terminal back."""
        if self._terminal.held:
            self._terminal.give_back(self._painter.leave())

    def suspended(self) -> None:
        """Note that the process is stopped after this."""
        self.leave()
        self._stopped = True

    def continued(self) -> None:
        """Go on after having been stopped, by ourselves or by somebody else."""
        if self._over or self._lent:
            return
        if self._stopped:
            self.enter()
        elif self._terminal.held:
            self.leave()
            self.enter()

    def interrupted(self) -> None:
        """End, unless another program has the terminal, and is meant."""
        if not self._lent:
            self.quit()

    async def _lend(self, words: list[str]) -> None:
        """Give the terminal to another program until that ends."""
        self.leave()
        self._lent = True
        ended: Deferred[None] = Deferred()
        streams = {0: 0, 1: 1, 2: 1}
        self._here.reactor.spawnProcess(_Lent(ended), words[0], words, env=None, childFDs=streams)
        try:
            await ended
        finally:
            self._lent = False
            if not self._over:
                self.enter()

    def crash(self, error: BaseException) -> None:
        """End because of a bug that leaves nothing to show."""
        self._log.failure("a bug", Failure(error))
        self.crashed = error
        self.quit()

    def quit(self, *, carry_on: bool = True) -> None:
        """End: the terminal is given back at once, the rest as soon as it can be.

        With *carry_on* the next start goes on with transfers that are under way.
        """
        if self._over:
            return
        self._over = True
        self.leave()
        if carry_on:
            self._keep_transfers()
        for looping in (self._fast, self._slow):
            if looping.running:
                looping.stop()
        self.desk.queue.stop()
        self.desk.cancel()
        following = self.desk.following
        closing = self.desk.begin(following.close() if following else _nothing())
        _ = closing.addBoth(lambda _: self._ended())

    def _keep_transfers(self) -> None:
        try:
            carrying.keep(self.desk)
        except AnonymousCloudError as error:
            self._log.warn("transfers are not carried on: {error}", error=error)

    # What is to be done.

    def _do(self, effect: effects.Effect) -> None:
        work = work_of(effect)
        if self.desk.read_only and changes_drive(effect):
            refuse(self.desk)
        elif work is not None:
            done = self.desk.begin(work(self.desk, effect))
            _ = done.addCallback(lambda _: self.desk.look())
        elif isinstance(effect, effects.Quit):
            self.quit(carry_on=effect.carry_on)
        elif isinstance(effect, effects.Suspend):
            self._suspend()
        elif isinstance(effect, effects.Repaint):
            self._painter.redraw()
            self._paint_soon()
        else:
            self.tell(Told(f"{type(effect).__name__} is not there yet", "", Severity.WARNING))

    def _tick(self) -> None:
        self.tell(Tick(int(self._here.clock() // 1_000_000)))
        self.desk.look()

    def _looping(self, function: Callable[[], None]) -> LoopingCall:
        looping = LoopingCall(function)
        looping.clock = self._here.reactor
        return looping


def _lists(state: Explorer) -> list[Region]:
    """Tell where the panes' entries are; nowhere while something lies over them."""
    if state.layers or state.is_too_small:
        return []
    return [
        Region(first_entry(area), area.column, entries_height(area), area.width)
        for area in areas(state).values()
    ]


class _Lent(ProcessProtocol):
    """Tells when a program has ended."""

    def __init__(self, ended: "Deferred[None]") -> None:
        self._ended = ended

    def processEnded(self, reason: object) -> None:  # noqa: N802 - Twisted calls it
        """Hear of it."""
        del reason
        self._ended.callback(None)


async def _nothing() -> None:
    """Do nothing."""

"""The account behind the drive: opened at the start, and what the status line tells of it."""

import gc
import socket
from typing import Final

import attrs

from anoncloud.client.following import Following, Stage
from anoncloud.client.told import happened
from anoncloud.client.tree.affairs import Acceptance, Note
from anoncloud.errors import (
    AnonymousCloudError,
    Code,
    HandshakeFailed,
    NotLoggedIn,
    Refused,
    Unreachable,
)
from anoncloud.ui import amounts, shown
from anoncloud.ui.dialogs.alarm import ALARMS
from anoncloud.ui.doing.carrying import carry_on
from anoncloud.ui.doing.desk import Desk
from anoncloud.ui.events import Link, Severity, Shown, Status, StatusChanged, Told

_LINKS: Final = {Stage.CACHED: Link.CONNECTING, Stage.CURRENT: Link.ONLINE, Stage.CUT: Link.LOST}

_NOBODY: Final = "Nobody is logged in on this machine"
_SHUT_OUT: Final = "This device was revoked: it is not let in any more"


def is_shut_out(error: AnonymousCloudError) -> bool:
    """Tell whether *error* says that this device's key opens nothing any more."""
    if isinstance(error, Refused):
        return error.code is Code.LOGIN
    return isinstance(error, NotLoggedIn)


def show_door(desk: Desk) -> None:
    """Show the ways into an account; why they are shown stands above them."""
    from anoncloud.ui.entering.door import Door  # noqa: PLC0415 - few starts need it

    why = _SHUT_OUT if desk.shut_out else _NOBODY
    desk.tell(Shown(Door.closed(socket.gethostname(), why)))


class Account:
    """Opens the account that stays logged in, and follows it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._offline = self._stranger = self._measuring = False
        self._used = (0, 0)

    async def open(self) -> None:
        """Open what the cache has, and then ask the server; without an account, say so."""
        desk = self._desk
        try:
            following = await Following.begin(
                attrs.evolve(desk.here, told=self._hear_note), self._changed, self._hear_trouble
            )
        except NotLoggedIn:
            desk.open(None)
            show_door(desk)
            return
        except BaseException:
            desk.open(None)
            raise
        gc.freeze()  # nothing of the tree is garbage, and to look through it takes long
        desk.open(following)
        self._show()
        try:
            await following.connect()
        except AnonymousCloudError as error:
            self._hear_trouble(error)
        await carry_on(desk)

    def _hear_note(self, note: Note | Acceptance) -> None:
        """Tell what another device has noted."""
        zone = self._desk.state().zone
        said, hint = happened(note, lambda time: amounts.time(time * 1000, zone))
        self._desk.tell(Told(shown.text(said), hint, Severity.WARNING))

    def _hear_trouble(self, error: AnonymousCloudError) -> None:
        if isinstance(error, HandshakeFailed):
            if not self._stranger:
                self._stranger = True
                self._offline = True
                self._show()
                self._desk.alarm(error)
        elif is_shut_out(error):
            if not self._desk.shut_out:
                self._desk.shut_out = True
                self._offline = True
                self._show()
                show_door(self._desk)
        elif isinstance(error, ALARMS):
            self._offline = True
            self._show()
            self._desk.alarm(error, history=True)
        elif not isinstance(error, Unreachable):
            self._desk.complain(error)
        elif not self._offline:
            self._offline = True
            self._show()
            self._desk.tell(Told(error.message, error.hint, Severity.WARNING))

    def _changed(self) -> None:
        following = self._desk.following
        if following is None:
            return
        if following.stage is Stage.CURRENT:
            self._offline = self._stranger = False
            if not self._measuring:
                self._measuring = True
                _ = self._desk.begin(self._measure(following))
        self._desk.changed()
        self._show()

    async def _measure(self, following: Following) -> None:
        """Ask how much the drive stores."""
        try:
            usage = await following.drive.usage()
        finally:
            self._measuring = False
        self._used = usage.stored, usage.quota
        self._show()

    def _show(self) -> None:
        desk = self._desk
        if desk.following is None:
            return
        known, used = desk.following.known, self._used
        newest = desk.following.drive.journal.newest // 1_000_000 or None
        link = Link.OFFLINE if self._offline else _LINKS[desk.following.stage]
        status = Status(
            known.account,
            known.address.host,
            link,
            used=used[0],
            quota=used[1],
            newest=newest,
            now=desk.here.clock() // 1_000_000,
        )
        desk.tell(StatusChanged(status))

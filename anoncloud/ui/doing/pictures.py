"""Makes pictures small in a process of their own, and shows them."""

import os
import sys
from typing import Final

from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessDone, ProcessExitedAlready
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure

from anoncloud.errors import AnonymousCloudError
from anoncloud.limits import KIB, MIB
from anoncloud.ui import amounts, hearing, shown
from anoncloud.ui.doing.desk import Desk
from anoncloud.ui.doing.looks import Source
from anoncloud.ui.events import Heard, Shown
from anoncloud.ui.looking_effects import Subject
from anoncloud.ui.viewing import picture
from anoncloud.ui.viewing.picture import NotShown, Picture, Small

PROGRAM: Final = "anoncloud.ui.viewing.thumbnail"
MOST: Final = 32 * MIB
"""Bytes of a picture that is shown; larger ones would have to come down whole."""
_MOST_MADE: Final = 8 * MIB
_MOST_SAID: Final = 4 * KIB


async def show(desk: Desk, subject: Subject, source: Source, title: str) -> None:
    """Show a picture; the layer is there at once."""
    number, _ = desk.looks.begin(source)
    desk.tell(Shown(Picture(number, title, subject)))
    desk.tell(Heard(number, await _made(desk, source)))


async def _made(desk: Desk, source: Source) -> Small | NotShown:
    if source.size > MOST:
        size = amounts.size(source.size)
        return NotShown(f"a picture of {size} is too large to be shown here; x shows its bytes")
    try:
        data = await source.read(0, source.size)
    except AnonymousCloudError as error:
        return NotShown(shown.text(str(error)))
    columns, rows = picture.pixels_of(hearing.room(desk.state()))
    painter = Painter(data)
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    words = [sys.executable, "-m", PROGRAM, str(columns), str(rows)]
    desk.here.reactor.spawnProcess(painter, words[0], words, env=environment, path="/")
    return await painter.over


class Painter(ProcessProtocol):
    """The process; *over* gives what it has made of the picture."""

    def __init__(self, data: bytes) -> None:
        self.over: Deferred[Small | NotShown] = Deferred(self._cancel)
        self._data = data
        self._made = bytearray()
        self._said = bytearray()

    def connectionMade(self) -> None:  # noqa: N802 - Twisted calls it
        """Give it the picture."""
        self.transport.write(self._data)  # type: ignore[union-attr]
        self.transport.closeStdin()  # type: ignore[union-attr]
        self._data = b""

    def outReceived(self, data: bytes) -> None:  # noqa: N802
        """Take what it has made; more than any screen holds is not wanted."""
        self._made += data
        if len(self._made) > _MOST_MADE:
            self._end()

    def errReceived(self, data: bytes) -> None:  # noqa: N802
        """Take what it says."""
        self._said += data[: max(0, _MOST_SAID - len(self._said))]

    def processEnded(self, reason: Failure) -> None:  # noqa: N802
        """Give the picture, or say why there is none."""
        if self.over.called:
            return
        small = picture.parse(bytes(self._made)) if reason.check(ProcessDone) else None
        if small is not None:
            self.over.callback(small)
            return
        lines = self._said.decode("utf-8", "replace").strip().splitlines()
        said = lines[-1] if lines else "making it small took too long or too much memory"
        self.over.callback(NotShown(shown.text(said) + "; x shows its bytes"))

    def _cancel(self, _: object) -> None:
        self._end()

    def _end(self) -> None:
        try:
            self.transport.signalProcess("KILL")  # type: ignore[union-attr]
        except ProcessExitedAlready:
            return

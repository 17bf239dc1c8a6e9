"""A desk with an open drive over a server in memory, and local files."""

from pathlib import Path
from typing import Any

import attrs
from twisted.internet.defer import Deferred

from anoncloud.client.drive import Drive
from anoncloud.client.following import Stage
from anoncloud.ui.doing import looking
from anoncloud.ui.doing.reading import drive_entry
from anoncloud.ui.entries import Entry, Kind
from anoncloud.ui.events import Heard, Shown
from anoncloud.ui.looking_effects import How, Look, Named
from anoncloud.ui.places import Local
from tests.support.client_files import FilesTestCase
from tests.support.desks import RememberingDesk
from tests.support.looking import text_of


@attrs.define
class OpenFollowing:
    """An account that is followed, as far as the explorer's work asks for it."""

    drive: Drive
    stage: Stage = Stage.CURRENT
    account: Any = None
    known: Any = None
    changes: int = 0

    def look(self) -> None:
        """Count the looks."""
        self.changes += 1


class OpenDeskTestCase(FilesTestCase):
    """A test with a desk whose drive is open; the layer that was shown last hears what is said."""

    def setUp(self) -> None:
        super().setUp()
        self.desk = RememberingDesk(Path(self.mktemp()))
        following: Any = OpenFollowing(self.drive)
        self.desk.open(following)
        self.here = Local(str(self.top.absolute()))

    def do(self, work: Any, effect: Any) -> None:
        """Carry *effect* out to its end."""
        running = Deferred.fromCoroutine(work(self.desk, effect))
        while not running.called:
            self.desk.clock.advance(0)
            if not self.desk.clock.getDelayedCalls():
                break
        self.successResultOf(running)

    def refused(self, kind: type[Exception], work: Any, effect: Any) -> Any:
        """Give the exception that *effect* ends with."""
        return self.fails(kind, work(self.desk, effect))

    @property
    def layer(self) -> Any:
        """Give the layer that was shown last, after all that was said to it."""
        (*_, last) = (at for at, event in enumerate(self.desk.told) if isinstance(event, Shown))
        layer: Any = self.desk.told[last].layer
        for event in self.desk.told[last:]:
            if isinstance(event, Heard):
                layer = layer.hear(event.number, event.said).layer
        return layer

    def said(self) -> list[Any]:
        """Give what was said to layers."""
        return [event.said for event in self.desk.heard(Heard)]

    def entry(self, name: str) -> Entry:
        """Give the entry of a file in the drive's root."""
        return drive_entry(self.file(name))


class LookingTestCase(OpenDeskTestCase):
    """A test that looks at files."""

    def look(self, place, entry, how=How.BEST):
        """Look at a file."""
        self.do(looking.look, Look(Named(place, entry), how))

    def local(self, name, content):
        """Write a local file; give its entry."""
        self.write(name, content)
        return Entry(name.encode(), Kind.FILE, len(content), 0)

    def body(self):
        """Give what shows below the bar."""
        return text_of(self.layer.view(80, 22))[1:]

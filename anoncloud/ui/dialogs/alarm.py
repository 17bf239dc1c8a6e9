"""An alarm: what has happened, what it means, and the ways out, over all of the screen."""

from collections.abc import Iterable
from typing import Final

import attrs

from anoncloud.errors import (
    AnonymousCloudError,
    Forked,
    HandshakeFailed,
    RolledBack,
    Tampered,
)
from anoncloud.ui import keys, shown
from anoncloud.ui.alarm_effects import (
    ALARM,
    AskFolder,
    AskWord,
    GoReadOnly,
    LookAtServer,
    Seen,
    Settled,
)
from anoncloud.ui.cells import Block, Row, Span, Style
from anoncloud.ui.dialogs.message import Message
from anoncloud.ui.effects import Quit
from anoncloud.ui.layers import Answer, Hints, Shape

ALARMS: Final = (RolledBack, Forked, Tampered, HandshakeFailed)
HISTORY: Final = (RolledBack, Forked)
"""Those that put the drive itself in doubt."""
_TITLES: Final = {
    RolledBack: "ALARM: the server shows an older drive",
    Forked: "ALARM: the server shows another history",
    Tampered: "ALARM: something is damaged",
    HandshakeFailed: "ALARM: this is not your server",
}
_MEANS: Final = {
    RolledBack: (
        (
            "The server has forgotten changes that this device has seen. Either its owner has put "
            "an old backup in its place, or somebody hides from you what was done. What this "
            "device remembers is right."
        ),
        "Ask the server's owner, on another way than through this server.",
    ),
    Forked: (
        (
            "The server shows this device other changes than it did before, or than it shows to "
            "others. No accident does that by itself: the server, or who has it, is not honest, or "
            "its data were mixed up."
        ),
        "Compare with your other devices, and ask the server's owner.",
    ),
    Tampered: (
        (
            "What came was not what one of your devices had sealed: it was changed, cut, or put in "
            "the place of something else. By a failing disk, or on purpose. Nothing of it was used."
        ),
        "Ask the server's owner to run a scrub; other files and earlier versions may be well.",
    ),
    HandshakeFailed: (
        (
            "Whoever answers at the server's address does not have the server's key. Somebody may "
            "be between this device and the server, or the server was set up anew, or the address "
            "leads elsewhere. Nothing of yours was sent. It is tried again every few seconds."
        ),
        "Check the network that you are in, and ask the server's owner on another way.",
    ),
}


@attrs.frozen
class Alarm:
    """See the module; *history*: the drive itself is in doubt, and not one thing in it.

    :ivar looked: whether the shell was asked what the server shows.
    """

    message: Message
    history: bool
    looked: bool = False

    @classmethod
    def of(cls, error: AnonymousCloudError, *, history: bool = False) -> "Alarm":
        """Make the alarm of an error that is one of ALARMS; some are always of the *history*."""
        kind = next(one for one in ALARMS if isinstance(error, one))
        means, advice = _MEANS[kind]
        history = history or kind in HISTORY
        happened = [error.message, *([error.hint] if error.hint else [])]
        rows: list[Row] = []
        for head, texts in (
            ("What has happened", happened),
            ("What it means", (means,)),
            ("What to do", (advice,)),
            ("Ways out", _ways(history=history)),
        ):
            rows += _part(head, texts)
        made = Message(_TITLES[kind], tuple(rows[:-1]), whole=True, style=Style.ALARM)
        return cls(made, history)

    group = keys.ALARM

    @property
    def shape(self) -> Shape:
        return Shape.WHOLE

    def hear(self, number: int, said: object) -> Answer:
        """Take what the shell says; the first time that it says anything, ask what is there."""
        if self.history and not self.looked:
            return Answer(attrs.evolve(self, looked=True), (LookAtServer(),))
        if number != ALARM:
            return Answer(self)
        if isinstance(said, Settled):
            return Answer(None)
        if not isinstance(said, Seen):
            return Answer(self)
        text = (*self.message.text, (), *_part("What the server shows", said.texts)[:-1])
        return Answer(attrs.evolve(self, message=attrs.evolve(self.message, text=text)))

    def press(self, key: str) -> Answer:
        if key == "q":
            return Answer(None, (Quit(carry_on=False),))
        if key == "r":
            return Answer(None, (GoReadOnly(),))
        if key == "x":
            return Answer(self, (AskFolder(),))
        if key == "a" and self.history:
            return Answer(self, (AskWord(),))
        answer = self.message.press(key)
        if isinstance(answer.layer, Message):
            return Answer(attrs.evolve(self, message=answer.layer))
        return Answer(self if self.history else None)

    def view(self, columns: int, rows: int) -> Block:
        return self.message.view(columns, rows)

    def cursor(self, columns: int, rows: int) -> tuple[int, int] | None:
        del columns, rows
        return None

    def hints(self) -> Hints:
        first = (("a", "Accept"),) if self.history else (("Enter", "Go on"),)
        return (("r", "Read-only"), ("x", "Export"), *first, ("q", "Quit"))


def _part(head: str, texts: Iterable[str]) -> list[Row]:
    return [(Span(head, Style.STRONG),), *((Span(shown.text(one)),) for one in texts), ()]


def _ways(*, history: bool) -> tuple[str, ...]:
    first = (
        "a  accept what the server shows, and give up what only this device has seen; it asks first"
        if history
        else "Enter  go on, with all that is well"
    )
    return (
        (
            "r  go on read-only, without this server, with what this device knows of the drive: "
            "its folders, names, sizes and times"
        ),
        "x  export: save all that can be read into a new local folder",
        first,
        "q  quit; nothing was changed, and the next start asks the server again",
    )

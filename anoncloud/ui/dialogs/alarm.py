"""An alarm: what has happened, what it means, and the ways out, over all of the screen."""

from typing import Final

import attrs

from anoncloud.errors import AnonymousCloudError, Forked, RolledBack, Tampered
from anoncloud.ui import shown
from anoncloud.ui.alarm_effects import GoReadOnly
from anoncloud.ui.cells import Block, Row, Span, Style
from anoncloud.ui.dialogs.message import Message
from anoncloud.ui.effects import Quit
from anoncloud.ui.layers import Answer, Hints, Shape

ALARMS: Final = (RolledBack, Forked, Tampered)
_TITLES: Final = {
    RolledBack: "ALARM: the server shows an older drive",
    Forked: "ALARM: the server shows another history",
    Tampered: "ALARM: something is damaged",
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
}


@attrs.frozen
class Alarm:
    """See the module; *history*: the drive itself is in doubt, and not one thing in it."""

    message: Message
    history: bool

    @classmethod
    def of(cls, error: AnonymousCloudError, *, history: bool) -> "Alarm":
        """Make the alarm of an error that is one of ALARMS."""
        kind = next(one for one in ALARMS if isinstance(error, one))
        means, advice = _MEANS[kind]
        happened = [error.message, *([error.hint] if error.hint else [])]
        rows: list[Row] = []
        for head, texts in (
            ("What has happened", happened),
            ("What it means", (means,)),
            ("What to do", (advice,)),
            ("Ways out", _ways(history=history)),
        ):
            rows += [(Span(head, Style.STRONG),), *((Span(shown.text(one)),) for one in texts), ()]
        made = Message(_TITLES[kind], tuple(rows[:-1]), whole=True, style=Style.ALARM)
        return cls(made, history)

    @property
    def shape(self) -> Shape:
        return Shape.WHOLE

    def press(self, key: str) -> Answer:
        if key == "q":
            return Answer(None, (Quit(carry_on=False),))
        if key == "r":
            return Answer(None, (GoReadOnly(),))
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
        more = () if self.history else (("Enter", "Go on"),)
        return (*more, ("r", "Read-only"), ("q", "Quit"))


def _ways(*, history: bool) -> tuple[str, ...]:
    ways = (
        (
            "r  go on read-only, without this server, with what this device knows of the drive: "
            "its folders, names, sizes and times"
        ),
        "q  quit; nothing was changed, and the next start asks the server again",
    )
    return ways if history else ("Enter  go on, without what is damaged", *ways)

"""The door: one layer that goes from step to step until this device is logged in."""

import attrs

from anoncloud.ui import layers, shown
from anoncloud.ui.cells import Block
from anoncloud.ui.dialogs.ask import Ask
from anoncloud.ui.dialogs.form import Form
from anoncloud.ui.dialogs.menu import Item, Menu
from anoncloud.ui.dialogs.message import Message, said
from anoncloud.ui.effects import Effects, Quit
from anoncloud.ui.entering import forms
from anoncloud.ui.entering.busy import Busy
from anoncloud.ui.entering.choosing import Choosing
from anoncloud.ui.entering_effects import DOOR, Inside, Judged, Next, Take, Way, Wrong
from anoncloud.ui.layers import Answer, Hints, Layer, Shape

_KEYS = {Way.REGISTER: "r", Way.KIT: "k", Way.CODE: "c"}


@attrs.frozen
class Door:
    """See the module.

    :ivar device: what this device is called unless its user says otherwise.
    :ivar why: why it is shown, safe text.
    """

    step: Layer
    device: str
    why: str

    @classmethod
    def closed(cls, device: str, why: str) -> "Door":
        """Begin with the ways in; *why* they are shown is safe text."""
        ways = tuple(Item(way.value, key, (Take(way),)) for way, key in _KEYS.items())
        items = (
            *ways,
            Item("look at what is here, without a server", "x", ()),
            Item("quit", "q", (Quit(carry_on=False),)),
        )
        return cls(Menu.of(why, items), device, why)

    @classmethod
    def to_recovery(cls) -> "Door":
        """Begin with what it takes to make a recovery key; it is left where it began."""
        return cls(forms.form(Way.RECOVERY, ""), "", "")

    @property
    def group(self) -> str:
        """Which keys it takes."""
        return layers.keys_of(self.step)

    @property
    def shape(self) -> Shape:
        return self.step.shape

    def press(self, key: str) -> Answer:
        answer = self.step.press(key)
        if answer.layer is not None:
            return Answer(attrs.evolve(self, step=answer.layer), answer.effects)
        effects = answer.effects
        if not effects:
            has_menu = self.why and not isinstance(self.step, Menu)
            back = Door.closed(self.device, self.why) if has_menu else None
            return Answer(back)
        (first, *_) = effects
        if isinstance(first, Take):
            return Answer(attrs.evolve(self, step=forms.form(first.way, self.device)))
        if isinstance(first, Quit):
            return Answer(None, effects)
        return Answer(attrs.evolve(self, step=Busy(self.step, forms.under_way(first))), effects)

    def hear(self, number: int, said: object) -> Answer:
        """Take what the shell says."""
        if number != DOOR:
            return Answer(self)
        if isinstance(said, Inside):
            return Answer(None)
        if isinstance(said, Next):
            return Answer(attrs.evolve(self, step=said.step))
        effects: Effects = ()
        step = self.step
        if isinstance(said, Wrong) and isinstance(step, Busy):
            step = _with_wrong(step.back, said.text)
        elif isinstance(said, Judged) and isinstance(step, Choosing):
            step, effects = step.judged(said)
        return Answer(attrs.evolve(self, step=step), effects)

    def view(self, columns: int, rows: int) -> Block:
        return self.step.view(columns, rows)

    def cursor(self, columns: int, rows: int) -> tuple[int, int] | None:
        return self.step.cursor(columns, rows)

    def hints(self) -> Hints:
        return self.step.hints()


def _with_wrong(step: Layer, text: str) -> Layer:
    """Show *step* again, with why it has failed."""
    if isinstance(step, Form | Ask):
        return attrs.evolve(step, wrong=text)
    if isinstance(step, Choosing):
        return attrs.evolve(step, form=attrs.evolve(step.form, wrong=text))
    made: Message = said("That did not go", shown.text(text))
    return made

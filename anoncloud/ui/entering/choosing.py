"""A new passphrase: typed twice, and judged while it is."""

import attrs

from anoncloud.client.strength import Rule
from anoncloud.errors import UsageError
from anoncloud.ui import keys
from anoncloud.ui.cells import Block
from anoncloud.ui.dialogs.form import Field, Form, Values
from anoncloud.ui.effects import Effects
from anoncloud.ui.entering_effects import Applying, DrawKit, Judge, Judged
from anoncloud.ui.layers import Answer, Hints, Shape


@attrs.frozen
class Choosing:
    """See the module.

    :ivar asked: what is being judged; one passphrase at a time.
    """

    form: Form
    rule: Rule
    asked: str | None = attrs.field(default=None, repr=False)

    @classmethod
    def of(cls, applying: Applying, rule: Rule) -> "Choosing":
        """Begin with nothing typed."""

        def then(values: Values) -> Effects:
            passphrase, again = values
            if passphrase != again:
                message = "the two are not the same"
                raise UsageError(message, "type the same passphrase twice")
            return (DrawKit(applying, rule, passphrase),)

        says = (
            (
                "With the kit, which you get next, this passphrase opens your drive. Nobody can "
                "replace it. Four or five words that nobody would expect together are good."
            ),
        )
        fields = (Field("Passphrase", secret=True), Field("Once more", secret=True))
        return cls(Form("Choose a passphrase", fields, then, says=says), rule)

    group = keys.TYPING

    @property
    def shape(self) -> Shape:
        return self.form.shape

    def press(self, key: str) -> Answer:
        answer = self.form.press(key)
        if not isinstance(answer.layer, Form):
            return answer
        made = attrs.evolve(self, form=answer.layer)
        if made.typed == self.typed or made.asked is not None:
            return Answer(made)
        return Answer(*_asking(made))

    @property
    def typed(self) -> str:
        """The passphrase as far as it is typed."""
        return self.form.values[0]

    def judged(self, said: Judged) -> tuple["Choosing", Effects]:
        """Show what a passphrase is worth; if another one is there by now, ask about that."""
        free = attrs.evolve(self, asked=None)
        if said.passphrase != self.typed:
            return _asking(free)
        return attrs.evolve(free, form=attrs.evolve(self.form, judge=lambda _: said.text)), ()

    def view(self, columns: int, rows: int) -> Block:
        return self.form.view(columns, rows)

    def cursor(self, columns: int, rows: int) -> tuple[int, int] | None:
        return self.form.cursor(columns, rows)

    def hints(self) -> Hints:
        return self.form.hints()


def _asking(free: Choosing) -> tuple[Choosing, Effects]:
    """Ask what the passphrase is worth that is typed by now, if one is."""
    if not free.typed:
        return attrs.evolve(free, form=attrs.evolve(free.form, judge=lambda _: "")), ()
    return attrs.evolve(free, asked=free.typed), (Judge(free.typed, free.rule),)

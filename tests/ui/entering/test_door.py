"""The door: its steps, what they ask for, and what is said when something fails."""

from typing import Any

import attrs
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.accounts import Registration
from anoncloud.client.address import Invitation
from anoncloud.client.keyring import new_keyring
from anoncloud.client.kit import parse_kit
from anoncloud.client.kit_files import read_kit
from anoncloud.client.pairing_code import PairingCode
from anoncloud.client.qr import QUIET, framed
from anoncloud.client.recovery import draw_recovery
from anoncloud.client.strength import Rule
from anoncloud.crypto.keys import PairingSecret
from anoncloud.ui.cells import Style
from anoncloud.ui.dialogs.menu import Menu
from anoncloud.ui.effects import Quit
from anoncloud.ui.entering.choosing import Choosing
from anoncloud.ui.entering.door import Door
from anoncloud.ui.entering.paper import ASKED, Paper
from anoncloud.ui.entering_effects import (
    DOOR,
    Applying,
    AskTerms,
    ComeIn,
    DrawKit,
    DrawRecovery,
    Inside,
    Judge,
    Judged,
    LogIn,
    MakeAccount,
    Next,
    TakeRecovery,
    Wrong,
)
from tests.support.entropy import counting
from tests.support.looking import text_of
from tests.support.vectors import load

LINE = load("kit")["kits"][0]["line"]
KIT = parse_kit(LINE)
INVITED = Invitation(KIT.address)
APPLYING = Applying(INVITED, "ada", b"desk")
RULE = Rule(3, ("ada",))


class DoorCase(SynchronousTestCase):
    """A door that keys are pressed at."""

    def setUp(self) -> None:
        self.door: Any = Door.closed("desk", "Nobody is logged in")

    def press(self, *keys: str) -> tuple[Any, ...]:
        """Press keys; give what they asked for."""
        asked: tuple[Any, ...] = ()
        for key in keys:
            answer = self.door.press(key)
            self.door, asked = answer.layer, asked + answer.effects
        return asked

    def hear(self, said: object) -> tuple[Any, ...]:
        """Let the shell say something."""
        answer = self.door.hear(DOOR, said)
        self.door = answer.layer
        return answer.effects

    def seen(self, columns: int = 90, rows: int = 26) -> str:
        """Give what shows."""
        return "\n".join(text_of(self.door.view(columns, rows)))


class WaysTests(DoorCase):
    """From the menu to what is asked of the shell."""

    def test_menu(self) -> None:
        """Every way is on the screen; the end is, and so is the local disk alone."""
        for way in ("make a new account", "kit and passphrase", "another device", "quit"):
            self.assertIn(way, self.seen())
        self.assertEqual(self.door.press("q").effects, (Quit(carry_on=False),))
        self.assertIsNone(self.door.press("x").layer)
        self.assertIsNone(self.door.press("esc").layer)

    def test_register(self) -> None:
        """Address and name are asked for; a name that can't be is refused on the spot."""
        asked = self.press("r", f"paste:{INVITED.address}", "enter", *"Ada", "enter", "enter")
        self.assertEqual(asked, ())
        self.assertIn("ada", self.seen())
        asked = self.press("up", "ctrl-u", *"ada", "enter", "enter")
        self.assertEqual(asked, (AskTerms(APPLYING),))
        self.assertIn("asking the server", self.seen())

    def test_kit(self) -> None:
        """Kit, passphrase and the device's name go to the shell."""
        asked = self.press("k", f"paste:{LINE}\n", "enter", *"pass", "enter", "ctrl-u", *"lap")
        self.assertEqual(asked + self.press("enter"), (LogIn(LINE, "pass", b"lap"),))
        self.assertNotIn("pass ", self.seen())

    def test_pasted_in_lines(self) -> None:
        """A kit that was copied with line breaks is that kit."""
        broken = "\r\n".join(LINE[at : at + 40] for at in range(0, len(LINE), 40))
        (asked,) = self.press("k", f"paste:{broken}\r\n", "enter", "a", "enter", "enter")
        self.assertEqual(read_kit(asked.kit), KIT)

    def test_nothing_typed(self) -> None:
        """What is missing is named."""
        self.assertEqual(self.press("k", "enter", "enter", "enter"), ())
        self.assertIn("there is no kit", self.seen())

    def test_code(self) -> None:
        """A code is read before anybody is asked."""
        keys = ("c", f"paste:{INVITED.address}", "enter", *"12", "enter", "enter")
        self.assertEqual(self.press(*keys), ())
        self.assertIn("a pairing code is a number and 4 words", self.seen())
        code = PairingCode(12, PairingSecret(bytes(4))).text()
        asked = self.press("up", "ctrl-u", f"paste:{code}", "enter", "enter")
        self.assertIsInstance(asked[0], ComeIn)
        self.assertEqual(asked[0].code.text(), code)

    def test_back(self) -> None:
        """Esc goes back to the ways in, and not out."""
        self.press("k", "esc")
        self.assertIsInstance(self.door.step, Menu)

    def test_wrong(self) -> None:
        """What failed is said where it was typed, and everything is still there."""
        self.press("k", f"paste:{LINE}", "enter", "p", "enter", "enter")
        self.assertEqual(self.press("esc", "enter"), ())
        self.hear(Wrong("no such account"))
        self.assertIn("no such account", self.seen())
        self.assertEqual(self.door.step.values, (LINE, "p", "desk"))

    def test_said_to_others(self) -> None:
        """Only what is said to the door is heard; once inside, it is gone."""
        before = self.door
        self.assertEqual(self.door.hear(7, Inside()).layer, before)
        self.hear(Inside())
        self.assertIsNone(self.door)

    def test_given_up(self) -> None:
        """While the shell is at work the program can be ended."""
        self.press("k", f"paste:{LINE}", "enter", "p", "enter", "enter")
        self.assertEqual(self.press("q"), (Quit(carry_on=False),))


class PassphraseTests(DoorCase):
    """A new passphrase."""

    def setUp(self) -> None:
        super().setUp()
        self.hear(Next(Choosing.of(APPLYING, RULE)))

    def test_judged_as_typed(self) -> None:
        """One judgement at a time is asked for; the next is about what is there by then."""
        self.assertEqual(self.press(*"abc"), (Judge("a", RULE),))
        self.assertEqual(self.hear(Judged("a", "weak")), (Judge("abc", RULE),))
        self.assertNotIn("weak", self.seen())
        self.assertEqual(self.hear(Judged("abc", "[###.] worth 3")), ())
        self.assertIn("[###.] worth 3", self.seen())
        self.press("backspace", "backspace", "backspace")
        self.hear(Judged("ab", "weak"))
        self.assertNotIn("worth", self.seen())

    def test_twice(self) -> None:
        """It must be the same twice; it is shown nowhere."""
        asked = self.press(*"abc", "enter", *"abd", "enter")
        self.assertEqual(asked, (Judge("a", RULE),))
        self.assertIn("not the same", self.seen())
        asked = self.press("backspace", "c", "enter")
        self.assertEqual(asked, (DrawKit(APPLYING, RULE, "abc"),))
        self.assertNotIn("abc", self.seen() + repr(asked) + repr(self.door.step.back.asked))

    def test_refused(self) -> None:
        """The shell's refusal shows where it was typed."""
        self.press("a", "enter", "a", "enter")
        self.hear(Wrong("it is worth 0 of 4"))
        self.assertIn("it is worth 0 of 4", self.seen())


class PaperTests(DoorCase):
    """The kit on the screen."""

    def setUp(self) -> None:
        super().setUp()
        keys: Any = None
        self.making = MakeAccount(
            Registration(INVITED, KIT, keys, new_keyring(counting(b"k"))), b"d"
        )
        self.hear(Next(Paper.of_kit(self.making, unicode=True)))

    def test_line(self) -> None:
        """The line can be copied whole, on any screen; a small one says how to get the code."""
        for columns, rows in ((80, 22), (40, 20), (200, 60)):
            seen = self.seen(columns, rows)
            self.assertIn(LINE[-20:], "".join(seen.split()))
        self.assertIn("larger window", self.seen(70, 24))

    def test_code(self) -> None:
        """Where there is room the code is drawn, black on white."""
        view = self.door.view(120, 40)
        self.assertEqual((view.width, view.height), (120, 40))
        drawn = [span for row in view.rows for span in row if span.style is Style.PAPER]
        self.assertGreater(len(drawn), 20)
        self.assertTrue(any("▀" in span.text for span in drawn))

    def test_code_in_ascii(self) -> None:
        """Where there are no letters for half a module, it takes two blanks on its ground."""
        paper = Paper.of_kit(self.making, unicode=False)
        self.hear(Next(paper))
        across = len(paper.matrix) + 2 * QUIET
        view = self.door.view(2 * across + 40, across)
        text = "".join(span.text for row in view.rows for span in row)
        self.assertTrue(text.isascii())
        inks = (Style.PAPER, Style.INK)
        for row, modules in zip(view.rows, framed(paper.matrix), strict=True):
            cells = [(span.text, span.style) for span in row if span.style in inks]
            self.assertEqual(cells, [("  ", inks[dark]) for dark in modules])
        self.assertIn("larger window", self.seen(2 * across, across))

    def test_saved(self) -> None:
        """It can be written into a file, and is shown again with where it is."""
        (asked,) = self.press("s", "ctrl-u", *"x.kit", "enter")
        self.assertEqual((asked.file, asked.paper.line), ("x.kit", LINE))
        self.hear(Wrong("something of that name exists"))
        self.assertIn("something of that name exists", self.seen())
        self.press("enter")
        self.hear(Next(attrs.evolve(asked.paper, saved="/home/ann/x.kit")))
        self.assertIn("/home/ann/x.kit", self.seen())
        asked = self.press("enter", f"paste:{LINE[-ASKED:]}", "enter")
        self.assertEqual(asked, (self.making,))

    def test_asked_back(self) -> None:
        """Only its end leads on; Esc shows the kit again."""
        self.assertEqual(self.press("enter", *"12345678", "enter"), ())
        self.assertIn("not how the kit ends", self.seen())
        self.press("esc")
        self.assertIn("This is the kit", self.seen())
        asked = self.press("enter", f"paste:{LINE[-ASKED:].upper()}", "enter")
        self.assertEqual(asked, (self.making,))

    def test_given_up(self) -> None:
        """Nothing is made by Esc."""
        self.assertEqual(self.press("esc"), ())
        self.assertIsInstance(self.door.step, Menu)


class RecoveryTests(DoorCase):
    """A recovery key, made by who is logged in."""

    def setUp(self) -> None:
        super().setUp()
        self.door = Door.to_recovery()

    def test_made(self) -> None:
        """Kit and passphrase, the key on paper, its end, and only then is it taken."""
        asked = self.press(*f"paste:{LINE}".split("\n"), "enter", "a", "enter")
        drawn = DrawRecovery(LINE, "a")
        self.assertEqual(asked, (drawn,))
        recovery = draw_recovery(KIT.address, "ada", counting(b"r"))
        taking = TakeRecovery(recovery, drawn)
        self.hear(Next(Paper.of_recovery(taking, unicode=True)))
        self.assertIn("This is a recovery key of ada", self.seen())
        self.assertEqual(self.press("enter", *"12345678", "enter"), ())
        self.assertIn("not how the recovery key ends", self.seen())
        asked = self.press("ctrl-u", f"paste:{recovery.line()[-ASKED:]}", "enter")
        self.assertEqual(asked, (taking,))

    def test_left(self) -> None:
        """Esc leads back to the panes, and to no door."""
        self.assertIsNone(self.door.press("esc").layer)

    def test_refused(self) -> None:
        """A wrong passphrase is told where it was typed."""
        self.press(f"paste:{LINE}", "enter", "a", "enter")
        self.hear(Wrong("the login was refused"))
        self.assertIn("the login was refused", self.seen())

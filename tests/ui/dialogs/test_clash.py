"""A file whose name is taken."""

from functools import partial

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui import amounts
from anoncloud.ui.cells import Style
from anoncloud.ui.dialogs.ask import Ask
from anoncloud.ui.dialogs.clash import Clash, is_about
from anoncloud.ui.events import Candidate, Conflict
from anoncloud.ui.layers import Answer
from anoncloud.ui.lineedit import Line
from anoncloud.ui.transfer_effects import AnswerConflict, Decision
from tests.support.screens_of_cells import NOW, SECOND, texts

OURS, THEIRS = Candidate(2048, NOW * SECOND), Candidate(100, (NOW - 86_400) * SECOND)
CONFLICT = Conflict(7, "/docs/a.txt", b"a.txt", OURS, THEIRS, into_drive=True)
CLASH = Clash(CONFLICT, partial(amounts.time, zone=amounts.utc))


def press(*keys: str) -> Answer:
    """Press keys; give the answer to the last."""
    answer = Answer(CLASH)
    for key in keys:
        assert answer.layer is not None
        answer = answer.layer.press(key)
    return answer


def decided(decision: Decision, *, for_all: bool = False, name: bytes | None = None) -> Answer:
    """Give the answer that closes it."""
    return Answer(None, (AnswerConflict(7, decision, for_all, name),))


class ClashTests(SynchronousTestCase):
    """The question."""

    def test_decisions(self) -> None:
        """A letter for each, or the arrows; Enter and Esc alone skip, which changes nothing."""
        for keys, decision in (
            (("o",), Decision.OVERWRITE),
            (("b",), Decision.BOTH),
            (("s",), Decision.SKIP),
            (("n",), Decision.NEWER),
            (("enter",), Decision.SKIP),
            (("esc",), Decision.SKIP),
            (("up", "k", "enter"), Decision.OVERWRITE),
            (("down", "enter"), Decision.NEWER),
            (("q",), Decision.GIVE_UP),
        ):
            self.assertEqual(press(*keys), decided(decision))

    def test_for_all(self) -> None:
        """The same can be had for all that follow."""
        self.assertEqual(press("a", "o"), decided(Decision.OVERWRITE, for_all=True))
        self.assertEqual(press("a", "space", "o"), decided(Decision.OVERWRITE))

    def test_rename(self) -> None:
        """Another name is asked for, and never holds for all; Esc comes back to the question."""
        answer = press("a", "r", "home", "x", "enter")
        self.assertEqual(answer, decided(Decision.RENAME, name=b"xa.txt"))
        self.assertEqual(press("r", "esc"), Answer(CLASH))
        for keys in (("r", "ctrl-u", "enter"), ("r", "enter")):
            refused = press(*keys)
            self.assertEqual(refused.effects, ())
            self.assertTrue(refused.layer.wrong, keys)

    def test_about(self) -> None:
        """The question is known by its number, and so is that for another name."""
        for layer in (CLASH, press("r").layer):
            self.assertEqual([is_about(layer, number) for number in (7, 8)], [True, False])
        self.assertFalse(is_about(Ask("Call it", Line.of(""), lambda _: ()), 7))

    def test_side_by_side(self) -> None:
        """Both files are seen, with size and time; the newer and the longer are set off."""
        drawn = CLASH.view(80, 24)
        for line in (
            "/docs/a.txt is there already",
            "new                               there now",
            "2.0 KiB (2,048 bytes)             100 B (100 bytes)",
            "2026-09-21 14:15                  2026-09-20 14:15",
            "[ ] the same for all that follow",
        ):
            self.assertIn(line, "\n".join(texts(drawn)))
        strong = ["".join(s.text for s in row if s.style is Style.STRONG) for row in drawn.rows]
        found = [text.strip() for text in strong if text.strip()]
        self.assertEqual(found, ["2.0 KiB (2,048 bytes)", "2026-09-21 14:15"])

    def test_on_the_smallest_screen(self) -> None:
        """All of it is still there, shorter."""
        self.assertEqual(
            texts(CLASH.view(40, 8)),
            [
                "┌─ /docs/a.txt is there already ───────┐",
                "│ new               there now          │",
                "│ 2,048 bytes       100 bytes          │",
                "│ 2026-09-21 14:15  2026-09-20 14:15   │",
                "│  o overwrite       b keep both       │",
                "│  s skip            n newer only      │",
                "│  r rename          a [ ] for all     │",
                "└──────────────────────────────────────┘",
            ],
        )

    def test_clicked(self) -> None:
        """Each choice is where it is seen, on a large screen and on a small one."""
        for columns, rows in ((80, 24), (40, 8)):
            lines = texts(CLASH.view(columns, rows))
            for word, answer in (
                ("overwrite", decided(Decision.OVERWRITE)),
                ("keep both", decided(Decision.BOTH)),
                ("skip", decided(Decision.SKIP)),
                ("newer only", decided(Decision.NEWER)),
            ):
                row, line = next((at, one) for at, one in enumerate(lines) if word in one)
                at = f"{row}:{line.index(word)}:{columns}:{rows}"
                self.assertEqual(press(f"mouse:click:{at}"), answer, word)
            row, line = next((at, one) for at, one in enumerate(lines) if "for all" in one)
            at = f"{row}:{line.index('for all')}:{columns}:{rows}"
            clicked = press(f"mouse:click:{at}", "o")
            self.assertEqual(clicked, decided(Decision.OVERWRITE, for_all=True))
            self.assertEqual(press(f"mouse:click:0:5:{columns}:{rows}"), Answer(CLASH))

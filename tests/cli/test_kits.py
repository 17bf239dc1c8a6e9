"""Kits and recovery keys on their way to their owners."""

import errno
import itertools
import json
import os
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

import attrs
import click

from anoncloud.cli.kits import TRIES, Paper, check_place, hand_over, of_kit, of_recovery, take_back
from anoncloud.cli.output import Output
from anoncloud.client.kit import parse_kit
from anoncloud.client.recovery import draw_recovery, parse_recovery
from anoncloud.errors import Exists, LocalFileError, UsageError
from tests.cli.test_output import Stream
from tests.cli.test_secrets import KIT, PromptTestCase
from tests.support.entropy import counting
from tests.support.qr import from_half_blocks, from_spaces, read, without_quiet_zone

END = KIT[-8:]
VALUE = {"account": "ada", "kit": "its line"}
QUIET = 4


class PaperTestCase(PromptTestCase):
    """Papers of an account, and an output that is a terminal, or none."""

    def setUp(self) -> None:
        super().setUp()
        kit = parse_kit(KIT)
        self.kit = of_kit(kit, None)
        self.recovery = of_recovery(draw_recovery(kit.address, kit.account, counting()), None)
        self.places = (Path(self.mktemp()), Path(self.mktemp()))
        self.written = [
            attrs.evolve(paper, file=file)
            for paper, file in zip((self.kit, self.recovery), self.places, strict=True)
        ]
        self.columns = 100
        os.environ["TERM"] = "xterm"

    def output(
        self, *, terminal: bool = True, as_json: bool = False, encoding: str = "utf-8"
    ) -> Output:
        """Make an output of so many columns."""
        self.patch(sys, "stdin", Stream(terminal=terminal))
        self.out = Stream(encoding, terminal=terminal)
        self.err = Stream(encoding, terminal=terminal)
        self.patch(Output, "width", lambda _: self.columns)
        return Output(as_json, quiet=False, out=self.out, err=self.err)

    def hand_over(self, papers: Sequence[Paper] = (), **how: object) -> None:
        """Hand *papers* over, or the kit alone."""
        hand_over(self.output(**how), VALUE, papers or [self.kit])


class ShownTests(PaperTestCase):
    """Papers that are shown."""

    def drawn(self) -> list[str]:
        """Give the lines of QR codes."""
        return [line for line in self.out.said.splitlines() if line.startswith("\x1b")]

    def test_terminal(self) -> None:
        """On a terminal line and code are shown, and the end is asked for."""
        self.answer(END)
        self.hand_over()
        lines = self.out.said.splitlines()
        first = f"This is the kit of {self.kit.account}; print it, or keep it safe:"
        self.assertEqual(lines[:4], [first, "", KIT, ""])
        self.assertEqual(lines[-1], self.kit.use)
        code = read(without_quiet_zone(from_half_blocks(self.drawn()), QUIET))
        self.assertEqual(parse_kit(code), parse_kit(KIT))
        what = "Last 8 characters of the kit, to see that you have it"
        self.assertEqual((self.asked, self.err.said), ([(what, False)], ""))

    def test_both(self) -> None:
        """A recovery key is shown behind the kit, and asked for too."""
        self.answer(END, self.recovery.line[-8:])
        self.hand_over([self.kit, self.recovery])
        self.assertEqual(len(self.asked), 2)
        codes = [list(lines) for _, lines in itertools.groupby(self.drawn(), len)]
        said = [read(without_quiet_zone(from_half_blocks(lines), QUIET)) for lines in codes]
        self.assertEqual(said, [KIT.upper(), self.recovery.line.upper()])
        self.assertEqual(parse_recovery(said[1]).line(), self.recovery.line)
        shown = self.out.said.splitlines()
        self.assertLess(shown.index(self.kit.use), shown.index(self.recovery.line))

    def test_room(self) -> None:
        """Where there is no room for the code, or nothing to draw it with, the line will do."""
        self.answer(END)
        for columns, term, encoding, rows in (
            (44, "xterm", "utf-8", 0),
            (45, "xterm", "utf-8", 23),
            (89, "xterm", "ascii", 0),
            (90, "xterm", "ascii", 45),
            (100, "dumb", "utf-8", 0),
        ):
            self.columns, os.environ["TERM"] = columns, term
            self.hand_over(encoding=encoding)
            self.assertEqual(len(self.drawn()), rows, (columns, term, encoding))
            self.assertIn(KIT, self.out.said.splitlines())
            if encoding == "ascii" and rows:
                framed = from_spaces(self.drawn())
                self.assertEqual(read(without_quiet_zone(framed, QUIET)), KIT.upper())

    def test_asked_back(self) -> None:
        """The end will do in any case and spacing, and so will the whole."""
        for answer in (END, f"  {END[:4].upper()} {END[4:]}", KIT, KIT.upper()):
            self.asked.clear()
            self.answer(answer)
            self.hand_over()
            self.assertEqual(len(self.asked), 1, answer)

    def test_wrong_answers(self) -> None:
        """A wrong answer is told and asked again; after three, it is over."""
        self.answer("", END[:-1], END)
        self.hand_over()
        self.assertEqual(len(self.asked), TRIES)
        self.assertEqual(self.err.said.count("that is not how the kit ends"), TRIES - 1)
        self.answer(KIT[:8])
        error = self.assertRaises(UsageError, self.hand_over)
        self.assertIn("nothing was made", error.message)
        self.assertIn("written to a file", error.hint)
        self.assertEqual(len(self.asked), 2 * TRIES)

    def test_nobody_answers(self) -> None:
        """Who does not answer, or presses Ctrl-C, does not go on; what was written goes again."""
        self.patch(sys, "stderr", Stream())
        self.answer(EOFError())
        error = self.assertRaises(UsageError, self.hand_over)
        self.assertIn("nobody answers", error.message)
        self.answer(KeyboardInterrupt())
        papers = [self.kit, self.written[1]]
        self.assertRaises(click.Abort, self.hand_over, papers)
        self.assertFalse(self.places[1].exists())

    def test_no_terminal(self) -> None:
        """For programs they are a result like any other, and nobody is asked."""
        self.answer(AssertionError("nobody is to be asked"))
        self.hand_over(terminal=False)
        self.assertEqual(self.out.said.splitlines()[2:], [KIT, "", self.kit.use])
        self.hand_over(as_json=True)
        self.assertEqual(json.loads(self.out.said), VALUE)

    def test_not_by_accident(self) -> None:
        """A paper does not show what is on it."""
        self.assertNotIn(KIT[20:40], repr(self.kit))


class WrittenTests(PaperTestCase):
    """Papers that are written to files."""

    def setUp(self) -> None:
        super().setUp()
        self.answer(AssertionError("nobody is to be asked"))

    def test_written(self) -> None:
        """Each is one line that nobody else may read, whatever the umask; it is not shown."""
        before = os.umask(0)
        self.addCleanup(os.umask, before)
        self.hand_over(self.written)
        for place, paper in zip(self.places, self.written, strict=True):
            self.assertEqual(place.read_text(), paper.line + "\n")
            self.assertEqual(stat.S_IMODE(place.stat().st_mode), 0o600)
            self.assertEqual(paper.kept, str(place))
        self.assertEqual((self.out.said, self.err.said), ("", ""))

    def test_durable(self) -> None:
        """File and name are synced before it counts as handed over."""
        synced: list[str] = []
        fsync = os.fsync

        def watch(descriptor: int) -> None:
            synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
            fsync(descriptor)

        self.patch(os, "fsync", watch)
        self.hand_over(self.written[:1])
        place = self.places[0].resolve()
        self.assertEqual(synced, [str(place), str(place.parent)])

    def test_in_the_way(self) -> None:
        """Whatever is in its place stays, a dangling link too; it is seen beforehand as well."""
        kit, recovery = self.places
        check_place("kit", None)
        check_place("kit", kit)
        recovery.symlink_to("nowhere")
        self.assertIn("kit", self.assertRaises(Exists, check_place, "kit", recovery).hint)
        error = self.assertRaises(LocalFileError, self.hand_over, self.written)
        self.assertIn("nothing was made yet", error.hint)
        self.assertTrue(recovery.is_symlink())
        self.assertFalse(kit.exists(), "the kit was written, and is good for nothing")

    def test_full_disk(self) -> None:
        """A paper that can't be written whole leaves nothing behind."""

        def full(descriptor: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        self.patch(os, "fsync", full)
        error = self.assertRaises(LocalFileError, self.hand_over, self.written)
        self.assertIn("No space left", error.message)
        self.assertFalse(self.places[0].exists())

    def test_taken_back(self) -> None:
        """Where nothing was made files are removed, and what was shown is told to be void."""
        self.hand_over(self.written)
        self.places[1].unlink()  # somebody was faster
        take_back(self.output(), self.written)
        self.assertFalse(self.places[0].exists())
        self.assertEqual(self.err.said, "")
        take_back(self.output(), [self.kit])
        self.assertIn("the kit that you were given opens nothing", self.err.said)

"""Programs that are run from the explorer."""

import os
import subprocess
import termios
from pathlib import Path
from select import select

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import UsageError
from anoncloud.ui.doing.running import run_command, show_shell
from anoncloud.ui.effects import RunCommand, ShowShell
from anoncloud.ui.events import LocalChanged
from anoncloud.ui.model import Explorer
from anoncloud.ui.places import Local
from tests.support.desks import RememberingDesk


class RunningTests(SynchronousTestCase):
    """The terminal is lent; the panes look again."""

    def setUp(self) -> None:
        self.desk = RememberingDesk(Path(self.mktemp()))

    def test_run(self) -> None:
        """Words stay words, what was printed stays in sight, and the exit code is told."""
        self.successResultOf(self.run_words("printf", "<%s>", "a b", "$HOME;"))
        (lent,) = self.desk.lent
        ran = subprocess.run(lent, input="\n", capture_output=True, text=True, check=True)
        self.assertEqual(ran.stdout, "<a b><$HOME;>\n[exit code 0; Enter goes back] ")
        shown = [pane.place for pane in Explorer().panes if isinstance(pane.place, Local)]
        told = [event.path for event in self.desk.heard(LocalChanged)]
        self.assertEqual(told, [place.path for place in shown])
        self.assertTrue(told)

    def test_no_such_program(self) -> None:
        """What is not there is refused, and the terminal stays."""
        failure = self.failureResultOf(self.run_words("no-such-program-at-all"), UsageError)
        self.assertIn("no such program", failure.value.message)
        self.assertEqual(self.desk.lent, [])

    def test_shells_screen(self) -> None:
        """One key ends it, whatever it is, with all bytes that come of it; nothing is echoed."""
        self.successResultOf(show_shell(self.desk, ShowShell()))
        (lent,) = self.desk.lent
        for key in (b"\x1bOP", b"\x03", b"x"):
            master, slave = os.openpty()
            before = termios.tcgetattr(slave)
            running = subprocess.Popen(lent, stdin=slave, stdout=slave, stderr=slave)
            while termios.tcgetattr(slave) == before:
                self.assertIsNone(running.poll())
            os.write(master, key)
            self.assertEqual(running.wait(10), 0)
            self.assertEqual(termios.tcgetattr(slave), before)
            self.assertEqual(select([master], [], [], 0)[0], [])
            os.close(master)
            os.close(slave)

    def run_words(self, *words: str) -> object:
        return run_command(self.desk, RunCommand(words))

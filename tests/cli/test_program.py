"""How a command's end becomes words and an exit code; how it is given up."""

import io
import signal

import click
from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.cli import program
from anoncloud.cli.output import Output
from anoncloud.cli.program import Program
from anoncloud.errors import ConnectionCut, Misuse, NotFound, Tampered


class ProgramTests(SynchronousTestCase):
    """A program around commands that have ended, or are to end."""

    def setUp(self) -> None:
        self.out, self.err = io.StringIO(), io.StringIO()
        self.output = Output(as_json=False, quiet=False, out=self.out, err=self.err, doing="ls")
        self.program = Program(self.output, program.Path(self.mktemp()))
        self.handlers: list[tuple[object, object]] = []
        self.patch(program.signal, "signal", lambda *pair: self.handlers.append(pair))

    def judged(self, error: BaseException) -> int:
        """Give the exit code of a command that *error* ended."""
        return self.program._judge([Failure(error)])

    def test_success(self) -> None:
        """A command that went through says nothing more; what it complained of still counts."""
        self.assertEqual(self.program._judge([None]), 0)
        self.output.error(NotFound("looking for x: there is none", "look"))
        self.assertEqual(self.program._judge([None]), NotFound.exit_code)
        self.assertEqual(self.out.getvalue(), "")

    def test_errors(self) -> None:
        """An error of ours gives its exit code, anything else is a bug."""
        self.assertEqual(self.judged(Tampered("opening x: no", "look")), Tampered.exit_code)
        self.assertEqual(self.err.getvalue(), "anoncloud: opening x: no; look\n")
        self.assertEqual(self.judged(ZeroDivisionError()), Misuse.exit_code)
        self.assertIn("ZeroDivisionError", self.err.getvalue())

    def test_the_reader_goes(self) -> None:
        """A command whose reader has gone ends quietly."""
        self.assertEqual(self.judged(BrokenPipeError()), 141)
        self.assertEqual(self.err.getvalue(), "")

    def test_interrupted(self) -> None:
        """A command that was cancelled, or never began, was interrupted: one line, no more."""
        for outcome in ([Failure(CancelledError())], []):
            self.assertEqual(self.program._judge(outcome), 130)
        lines = self.err.getvalue().splitlines()
        self.assertEqual(len(lines), 2)
        self.assertTrue(all(line.startswith("anoncloud: interrupted; ") for line in lines), lines)

    def test_given_up_at_a_question(self) -> None:
        """Who presses Ctrl-C at a question has given up, and it is no bug."""
        self.assertEqual(self.judged(click.Abort()), 130)
        self.assertEqual(self.err.getvalue(), "anoncloud: given up\n")

    def test_what_giving_up_leads_to(self) -> None:
        """What its parts make of being given up is not told; a bug is."""
        self.output.give_up()
        self.assertEqual(self.judged(ConnectionCut("the link was ended")), 130)
        self.assertNotIn("link", self.err.getvalue())
        self.assertEqual(self.judged(ZeroDivisionError()), Misuse.exit_code)

    def test_stop(self) -> None:
        """To stop, the command is cancelled and waited for; a second Ctrl-C waits for nothing."""
        cancelled: list[Deferred[None]] = []
        running: Deferred[None] = Deferred(cancelled.append)
        self.assertIs(self.program._stop(running), running)
        self.assertEqual(cancelled, [running])
        self.assertTrue(self.output.given_up)
        self.assertEqual(self.handlers, [(signal.SIGINT, signal.SIG_DFL)])
        self.failureResultOf(running, CancelledError)

    def test_nothing_to_stop(self) -> None:
        """A command that has ended is left alone."""
        running: Deferred[None] = Deferred()
        running.callback(None)
        self.assertIsNone(self.program._stop(running))
        self.assertFalse(self.output.given_up)
        self.assertEqual(self.handlers, [])

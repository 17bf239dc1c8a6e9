"""Answers from the terminal: read where they come, waited for while the command lives."""

import os
import signal
import sys
import threading
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.cli import asking
from anoncloud.cli.asking import read_answer, undisturbed


class AnswerTests(SynchronousTestCase):
    """A question, with a pipe for the keyboard."""

    def setUp(self) -> None:
        reading, self.keyboard = os.pipe()
        stream = os.fdopen(reading)
        self.addCleanup(stream.close)
        self.addCleanup(os.close, self.keyboard)
        self.patch(sys, "stdin", stream)
        self.patch(asking, "LOOK", 0.01)
        self.told: list[tuple[int, int]] = []
        self.patch(asking.os, "kill", lambda *what: self.told.append(what))
        self.given_up = threading.Event()

    def test_answer(self) -> None:
        """What is typed is the answer, and Ctrl-C is the reactor's again."""
        before = signal.getsignal(signal.SIGINT)
        os.write(self.keyboard, b"yes\n")
        self.assertEqual(read_answer(lambda: None, self.given_up), "yes\n")
        self.assertIs(signal.getsignal(signal.SIGINT), before)
        self.assertEqual(self.told, [])

    def test_interrupted(self) -> None:
        """Ctrl-C is no answer; the reactor hears of it afterwards."""
        self.patch(asking.select, "select", self.interrupt)
        before = signal.getsignal(signal.SIGINT)
        self.assertEqual(read_answer(lambda: None, self.given_up), "")
        self.assertTrue(self.given_up.is_set())
        self.assertEqual(self.told, [(os.getpid(), signal.SIGINT)])
        self.assertIs(signal.getsignal(signal.SIGINT), before)

    def interrupt(self, *_: Any) -> Any:
        """Stand for the keyboard while Ctrl-C is pressed."""
        self.assertIs(signal.getsignal(signal.SIGINT), signal.default_int_handler)
        raise KeyboardInterrupt

    def test_in_a_thread(self) -> None:
        """Another thread waits until there is an answer, or the command is given up."""
        answers: list[str] = []
        threads = [
            threading.Thread(
                target=lambda: answers.append(read_answer(lambda: None, self.given_up))
            )
            for _ in range(2)
        ]
        threads[0].start()
        os.write(self.keyboard, b"n\n")
        threads[0].join(5)
        self.assertEqual(answers, ["n\n"])
        threads[1].start()
        self.given_up.set()
        threads[1].join(5)
        self.assertEqual(answers, ["n\n", ""])
        self.assertEqual(self.told, [])


class UndisturbedTests(SynchronousTestCase):
    """Questions in the reactor's thread."""

    def setUp(self) -> None:
        numbers = (signal.SIGINT, signal.SIGTERM)
        self.before = {number: signal.getsignal(number) for number in numbers}
        for number in numbers:
            self.addCleanup(signal.signal, number, self.before[number])
            signal.signal(number, self.reactors)
        self.heard: list[int] = []

    def reactors(self, number: int, _: Any) -> None:
        """Stand for the reactor's handlers, which only take note."""
        self.heard.append(number)

    def test_answer(self) -> None:
        """The answer comes back; meanwhile SIGTERM would end the process."""
        meant = undisturbed(lambda: signal.getsignal(signal.SIGTERM))
        self.assertIs(meant, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)
        self.assertEqual(self.heard, [signal.SIGTERM])

    def test_interrupted(self) -> None:
        """Ctrl-C ends the question; after it the handlers are the reactor's again."""
        with self.assertRaises(KeyboardInterrupt):
            undisturbed(lambda: os.kill(os.getpid(), signal.SIGINT))
        self.assertEqual(self.heard, [])
        os.kill(os.getpid(), signal.SIGINT)
        self.assertEqual(self.heard, [signal.SIGINT])

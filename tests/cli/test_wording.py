"""Errors are told in one form, whatever the error itself says; and what sources say fits it."""

import re

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.cli import wording
from anoncloud.errors import (
    Code,
    LocalFileError,
    Misuse,
    NotFound,
    Refused,
    Tampered,
    UsageError,
)
from tests.support.raises import HOLE, KINDS, Made, made_errors
from tests.support.sources import modules, program, within

BEGINS = re.compile(rf"[a-z0-9{HOLE}-]|Argon2id")
"""How a message may begin: in lower case, with an option, or with what is filled in."""
TELLING = ("anoncloud.cli", "anoncloud.client", "anoncloud.server", "anoncloud.admin")
"""Whose errors are shown to people as they are."""


def faults(made: Made) -> list[str]:
    """Say what about the words of an error is not as it should be."""
    found = []
    for words in filter(None, (made.message, made.hint)):
        if not BEGINS.match(words):
            found.append("does not begin in lower case")
        if words.endswith((".", "!", " ", ";", ":")):
            found.append("does not end with a word")
        if "\n" in words or "  " in words:
            found.append("is not one plain line")
    if made.message == "":
        found.append("says nothing")
    return found


class FormTests(SynchronousTestCase):
    """What was being done, what is wrong, what to do."""

    def test_all_there(self) -> None:
        """An error that says all three is told as it is."""
        error = UsageError("reading x: it is y", "do z")
        self.assertEqual(wording.line(error, "ls"), "reading x: it is y; do z")

    def test_filled_in(self) -> None:
        """What an error leaves out comes from its command and its class."""
        self.assertEqual(
            wording.line(NotFound("there is no x"), "cat"),
            "cat: there is no x; " + wording.ADVICE[NotFound],
        )
        self.assertEqual(wording.message(NotFound("there is no x"), ""), "there is no x")

    def test_every_class(self) -> None:
        """Every class of errors has its own advice, in the form of a hint."""
        self.assertEqual(set(wording.ADVICE), set(KINDS.values()))
        for kind, advice in wording.ADVICE.items():
            self.assertEqual(faults(Made("", 0, kind, "x", advice)), [])

    def test_values(self) -> None:
        """A program gets the class or the refusal's code, and the same words."""
        for code in Code:
            self.assertEqual(wording.value(Refused(code, "a: b"), "")["code"], code.name)
        for name, kind in KINDS.items():
            if not issubclass(kind, Refused):
                value = wording.value(kind("a: b", "c"), "ls")
                expected = {"code": name, "message": "a: b", "hint": "c"}
                self.assertEqual(value, {**expected, "exit_code": kind.exit_code})


class SourceTests(SynchronousTestCase):
    """The words in the sources."""

    def test_words(self) -> None:
        """Every message and hint is a plain line in lower case without a full stop."""
        found = [made for module in program() for made in made_errors(module)]
        self.assertGreater(len(found), 150)
        self.assertGreater(sum(made.message is not None for made in found), 150)
        wrong = [f"{made.where}: {fault}" for made in found for fault in faults(made)]
        self.assertEqual(wrong, [])

    def test_refusals_and_wrong_requests_say_what_to_do(self) -> None:
        """Refusals, faults of files, and a command's wrong words have a hint of their own."""
        silent = [
            made.where
            for module in program()
            if within(module.name, *TELLING)
            for made in made_errors(module)
            if issubclass(made.kind, (Refused, LocalFileError))
            or (issubclass(made.kind, UsageError) and within(module.name, "anoncloud.cli"))
            if made.hint == "" and made.message not in SPOKEN
        ]
        self.assertEqual(silent, [])

    def test_the_search(self) -> None:
        """Errors are found with their words, wherever these stand."""
        source = (
            "def f(x):\n"
            "    message = f'reading {x}: it is {x!r}.'\n"
            "    raise errors.UsageError(message, 'Do it')\n"
            "async def g():\n"
            "    raise Refused(Code.QUOTA, 'no  space')\n"
            "def h(m):\n"
            "    raise Tampered(m)\n"
        )
        (module,) = modules({"anoncloud.x": source})
        one, two, three = made_errors(module)
        self.assertEqual((one.kind, one.message), (UsageError, f"reading {HOLE}: it is {HOLE}."))
        self.assertEqual((one.hint, two.hint), ("Do it", ""))
        self.assertEqual((two.kind, two.message, two.line), (Refused, "no  space", 5))
        self.assertEqual((three.kind, three.message), (Tampered, None))
        self.assertEqual(faults(one), ["does not end with a word", "does not begin in lower case"])
        self.assertEqual(faults(two), ["is not one plain line"])
        self.assertEqual(faults(Made("", 0, Misuse, "", "")), ["says nothing"])


SPOKEN = frozenset({"the transfer was given up"})
"""Refusals of what the client itself has given up."""

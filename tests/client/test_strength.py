"""How new passphrases are judged."""

from typing import Any
from unittest import mock

import zxcvbn
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client import strength
from anoncloud.client.address import Address
from anoncloud.client.strength import Rule, check, judge, rule_for
from anoncloud.errors import UsageError
from anoncloud.limits import LEAST_SCORE, MAX_PASSPHRASE, MAX_SCORE

BOX = Address("box.example.org", 9650, bytes(32))
GOOD = "correct horse battery staple"


class JudgeTests(SynchronousTestCase):
    """The score, and what is said of it."""

    def test_scores(self) -> None:
        """What everybody takes is worth nothing; a few odd words are worth most."""
        self.assertEqual(judge("password1").score, 0)
        self.assertEqual(judge("correct horse").score, 3)
        self.assertEqual(judge(GOOD).score, MAX_SCORE)

    def test_advice(self) -> None:
        """What is easy to guess has a warning and suggestions; what is not has neither."""
        weak = judge("qwertyuiop")
        self.assertIn("common", weak.warning)
        self.assertTrue(any("word" in one for one in weak.suggestions))
        self.assertEqual((judge(GOOD).warning, judge(GOOD).suggestions), ("", ()))

    def test_words(self) -> None:
        """Words that anybody knows of the account make a passphrase no better."""
        self.assertGreaterEqual(judge("tuxpiqvobu").score, LEAST_SCORE)
        self.assertEqual(judge("tuxpiqvobu", ("TuxPiqvobu",)).score, 0)

    def test_words_are_forgotten(self) -> None:
        """The words of one account say nothing of the next one's passphrase."""
        judge("a", ("tuxpiqvobu",))
        self.assertGreaterEqual(judge("tuxpiqvobu").score, LEAST_SCORE)

    def test_form(self) -> None:
        """A passphrase is judged in the form in which keys are made of it."""
        with mock.patch.object(zxcvbn, "zxcvbn", wraps=zxcvbn.zxcvbn) as judged:
            judge("zoe\u0308\u00a0walks")
        self.assertEqual(judged.call_args.args[0], "zo\u00eb walks")

    def test_long(self) -> None:
        """Only the beginning of a long one is looked at, which may be repeated at will."""
        self.assertEqual(judge("a" * MAX_PASSPHRASE).score, judge("a" * 72).score)
        self.assertEqual(judge(GOOD * 30).score, MAX_SCORE)

    def test_no_passphrase(self) -> None:
        """What can be no passphrase is refused, not judged."""
        for none in ("", "tab\there", "x" * (MAX_PASSPHRASE + 1)):
            self.assertRaises(UsageError, judge, none)

    @given(st.text(min_size=1, max_size=100))
    def test_anything(self, passphrase: str) -> None:
        """Any text has a score or can be no passphrase."""
        try:
            self.assertIn(judge(passphrase).score, range(MAX_SCORE + 1))
        except UsageError as error:
            self.assertTrue(error.hint)

    def test_one_at_a_time(self) -> None:
        """No two are ever judged at once, for zxcvbn keeps the words of one in a global."""
        alone: list[bool] = []
        judging = zxcvbn.zxcvbn

        def watched(*arguments: Any) -> Any:
            alone.append(not strength._ONE_AT_A_TIME.acquire(blocking=False))
            return judging(*arguments)

        self.patch(zxcvbn, "zxcvbn", watched)
        judge("a")
        self.assertEqual(alone, [True])
        self.assertFalse(strength._ONE_AT_A_TIME.locked())


class CheckTests(SynchronousTestCase):
    """What is demanded."""

    def refused(self, passphrase: str, rule: Rule) -> UsageError:
        """Give the refusal, which must hold neither the passphrase nor a long part of it."""
        error = self.assertRaises(UsageError, check, passphrase, rule)
        self.assertNotIn(passphrase, str(error))
        self.assertTrue(error.hint)
        return error

    def test_rule(self) -> None:
        """A server may ask for more than this program does, but not for less."""
        for asked, least in ((0, 3), (2, 3), (3, 3), (4, 4)):
            self.assertEqual(rule_for(BOX, "ada", asked).least, least)

    def test_words_of_the_rule(self) -> None:
        """Account, host and their parts are words that anybody would try first."""
        words = rule_for(BOX, "ada.lovelace", 3).words
        self.assertLessEqual(
            {"ada", "lovelace", "ada.lovelace", "box", "box.example.org", "anoncloud"}, set(words)
        )
        rule = rule_for(Address("127.0.0.1", 1, bytes(32)), "tuxpiqvobu", 3)
        self.assertFalse({"", "0", "1"} & set(rule.words))
        self.refused("tuxpiqvobu", rule)

    def test_refused(self) -> None:
        """A refusal says what it is worth, what it must be worth, what is wrong and what to do."""
        error = self.refused("p@ssword", Rule(3, ()))
        self.assertIn("worth 0 of 4, and must be worth 3", error.message)
        self.assertIn("common", error.hint)
        self.assertIn("add another word or two; uncommon words are better", error.hint)

    def test_without_advice(self) -> None:
        """Where zxcvbn is content and the server is not, there is advice too."""
        self.assertIsNone(check("correct horse", Rule(3, ())))
        error = self.refused("correct horse", Rule(4, ()))
        self.assertIn("add a word", error.hint)
        self.assertIsNone(check(GOOD, Rule(4, ())))

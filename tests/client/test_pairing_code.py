"""Pairing codes: written, read however they are typed, refused before anybody is asked."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.pairing_code import PairingCode
from anoncloud.client.pairing_words import EVEN, ODD
from anoncloud.crypto.keys import PairingSecret
from anoncloud.errors import UsageError
from anoncloud.limits import MAX_SLOT
from tests.support.vectors import load

CODE = PairingCode(42, PairingSecret(bytes([0, 42, 128, 255])))
TEXT = "42-aardvark-chambermaid-merit-yucatan"
FROZEN = "e732a7c847b5ceea625e50b7dbd670d080d4b681a606c8805d588ed1848653de"
secrets = st.binary(min_size=4, max_size=4)


class WordTests(SynchronousTestCase):
    """The PGP word list."""

    def test_list(self) -> None:
        """Two lists of 256 words without one in common, as they have always been."""
        self.assertEqual((len(set(EVEN)), len(set(ODD)), set(EVEN) & set(ODD)), (256, 256, set()))
        for number, even, odd in (
            (0x00, "aardvark", "adroitness"),
            (0x0A, "allow", "apollo"),
            (0x2C, "burbank", "chicago"),
            (0x40, "crackdown", "dakota"),
            (0x7E, "locale", "insurgent"),
            (0x82, "miser", "istanbul"),
            (0xA2, "rebirth", "pacific"),
            (0xE5, "topmost", "travesty"),
            (0xFF, "zulu", "yucatan"),
        ):
            self.assertEqual((EVEN[number], ODD[number]), (even, odd))
        for word in EVEN + ODD:
            self.assertTrue(word.isascii() and word.isalpha() and word.islower(), word)

    def test_frozen(self) -> None:
        """No word changes its place, or codes of two versions would differ."""
        whole = sha256(" ".join(EVEN + ODD).encode()).hexdigest()
        self.assertEqual(whole, FROZEN)


class CodeTests(SynchronousTestCase):
    """Codes as text."""

    def test_text(self) -> None:
        """A code is its slot and a word for each byte, as recorded."""
        self.assertEqual(CODE.text(), TEXT)
        self.assertEqual(PairingCode.parse(TEXT), CODE)
        vector = load("pairing")
        recorded = PairingCode(vector["slot"], PairingSecret(bytes.fromhex(vector["secret"])))
        self.assertEqual(recorded.text(), vector["code"])

    @given(st.integers(min_value=1, max_value=MAX_SLOT), secrets)
    def test_round_trip(self, slot: int, secret: bytes) -> None:
        """Every code is read as it was written."""
        code = PairingCode(slot, PairingSecret(secret))
        self.assertEqual(PairingCode.parse(code.text()), code)

    def test_as_typed(self) -> None:
        """Capitals, spaces and line ends do not matter."""
        for typed in (
            TEXT.upper(),
            TEXT.replace("-", " "),
            f"  {TEXT}\n",
            TEXT.replace("-", " - "),
            "0" + TEXT,
        ):
            self.assertEqual(PairingCode.parse(typed), CODE, typed)

    def test_refused(self) -> None:
        """What can't be a code is refused with what to do, and the refusal shows no word."""
        for typed, told in (
            ("", "a number and 4 words"),
            (TEXT.partition("-")[2], "a number and 4 words"),
            (TEXT + "-merit", "a number and 4 words"),
            (TEXT.rpartition("-")[0], "a number and 4 words"),
            ("x" + TEXT, "a number and 4 words"),
            ("-" + TEXT, "a number and 4 words"),
            (TEXT.replace("42", "\u0664\u0662"), "a number and 4 words"),
            (TEXT.replace("42", "0"), "at most 9999"),
            (TEXT.replace("42", "10000"), "at most 9999"),
            (TEXT.replace("42", "9" * 5000), "at most 9999"),
            ("42-chambermaid-aardvark-merit-yucatan", "word 1"),
            ("42-aardvark-merit-chambermaid-yucatan", "word 2"),
            ("42-aardvark-chambermaid-merits-yucatan", "word 3"),
            ("42-aardvark-chambermaid-merit-merit", "word 4"),
        ):
            error = self.assertRaises(UsageError, PairingCode.parse, typed)
            self.assertIn(told, error.message, typed)
            self.assertIn("still good", error.hint)
            for word in ("aardvark", "chambermaid", "merit", "yucatan"):
                self.assertNotIn(word, str(error))

    def test_nothing_is_shown(self) -> None:
        """A code shows its slot, and its words only when asked for."""
        self.assertIn("42", repr(CODE))
        for text in (repr(CODE), str(CODE)):
            self.assertNotIn("merit", text)
            self.assertNotIn("002a80ff", text)

"""Passphrases: the account's keys, the cost's floor and cap, and nothing told in refusals."""

from typing import Any

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from twisted.trial.unittest import SynchronousTestCase

from anoncloud import limits
from anoncloud.crypto import passphrases
from anoncloud.crypto.derive import Purpose, digest
from anoncloud.crypto.keys import AccountSecret
from anoncloud.crypto.passphrases import Argon2, account_keys, prepare, stretch
from anoncloud.errors import LocalError, UsageError
from tests.support.vectors import load

FLOOR = Argon2(limits.ARGON2_PASSES_FLOOR, limits.ARGON2_MEMORY_FLOOR)
SERVER = bytes(range(32))


class Recorder:
    """Stands for the slow function; keeps what it was called with."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def __call__(self, *arguments: Any) -> bytes:
        self.calls.append(arguments)
        return bytes(64)


class CostTests(SynchronousTestCase):
    """What a kit may ask for."""

    def test_default(self) -> None:
        """A new kit asks for 3 passes over 256 MiB, which is allowed."""
        self.assertEqual(Argon2(), Argon2(3, 256 * limits.MIB))
        self.assertIsNone(Argon2().check())

    def test_bounds(self) -> None:
        """Floor and cap are allowed themselves; one less or one more is not."""
        low, high = limits.ARGON2_PASSES_FLOOR, limits.ARGON2_PASSES_CAP
        small, large = limits.ARGON2_MEMORY_FLOOR, limits.ARGON2_MEMORY_CAP
        for passes, memory in ((low, small), (low, large), (high, small), (high, large)):
            self.assertIsNone(Argon2(passes, memory).check())
        for passes, memory, word in (
            (low - 1, small, "weaker"),
            (low, small - limits.KIB, "weaker"),
            (-1, large, "weaker"),
            (high + 1, small, "more"),
            (low, large + limits.KIB, "more"),
            (low, small + 1, "whole KiB"),
            (low, large - 1, "whole KiB"),
        ):
            error = self.assertRaises(UsageError, Argon2(passes, memory).check)
            self.assertIn(word, str(error))

    def test_judged_before_any_work(self) -> None:
        """A cost out of bounds, and a passphrase out of bounds, are refused before the work."""
        recorder = Recorder()
        self.patch(passphrases.bindings, "crypto_pwhash_alg", recorder)
        self.assertRaises(UsageError, stretch, "p", SERVER, "ada", Argon2(1, FLOOR.memory))
        self.assertRaises(UsageError, stretch, "p", SERVER, "ada", Argon2(10**9, 2**50))
        for wrong in (
            "",
            "x" * (limits.MAX_PASSPHRASE + 1),
            "ä" * (limits.MAX_PASSPHRASE // 2 + 1),
        ):
            error = self.assertRaises(UsageError, stretch, wrong, SERVER, "ada", FLOOR)
            self.assertEqual(error.message, "a passphrase has 1 to 1024 bytes")
            self.assertTrue(error.hint)
        self.assertEqual(recorder.calls, [])
        stretch("x" * limits.MAX_PASSPHRASE, SERVER, "ada", FLOOR)
        self.assertEqual(len(recorder.calls), 1)


class PrepareTests(SynchronousTestCase):
    """The one form of a passphrase (RFC 8265, OpaqueString)."""

    def test_same_on_every_system(self) -> None:
        """However a system writes an accent or a space, the bytes are the same."""
        for given, prepared in (
            ("correct horse", b"correct horse"),
            (" Two  spaces ", b" Two  spaces "),
            ("cafe\u0301", "caf\xe9".encode()),
            ("caf\xe9", "caf\xe9".encode()),
            ("a\xa0b\u3000c", b"a b c"),
            ("\uff21\ufb00", "\uff21\ufb00".encode()),
            ("\U0001f600 \u05e9\u05dc", "\U0001f600 \u05e9\u05dc".encode()),
        ):
            self.assertEqual(prepare(given), prepared)
            self.assertEqual(prepare(prepared.decode()), prepared)

    def test_length_is_of_what_is_derived_from(self) -> None:
        """The bound holds for the bytes in their one form."""
        longest = "\xe9" * (limits.MAX_PASSPHRASE // 2)
        self.assertEqual(len(prepare(longest)), limits.MAX_PASSPHRASE)
        self.assertRaises(UsageError, prepare, longest + "e")
        self.assertEqual(prepare("e\u0301" * 512), longest.encode())

    def test_refused_without_showing_it(self) -> None:
        """Controls, invisible characters and what is no UTF-8 are refused, in plain words."""
        for wrong in ("\t", "\n", "\x00", "\u200b", "\u200d", "\ufeff", "\udcff", "\ue000"):
            for passphrase in (f"hunter2{wrong}", f"{wrong}hunter2"):
                error = self.assertRaises(UsageError, prepare, passphrase)
                self.assertIn("control and invisible characters", error.message)
                self.assertIn("type it anew", error.hint)
                self.assertNotIn("hunter2", repr(error) + repr(error.hint))
                self.assertEqual((error.__cause__, error.__context__), (None, None))

    def test_refused_before_any_work(self) -> None:
        """Nothing is derived from what is refused, and two ways of writing derive alike."""
        recorder = Recorder()
        self.patch(passphrases.bindings, "crypto_pwhash_alg", recorder)
        self.assertRaises(UsageError, stretch, "tab\t", SERVER, "ada", FLOOR)
        self.assertEqual(recorder.calls, [])
        stretch("cafe\u0301", SERVER, "ada", FLOOR)
        stretch("caf\xe9", SERVER, "ada", FLOOR)
        self.assertEqual(recorder.calls[0], recorder.calls[1])


class StretchTests(SynchronousTestCase):
    """Passphrase and account secret to keys."""

    def test_frozen(self) -> None:
        """The recorded keys come out, and Argon2id agrees with another library."""
        vector = load("passphrases")
        passphrase, account = vector["passphrase"], vector["account"]
        server = bytes.fromhex(vector["server_key"])
        cost = Argon2(vector["passes"], vector["memory"])
        made = account_keys(
            passphrase,
            AccountSecret(bytes.fromhex(vector["account_secret"])),
            server,
            account,
            cost,
        )
        self.assertEqual(made.login.expose().hex(), vector["login_seed"])
        self.assertEqual(made.login.public.hex(), vector["login_public"])
        self.assertEqual(made.unlock.expose().hex(), vector["unlock"])
        salt = digest(Purpose.PASSPHRASE_SALT, server, account.encode(), length=16)
        other = Argon2id(
            salt=salt, length=64, iterations=cost.passes, lanes=1, memory_cost=cost.memory // 1024
        )
        self.assertEqual(other.derive(passphrase.encode()).hex(), vector["stretched"])

    def test_what_argon2id_is_given(self) -> None:
        """The passphrase as UTF-8, a salt of server and account, and the cost, for 64 bytes."""
        recorder = Recorder()
        self.patch(passphrases.bindings, "crypto_pwhash_alg", recorder)
        for server, account in ((SERVER, "ada"), (SERVER, "adb"), (bytes(32), "ada")):
            stretch("pässphrase", server, account, FLOOR)
        salts = {call[2] for call in recorder.calls}
        self.assertEqual((len(salts), {len(salt) for salt in salts}), (3, {16}))
        for call in recorder.calls:
            self.assertEqual((call[0], call[1]), (64, "pässphrase".encode()))
            self.assertEqual(call[3:5], (FLOOR.passes, FLOOR.memory))
            self.assertEqual(call[5], passphrases.bindings.crypto_pwhash_ALG_ARGON2ID13)

    def test_everything_counts(self) -> None:
        """Another account secret gives other keys, and the two keys of an account differ."""
        self.patch(passphrases.bindings, "crypto_pwhash_alg", Recorder())
        made = [
            account_keys("p", AccountSecret(secret), SERVER, "ada", FLOOR)
            for secret in (bytes(16), bytes(15) + b"\x01")
        ]
        raw = {key.expose() for keys in made for key in (keys.login, keys.unlock)}
        self.assertEqual(len(raw), 4)
        self.assertNotIn(bytes(64)[:32], raw)

    def test_no_memory(self) -> None:
        """A machine that can't give the memory says so, with a hint."""
        for failure in (MemoryError, RuntimeError):

            def fail(*_arguments: object, failure: type[Exception] = failure) -> bytes:
                raise failure

            self.patch(passphrases.bindings, "crypto_pwhash_alg", fail)
            error = self.assertRaises(LocalError, stretch, "p", SERVER, "ada", FLOOR)
            self.assertIn("64 MiB", str(error))
            self.assertIn("close other programs", error.hint)

"""An exported keyring: opened by its passphrase, and by nothing else; judged before any work."""

from typing import Any

from msgspec import msgpack
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client import export
from anoncloud.client.export import HEAD, Export, open_export, seal_export
from anoncloud.client.keyring import AccountKeyring
from anoncloud.crypto.keys import DriveKey
from anoncloud.crypto.passphrases import Argon2, stretch_salted
from anoncloud.errors import UsageError, WrongPassphrase
from anoncloud.limits import (
    ARGON2_MEMORY_CAP,
    ARGON2_MEMORY_FLOOR,
    ARGON2_PASSES_CAP,
    ARGON2_PASSES_FLOOR,
    KIB,
    MAX_EXPORT,
)
from tests.support.client_samples import SAMPLE_ACCOUNT
from tests.support.damage import flip
from tests.support.entropy import counting, replaying
from tests.support.vectors import load

COST = Argon2(ARGON2_PASSES_FLOOR, ARGON2_MEMORY_FLOOR)
EXPORT = Export("anoncloud://box.example:9650/#key", "ada", SAMPLE_ACCOUNT)
PASSPHRASE = "correct horse battery stäple"


class ExportTests(SynchronousTestCase):
    """Files."""

    def setUp(self) -> None:
        self.stretched = 0
        self.known: dict[Any, Any] = {}
        self.patch(export, "stretch_salted", self.stretch)

    def stretch(self, passphrase: str, salt: bytes, cost: Argon2) -> Any:
        """Stretch a passphrase, and the same one once."""
        self.stretched += 1
        known = (passphrase, salt, cost)
        if known not in self.known:
            self.known[known] = stretch_salted(*known)
        return self.known[known]

    def seal(self, exported: Export = EXPORT) -> bytes:
        """Make a file."""
        return seal_export(exported, PASSPHRASE, COST, counting(b"export"))

    def test_frozen(self) -> None:
        """The recorded file is written and read."""
        vector = load("export")
        draws = replaying(bytes.fromhex(vector["salt"]), bytes.fromhex(vector["nonce"]))
        exported = Export(vector["address"], vector["account"], SAMPLE_ACCOUNT)
        cost = Argon2(vector["passes"], vector["memory"])
        file = seal_export(exported, vector["passphrase"], cost, draws)
        self.assertEqual(file.hex(), vector["file"])
        self.assertEqual(open_export(file, vector["passphrase"]), exported)

    def test_opens(self) -> None:
        """It gives back what went in, and shows neither account nor server nor key."""
        file = self.seal()
        self.assertEqual(open_export(file, PASSPHRASE), EXPORT)
        self.assertTrue(file.startswith(HEAD))
        for hidden in (b"ada", b"box.example", SAMPLE_ACCOUNT.signing.expose()):
            self.assertNotIn(hidden, file)

    def test_longest(self) -> None:
        """A keyring of all the epochs that there can be fits."""
        many = AccountKeyring(
            SAMPLE_ACCOUNT.drive,
            (DriveKey(bytes(32)),) * 128,
            SAMPLE_ACCOUNT.agreement,
            SAMPLE_ACCOUNT.signing,
            SAMPLE_ACCOUNT.first_signing,
            SAMPLE_ACCOUNT.agreement,
            bytes(64),
        )
        longest = Export("anoncloud://" + "h" * 255 + ":65535/#" + "k" * 43, "a" * 64, many)
        file = self.seal(longest)
        self.assertLess(len(file), MAX_EXPORT)
        self.assertEqual(open_export(file, PASSPHRASE), longest)

    def test_wrong_passphrase(self) -> None:
        """Another passphrase opens nothing."""
        self.assertRaises(WrongPassphrase, open_export, self.seal(), "wrong horse")

    def test_each_byte_counts(self) -> None:
        """A file of which any byte was changed is refused by the right key, and so is a cut one."""
        file = self.seal()
        (right,) = self.known.values()
        self.patch(export, "stretch_salted", lambda *_: right)
        self.assertEqual(open_export(file, PASSPHRASE), EXPORT)
        damaged = [flip(file, 8 * at + at % 8) for at in range(len(file))]
        for changed in (*damaged, b"", HEAD, file[:-1], file + b"\0", b"\0" + file):
            self.assertRaises((UsageError, WrongPassphrase), open_export, changed, PASSPHRASE)

    def test_judged_before_any_work(self) -> None:
        """A cost under the floor or over the cap, and another format, are refused at once."""
        fields = list(msgpack.decode(self.seal()[len(HEAD) :]))
        self.stretched = 0
        for at, value in (
            (0, 2),
            (1, bytes(15)),
            (2, ARGON2_PASSES_FLOOR - 1),
            (2, ARGON2_PASSES_CAP + 1),
            (3, ARGON2_MEMORY_FLOOR // KIB - 1),
            (3, ARGON2_MEMORY_CAP // KIB + 1),
            (4, bytes(MAX_EXPORT)),
            (4, b""),
        ):
            changed = [*fields[:at], value, *fields[at + 1 :]]
            file = HEAD + msgpack.encode(changed)
            error = self.assertRaises(UsageError, open_export, file, PASSPHRASE)
            self.assertIn("keyring export", error.hint)
        self.assertEqual(self.stretched, 0)

    def test_header_is_bound(self) -> None:
        """A file whose salt or cost was changed within the bounds opens by no passphrase."""
        fields = list(msgpack.decode(self.seal()[len(HEAD) :]))
        (right,) = self.known.values()
        self.patch(export, "stretch_salted", lambda *_: right)
        for at, value in ((1, bytes(16)), (2, fields[2] + 1), (3, fields[3] + 1)):
            changed = [*fields[:at], value, *fields[at + 1 :]]
            file = HEAD + msgpack.encode(changed)
            self.assertRaises(WrongPassphrase, open_export, file, PASSPHRASE)

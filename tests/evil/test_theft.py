"""Attack 27: the whole state of a server, stolen with all its secrets, and a list of passphrases.

Nothing that is stored depends on a passphrase alone. With the right one, and any account secret but
the kit's, all guesses look alike, and like those with a wrong passphrase.
"""

import random
import sqlite3
from typing import Final

from anoncloud.client.keyring import account_place, recovery_place
from anoncloud.client.kit import Kit, parse_kit
from anoncloud.client.recovery import parse_recovery
from anoncloud.crypto import boxes
from anoncloud.crypto.derive import Purpose, derive
from anoncloud.crypto.keys import (
    AccountRoot,
    AccountSecret,
    PassphraseKey,
    RecoverySecret,
    SigningKey,
    UnlockKey,
)
from anoncloud.crypto.passphrases import stretch
from anoncloud.errors import Tampered
from anoncloud.server.delays import Kind, subject
from tests.support.processes import PASSPHRASE, Server, SystemTestCase

GUESSES: Final = 10_000
WRONG: Final = "wrong horse battery staple"
COLUMNS: Final = {
    "accounts": {
        "account",  # a row's number
        "name",
        "login_key",  # a public key, made from passphrase and account secret together
        "keyring",  # sealed by both together
        "created",
        "recovery_key",  # a public key, made from 256 random bits
        "recovery_keyring",  # sealed by them
        "closed",
        "locked",  # when the owner locked it
        "seen",  # the day of the last login
    },
    "devices": {"account", "key"},  # public keys, made from random bits
    "invitations": {"code_hash", "quota", "expires", "used_by", "used"},
    "drives": {"drive", "account", "head", "head_hash", "stored", "dropped", "quota"},
    "records": {"drive", "number", "record"},  # sealed under a random drive key
    "blobs": {"blob", "drive", "size", "state", "since", "checksum"},  # of what is sealed
    "going": {"blob", "since"},
    # what two devices said to each other, by which neither code nor keys can be guessed (SPAKE2)
    "pairings": {"slot", "pairing", "drive", "opener", "joiner", "first", "said", "until"},
    "errands": {"errand", "kind", "answer"},  # what the owner asked of the server
    "delays": {"kind", "subject", "failures", "last", "until"},  # of names and networks
}
"""All that a server keeps; whoever adds a column argues here why it tells no passphrase."""


class TheftTests(SystemTestCase):
    """A server that Ada uses in every way, and then its state."""

    def setUp(self) -> None:
        super().setUp()
        house: Server = self.server()
        ada = self.ada(house)
        claim = ("--kit", self.folder / "kit")
        into = ("--recovery-file", self.folder / "recovery")
        ada.do("recovery", "make", *claim, *into, ANONCLOUD_PASSPHRASE=PASSPHRASE)
        ada.do("put", self.file("f", b"content"), "/f")
        for passphrase in (WRONG, PASSPHRASE):
            self.device("new").log_in(self.folder / "kit", passphrase)
        house.stop()
        self.state = house.state
        self.kit: Kit = parse_kit((self.folder / "kit").read_text())
        self.names = {path.name for path in self.state.iterdir()}
        blobs = self.state / "blobs"
        found = [path for path in sorted(house.folder.rglob("*")) if path.is_file()]
        self.dump = b"\0".join(one.read_bytes() for one in found if not one.is_relative_to(blobs))
        self.blobs = b"\0".join(one.read_bytes() for one in found if one.is_relative_to(blobs))
        rows = self.rows("SELECT login_key, keyring, recovery_key, recovery_keyring FROM accounts")
        ((self.login_key, self.keyring, self.recovery_key, self.recovery_keyring),) = rows

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Ask the stolen database."""
        database = sqlite3.connect(f"file:{self.state / 'accounts.sqlite'}?mode=ro", uri=True)
        self.addCleanup(database.close)
        return database.execute(query).fetchall()

    def signs(
        self, stretched: PassphraseKey, secret: AccountSecret, *, everywhere: bool = False
    ) -> list[str]:
        """Tell by what in the dump, in blobs too if *everywhere*, a guess looks right."""
        dump = self.dump + self.blobs if everywhere else self.dump
        root = derive(secret, Purpose.ACCOUNT_ROOT, AccountRoot, stretched.expose())
        login, unlock = (
            derive(root, Purpose.LOGIN, SigningKey),
            derive(root, Purpose.UNLOCK, UnlockKey),
        )
        recovery_at = recovery_place(self.kit.address.key, self.kit.account)
        found = [
            name
            for name, made in (
                ("stretched", stretched.expose()),
                ("root", root.expose()),
                ("login seed", login.expose()),
                ("login key", login.public),
                ("unlock key", unlock.expose()),
            )
            if made[:8] in dump
        ]
        for name, sealed, place in (
            ("keyring", self.keyring, account_place(self.kit)),
            ("recovery copy", self.recovery_keyring, recovery_at),
        ):
            try:
                boxes.open_committed(unlock, sealed, place, "it")
                found.append(name)
            except Tampered:
                continue
        return found

    def test_stolen(self) -> None:
        """One theft, looked at from all sides, for such a house is dear to set up."""
        self.check_files()
        self.check_columns()
        self.check_delays()
        self.check_recovery_key()
        self.check_ten_thousand_guesses()

    def check_ten_thousand_guesses(self) -> None:
        """Try the right passphrase and a wrong one with 10,000 account secrets: no sign at all."""
        right, wrong = (
            stretch(passphrase, self.kit.address.key, self.kit.account, self.kit.cost)
            for passphrase in (PASSPHRASE, WRONG)
        )
        drawn = random.Random(27)
        for number in range(GUESSES):
            secret = AccountSecret(drawn.randbytes(16))
            everywhere = number % 100 == 0
            self.assertEqual(self.signs(right, secret, everywhere=everywhere), [])
            self.assertEqual(self.signs(wrong, secret, everywhere=everywhere), [])
        # The signs are there for whoever has both, so that they would be seen.
        self.assertEqual(self.signs(right, self.kit.secret), ["login key", "keyring"])
        self.assertEqual(self.signs(wrong, self.kit.secret), [])

    def check_recovery_key(self) -> None:
        """See that its key and its copy follow from 256 random bits, and from no passphrase."""
        recovery = parse_recovery((self.folder / "recovery").read_text())
        self.assertEqual(recovery.login.public, self.recovery_key)
        boxes.open_committed(recovery.unlock, self.recovery_keyring, recovery.place, "it")
        self.assertEqual(len(recovery.secret.expose()), RecoverySecret.LENGTH)
        self.assertNotIn(recovery.secret.expose()[:8], self.dump)

    def check_delays(self) -> None:
        """See that what is remembered of wrong logins names names and networks, and no guess."""
        subjects = {row[0] for row in self.rows("SELECT subject FROM delays")}
        allowed = {
            subject(Kind.ACCOUNT, "ada"),
            subject(Kind.NETWORK, "127.0.0.1"),
            subject(Kind.ALL),
        }
        self.assertTrue(subjects)
        self.assertLessEqual(subjects, allowed)

    def check_columns(self) -> None:
        """See that each column of the database was argued for above."""
        tables = [row[0] for row in self.rows("SELECT name FROM sqlite_schema WHERE type='table'")]
        found = {
            str(table): {str(row[1]) for row in self.rows(f"PRAGMA table_info({table})")}
            for table in tables
            if not str(table).startswith("sqlite_")
        }
        self.assertEqual(found, COLUMNS)

    def check_files(self) -> None:
        """See that beside the database there are only the server's key and address, and blobs."""
        known = {"accounts.sqlite", "server.key", "address", "blobs", "lock"}
        self.assertEqual(self.names, known)

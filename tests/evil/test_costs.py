"""Attacks 6 and 7: a cheaper Argon2id, one that stops the machine, and salts that a server chose.

Cost and salt follow from the kit alone, and are judged before any work; no message has room for
either.
"""

from typing import Any, get_args

import attrs
from msgspec import msgpack, structs

from anoncloud import limits
from anoncloud.client import export
from anoncloud.client.address import Address
from anoncloud.client.costs import check_cost
from anoncloud.client.keyring import account_place, open_keyring
from anoncloud.client.kit import Kit, parse_kit
from anoncloud.client.tree.changes import KeyEvent, NoteKeys
from anoncloud.crypto import passphrases
from anoncloud.crypto.keys import AccountSecret, ServerSecret
from anoncloud.crypto.passphrases import Argon2
from anoncloud.crypto.server_keys import agreement_key
from anoncloud.errors import AnonymousCloudError, Tampered, UsageError
from anoncloud.limits import KIB
from anoncloud.wire import messages
from tests.evil.asserting import Watch, assert_named
from tests.evil.house import COST, PASSPHRASE, EvilTestCase
from tests.support.entropy import counting

BOMBS = [
    Argon2(1, limits.ARGON2_MEMORY),
    Argon2(limits.ARGON2_PASSES, 8 * KIB),
    Argon2(limits.ARGON2_PASSES_FLOOR - 1, limits.ARGON2_MEMORY_FLOOR),
    Argon2(limits.ARGON2_PASSES_FLOOR, limits.ARGON2_MEMORY_FLOOR - KIB),
    Argon2(limits.ARGON2_PASSES_CAP + 1, limits.ARGON2_MEMORY),
    Argon2(limits.ARGON2_PASSES, limits.ARGON2_MEMORY_CAP + KIB),
    Argon2(2**32 - 1, limits.ARGON2_MEMORY_FLOOR),
    Argon2(limits.ARGON2_PASSES_FLOOR, 64 * 1024 * limits.MIB),
]
"""Costs below the floor and above the cap."""
SAID = {
    *("request", "code", "sentence", "hint", "drive", "head", "head_hash", "keyring", "records"),
    *("number", "stored", "quota", "registration", "least_score", "keys", "recovery", "slot"),
    *("message", "statements", "length"),
}
"""Everything that a server can say to a client, by the names of the fields."""


class CostTests(EvilTestCase):
    """Attack 6: the work that a passphrase takes."""

    def setUp(self) -> None:
        super().setUp()
        self.work: list[tuple[bytes, int, int]] = []
        real = passphrases.bindings.crypto_pwhash_alg

        def watched(
            length: int, raw: bytes, salt: bytes, passes: int, memory: int, alg: int
        ) -> Any:
            self.work.append((salt, passes, memory))
            return real(length, raw, salt, passes, memory, alg)

        self.patch(passphrases.bindings, "crypto_pwhash_alg", watched)
        address = Address("box.example", 9650, self.house.address.key)
        self.kit = Kit(address, "ada", AccountSecret(b"s" * 16), COST)

    def test_kits(self) -> None:
        """A kit of another cost is refused before any work, and before anybody is asked."""
        watch = Watch(self.house)
        for cost in BOMBS:
            bomb = attrs.evolve(self.kit, cost=cost)
            assert_named(self, self.assertRaises(UsageError, parse_kit, bomb.line()), UsageError)
            assert_named(self, self.fault(self.log_in(bomb)), UsageError)
        self.assertEqual((self.work, watch.frames()), ([], []))

    def test_exports(self) -> None:
        """So is a file that holds an exported keyring."""
        salt = b"s" * 16
        for cost in BOMBS:
            fields = (1, salt, cost.passes, cost.memory // KIB, b"box")
            content = export.HEAD + msgpack.encode(fields)
            self.assertRaises(UsageError, export.open_export, content, PASSPHRASE)
        self.assertEqual(self.work, [])

    def test_a_good_cost_works(self) -> None:
        """The floor itself is worked at, so the refusals above mean something."""
        self.kit.keys(PASSPHRASE)
        self.assertEqual([(passes, memory) for _, passes, memory in self.work], [(2, 64 * 1024**2)])

    def test_no_message_has_room(self) -> None:
        """No answer of a server has a field for a salt, a cost or the name of a function."""
        fields = {
            field.name for kind in get_args(messages.Answers) for field in structs.fields(kind)
        }
        self.assertEqual(fields, SAID)

    def test_what_was_noted_only_rises(self) -> None:
        """A record that says less than was noted is refused; no new kit costs less either."""
        here, _ = self.register()
        opened = self.resume(here)
        noted = NoteKeys(KeyEvent.KIT, 4, 128 * 1024)
        self.now(opened.drive.change(lambda draft: draft.add(noted)))
        for passes, memory_kib in ((3, 128 * 1024), (4, 128 * 1024 - 1), (1, 1)):
            less = NoteKeys(KeyEvent.PASSPHRASE, passes, memory_kib)
            error = self.fault(opened.drive.change(lambda draft, less=less: draft.add(less)))
            self.assertIsInstance(error, AnonymousCloudError)
            cost = Argon2(max(passes, 2), max(memory_kib, 64 * 1024) * KIB)
            self.assertRaises(
                UsageError, check_cost, cost, Argon2(noted.passes, noted.memory_kib * KIB)
            )
        self.assertEqual(opened.drive.tree.affairs.passes, 4)

    def test_less_from_another_device(self) -> None:
        """The same by somebody who is in, and does not keep the rules."""
        here, _ = self.register()
        opened = self.resume(here)
        self.now(
            opened.drive.change(lambda draft: draft.add(NoteKeys(KeyEvent.KIT, 4, 128 * 1024)))
        )
        less = NoteKeys(KeyEvent.PASSPHRASE, 3, 128 * 1024)
        self.insert(opened.keyring, opened.drive.journal.newest + 1, less)
        assert_named(self, self.fault(opened.drive.catch_up()), Tampered)
        self.assertEqual(opened.drive.tree.affairs.passes, 4)


class SaltTests(EvilTestCase):
    """Attack 7: whose salt it is."""

    def setUp(self) -> None:
        super().setUp()
        self.salts: list[bytes] = []
        self.here, self.kit = self.register()
        real = passphrases.bindings.crypto_pwhash_alg

        def watched(length: int, raw: bytes, salt: bytes, *cost: int) -> Any:
            self.salts.append(salt)
            return real(length, raw, salt, *cost)

        self.patch(passphrases.bindings, "crypto_pwhash_alg", watched)

    def test_the_kits_alone(self) -> None:
        """However a server answers, the salt of a kit is the same, and the cost."""
        lies: list[Any] = [
            lambda said: None,
            lambda said: (
                [messages.Keyring(said.request, b"salt" * 16)]
                if isinstance(said, messages.Keyring)
                else None
            ),
            lambda said: (
                [messages.Refusal(said.request, 1, "salt", "salt: 00000000")]
                if isinstance(said, messages.LoggedIn)
                else None
            ),
        ]
        for lie in lies:
            self.house.tricks[:] = [lie]
            _ = self.begin(self.log_in(self.kit)).addErrback(lambda _: None)
        self.assertEqual(len(self.salts), 3)
        self.assertEqual(len(set(self.salts)), 1)

    def test_one_for_each(self) -> None:
        """Another account, or another server, has another salt; none is a constant."""
        other = ServerSecret(b"o" * 32)
        address = attrs.evolve(self.kit.address, key=agreement_key(other).public)
        for kit in (
            self.kit,
            attrs.evolve(self.kit, account="bob"),
            attrs.evolve(self.kit, address=address),
            attrs.evolve(self.kit, account="bob", address=address),
        ):
            kit.keys(PASSPHRASE)
        self.assertEqual(len(set(self.salts)), 4)
        self.assertEqual({len(salt) for salt in self.salts}, {16})

    def test_after_a_change_of_the_servers_key(self) -> None:
        """The salt stays the kit's when its server shows another key, whatever it says."""
        self.kit.keys(PASSPHRASE)
        moved = attrs.evolve(self.kit.address, key=bytes(32))
        self.fault(self.log_in(self.kit, server=moved))
        self.assertEqual(len(set(self.salts)), 1)

    def test_exports_draw_theirs(self) -> None:
        """An exported keyring has a random salt, so two of one keyring have nothing in common."""
        keys = self.kit.keys(PASSPHRASE)
        sealed = self.now(self.house.rooms.accounts.keyring("ada", keys.login.public))
        keyring = open_keyring(sealed, keys.unlock, account_place(self.kit))
        self.salts.clear()
        entropy = counting(b"export")
        what = export.Export(str(self.kit.address), "ada", keyring)
        files = [export.seal_export(what, PASSPHRASE, COST, entropy) for _ in range(2)]
        self.assertEqual(len(set(self.salts)), 2)
        self.assertEqual(len({file[-100:] for file in files}), 2)

"""Attack 23: one ciphertext that opens under many keys, to test two guesses with one answer."""

from itertools import product
from typing import Any

from msgspec import msgpack
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client import export, keyring
from anoncloud.crypto import boxes
from anoncloud.crypto.derive import Purpose, derive, keyed_digest
from anoncloud.crypto.keys import SealingKey, UnlockKey
from anoncloud.crypto.passphrases import stretch_salted
from anoncloud.errors import Tampered, WrongPassphrase
from anoncloud.limits import KIB
from anoncloud.wire import messages
from tests.evil.asserting import Watch, assert_named, assert_silent
from tests.evil.house import COST, PASSPHRASE, EvilTestCase
from tests.evil.partition import hchacha20, two_key_box

NONCE = bytes(range(24))


def sealing(key: UnlockKey) -> SealingKey:
    """Give the key of the box inside a committed box."""
    return derive(key, Purpose.KEYRING_SEAL, SealingKey)


def crafted(one: UnlockKey, other: UnlockKey, place: bytes) -> bytes:
    """Make a box that is authentic under the boxes' keys of both."""
    return two_key_box((sealing(one).expose(), sealing(other).expose()), place, NONCE, 320)


class CraftTests(SynchronousTestCase):
    """The attack itself: it works against a box alone."""

    def test_hchacha20(self) -> None:
        """The draft's own vector (draft-irtf-cfrg-xchacha-03 section 2.2.1)."""
        nonce = bytes.fromhex("000000090000004a0000000031415927")
        expected = "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc"
        self.assertEqual(hchacha20(bytes(range(32)), nonce).hex(), expected)

    def test_opens_under_both(self) -> None:
        """A box without a commitment opens under either key, to something else each time."""
        one, other = UnlockKey(b"1" * 32), UnlockKey(b"2" * 32)
        for place in (b"", b"place", b"x" * 48):
            box = crafted(one, other, place)
            opened = {boxes.open_box(sealing(key), box, place, "it") for key in (one, other)}
            self.assertEqual(len(opened), 2)

    def test_refused_by_the_commitment(self) -> None:
        """A committed box has one key: the other's is refused before any box is opened."""
        one, other = UnlockKey(b"1" * 32), UnlockKey(b"2" * 32)
        box = crafted(one, other, b"place")
        self.looked: list[bytes] = []
        self.patch(boxes, "open_box", lambda key, *rest: self.looked.append(key.expose()))
        for committed, tried in product((one, other), repeat=2):
            sealed = keyed_digest(committed, Purpose.KEYRING_COMMIT, box, b"place") + box
            self.looked.clear()
            if committed is tried:
                boxes.open_committed(tried, sealed, b"place", "it")
                self.assertEqual(len(self.looked), 1)  # so the watch would see one
            else:
                self.assertRaises(Tampered, boxes.open_committed, tried, sealed, b"place", "it")
                self.assertEqual(self.looked, [])


class ServedTests(EvilTestCase):
    """The same, served to a client by somebody who has guessed right, but for one key of two."""

    def setUp(self) -> None:
        super().setUp()
        self.here, self.kit = self.register()
        self.opened: list[object] = []
        real = boxes.open_box

        def watched(*arguments: Any) -> bytes:
            self.opened.append(arguments)
            return real(*arguments)

        self.watched = watched

    def test_account(self) -> None:
        """At a login: refused like any other, with no box opened and nothing said after it."""
        right, wrong = self.kit.keys(PASSPHRASE).unlock, UnlockKey(b"w" * 32)
        place = keyring.account_place(self.kit)
        box = crafted(right, wrong, place)
        boxes.open_box(sealing(right), box, place, "it")  # it would open
        sealed = keyed_digest(wrong, Purpose.KEYRING_COMMIT, box, place) + box
        self.house.tricks.append(
            lambda said: (
                [messages.Keyring(said.request, sealed)]
                if isinstance(said, messages.Keyring)
                else None
            )
        )
        self.patch(boxes, "open_box", self.watched)
        watch = Watch(self.house)
        error = self.fault(self.log_in(self.kit))
        assert_named(self, error, WrongPassphrase)
        assert_silent(self, watch, ["LogIn", "FetchKeyring"])
        self.assertEqual(self.opened, [])

    def test_other_places(self) -> None:
        """The copy for a recovery key, a device's keyring and an exported one: the same."""
        right, wrong = UnlockKey(b"r" * 32), UnlockKey(b"w" * 32)
        known = self.here.profile.load()
        places: list[tuple[UnlockKey, bytes, Any]] = [
            (right, keyring.recovery_place(self.kit.address.key, "ada"), keyring.open_keyring),
            (
                known.keys.unlock,
                keyring.device_place(self.kit.address.key, "ada"),
                lambda sealed, _, place: keyring.open_device_keyring(sealed, known.keys, place),
            ),
        ]
        cost = (COST.passes, COST.memory // KIB)
        stretched = export._unlock(stretch_salted(PASSPHRASE, bytes(16), COST))

        def open_export(sealed: bytes, unlock: UnlockKey, place: bytes) -> object:
            self.assertEqual(
                (unlock, msgpack.decode(place)[1:]), (stretched, [1, bytes(16), *cost])
            )
            content = export.HEAD + msgpack.encode((1, bytes(16), *cost, sealed))
            return export.open_export(content, PASSPHRASE)

        exported = msgpack.encode(("anoncloud 1 export", 1, bytes(16), *cost))
        places.append((stretched, exported, open_export))
        self.patch(boxes, "open_box", self.watched)
        for unlock, place, opening in places:
            box = crafted(unlock, wrong, place)
            sealed = keyed_digest(wrong, Purpose.KEYRING_COMMIT, box, place) + box
            self.assertRaises(WrongPassphrase, opening, sealed, unlock, place)
        self.assertEqual(self.opened, [])

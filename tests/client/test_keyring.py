"""Keyrings: opened by one key at one place, as they were sealed."""

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.address import Address
from anoncloud.client.keyring import (
    SUCCESSION,
    AccountKeyring,
    Keyring,
    account_place,
    device_keys,
    device_place,
    new_keyring,
    open_device_keyring,
    open_keyring,
    recovery_place,
    seal_device_keyring,
    seal_keyring,
)
from anoncloud.client.kit import Kit, parse_kit
from anoncloud.crypto import boxes
from anoncloud.crypto.keys import (
    AccountSecret,
    AgreementKey,
    DeviceSecret,
    DriveKey,
    SigningKey,
    UnlockKey,
    verify,
)
from anoncloud.crypto.passphrases import Argon2
from anoncloud.errors import WrongPassphrase
from anoncloud.limits import MAX_KEYRING
from tests.support.client_samples import SAMPLE_ACCOUNT, SAMPLE_KEYRING, SUCCESSOR
from tests.support.damage import cuts, flip
from tests.support.entropy import counting, replaying
from tests.support.strategies import identifiers, keys, signatures
from tests.support.vectors import load

KEY = bytes(range(32))
UNLOCK = UnlockKey(KEY)
DEVICE = device_keys(DeviceSecret(b"\x5e" * 32))
PLACE = device_place(KEY, "ada")
epochs = st.lists(keys.map(DriveKey), min_size=1, max_size=4).map(tuple)
keyrings = st.builds(
    AccountKeyring,
    identifiers,
    epochs,
    keys.map(AgreementKey),
    keys.map(SigningKey),
    keys,
    st.none() | keys.map(AgreementKey),
    st.none() | signatures,
)


class SealingTests(SynchronousTestCase):
    """Sealed and opened."""

    def test_frozen(self) -> None:
        """The account's keyring, before and after its keys were changed, is sealed as recorded."""
        vectors = load("keyrings")
        nonce, vector = bytes.fromhex(vectors["nonce"]), vectors["account"]
        drive_keys = tuple(DriveKey(bytes.fromhex(key)) for key in vectors["epochs"])
        changed = AccountKeyring(
            bytes.fromhex(vectors["drive"]),
            drive_keys,
            AgreementKey(bytes.fromhex(vector["agreement"])),
            SigningKey(bytes.fromhex(vector["signing"])),
            bytes.fromhex(vector["first_signing"]),
            AgreementKey(bytes.fromhex(vector["previous"])),
            bytes.fromhex(vector["succession"]),
        )
        place = account_place(parse_kit(vector["kit"]))
        self.assertEqual((place.hex(), vector["unlock"]), (vector["place"], KEY.hex()))
        for keyring, frozen in ((SAMPLE_ACCOUNT, "first_sealed"), (changed, "sealed")):
            sealed = seal_keyring(keyring, UNLOCK, place, replaying(nonce))
            self.assertEqual(sealed.hex(), vector[frozen])
            self.assertEqual(open_keyring(sealed, UNLOCK, place), keyring)

    def test_frozen_device(self) -> None:
        """So is a device's keyring; the device's keys are derived as recorded."""
        vectors = load("keyrings")
        vector = vectors["device"]
        made = device_keys(DeviceSecret(bytes.fromhex(vector["secret"])))
        self.assertEqual(made.login.public.hex(), vector["login_public"])
        self.assertEqual(made.unlock.expose().hex(), vector["unlock"])
        self.assertEqual(made.agreement.expose().hex(), vector["agreement_private"])
        self.assertEqual(PLACE.hex(), vector["place"])
        opened = open_device_keyring(bytes.fromhex(vector["sealed"]), made, PLACE)
        drive_keys = tuple(DriveKey(bytes.fromhex(key)) for key in vectors["epochs"])
        public = bytes.fromhex(vector["agreement"]), bytes.fromhex(vector["first_signing"])
        drive, mine = bytes.fromhex(vectors["drive"]), (made.agreement,)
        self.assertEqual(opened, Keyring(drive, drive_keys, mine, *public, made.login.public))
        sealed = seal_device_keyring(
            opened, made, PLACE, replaying(bytes.fromhex(vectors["nonce"]))
        )
        self.assertEqual(sealed.hex(), vector["sealed"])

    @given(keyrings)
    def test_round_trip(self, keyring: AccountKeyring) -> None:
        """Any keyring is opened as it was sealed; its newest epoch is the last."""
        opened = open_keyring(seal_keyring(keyring, UNLOCK, PLACE, counting()), UNLOCK, PLACE)
        self.assertEqual(opened, keyring)
        self.assertEqual(opened.opened().epoch, len(keyring.epochs) - 1)

    @given(keyrings)
    def test_round_trip_of_a_device(self, keyring: AccountKeyring) -> None:
        """A device opens the drive as the account does, and is sent new keys by its own."""
        given_out = keyring.opened()
        sealed = seal_device_keyring(given_out, DEVICE, PLACE, counting())
        opened = open_device_keyring(sealed, DEVICE, PLACE)
        expected = evolve(given_out, recipients=(DEVICE.agreement,), device=DEVICE.login.public)
        self.assertEqual(opened, expected)

    def test_longest(self) -> None:
        """The longest keyring that there can be is one that a server takes."""
        longest = evolve(SUCCESSOR, epochs=SUCCESSOR.epochs[:1] * 128)
        sealed = seal_keyring(longest, UNLOCK, PLACE, counting())
        self.assertLess(len(sealed), MAX_KEYRING)
        self.assertEqual(open_keyring(sealed, UNLOCK, PLACE), longest)

    def test_new(self) -> None:
        """A new keyring has one epoch, and every key of its own."""
        made = new_keyring(counting())
        self.assertEqual(made.opened().epoch, 0)
        self.assertEqual(made.first_signing, made.signing.public)
        drawn = {made.epochs[0].expose(), made.agreement.expose(), made.signing.expose()}
        self.assertEqual((len(drawn), len(made.drive)), (3, 16))
        self.assertNotEqual(made, new_keyring(counting(b"other")))

    def test_successor(self) -> None:
        """Other keys, signed by those before; what was delivered to the older opens still."""
        mine = new_keyring(counting())
        one = mine.successor((*mine.epochs, DriveKey(KEY)), counting(b"one"))
        two = one.successor(one.epochs, counting(b"two"))
        for before, after in ((mine, one), (one, two)):
            signed = mine.drive + after.agreement.public + after.signing.public
            signer = before.signing.public
            self.assertTrue(verify(signer, SUCCESSION, signed, after.succession or b""))
            self.assertEqual(after.opened().recipients, (after.agreement, before.agreement))
            self.assertEqual(after.first_signing, mine.signing.public)
            self.assertNotEqual(after.signing, before.signing)
        self.assertEqual(two.opened().epoch, 1)

    def test_nothing_shown(self) -> None:
        """A keyring shows none of its keys."""
        for text in (repr(SAMPLE_KEYRING), str(SAMPLE_ACCOUNT), repr(DEVICE)):
            for raw in ("e0", "a0", "a1", "5e"):
                self.assertNotIn(f"\\x{raw}\\x{raw}", text)


class DamageTests(SynchronousTestCase):
    """What does not open; why is never told."""

    def setUp(self) -> None:
        self.sealed = seal_keyring(SAMPLE_ACCOUNT, UNLOCK, PLACE, counting())

    def refused(self, sealed: bytes, unlock: UnlockKey = UNLOCK, place: bytes = PLACE) -> str:
        """Give the words in which opening is refused."""
        return str(self.assertRaises(WrongPassphrase, open_keyring, sealed, unlock, place))

    def test_flipped_and_cut(self) -> None:
        """Any byte that is changed and any cut is refused, always in the same words."""
        words = {self.refused(flip(self.sealed, bit)) for bit in range(0, len(self.sealed) * 8, 5)}
        words |= {self.refused(cut) for cut in cuts(self.sealed)}
        words.add(self.refused(self.sealed, UnlockKey(b"w" * 32)))
        words.add(self.refused(self.sealed, place=device_place(KEY, "bob")))
        self.assertEqual(len(words), 1)

    def test_another_place(self) -> None:
        """Server, account, cost and kind are bound in: another's keyring does not open."""

        def kit(key: bytes = KEY, account: str = "ada", cost: Argon2 | None = None) -> Kit:
            secret = AccountSecret(KEY[:16])
            return Kit(Address("h", 1, key), account, secret, cost or Argon2())

        places = [
            account_place(kit()),
            account_place(kit(key=b"k" * 32)),
            account_place(kit(account="bob")),
            account_place(kit(cost=Argon2(4))),
            account_place(kit(cost=Argon2(memory=2**27))),
            PLACE,
            device_place(b"k" * 32, "ada"),
            recovery_place(KEY, "ada"),
            recovery_place(b"k" * 32, "ada"),
        ]
        self.assertEqual(len(set(places)), len(places))
        for sealed_at in places:
            sealed = seal_keyring(SAMPLE_ACCOUNT, UNLOCK, sealed_at, counting())
            for place in places:
                if place == sealed_at:
                    self.assertEqual(open_keyring(sealed, UNLOCK, place), SAMPLE_ACCOUNT)
                else:
                    self.refused(sealed, place=place)

    def test_one_kind_for_another(self) -> None:
        """A device's keyring is no account's, nor the other way round, even under one key."""
        device = seal_device_keyring(SAMPLE_KEYRING, DEVICE, PLACE, counting())
        self.refused(device, DEVICE.unlock)
        account = seal_keyring(SAMPLE_ACCOUNT, DEVICE.unlock, PLACE, counting())
        self.assertRaises(WrongPassphrase, open_device_keyring, account, DEVICE, PLACE)

    def test_content_is_checked(self) -> None:
        """A keyring of another format, without epochs or with short keys is refused."""
        good = [1, bytes(16), [bytes(32)], bytes(32), bytes(32), bytes(32), None, None]

        def sealed(content: list[object]) -> bytes:
            return boxes.seal_committed(UNLOCK, msgpack.encode(content), PLACE, counting())

        open_keyring(sealed(good), UNLOCK, PLACE)
        for at, wrong in (
            *((0, other) for other in range(256) if other != 1),
            (1, bytes(15)),
            (2, []),
            (2, [bytes(31)]),
            (2, [bytes(32)] * 129),
            (3, bytes(33)),
            (4, "seed"),
            (5, bytes(31)),
            (6, b""),
            (7, bytes(63)),
        ):
            self.refused(sealed([*good[:at], wrong, *good[at + 1 :]]))
        self.refused(sealed([*good, 0]))
        self.refused(sealed(good[:-1]))

    def test_content_of_a_device_is_checked(self) -> None:
        """So is a device's."""
        good = [2, bytes(16), [bytes(32)], bytes(32), bytes(32)]

        def sealed(content: list[object]) -> bytes:
            return boxes.seal_committed(DEVICE.unlock, msgpack.encode(content), PLACE, counting())

        open_device_keyring(sealed(good), DEVICE, PLACE)
        for content in (
            *([other, *good[1:]] for other in range(256) if other != 2),
            [*good, 0],
            good[:-1],
            [*good[:2], [], *good[3:]],
            [*good[:3], bytes(31), good[4]],
        ):
            self.assertRaises(WrongPassphrase, open_device_keyring, sealed(content), DEVICE, PLACE)

    def test_too_long(self) -> None:
        """A keyring that no server takes is not worked on."""
        self.refused(bytes(MAX_KEYRING + 1))

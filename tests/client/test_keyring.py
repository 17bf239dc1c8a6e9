"""The keyring: opened by one key at one place, as it was sealed."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.address import Address
from anoncloud.client.keyring import (
    Keyring,
    account_place,
    device_keys,
    device_place,
    new_keyring,
    open_keyring,
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
)
from anoncloud.crypto.passphrases import Argon2
from anoncloud.errors import WrongPassphrase
from anoncloud.limits import MAX_KEYRING
from tests.support.client_samples import SAMPLE_KEYRING
from tests.support.damage import cuts, flip
from tests.support.entropy import counting, replaying
from tests.support.strategies import identifiers, keys
from tests.support.vectors import load

KEY = bytes(range(32))
UNLOCK = UnlockKey(KEY)
PLACE = device_place(KEY, "ada")
keyrings = st.builds(
    Keyring,
    identifiers,
    st.lists(keys.map(DriveKey), min_size=1, max_size=4).map(tuple),
    keys.map(AgreementKey),
    keys.map(SigningKey),
)


class SealingTests(SynchronousTestCase):
    """Sealed and opened."""

    def test_frozen(self) -> None:
        """The account's and the device's copy are sealed as recorded, and open again."""
        vectors = load("keyrings")
        keyring = Keyring(
            bytes.fromhex(vectors["drive"]),
            tuple(DriveKey(bytes.fromhex(key)) for key in vectors["epochs"]),
            AgreementKey(bytes.fromhex(vectors["agreement"])),
            SigningKey(bytes.fromhex(vectors["signing"])),
        )
        nonce = bytes.fromhex(vectors["nonce"])
        account, device = vectors["account"], vectors["device"]
        login, unlock = device_keys(DeviceSecret(bytes.fromhex(device["secret"])))
        self.assertEqual(login.public.hex(), device["login_public"])
        self.assertEqual(unlock.expose().hex(), device["unlock"])
        for vector, key, place in (
            (account, UNLOCK, account_place(parse_kit(account["kit"]))),
            (device, unlock, PLACE),
        ):
            self.assertEqual(place.hex(), vector["place"])
            sealed = seal_keyring(keyring, key, place, replaying(nonce))
            self.assertEqual(sealed.hex(), vector["sealed"])
            self.assertEqual(open_keyring(sealed, key, place), keyring)

    @given(keyrings)
    def test_round_trip(self, keyring: Keyring) -> None:
        """Any keyring is opened as it was sealed; its newest epoch is the last."""
        opened = open_keyring(seal_keyring(keyring, UNLOCK, PLACE, counting()), UNLOCK, PLACE)
        self.assertEqual(opened, keyring)
        self.assertEqual(opened.epoch, len(keyring.epochs) - 1)

    def test_new(self) -> None:
        """A new keyring has one epoch, and every key of its own."""
        made = new_keyring(counting())
        self.assertEqual(made.epoch, 0)
        drawn = {made.epochs[0].expose(), made.agreement.expose(), made.signing.expose()}
        self.assertEqual((len(drawn), len(made.drive)), (3, 16))
        self.assertNotEqual(made, new_keyring(counting(b"other")))

    def test_nothing_shown(self) -> None:
        """A keyring shows none of its keys."""
        for text in (repr(SAMPLE_KEYRING), str(SAMPLE_KEYRING)):
            for raw in ("e0", "a0", "a1"):
                self.assertNotIn(f"\\x{raw}", text)


class DamageTests(SynchronousTestCase):
    """What does not open; why is never told."""

    def setUp(self) -> None:
        self.sealed = seal_keyring(SAMPLE_KEYRING, UNLOCK, PLACE, counting())

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
        ]
        self.assertEqual(len(set(places)), len(places))
        for sealed_at in places:
            sealed = seal_keyring(SAMPLE_KEYRING, UNLOCK, sealed_at, counting())
            for place in places:
                if place == sealed_at:
                    self.assertEqual(open_keyring(sealed, UNLOCK, place), SAMPLE_KEYRING)
                else:
                    self.refused(sealed, place=place)

    def test_content_is_checked(self) -> None:
        """A keyring of another format, without epochs or with short keys is refused."""
        good = [1, bytes(16), [bytes(32)], bytes(32), bytes(32)]

        def sealed(content: list[object]) -> bytes:
            return boxes.seal_committed(UNLOCK, msgpack.encode(content), PLACE, counting())

        open_keyring(sealed(good), UNLOCK, PLACE)
        for at, wrong in (
            (0, 2),
            (1, bytes(15)),
            (2, []),
            (2, [bytes(31)]),
            (2, [bytes(32)] * 129),
            (3, bytes(33)),
            (4, "seed"),
        ):
            self.refused(sealed([*good[:at], wrong, *good[at + 1 :]]))
        self.refused(sealed([*good, 0]))
        self.refused(sealed(good[:-1]))

    def test_too_long(self) -> None:
        """A keyring that no server takes is not worked on."""
        self.refused(bytes(MAX_KEYRING + 1))

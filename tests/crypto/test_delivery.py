"""Deliveries of drive keys: opened by their recipient alone, at their place alone."""

from hypothesis import given
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.crypto import boxes
from anoncloud.crypto.delivery import (
    CHECK,
    DELIVERY,
    accept,
    check_of,
    deliver,
    is_checked,
)
from anoncloud.crypto.derive import Purpose, derive, keyed_digest
from anoncloud.crypto.keys import AgreementKey, DriveKey, SealingKey, SharedSecret
from anoncloud.errors import Tampered
from tests.crypto.test_keys import SMALL_ORDER
from tests.support.damage import cuts, flips
from tests.support.entropy import counting, replaying
from tests.support.strategies import identifiers, keys
from tests.support.vectors import load

DRIVE = b"d" * 16
KEY = DriveKey(b"PLANTED-" * 4)
MINE, OTHER = AgreementKey(b"m" * 32), AgreementKey(b"o" * 32)


def delivered(key: DriveKey = KEY, epoch: int = 1, recipient: bytes = MINE.public) -> bytes:
    """Deliver a key."""
    return deliver(key, DRIVE, epoch, recipient, counting()) or b""


class DeliveryTests(SynchronousTestCase):
    """Delivered and accepted."""

    def test_frozen(self) -> None:
        """A delivery is as recorded, and opens again."""
        vector = {
            name: bytes.fromhex(value) if isinstance(value, str) else value
            for name, value in load("delivery").items()
        }
        recipient, key = AgreementKey(vector["recipient_private"]), DriveKey(vector["key"])
        drive, epoch = vector["drive"], vector["epoch"]
        entropy = replaying(vector["fresh_private"], vector["nonce"])
        sealed = deliver(key, drive, epoch, recipient.public, entropy)
        self.assertEqual(sealed, vector["sealed"])
        self.assertEqual(check_of(key, drive, epoch), vector["check"])
        self.assertEqual(accept(vector["sealed"], drive, epoch, recipient), key)

    @given(keys, keys, identifiers)
    def test_round_trip(self, key: bytes, recipient: bytes, drive: bytes) -> None:
        """Any key comes to any recipient, in a delivery of one length."""
        mine = AgreementKey(recipient)
        sealed = deliver(DriveKey(key), drive, 2**63, mine.public, counting())
        self.assertEqual(len(sealed or b""), DELIVERY)
        self.assertEqual(accept(sealed or b"", drive, 2**63, mine), DriveKey(key))

    def test_by_hand(self) -> None:
        """It is a box under what a fresh key and the recipient's agree on, as the formats say."""
        fresh = AgreementKey(b"f" * 32)
        sealed = deliver(KEY, DRIVE, 7, MINE.public, replaying(fresh.expose(), b"n" * 24))
        shared = SharedSecret(MINE.agree(fresh.public))
        key = derive(shared, Purpose.EPOCH_DELIVERY, SealingKey, fresh.public + MINE.public)
        place = b"anoncloud 1 epoch" + DRIVE + (7).to_bytes(8, "big") + MINE.public
        box = boxes.seal(key, KEY.expose(), place, replaying(b"n" * 24))
        self.assertEqual(sealed, fresh.public + box)

    def test_nothing_in_clear(self) -> None:
        """A delivery shows nothing of the key, and no two are alike."""
        source = counting()
        one, two = (deliver(KEY, DRIVE, 1, MINE.public, source) or b"" for _ in range(2))
        for sealed in (one, two):
            self.assertNotIn(b"PLANTED", sealed)
        self.assertNotEqual(one[:32], two[:32])
        self.assertNotEqual(one[32:], two[32:])

    def test_unusable_recipient(self) -> None:
        """To a public key by which everybody could read, nothing is delivered."""
        for point in SMALL_ORDER:
            self.assertIsNone(deliver(KEY, DRIVE, 1, bytes.fromhex(point), counting()))
        self.assertIsNone(deliver(KEY, DRIVE, 1, b"short", counting()))


class TamperedTests(SynchronousTestCase):
    """What is not accepted."""

    def refused(
        self, sealed: bytes, drive: bytes = DRIVE, epoch: int = 1, recipient: AgreementKey = MINE
    ) -> str:
        """Give the words in which a delivery is refused."""
        return str(self.assertRaises(Tampered, accept, sealed, drive, epoch, recipient))

    def test_damage(self) -> None:
        """Any bit that is changed, and any cut, is refused; which one is not told."""
        sealed = delivered()
        said = {self.refused(each) for each in (*flips(sealed), *cuts(sealed), sealed + b"\x00")}
        self.assertEqual(len(said), 1)

    def test_another_place(self) -> None:
        """It opens for its drive, its epoch and its recipient alone."""
        sealed = delivered()
        self.assertEqual(accept(sealed, DRIVE, 1, MINE), KEY)
        self.refused(sealed, drive=b"e" * 16)
        self.refused(sealed, epoch=2)
        self.refused(sealed, recipient=OTHER)
        self.refused(delivered(recipient=OTHER.public))

    def test_small_order(self) -> None:
        """A fresh key that forces what is agreed on is refused."""
        for point in SMALL_ORDER:
            self.refused(bytes.fromhex(point) + delivered()[32:])

    def test_another_content(self) -> None:
        """What opens and is no key is refused."""
        fresh = AgreementKey(b"f" * 32)
        shared = SharedSecret(MINE.agree(fresh.public))
        key = derive(shared, Purpose.EPOCH_DELIVERY, SealingKey, fresh.public + MINE.public)
        place = b"anoncloud 1 epoch" + DRIVE + (1).to_bytes(8, "big") + MINE.public
        for content in (b"", bytes(31), bytes(33)):
            self.refused(fresh.public + boxes.seal(key, content, place, counting()))


class CheckTests(SynchronousTestCase):
    """What says that all got the same key."""

    def test_check(self) -> None:
        """It fits one key, one drive and one epoch."""
        check = check_of(KEY, DRIVE, 1)
        self.assertEqual(len(check), CHECK)
        number = (1).to_bytes(8, "big")
        self.assertEqual(check, keyed_digest(KEY, Purpose.EPOCH_CHECK, DRIVE, number))
        self.assertTrue(is_checked(KEY, DRIVE, 1, check))
        self.assertFalse(is_checked(DriveKey(bytes(32)), DRIVE, 1, check))
        self.assertFalse(is_checked(KEY, b"e" * 16, 1, check))
        self.assertFalse(is_checked(KEY, DRIVE, 2, check))
        for damaged in (*flips(check), *cuts(check), check + b"\x00", b""):
            self.assertFalse(is_checked(KEY, DRIVE, 1, damaged))

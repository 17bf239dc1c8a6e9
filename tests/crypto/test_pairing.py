"""SPAKE2: both ends agree if all is the same for both, and not else; checked by libsodium."""

import hmac
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st
from nacl import bindings
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.crypto.derive import Purpose, derive
from anoncloud.crypto.keys import PairingKey, PairingSecret, SealingKey
from anoncloud.crypto.pairing import MESSAGE, End, Exchange, PairingKeys
from anoncloud.errors import Tampered
from tests.support.damage import cuts, flips
from tests.support.entropy import counting, replaying
from tests.support.vectors import load

SERVER = b"s" * 32
SECRET = PairingSecret(b"PLAN")
ORDER = 2**252 + 27742317777372353535851937790883648493
M = bytes.fromhex("15cfd18e385952982b6a8f8c7854963b58e34388c8e6dae891db756481a02312")
N = bytes.fromhex("f04f2e7eb734b2a8f8b472eaf9c3c632576ac64aea650b496a8a20ff00e583c3")
FIELD = 2**255 - 19
OUTSIDE = [
    number.to_bytes(32, "little")
    for number in (0, 1, 2, FIELD - 1, FIELD, FIELD + 1, 1 + 2**255, FIELD + 1 + 2**255, 2**256 - 1)
] + [
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
]
"""Points of small order in all their encodings, and what is no point."""
scalars = st.binary(min_size=64, max_size=64).filter(lambda drawn: int.from_bytes(drawn) % ORDER)


def exchange(end: End, secret: PairingSecret = SECRET, server: bytes = SERVER) -> Exchange:
    """Make one end."""
    return Exchange(end, secret, server, counting(end.value.encode()))


def both(
    old: Exchange | None = None, new: Exchange | None = None, slots: tuple[int, int] = (7, 7)
) -> tuple[PairingKeys, PairingKeys]:
    """Let an old and a new end answer each other."""
    old, new = old or exchange(End.OLD), new or exchange(End.NEW)
    return old.agree(new.message, slots[0]), new.agree(old.message, slots[1])


def scalar(number: int) -> bytes:
    """Write a scalar as libsodium wants it."""
    return (number % ORDER).to_bytes(32, "little")


def times(number: int, point: bytes) -> bytes:
    """Multiply a point."""
    return bindings.crypto_scalarmult_ed25519_noclamp(scalar(number), point)


def by_hand(end: End, secret: bytes, drawn: bytes, received: bytes, ids: list[bytes]) -> bytes:
    """Do one end of docs/formats.rst section 2.7 over libsodium; give its message and the key."""
    extracted = hmac.digest(bytes(32), secret, "sha256")
    one = hmac.digest(extracted, b"SPAKE2 pw\x01", "sha256")
    two = hmac.digest(extracted, one + b"SPAKE2 pw\x02", "sha256")
    word = int.from_bytes((one + two)[:48], "big")
    mine, other = (M, N) if end is End.OLD else (N, M)
    x = int.from_bytes(drawn, "big")
    base = bindings.crypto_scalarmult_ed25519_base_noclamp(scalar(x))
    point = bindings.crypto_core_ed25519_add(base, times(word, mine))
    shared = times(x, bindings.crypto_core_ed25519_add(received[1:], times(-word, other)))
    points = [point, received[1:]] if end is End.OLD else [received[1:], point]
    hashes = [sha256(part).digest() for part in (secret, *ids)]
    key = sha256(b"".join([*hashes, *points, shared])).digest()
    return (b"A" if end is End.OLD else b"B") + point + key


class ExchangeTests(SynchronousTestCase):
    """Two ends and what lies between them."""

    def test_frozen(self) -> None:
        """Messages and keys are as recorded."""
        vector = load("pairing")
        secret = PairingSecret(bytes.fromhex(vector["secret"]))
        server = bytes.fromhex(vector["server_key"])
        old, new = (
            Exchange(end, secret, server, replaying(bytes.fromhex(vector["scalars"][end.value])))
            for end in End
        )
        told = {"old": old.message.hex(), "new": new.message.hex()}
        self.assertEqual(told, vector["messages"])
        for keys in both(old, new, (vector["slot"],) * 2):
            found = {"old": keys.from_old.expose().hex(), "new": keys.from_new.expose().hex()}
            self.assertEqual(found, vector["keys"])

    @given(st.binary(min_size=4, max_size=4), scalars)
    def test_independent_implementation(self, secret: bytes, drawn: bytes) -> None:
        """Each end does what the formats say, as libsodium does it too."""
        ids = [b"anoncloud 1 pairing %s\x00%s" % (who, SERVER) for who in (b"old", b"new")]
        for end, other in ((End.OLD, End.NEW), (End.NEW, End.OLD)):
            peer = exchange(other, PairingSecret(secret))
            ours = Exchange(end, PairingSecret(secret), SERVER, replaying(drawn))
            theirs = by_hand(end, secret, drawn, peer.message, ids)
            self.assertEqual(ours.message, theirs[:MESSAGE])
            agreed = PairingKey(theirs[MESSAGE:])
            context = (9999).to_bytes(2, "big")
            expected = PairingKeys(
                derive(agreed, Purpose.PAIRING_NEW, SealingKey, context),
                derive(agreed, Purpose.PAIRING_OLD, SealingKey, context),
            )
            self.assertEqual(ours.agree(peer.message, 9999), expected)

    def test_agree(self) -> None:
        """Both have the same two keys, which differ; no two exchanges have the same."""
        old, new = both()
        self.assertEqual(old, new)
        self.assertNotEqual(old.from_old, old.from_new)
        again = both(Exchange(End.OLD, SECRET, SERVER, counting(b"again")))
        self.assertNotEqual(again[0], old)

    def test_everything_counts(self) -> None:
        """With another code, another server or another slot they agree on nothing."""
        for old, new in (
            both(new=exchange(End.NEW, PairingSecret(b"PLAM"))),
            both(new=exchange(End.NEW, server=b"t" * 32)),
            both(slots=(7, 8)),
        ):
            self.assertNotEqual(old.from_new, new.from_new)
            self.assertNotEqual(old.from_old, new.from_old)

    def test_changed_on_the_way(self) -> None:
        """A message with any bit changed is refused, or leads to keys that the other has not."""
        good = both()[0]
        message = exchange(End.NEW).message
        refused = 0
        for changed in flips(message):
            try:
                keys = exchange(End.OLD).agree(changed, 7)
            except Tampered:
                refused += 1
            else:
                self.assertNotEqual(keys.from_new, good.from_new)
                self.assertNotEqual(keys.from_old, good.from_old)
        self.assertGreater(refused, len(message))

    def test_refused(self) -> None:
        """What is no message of the other end is refused with one error, whatever is wrong."""
        own, other = exchange(End.OLD).message, exchange(End.NEW).message
        wrong = [*cuts(other), other + b"\x00", own, b"B" + own[1:], b"S" + other[1:]]
        wrong += [b"B" + point for point in OUTSIDE]
        for message in wrong:
            error = self.assertRaises(Tampered, exchange(End.OLD).agree, message, 7)
            self.assertEqual(
                error.message, "pairing: what the other device sent is not what it should be"
            )

    def test_one_answer(self) -> None:
        """An end takes one message, and no second try."""
        old = exchange(End.OLD)
        old.agree(exchange(End.NEW, PairingSecret(b"PLAM")).message, 7)
        self.assertRaises(Tampered, old.agree, exchange(End.NEW).message, 7)

    def test_nothing_is_shown(self) -> None:
        """Neither an end nor what it agrees on shows anything."""
        end = exchange(End.OLD)
        keys = end.agree(exchange(End.NEW).message, 7)
        for text in (repr(end), repr(keys)):
            self.assertNotIn("PLAN", text)
            self.assertNotIn(keys.from_new.expose().hex()[:12], text)

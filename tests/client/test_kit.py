"""The kit: one line that gives everything back, or is refused."""

import base64

from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.address import Address
from anoncloud.client.kit import PREFIX, Kit, parse_kit
from anoncloud.crypto.derive import Purpose, digest
from anoncloud.crypto.keys import AccountSecret
from anoncloud.crypto.passphrases import Argon2
from anoncloud.errors import UsageError
from anoncloud.limits import (
    ARGON2_MEMORY_CAP,
    ARGON2_MEMORY_FLOOR,
    ARGON2_PASSES_CAP,
    ARGON2_PASSES_FLOOR,
    KIB,
)
from tests.support.strategies import account_names, keys
from tests.support.vectors import load

KEY = bytes(range(32))
KIT = Kit(Address("box.example", 9650, KEY), "ada", AccountSecret(KEY[:16]), Argon2())
kits = st.builds(
    Kit,
    st.builds(
        Address,
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=255),
        st.integers(1, 65535),
        keys,
    ),
    account_names,
    st.builds(AccountSecret, st.binary(min_size=16, max_size=16)),
    st.builds(
        Argon2,
        st.integers(ARGON2_PASSES_FLOOR, ARGON2_PASSES_CAP),
        st.integers(ARGON2_MEMORY_FLOOR // KIB, ARGON2_MEMORY_CAP // KIB).map(lambda m: m * KIB),
    ),
)


def line(*fields: object) -> str:
    """Write a kit's line of any fields, with a true checksum."""
    content = msgpack.encode(fields)
    checked = content + digest(Purpose.KIT_CHECKSUM, content, length=5)
    return PREFIX + base64.b32encode(checked).decode().rstrip("=").lower()


class KitTests(SynchronousTestCase):
    """Written and read."""

    def test_frozen(self) -> None:
        """Kits are written as recorded, and read again."""
        vectors = load("kit")
        for vector in vectors["kits"]:
            kit = Kit(
                Address(vector["host"], vector["port"], bytes.fromhex(vectors["server_key"])),
                vector["account"],
                AccountSecret(bytes.fromhex(vectors["secret"])),
                Argon2(vector["passes"], vector["memory"]),
            )
            self.assertEqual(kit.line(), vector["line"])
            self.assertEqual(parse_kit(vector["line"]), kit)

    @given(kits)
    def test_round_trip(self, kit: Kit) -> None:
        """Any kit is read as it was written, in ASCII without spaces."""
        self.assertEqual(parse_kit(kit.line()), kit)
        self.assertTrue(kit.line().isascii())
        self.assertEqual(kit.line().split(), [kit.line()])

    def test_as_people_copy_it(self) -> None:
        """Capitals and white space do no harm."""
        written = KIT.line()
        for text in (written.upper(), f"  {written}\n", " ".join(written), "\r\n".join(written)):
            self.assertEqual(parse_kit(text), KIT)

    def test_secret_is_not_shown(self) -> None:
        """A kit does not show its secret by accident."""
        kit = Kit(KIT.address, "ada", AccountSecret(b"PLANTED-PLANTED-"), Argon2())
        self.assertNotIn("PLANTED", repr(kit) + str(kit))
        self.assertNotIn(b"PLANTED-"[:6].hex(), repr(kit))

    def test_every_letter_counts(self) -> None:
        """A letter that is mistaken, missing or doubled is noticed."""
        written = KIT.line()
        for at in range(len(PREFIX), len(written)):
            other = "b" if written[at] == "a" else "a"
            for text in (
                written[:at] + other + written[at + 1 :],
                written[:at] + written[at + 1 :],
                written[:at] + written[at] + written[at:],
            ):
                if text != written:
                    self.assertRaises(UsageError, parse_kit, text)

    @given(st.text(max_size=50))
    def test_anything_else(self, text: str) -> None:
        """Any other text is refused, with a hint."""
        for whole in (text, PREFIX + text):
            self.assertTrue(self.assertRaises(UsageError, parse_kit, whole).hint)

    def test_bits_that_no_writer_sets(self) -> None:
        """Base32 has spare bits at its end; they are 0."""
        written = KIT.line()
        alphabet = "abcdefghijklmnopqrstuvwxyz234567"
        value = alphabet.index(written[-1])
        for other in set(range(32)) - {value}:
            self.assertRaises(UsageError, parse_kit, written[:-1] + alphabet[other])


class BoundsTests(SynchronousTestCase):
    """What a kit may ask for."""

    def test_fields(self) -> None:
        """Missing, surplus, mistyped and unbounded fields are refused, with a true checksum too."""
        good = ["h", 1, KEY, "ada", KEY[:16], 3, 262144]
        parse_kit(line(*good))
        for at, wrong in (
            (0, ""),
            (0, "h" * 256),
            (0, b"h"),
            (1, 0),
            (1, 65536),
            (2, KEY[:31]),
            (3, ""),
            (3, "a" * 65),
            (4, KEY[:15]),
            (5, 0),
            (5, 2**32),
            (6, 3.0),
        ):
            self.assertRaises(UsageError, parse_kit, line(*good[:at], wrong, *good[at + 1 :]))
        self.assertRaises(UsageError, parse_kit, line(*good[:-1]))
        self.assertRaises(UsageError, parse_kit, line(*good, 0))

    def test_cost(self) -> None:
        """A cost below the floor or above the cap is refused before any work."""
        for passes, memory in ((1, 65536), (17, 65536), (2, 65535), (2, 4194305)):
            error = self.assertRaises(
                UsageError, parse_kit, line("h", 1, KEY, "ada", KEY[:16], passes, memory)
            )
            self.assertIn("Argon2id", str(error))

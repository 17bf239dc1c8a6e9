"""The recovery key: one line that opens an account, or is refused; and what it opens."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.address import Address
from anoncloud.client.keyring import open_keyring
from anoncloud.client.printed import write_line
from anoncloud.client.recovery import PREFIX, Recovery, draw_recovery, parse_recovery
from anoncloud.crypto.derive import Purpose, digest
from anoncloud.crypto.keys import RecoverySecret
from anoncloud.errors import UsageError, WrongPassphrase
from tests.support.client_samples import SAMPLE_ACCOUNT
from tests.support.entropy import counting, replaying
from tests.support.strategies import account_names, keys
from tests.support.vectors import load

KEY = bytes(range(32))
RECOVERY = Recovery(Address("box.example", 9650, KEY), "ada", RecoverySecret(KEY))
recoveries = st.builds(
    Recovery,
    st.builds(
        Address,
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=255),
        st.integers(1, 65535),
        keys,
    ),
    account_names,
    keys.map(RecoverySecret),
)


def line(*fields: object) -> str:
    """Write a recovery key's line of any fields, with a true checksum."""
    content = msgpack.encode(fields)
    return write_line(PREFIX, content, digest(Purpose.RECOVERY_CHECKSUM, content, length=5))


class LineTests(SynchronousTestCase):
    """Written and read."""

    def test_frozen(self) -> None:
        """The recorded line is written and read, and its keys and its copy are those recorded."""
        vector = load("recovery")
        where = Address(vector["host"], vector["port"], bytes.fromhex(vector["server_key"]))
        secret = RecoverySecret(bytes.fromhex(vector["secret"]))
        recovery = Recovery(where, vector["account"], secret)
        self.assertEqual(recovery.line(), vector["line"])
        self.assertEqual(parse_recovery(vector["line"]), recovery)
        self.assertEqual(recovery.login.public.hex(), vector["login_public"])
        self.assertEqual(recovery.unlock.expose().hex(), vector["unlock"])
        self.assertEqual(recovery.place.hex(), vector["place"])
        sealed = recovery.seal(SAMPLE_ACCOUNT, replaying(bytes.fromhex(vector["nonce"])))
        self.assertEqual(sealed.hex(), vector["copy"])

    @given(recoveries)
    def test_round_trip(self, recovery: Recovery) -> None:
        """Any is read as it was written, in ASCII without spaces."""
        written = recovery.line()
        self.assertEqual(parse_recovery(written), recovery)
        self.assertEqual(written.split(), [written])
        self.assertTrue(written.isascii())

    def test_as_people_copy_it(self) -> None:
        """Capitals and white space do no harm."""
        written = RECOVERY.line()
        for text in (written.upper(), f"  {written}\n", " ".join(written), "\r\n".join(written)):
            self.assertEqual(parse_recovery(text), RECOVERY)

    def test_slips(self) -> None:
        """A letter that is missing, doubled or mistaken is noticed, wherever it stands."""
        written = RECOVERY.line()
        for at in range(len(PREFIX), len(written)):
            other = "a" if written[at] != "a" else "b"
            for damaged in (
                written[:at] + other + written[at + 1 :],
                written[:at] + written[at + 1 :],
                written[:at] + written[at] + written[at:],
            ):
                error = self.assertRaises(UsageError, parse_recovery, damaged)
                self.assertIn(PREFIX, error.hint)
                self.assertNotIn(written[len(PREFIX) :], str(error))

    def test_something_else(self) -> None:
        """A kit, other fields and other lengths are no recovery key."""
        fine = ("box.example", 9650, KEY, "ada", KEY)
        self.assertEqual(parse_recovery(line(*fine)), RECOVERY)
        for fields in (
            fine[:4],
            (*fine, 1),
            ("", *fine[1:]),
            ("h", 0, *fine[2:]),
            ("h", 65536, *fine[2:]),
            ("h", 1, KEY[1:], *fine[3:]),
            ("h", 1, KEY, "", KEY),
            ("h", 1, KEY, "ada", KEY[:16]),
        ):
            self.assertRaises(UsageError, parse_recovery, line(*fields))
        for text in ("", load("kit")["kits"][0]["line"], PREFIX, PREFIX + "a", PREFIX + "1"):
            self.assertRaises(UsageError, parse_recovery, text)

    def test_shows_nothing(self) -> None:
        """Its secret is not in what it looks like."""
        self.assertNotIn(KEY.hex(), repr(RECOVERY))
        self.assertNotIn(repr(KEY), repr(RECOVERY).replace(repr(RECOVERY.address), ""))


class CopyTests(SynchronousTestCase):
    """The copy of the keyring."""

    def test_bound(self) -> None:
        """It opens by this key, for this account and server, and by no other."""
        sealed = RECOVERY.seal(SAMPLE_ACCOUNT, counting())
        self.assertEqual(open_keyring(sealed, RECOVERY.unlock, RECOVERY.place), SAMPLE_ACCOUNT)
        address = RECOVERY.address
        other = draw_recovery(address, "ada", counting())
        for wrong in (
            (other.unlock, RECOVERY.place),
            (RECOVERY.unlock, Recovery(address, "bob", RECOVERY.secret).place),
            (RECOVERY.unlock, Recovery(Address("h", 1, KEY[::-1]), "ada", RECOVERY.secret).place),
        ):
            self.assertRaises(WrongPassphrase, open_keyring, sealed, *wrong)

    def test_drawn(self) -> None:
        """Two that are drawn differ, and so do the two keys of one."""
        entropy = counting()
        one, two = (draw_recovery(RECOVERY.address, "ada", entropy) for _ in range(2))
        self.assertNotEqual(one.secret, two.secret)
        self.assertNotEqual(one.login.expose(), one.unlock.expose())

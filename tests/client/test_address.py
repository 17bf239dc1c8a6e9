"""Addresses and invitation links: one form, and nothing like it."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.address import Address, Invitation, decode_base64, encode_base64
from anoncloud.errors import UsageError
from tests.support.damage import cuts
from tests.support.strategies import keys

KEY = bytes(range(32))
CODE = b"\xfb" * 16
TEXT = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"


class AddressTests(SynchronousTestCase):
    """What is an address."""

    def test_example(self) -> None:
        """An address is written in one way, and read from it."""
        address = Address("box.example", 1234, KEY)
        self.assertEqual(str(address), f"anoncloud://box.example:1234/#{TEXT}")
        self.assertEqual(Invitation.parse(str(address)), Invitation(address))

    def test_what_may_be_left_out(self) -> None:
        """The port, and the slash, and space around it."""
        for text in ("box.example", "box.example/", "box.example:9650", "box.example:9650/"):
            for link in (f"anoncloud://{text}#{TEXT}", f" anoncloud://{text}#{TEXT}\n"):
                address = Invitation.parse(link).address
                self.assertEqual(address, Address("box.example", 9650, KEY))

    def test_hosts(self) -> None:
        """Names and both kinds of IP addresses."""
        for host in ("localhost", "192.0.2.1", "2001:db8::1", "::1", "xn--bcher-kva.example"):
            address = Address(host, 1, KEY)
            self.assertEqual(Invitation.parse(str(address)).address, address)

    def test_invitation(self) -> None:
        """An invitation's code follows a dot, and is not shown by accident."""
        text = f"anoncloud://h:1/#{TEXT}.{encode_base64(CODE)}"
        invitation = Invitation.parse(text)
        self.assertEqual((invitation.address, invitation.code), (Address("h", 1, KEY), CODE))
        self.assertNotIn("fb", repr(invitation))

    def test_refused(self) -> None:
        """Anything else is no address: no path, no query, no user, no odd port."""
        for text in (
            "",
            "box.example",
            f"https://h:1/#{TEXT}",
            f"anoncloud://:1/#{TEXT}",
            f"anoncloud:///#{TEXT}",
            f"anoncloud://h:1/x#{TEXT}",
            f"anoncloud://h:1/?x#{TEXT}",
            f"anoncloud://user@h:1/#{TEXT}",
            f"anoncloud://user:word@h:1/#{TEXT}",
            f"anoncloud://h:0/#{TEXT}",
            f"anoncloud://h:65536/#{TEXT}",
            f"anoncloud://h:x/#{TEXT}",
            f"anoncloud://[h:1/#{TEXT}",
            "anoncloud://h:1/",
            f"anoncloud://h:1/{TEXT}",
            f"anoncloud://h:1/#{TEXT}=",
            f"anoncloud://h:1/#{TEXT}.",
            f"anoncloud://h:1/#{TEXT}.AAAA",
            f"anoncloud://h:1/#.{encode_base64(CODE)}",
            f"anoncloud://h:1/#{TEXT}.{encode_base64(CODE)}.x",
            f"anoncloud://h:1/#{TEXT[:-1]}9",
            f"anoncloud://h:1/#{TEXT[:-1]}é",
        ):
            error = self.assertRaises(UsageError, Invitation.parse, text)
            self.assertTrue(error.hint, text)

    def test_cut_links(self) -> None:
        """A link that was copied in part is refused, unless it is a whole address."""
        link = f"anoncloud://h:1/#{TEXT}.{encode_base64(CODE)}"
        taken = []
        for cut in cuts(link.encode()):
            try:
                taken.append(Invitation.parse(cut.decode()).address)
            except UsageError:
                continue
        self.assertEqual(taken, [Address("h", 1, KEY)])

    @given(st.text(max_size=80))
    def test_any_text(self, text: str) -> None:
        """Any text is an address or a UsageError."""
        for whole in (text, f"anoncloud://{text}#{TEXT}", f"anoncloud://h/#{text}"):
            try:
                parsed = Invitation.parse(whole)
            except UsageError:
                continue
            self.assertEqual(Invitation.parse(str(parsed.address)).address, parsed.address)


class Base64Tests(SynchronousTestCase):
    """Base64url in its one form."""

    @given(keys)
    def test_round_trip(self, key: bytes) -> None:
        """Bytes are read as they were written, in 43 characters."""
        text = encode_base64(key)
        self.assertEqual((decode_base64(text, 32), len(text)), (key, 43))

    @given(keys, st.integers(0, 42), st.characters())
    def test_another_character(self, key: bytes, at: int, character: str) -> None:
        """Another character gives another key, or none."""
        text = encode_base64(key)
        changed = text[:at] + character + text[at + 1 :]
        try:
            self.assertEqual(decode_base64(changed, 32) == key, changed == text)
        except UsageError:
            self.assertNotEqual(changed, text)

"""Attack 28: names and passphrases tried online, and an owner locked out on purpose.

How long the answers take is measured in ``benchmarks/``; what is evaluated when, over processes and
restarts, is tested in ``tests/server``. Here: what a stranger sees, and who still gets in.
"""

from typing import Any, Final

import attrs

from anoncloud.client import accounts
from anoncloud.client.address import Invitation
from anoncloud.client.kit import Kit
from anoncloud.client.owning import own
from anoncloud.client.recovering import recover
from anoncloud.crypto.keys import SigningKey
from anoncloud.crypto.passphrases import AccountKeys
from anoncloud.errors import Code, Refused
from anoncloud.server.conditions import Registration, Terms
from anoncloud.wire import messages
from tests.evil.asserting import assert_named
from tests.evil.house import COST, PASSPHRASE, EvilTestCase
from tests.support.server import HANDSHAKE_HASH, Peer

GUESSES: Final = 10_000
ADDRESSES: Final = 100


class Stranger:
    """Guesses at the account of *name* from many addresses, with another key each time."""

    def __init__(self, test: EvilTestCase, name: str) -> None:
        self._test = test
        self._name = name
        self._peer: Peer | None = None
        self.answers: list[Code] = []

    def guess(self) -> None:
        """Try one more key, on a new connection after each third."""
        number = len(self.answers)
        if self._peer is None or self._peer.hung_up:
            house = self._test.house
            self._peer = Peer(house.rooms.house, house.clock)
            self._peer.from_network = f"198.51.100.{number % ADDRESSES}"
        key = SigningKey(number.to_bytes(32, "big"))
        signature = key.sign(messages.LOGIN_CONTEXT, HANDSHAKE_HASH + self._name.encode())
        answer = self._peer.ask(messages.LogIn, self._name, key.public, signature)
        self.answers.append(Code(answer.code))


class EnumerationTests(EvilTestCase):
    """What a stranger learns of names."""

    def setUp(self) -> None:
        super().setUp()
        self.here, self.kit = self.register()
        keys = self.kit.keys("a wrong passphrase")
        other = attrs.evolve(self.kit, account="eve").keys(PASSPHRASE)

        def known(kit: Kit, passphrase: str) -> AccountKeys:
            del passphrase
            return keys if kit.account == "ada" else other

        self.patch(Kit, "keys", known)

    def attempts(self, name: str, network: int, count: int) -> list[tuple[Any, ...]]:
        """Log in so often; give for each what it ended with, and the lengths both ways."""
        found = []
        kit = attrs.evolve(self.kit, account=name)
        for number in range(count):
            self.house.visitors = f"198.51.{network}.{number}"
            self.house.visits.clear()
            error = self.fault(self.log_in(kit))
            assert_named(self, error, Refused)
            (visit,) = self.house.visits
            told = (error.code, error.message, error.hint)
            found.append((told, visit.server.frames(), visit.answered))
        return found

    def test_alike(self) -> None:
        """A name that is there and one that is not: the same words, lengths and delays."""
        known = self.attempts("ada", 1, 6)
        unknown = self.attempts("eve", 2, 6)
        self.assertEqual(known, unknown)
        codes = [told[0] for told, _, _ in known]
        self.assertEqual(codes[:4], [Code.LOGIN] * 4)
        self.assertEqual(codes[4:], [Code.TOO_SOON] * 2)
        for told, _, lengths in known:
            self.assertTrue(told[2])
            self.assertGreater(len(lengths), 1)

    def test_register_by_invitation(self) -> None:
        """Where an invitation is needed, a taken name is not told without a good one."""
        terms = Terms(Registration.INVITATION)
        self.house.rooms.house = attrs.evolve(self.house.rooms.house, terms=terms)
        told = set()
        for name in ("ada", "eve"):
            for code in (b"", b"c" * 16):
                peer = Peer(self.house.rooms.house)
                fields = (code, bytes(32), b"keyring", name.encode().ljust(16))
                answer = peer.ask(messages.Register, name, *fields)
                told.add((answer.code, answer.sentence, answer.hint))
        self.assertEqual(len(told), 1)
        self.assertEqual(told.pop()[0], Code.INVITATION)

    def test_reconnecting_and_registering(self) -> None:
        """An account that is just made is held as any other would be by earlier guesses."""
        stranger = Stranger(self, "bob")
        for _ in range(4):
            stranger.guess()
        self.house.visitors = "198.51.100.200"
        invitation = Invitation(self.house.address)
        drawn = self.now(accounts.draw(self.machine(b"bob"), invitation, "bob", PASSPHRASE, COST))
        error = self.fault(accounts.register(self.machine(b"bob"), drawn))
        self.assertEqual(getattr(error, "code", None), Code.TOO_SOON)


class LockOutTests(EvilTestCase):
    """Ada, while a stranger guesses at her account without end."""

    def test_known_keys_get_in(self) -> None:
        """Her device gets in each of 100 times, and her recovery key; a passphrase must wait."""
        here, kit = self.register()
        owner = self.now(own(self.machine(b"owner"), kit, PASSPHRASE))
        recovery = owner.draw_recovery()
        self.now(owner.take_recovery(recovery))
        self.now(owner.opened.close())
        stranger = Stranger(self, "ada")
        for number in range(GUESSES):
            stranger.guess()
            if number % (GUESSES // 100) == 0:
                self.house.visits.clear()
                opened = self.resume(here)
                self.now(opened.drive.make_folder((b"%d" % number,)))
                self.now(opened.close())
        self.assertEqual(len(stranger.answers), GUESSES)
        self.assertEqual(set(stranger.answers), {Code.LOGIN, Code.TOO_SOON})
        # A guess takes 250 ms: 4 are evaluated at once, 7 more in 635 s, and 3 in all the rest.
        self.assertLessEqual(stranger.answers.count(Code.LOGIN), 14)
        error = self.fault(self.log_in(kit))
        assert_named(self, error, Refused)
        self.assertIs(error.code, Code.TOO_SOON)
        self.assertIn("recovery key", error.hint)
        found = self.now(recover(self.machine(b"recovering"), recovery))
        self.assertEqual(len(found.drive.entries(())), 100)

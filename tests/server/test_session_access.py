"""Sessions: what the key that somebody logged in with lets them ask."""

from collections.abc import Callable
from functools import partial

from anoncloud.errors import Code
from anoncloud.wire import messages
from tests.server.test_session_login import fields
from tests.support.samples import REQUESTS
from tests.support.server import ADA, HANDSHAKE_HASH, Peer, ServerTestCase

ANYBODY = {"Register", "LogIn", "Ping", "ReadTerms", "JoinPairing", "SayPairing"}
OWNERS = {"SetRecovery", "DropRecovery", "DeleteAccount"}
KEYS = {"FetchKeyring", "ReplaceKeyring"}
RECOVERY = ADA.key("recovery")


class AccessTestCase(ServerTestCase):
    """A test with an account that has a device and a recovery key."""

    def setUp(self) -> None:
        super().setUp()
        accounts = self.rooms.accounts
        self.now(accounts.register(ADA.new_account(), None, 0, 0))
        recovery = accounts.set_recovery("ada", ADA.key().public, RECOVERY.public, b"copy")
        self.now(recovery)

    def recovering(self) -> Peer:
        """Log in with the recovery key."""
        peer = self.peer()
        signature = RECOVERY.sign(messages.LOGIN_CONTEXT, HANDSHAKE_HASH + b"ada")
        answer = peer.ask(messages.LogIn, "ada", RECOVERY.public, signature)
        self.assertIsInstance(answer, messages.LoggedIn)
        return peer


class TableTests(AccessTestCase):
    """The table of the document."""

    def said(self, log_in: Callable[[], Peer], refused: str) -> set[str]:
        """Give the requests that whoever logs in so is refused with these words."""
        said = set()
        for request in REQUESTS[:-1]:
            self.setUp()  # some of them end the connection
            answer = log_in().ask(type(request), *fields(request))
            if isinstance(answer, messages.Refusal) and refused in answer.sentence:
                self.assert_refused(answer, Code.NOT_ALLOWED)
                self.assertTrue(answer.hint)
                said.add(type(request).__name__)
        return said

    def test_owner(self) -> None:
        """The owner may ask everything."""
        self.assertEqual(self.said(partial(self.peer, ADA), "can't be asked with"), set())

    def test_device(self) -> None:
        """A device may not touch the account's keys, nor read its keyring, nor delete it."""
        log_in = partial(self.peer, ADA, "phone")
        said = self.said(log_in, "can't be asked with a device's key")
        self.assertEqual(said, OWNERS | KEYS)

    def test_recovery(self) -> None:
        """The recovery key reads keyring and journal, and replaces the keyring; nothing else."""
        everything = {type(request).__name__ for request in REQUESTS[:-1]}
        said = self.said(self.recovering, "can't be asked with a recovery key")
        self.assertEqual(said, everything - ANYBODY - KEYS - {"ReadJournal"})


class ReadingTests(AccessTestCase):
    """What is read by who asks."""

    def test_keyring(self) -> None:
        """The owner gets the keyring, the recovery key its copy; as they are by now."""
        ada, recovering = self.peer(ADA), self.recovering()
        self.assertEqual(ada.ask(messages.FetchKeyring), messages.Keyring(2, ADA.keyring))
        self.assertEqual(recovering.ask(messages.FetchKeyring), messages.Keyring(2, b"copy"))
        key = ADA.key().public
        self.now(self.rooms.accounts.replace_keyring("ada", key, key, b"sealed anew"))
        self.assertEqual(ada.ask(messages.FetchKeyring), messages.Keyring(3, b"sealed anew"))
        new = ADA.key("new").public
        self.now(self.rooms.accounts.replace_keyring("ada", key, new, b"with another key"))
        self.assert_refused(ada.ask(messages.FetchKeyring), Code.CHANGED)
        self.assertEqual(recovering.ask(messages.FetchKeyring), messages.Keyring(3, b"copy"))

    def test_devices(self) -> None:
        """The list has every device that may log in, also one that no journal knows."""
        ada, phone = self.peer(ADA), self.peer(ADA, "phone")
        keys = [ADA.key("phone").public]
        self.assertEqual(phone.ask(messages.ListDevices), messages.Devices(2, (*keys,), 1))
        hidden = ADA.key("hidden").public
        phone.ask(messages.EnrolDevice, hidden)
        keys = sorted([*keys, hidden])
        self.assertEqual(ada.ask(messages.ListDevices), messages.Devices(2, (*keys,), 1))
        self.now(self.rooms.accounts.drop_recovery("ada", ADA.key().public))
        self.assertEqual(ada.ask(messages.ListDevices), messages.Devices(3, (*keys,), 0))

    def test_delays(self) -> None:
        """Who tries too often is told to wait, and the third refusal of any kind ends it."""
        wrong = ADA.key("a guess")
        signature = wrong.sign(messages.LOGIN_CONTEXT, HANDSHAKE_HASH + b"ada")
        codes = []
        peers = [self.peer() for _ in range(2)]
        for peer in peers:
            for _ in range(3):
                answer = peer.ask(messages.LogIn, "ada", wrong.public, signature)
                codes.append(Code(answer.code))
            self.assertTrue(peer.hung_up)
        self.assertEqual(codes, [Code.LOGIN] * 4 + [Code.TOO_SOON] * 2)
        self.recovering()

    def test_network(self) -> None:
        """The network that a peer comes from is held back, and no other."""
        for number in range(3):
            peer = self.peer()
            peer.from_network = "192.0.2.1"
            key = ADA.key("a guess")
            name = f"guest{number}"
            signed = key.sign(messages.LOGIN_CONTEXT, HANDSHAKE_HASH + name.encode())
            self.assert_refused(peer.ask(messages.LogIn, name, key.public, signed), Code.LOGIN)
        held = self.peer()
        held.from_network = "192.0.2.1"
        self.assert_refused(held.ask(messages.LogIn, *ADA.log_in()), Code.TOO_SOON)
        other = self.peer()
        other.from_network = "192.0.2.2"
        self.assertIsInstance(other.ask(messages.LogIn, *ADA.log_in()), messages.LoggedIn)
        self.rooms.clock.advance(15)
        self.assertIsInstance(held.ask(messages.LogIn, *ADA.log_in()), messages.LoggedIn)

    def test_account_ends(self) -> None:
        """Whoever is logged in to an account hears of its end on the board."""
        peers = [self.peer(ADA), self.peer(ADA, "phone"), self.recovering()]
        self.rooms.house.revoked.say(ADA.drive, None)
        self.assertEqual([peer.hung_up for peer in peers], [True, True, True])

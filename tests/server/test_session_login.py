"""Sessions: who may ask what, registering, logging in."""

from anoncloud.errors import Code, ProtocolBroken, Refused
from anoncloud.server.admission import PACE
from anoncloud.server.conditions import Registration
from anoncloud.server.session import MAX_FAILED_LOGINS
from anoncloud.wire import messages
from anoncloud.wire.records import genesis_hash
from tests.support.samples import REQUESTS
from tests.support.server import ADA, BOB, Held, Person, Rooms, ServerTestCase, failing

CODE = b"invitation code."


class AnonymousTests(ServerTestCase):
    """What may be asked before a login, and after one."""

    def test_table(self) -> None:
        """Anybody may ask what needs no login; all else is refused alike, and tells nothing."""
        answers = {
            type(request): self.peer().ask(type(request), *fields(request))
            for request in REQUESTS
            if not isinstance(request, messages.Credit)
        }
        self.assertEqual(len(answers), 23)
        free = (
            messages.Register,
            messages.LogIn,
            messages.Ping,
            messages.ReadTerms,
            messages.JoinPairing,
            messages.SayPairing,
        )
        for kind, answer in answers.items():
            if kind in free:
                refused = isinstance(answer, messages.Refusal) and answer.code
                self.assertNotEqual(refused, Code.NOT_LOGGED_IN, kind)
            else:
                self.assert_refused(answer, Code.NOT_LOGGED_IN)

    def test_logged_in(self) -> None:
        """After a login none of them is refused for the want of one."""
        for request in REQUESTS[2:-1]:
            self.setUp()  # some of them end the connection
            answer = self.peer(ADA).ask(type(request), *fields(request))
            if isinstance(answer, messages.Refusal):
                self.assertNotEqual(answer.code, Code.NOT_LOGGED_IN, request)

    def test_credit_for_nothing(self) -> None:
        """Credit for a transfer that is not under way is let fall."""
        peer = self.peer()
        peer.session.receive(messages.Credit(1, 1000))
        self.assertEqual(peer.heard, [])
        self.assertEqual(peer.ask(messages.Ping), messages.Done(1))

    def test_bulk(self) -> None:
        """An anonymous peer's bulk bytes are let fall after its refusal; others break."""
        peer = self.peer()
        number = peer.begin(messages.StageBlob, ADA.drive, bytes(16), 262144)
        peer.deliver(number, b"bytes")
        self.assert_refused(*peer.answers(number), Code.NOT_LOGGED_IN)
        self.assertRaises(ProtocolBroken, peer.deliver, number + 1, b"bytes")


class RegistrationTests(ServerTestCase):
    """Making accounts."""

    def test_open(self) -> None:
        """A registration makes the account with the house's quota, and does not log in."""
        self.rooms = Rooms(quota=1000)
        peer = self.peer()
        self.assertEqual(peer.ask(messages.Register, *ADA.register()), messages.Done(1))
        self.assertFalse(peer.trusted)
        self.assert_refused(peer.ask(messages.FetchKeyring), Code.NOT_LOGGED_IN)
        ada = self.peer(ADA)
        self.assertEqual(ada.ask(messages.FetchKeyring), messages.Keyring(2, ADA.keyring))
        self.assertEqual(ada.ask(messages.ReadUsage, ADA.drive), messages.Usage(3, 0, 1000))

    def test_again(self) -> None:
        """A name and a drive are given once."""
        peer = self.peer()
        peer.ask(messages.Register, *ADA.register())
        self.assert_refused(peer.ask(messages.Register, *ADA.register()), Code.NAME_TAKEN)
        bob = ("bob", *ADA.register()[1:])
        self.assert_refused(peer.ask(messages.Register, *bob), Code.NAME_TAKEN)

    def test_name(self) -> None:
        """A name that no account can have is refused, with the form that would do."""
        peer = self.peer()
        answer = peer.ask(messages.Register, "Ada", *ADA.register()[1:])
        self.assert_refused(answer, Code.NAME_INVALID)
        self.assertIn("'ada'", answer.hint)

    def test_closed(self) -> None:
        """A closed house registers nobody, with or without an invitation."""
        self.rooms = Rooms(Registration.CLOSED)
        self.now(self.rooms.accounts.invite(CODE, None, 2**40))
        for code in (b"", CODE):
            answer = self.peer().ask(messages.Register, *ADA.register(code))
            self.assert_refused(answer, Code.NOT_ALLOWED)

    def test_by_invitation(self) -> None:
        """By invitation alone: none, a wrong and a used one are refused."""
        self.rooms = Rooms(Registration.INVITATION)
        peer = self.peer()
        for code in (b"", CODE):
            self.assert_refused(peer.ask(messages.Register, *ADA.register(code)), Code.INVITATION)
        self.now(self.rooms.accounts.invite(CODE, 77, 2**40))
        self.assertIsInstance(peer.ask(messages.Register, *ADA.register(CODE)), messages.Done)
        self.assert_refused(peer.ask(messages.Register, *BOB.register(CODE)), Code.INVITATION)
        usage = self.peer(ADA).ask(messages.ReadUsage, ADA.drive)
        self.assertEqual(usage.quota, 77)

    def test_expired(self) -> None:
        """An invitation is good until its time by the house's clock."""
        self.rooms = Rooms(Registration.INVITATION)
        expires = int(self.rooms.clock.seconds()) + 10
        self.now(self.rooms.accounts.invite(CODE, None, expires))
        self.rooms.clock.advance(10)
        answer = self.peer().ask(messages.Register, *ADA.register(CODE))
        self.assert_refused(answer, Code.INVITATION)

    def test_open_with_invitation(self) -> None:
        """Where none is needed, one that is given must still be good."""
        answer = self.peer().ask(messages.Register, *ADA.register(CODE))
        self.assert_refused(answer, Code.INVITATION)
        self.now(self.rooms.accounts.invite(CODE, 77, 2**40))
        self.assertIsInstance(
            self.peer().ask(messages.Register, *ADA.register(CODE)), messages.Done
        )

    def test_full(self) -> None:
        """A house takes so many accounts, and no more."""
        self.rooms = Rooms(max_accounts=1)
        peer = self.peer()
        peer.ask(messages.Register, *ADA.register())
        self.assert_refused(peer.ask(messages.Register, *BOB.register()), Code.TOO_MANY)


class LogInTests(ServerTestCase):
    """Logging in."""

    def setUp(self) -> None:
        super().setUp()
        for person in (ADA, BOB):
            self.now(self.rooms.accounts.register(person.new_account(), None, 0, 0))

    def test_log_in(self) -> None:
        """Who logs in is trusted, and learns drive and head."""
        peer = self.peer()
        self.assertFalse(peer.session.logged_in)
        answer = peer.ask(messages.LogIn, *ADA.log_in())
        genesis = genesis_hash(ADA.drive)
        self.assertEqual(answer, messages.LoggedIn(1, ADA.drive, 0, genesis))
        self.assertTrue(peer.session.logged_in)
        self.assertTrue(peer.trusted)
        self.assertFalse(peer.hung_up)

    def test_refused_alike(self) -> None:
        """A wrong name, key, signature, and a signature for another place look all the same."""
        name, key, signature = ADA.log_in()
        other_place = ADA.log_in(handshake_hash=bytes(64))
        wrong = (
            ("eve", key, signature),
            Person("eve").log_in(),
            (name, BOB.key().public, signature),
            (name, *BOB.log_in()[1:]),
            ("bob", key, signature),
            (name, key, bytes(64)),
            (name, key, signature[::-1]),
            other_place,
            ADA.log_in("a device that was never enrolled"),
        )
        answers = []
        for fields_of_it in wrong:
            peer = self.peer()
            answers.append(peer.ask(messages.LogIn, *fields_of_it))
            self.assertFalse(peer.session.logged_in or peer.trusted or peer.hung_up)
        self.assert_refused(answers[0], Code.LOGIN)
        self.assertEqual(len(set(answers)), 1)

    def test_three_times(self) -> None:
        """The third refused login is answered, and ends the connection."""
        peer = self.peer()
        for _ in range(MAX_FAILED_LOGINS):
            self.assertFalse(peer.hung_up)
            self.assert_refused(peer.ask(messages.LogIn, *Person("eve").log_in()), Code.LOGIN)
        self.assertTrue(peer.hung_up)

    def test_after_a_mistake(self) -> None:
        """One mistake or two are forgiven."""
        peer = self.peer()
        for _ in range(MAX_FAILED_LOGINS - 1):
            peer.ask(messages.LogIn, *Person("eve").log_in())
        self.assertIsInstance(peer.ask(messages.LogIn, *ADA.log_in()), messages.LoggedIn)
        self.assertFalse(peer.hung_up)

    def test_twice(self) -> None:
        """A connection that is logged in stays what it is."""
        ada = self.peer(ADA)
        self.assert_refused(ada.ask(messages.LogIn, *BOB.log_in()), Code.NOT_ALLOWED)
        self.assertEqual(ada.ask(messages.FetchKeyring).keyring, ADA.keyring)

    def test_twice_at_once(self) -> None:
        """Of logins that are sent at once the first alone counts; if it fails, a later one may."""
        enter = Held(self.rooms.accounts.enter)
        self.patch(self.rooms.accounts, "enter", enter)
        for person, code in ((Person("eve"), Code.LOGIN), (ADA, None)):
            peer = self.peer()
            first = peer.begin(messages.LogIn, *person.log_in())
            second = peer.begin(messages.LogIn, *BOB.log_in())
            while len(enter):
                enter.go()
            self.rooms.clock.advance(PACE)
            self.assert_refused(*peer.answers(second), Code.NOT_ALLOWED)
            if code is not None:
                self.assert_refused(*peer.answers(first), code)
                third = peer.begin(messages.LogIn, *BOB.log_in())
                enter.go()
                self.assertEqual(peer.answers(third)[0].drive, BOB.drive)
            else:
                self.assertEqual(peer.answers(first)[0].drive, ADA.drive)
                self.assertEqual(peer.ask(messages.FetchKeyring).keyring, ADA.keyring)

    def test_database_fails(self) -> None:
        """A login that the database fails is refused, logged in to nothing, and may be repeated."""
        peer = self.peer()
        broken = self.patch(self.rooms.journal, "head", failing(Refused(Code.UNAVAILABLE, "no")))
        self.assert_refused(peer.ask(messages.LogIn, *ADA.log_in()), Code.UNAVAILABLE)
        self.assertFalse(peer.session.logged_in or peer.trusted)
        broken.restore()
        self.assertIsInstance(peer.ask(messages.LogIn, *ADA.log_in()), messages.LoggedIn)

    def test_gone_meanwhile(self) -> None:
        """Nothing is told, later on, to a peer who went in the middle of its login."""
        head = Held(self.rooms.journal.head)
        self.patch(self.rooms.journal, "head", head)
        peer = self.peer()
        peer.begin(messages.LogIn, *ADA.log_in())
        peer.session.close()
        head.go()
        peer.hung_up = False  # and if it were still there, it would hear
        heard = len(peer.heard)
        self.rooms.house.drives.say(ADA.drive, messages.JournalGrew(ADA.drive, 1))
        self.assertEqual(len(peer.heard), heard)
        self.rooms.house.revoked.say(ADA.drive + ADA.key().public, None)
        self.assertFalse(peer.hung_up)


def fields(request: messages.Message) -> list[object]:
    """Give the fields of a request behind its number."""
    return [getattr(request, name) for name in request.__struct_fields__[1:]]

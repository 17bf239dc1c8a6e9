"""Sessions: the journal, its events, usage, and what holds for every request."""

from typing import Any

from anoncloud.errors import Code, ProtocolBroken
from anoncloud.limits import JOURNAL_PAGE, MAX_REQUESTS
from anoncloud.server.contracts import Head
from anoncloud.wire import messages
from anoncloud.wire.records import genesis_hash
from tests.support.server import (
    ADA,
    BOB,
    Held,
    Peer,
    Person,
    Rooms,
    ServerTestCase,
    blob_name,
    failing,
    record,
)


class JournalTestCase(ServerTestCase):
    """A test that commits."""

    def record(self, person: Person = ADA, **parts: Any) -> bytes:
        """Make a record that follows the head of a person's drive."""
        return record(person.drive, self.now(self.rooms.journal.head(person.drive)), **parts)


class RequestTests(JournalTestCase):
    """What holds for every request."""

    def test_number_used_twice(self) -> None:
        """A number that is not larger than all before breaks the connection, login or not."""
        for peer in (self.peer(), self.peer(ADA)):
            peer.session.receive(messages.Ping(7))
            for number in (7, 6, 1):
                self.assertRaises(ProtocolBroken, peer.session.receive, messages.Ping(number))
            peer.session.receive(messages.Ping(2**32 - 1))
            self.assertEqual(peer.heard[-1], messages.Done(2**32 - 1))

    def test_number_of_a_refused_one(self) -> None:
        """A request that was refused has used its number up too."""
        peer = self.peer()
        self.assert_refused(peer.ask(messages.FetchKeyring), Code.NOT_LOGGED_IN)
        self.assertRaises(ProtocolBroken, peer.session.receive, messages.Ping(1))

    def test_any_order(self) -> None:
        """A request that takes its time holds up no other; each gets its own answer, once."""
        ada = self.peer(ADA)
        usage = Held(self.rooms.journal.usage)
        self.patch(self.rooms.journal, "usage", usage)
        slow = ada.begin(messages.ReadUsage, ADA.drive)
        slower = ada.begin(messages.ReadUsage, ADA.drive)
        self.assertEqual(ada.ask(messages.Ping), messages.Done(slower + 1))
        self.assertEqual((ada.answers(slow), ada.answers(slower)), ([], []))
        usage.go()
        usage.go()
        self.assertEqual(ada.answers(slow), [messages.Usage(slow, 0, 0)])
        self.assertEqual(ada.answers(slower), [messages.Usage(slower, 0, 0)])
        self.assertEqual(self.flushWarnings(), [])  # Twisted's, of callbacks that it can't carry on

    def test_too_many(self) -> None:
        """So many requests may wait; one more is refused, until one was answered."""
        ada = self.peer(ADA)
        usage = Held(self.rooms.journal.usage)
        self.patch(self.rooms.journal, "usage", usage)
        waiting = [ada.begin(messages.ReadUsage, ADA.drive) for _ in range(MAX_REQUESTS)]
        self.assertEqual(len(usage), MAX_REQUESTS)
        self.assert_refused(ada.ask(messages.Ping), Code.TOO_MANY)
        number = ada.begin(messages.StageBlob, ADA.drive, blob_name(1), 262144)
        self.assert_refused(*ada.answers(number), Code.TOO_MANY)
        ada.deliver(number, b"let fall")
        usage.go()
        self.assertEqual(ada.answers(waiting[0]), [messages.Usage(waiting[0], 0, 0)])
        self.assertIsInstance(ada.ask(messages.Ping), messages.Done)

    def test_fault(self) -> None:
        """A fault of ours is logged, told without its words, and ends nothing."""
        ada = self.peer(ADA)
        self.patch(self.rooms.journal, "usage", failing(RuntimeError("a secret detail")))
        answer = ada.ask(messages.ReadUsage, ADA.drive)
        self.assert_refused(answer, Code.UNAVAILABLE)
        self.assertNotIn("secret", answer.sentence + answer.hint)
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)
        self.assertIsInstance(ada.ask(messages.Ping), messages.Done)
        self.assertFalse(ada.hung_up)

    def test_another_drive(self) -> None:
        """Another's drive and one that is not there are refused alike, whatever is asked."""
        ada = self.peer(ADA)
        self.peer(BOB)
        for kind, rest in (
            (messages.ReadJournal, (0,)),
            (messages.ReadUsage, ()),
            (messages.StageBlob, (blob_name(1), 262144)),
            (messages.ReadBlob, (blob_name(1), 0, 1, 4096)),
            (messages.Unstage, ((blob_name(1),),)),
        ):
            answers = [ada.ask(kind, drive, *rest) for drive in (BOB.drive, bytes(16))]
            for answer in answers:
                self.assert_refused(answer, Code.NOT_ALLOWED)
            self.assertEqual(answers[0].sentence, answers[1].sentence)


class JournalTests(JournalTestCase):
    """Reading and committing."""

    def test_commit_and_read(self) -> None:
        """A committed record has a number, and is read as it came."""
        ada = self.peer(ADA)
        first = self.record(body=b"first")
        self.assertEqual(ada.ask(messages.Commit, first), messages.Committed(2, 1))
        second = self.record(body=b"second")
        self.assertEqual(ada.ask(messages.Commit, second), messages.Committed(3, 2))
        self.assertEqual(
            ada.ask(messages.ReadJournal, ADA.drive, 0),
            messages.JournalPage(4, (first, second), 2),
        )
        self.assertEqual(
            ada.ask(messages.ReadJournal, ADA.drive, 2), messages.JournalPage(5, (), 2)
        )
        head = self.now(self.rooms.journal.head(ADA.drive))
        answer = self.peer().ask(messages.LogIn, *ADA.log_in())
        self.assertEqual(answer, messages.LoggedIn(1, ADA.drive, 2, head.hash))

    def test_refused(self) -> None:
        """Each reason to refuse a record has its code, and nothing is committed."""
        ada, bob = self.peer(ADA), self.peer(BOB)
        genesis = Head(0, genesis_hash(ADA.drive))
        for code, peer, wrong in (
            (Code.RECORD_INVALID, ada, b"no record"),
            (Code.RECORD_INVALID, bob, record(ADA.drive, genesis)),
            (Code.HEAD_MOVED, ada, record(ADA.drive, Head(1, genesis.hash))),
            (Code.BLOB_UNKNOWN, ada, record(ADA.drive, genesis, (blob_name(1),))),
        ):
            self.assert_refused(peer.ask(messages.Commit, wrong), code)
        for person in (ADA, BOB):
            self.assertEqual(self.now(self.rooms.journal.head(person.drive)).number, 0)

    def test_time(self) -> None:
        """Dropped blobs are garbage from the time of the commit, by the house's clock."""
        ada = self.peer(ADA)
        blob = blob_name(1)
        self.now(self.rooms.journal.stage([(blob, ADA.drive, 9)], 0))
        ada.ask(messages.Commit, self.record(adds=(blob,)))
        self.rooms.clock.advance(50)
        ada.ask(messages.Commit, self.record(drops=(blob,)))
        now = int(self.rooms.clock.seconds())
        self.assertEqual(self.now(self.rooms.journal.collect(0, now, 9, now)).blobs, ())
        self.assertEqual(self.now(self.rooms.journal.collect(0, now + 1, 9, now)).blobs, (blob,))

    def test_usage(self) -> None:
        """Staged and stored bytes are told, dropped ones are not, and the quota is."""
        self.rooms = Rooms(quota=7)
        self.peer().ask(messages.Register, *ADA.register())
        ada = self.peer(ADA)
        blobs = tuple(blob_name(number) for number in range(3))
        for size, blob in enumerate(blobs, 1):
            self.now(self.rooms.journal.stage([(blob, ADA.drive, size)], 0))
        self.assertEqual(ada.ask(messages.ReadUsage, ADA.drive), messages.Usage(2, 6, 7))

    def test_pages(self) -> None:
        """A page holds so many bytes; who reads on gets all records."""
        ada = self.peer(ADA)
        sent = []
        for number in range(5):
            sent.append(self.record(body=bytes([number]) * (JOURNAL_PAGE // 2 - 500)))
            ada.ask(messages.Commit, sent[-1])
        read: list[bytes] = []
        lengths = []
        while True:
            page = ada.ask(messages.ReadJournal, ADA.drive, len(read))
            read += page.records
            lengths.append(len(page.records))
            if len(read) == page.head:
                break
        self.assertEqual((read, lengths), (sent, [2, 2, 1]))

    def test_slow_reader(self) -> None:
        """Who asks for pages and does not listen gets one at a time, so memory stays small."""
        ada = self.peer(ADA)
        ada.ask(messages.Commit, self.record())
        asked: list[int] = []
        read = self.rooms.journal.read

        async def watched(*arguments: Any) -> Any:
            asked.append(arguments[1])
            return await read(*arguments)

        self.patch(self.rooms.journal, "read", watched)
        ada.fill()
        numbers = [ada.begin(messages.ReadJournal, ADA.drive, 0) for _ in range(100)]
        self.assertEqual(asked, [])
        heard = len(ada.heard)
        real_send = ada.send

        def send(message: messages.Message) -> None:
            real_send(message)
            ada.fill()

        ada.send = send  # type: ignore[method-assign]
        ada.drain()
        self.assertLessEqual(len(asked), 2)
        self.assertLessEqual(len(ada.heard) - heard, 2)
        while len(asked) < 100:
            ada.drain()
        ada.drain()
        for number in numbers:
            self.assertEqual(len(ada.answers(number)), 1)


class EventTests(JournalTestCase):
    """Who hears that a journal has grown."""

    def grew(self, peer: Peer) -> list[int]:
        """Give the heads that a peer was told of."""
        events = (m for m in peer.heard if isinstance(m, messages.JournalGrew))
        return [event.head for event in events]

    def test_others(self) -> None:
        """The drive's other sessions hear of a commit; the one that made it, and others, don't."""
        ada, phone, gone = self.peer(ADA), self.peer(ADA, "phone"), self.peer(ADA)
        bob, nobody = self.peer(BOB), self.peer()
        gone.session.close()
        ada.ask(messages.Commit, self.record())
        phone.ask(messages.Commit, self.record())
        self.assertEqual(self.grew(ada), [2])
        self.assertEqual(self.grew(phone), [1])
        self.assertIn(messages.JournalGrew(ADA.drive, 1), phone.heard)
        for other in (bob, nobody, gone):
            self.assertEqual(self.grew(other), [])

    def test_refused(self) -> None:
        """Nobody hears of a commit that was refused."""
        ada, phone = self.peer(ADA), self.peer(ADA, "phone")
        self.assert_refused(ada.ask(messages.Commit, b"no record"), Code.RECORD_INVALID)
        self.assertEqual(self.grew(phone), [])

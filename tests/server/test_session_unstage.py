"""Sessions: blobs that were staged and are taken back."""

from anoncloud.errors import Code
from anoncloud.limits import SMALL_BLOB
from anoncloud.server.contracts import Usage
from anoncloud.wire import messages
from tests.server.test_session_transfers import BLOB, CONTENT, TransferTestCase
from tests.support.server import ADA, BOB, Held, blob_name, failing, record

OTHER = blob_name(2)


class UnstageTests(TransferTestCase):
    """A drive with two staged blobs."""

    def setUp(self) -> None:
        super().setUp()
        for blob in (BLOB, OTHER):
            self.send(self.stage(blob))

    def unstage(self, *blobs: bytes) -> int:
        """Take blobs back; give the request's number."""
        return self.ada.begin(messages.Unstage, ADA.drive, blobs)

    def done(self, number: int) -> None:
        """See that a request was answered with Done."""
        self.assertEqual(self.ada.answers(number), [messages.Done(number)])

    def commit(self, *adds: bytes) -> messages.Answers:
        """Commit a record that adds blobs; give the answer."""
        head = self.now(self.rooms.journal.head(ADA.drive))
        answer: messages.Answers = self.ada.ask(messages.Commit, record(ADA.drive, head, adds))
        return answer

    def test_unstage(self) -> None:
        """Rows and bytes of what was staged are gone, and its room is free; again is harmless."""
        for _ in range(2):
            self.done(self.unstage(BLOB, blob_name(9)))
            self.assertEqual(set(self.rooms.blobs.bytes), {OTHER})
            usage = self.now(self.rooms.journal.usage(ADA.drive))
            self.assertEqual(usage, Usage(SMALL_BLOB, 0, 0))
        self.assert_refused(self.commit(BLOB), Code.BLOB_UNKNOWN)
        self.send(self.stage())
        self.assertIsInstance(self.commit(BLOB, OTHER), messages.Committed)

    def test_committed(self) -> None:
        """What a record has added stays, bytes and all."""
        self.commit(BLOB)
        self.done(self.unstage(BLOB, OTHER))
        self.assertEqual(self.rooms.blobs.bytes, {BLOB: CONTENT})

    def test_anothers(self) -> None:
        """Another drive's blobs stay, whoever names them; the drive must be one's own."""
        bob = self.peer(BOB)
        number = bob.begin(messages.Unstage, BOB.drive, (BLOB, OTHER))
        self.assertEqual(bob.answers(number), [messages.Done(number)])
        answer = bob.ask(messages.Unstage, ADA.drive, (BLOB,))
        self.assert_refused(answer, Code.NOT_ALLOWED)
        self.assertEqual(set(self.rooms.blobs.bytes), {BLOB, OTHER})
        self.assertIsInstance(self.commit(BLOB, OTHER), messages.Committed)

    def test_rows_first(self) -> None:
        """The bytes go when the rows have gone, and Done comes after both."""
        rows, content = Held(self.rooms.journal.unstage), Held(self.rooms.blobs.remove)
        self.patch(self.rooms.journal, "unstage", rows)
        self.patch(self.rooms.blobs, "remove", content)
        number = self.unstage(BLOB)
        self.assertEqual((len(rows), len(content)), (1, 0))
        rows.go()
        self.assertEqual(len(content), 1)
        self.assertEqual(self.now(self.rooms.journal.holds(ADA.drive, BLOB)), 0)
        self.assertEqual(self.ada.answers(number), [])
        content.go()
        self.done(number)

    def test_database_fails(self) -> None:
        """If the rows can't go, the bytes stay."""
        self.patch(self.rooms.journal, "unstage", failing(RuntimeError("no")))
        self.assert_refused(*self.ada.answers(self.unstage(BLOB)), Code.UNAVAILABLE)
        self.flushLoggedErrors(RuntimeError)
        self.assertIn(BLOB, self.rooms.blobs.bytes)

    def test_while_it_comes_in(self) -> None:
        """A blob that comes in again at that moment is staged in the end, bytes and all."""
        old = self.peer(ADA)
        self.done(self.unstage(BLOB))
        held = Held(self.rooms.journal.stage)
        self.patch(self.rooms.journal, "stage", held)
        number = self.stage()
        late = self.stage(peer=old)
        old.deliver(late, CONTENT)
        self.send(number)
        held.go()  # the first of them is staged; the second has its bytes, and no row yet
        self.assertEqual(len(held), 1)
        self.done(self.unstage(BLOB))
        held.go()
        self.done(number)
        self.assertEqual(old.answers(late), [messages.Done(late)])
        self.assertEqual(self.rooms.blobs.bytes[BLOB], CONTENT)
        self.assertIsInstance(self.commit(BLOB), messages.Committed)

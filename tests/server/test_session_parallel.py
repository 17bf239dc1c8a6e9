"""Sessions: blobs that come in side by side, within the quota, and one blob several times."""

from pathlib import Path
from typing import Any

from anoncloud.errors import Code
from anoncloud.limits import SMALL_BLOB
from anoncloud.server.stores.folder import FolderBlobs
from anoncloud.wire import messages
from tests.server.test_session_transfers import BLOB, CONTENT, TransferTestCase
from tests.support.server import ADA, BOB, Held, Rooms, blob_name, record
from tests.support.server_folder import at_once

OTHER = CONTENT[::-1]


class AgainTests(TransferTestCase):
    """One blob that comes in on several connections, as after a silent cut."""

    def make_rooms(self, quota: int = 0) -> Rooms:
        """Make the house."""
        return Rooms(quota=quota)

    def setUp(self) -> None:
        super().setUp()
        self.rooms = self.make_rooms()
        self.ada = self.peer(ADA)
        self.old = self.peer(ADA)

    def content(self) -> Any:
        """Read the blob as it is stored."""
        return bytes(self.now(self.rooms.blobs.read(BLOB, 0, SMALL_BLOB)))

    def check_done(self, number: int) -> None:
        """See that a request was answered with Done."""
        self.assertEqual(self.ada.answers(number), [messages.Done(number)])

    def test_old_one_is_cut(self) -> None:
        """A blob is staged while an old connection still holds a part of it, which then goes."""
        began = self.stage(peer=self.old)
        self.old.deliver(began, CONTENT[:100_000])
        number = self.stage()
        self.send(number)
        self.check_done(number)
        self.old.session.close()
        self.assert_refused(*self.old.answers(began), Code.CANCELLED)
        self.assertEqual(self.content(), CONTENT)
        self.assertEqual(self.ada.ask(messages.ReadUsage, ADA.drive).stored, SMALL_BLOB)
        head = self.now(self.rooms.journal.head(ADA.drive))
        answer = self.ada.ask(messages.Commit, record(ADA.drive, head, (BLOB,)))
        self.assertIsInstance(answer, messages.Committed)

    def test_old_one_goes_first(self) -> None:
        """The same when the old connection goes in the middle of the new one's upload."""
        began = self.stage(peer=self.old)
        self.old.deliver(began, CONTENT[:100_000])
        number = self.stage()
        self.send(number, CONTENT[:100_000])
        self.old.session.close()
        self.send(number, CONTENT[100_000:])
        self.check_done(number)
        self.assertEqual(self.content(), CONTENT)

    def test_old_one_comes_to_its_end(self) -> None:
        """If the old one was only slow, both are done, and the blob is charged once."""
        began = self.stage(peer=self.old)
        number = self.stage()
        self.send(number)
        self.old.deliver(began, CONTENT)
        self.check_done(number)
        self.assertEqual(self.old.answers(began), [messages.Done(began)])
        self.assertEqual(self.content(), CONTENT)
        self.assertEqual(self.ada.ask(messages.ReadUsage, ADA.drive).stored, SMALL_BLOB)

    def test_full_drive(self) -> None:
        """The copy that an old connection holds takes no room from the new one."""
        self.rooms = self.make_rooms(SMALL_BLOB)
        self.peer().ask(messages.Register, *ADA.register())
        self.ada, self.old = self.peer(ADA), self.peer(ADA)
        self.stage(peer=self.old)
        number = self.stage()
        self.send(number)
        self.check_done(number)

    def test_anothers(self) -> None:
        """A name that is coming in is not anybody else's, and has one size."""
        number = self.stage()
        bob = self.peer(BOB)
        answer = bob.ask(messages.StageBlob, BOB.drive, BLOB, SMALL_BLOB)
        self.assert_refused(answer, Code.NOT_ALLOWED)
        answer = self.old.ask(messages.StageBlob, ADA.drive, BLOB, 16 * SMALL_BLOB)
        self.assert_refused(answer, Code.NOT_ALLOWED)
        self.send(number)
        self.check_done(number)


class AgainInFolderTests(AgainTests):
    """The same over blobs in a folder."""

    def make_rooms(self, quota: int = 0) -> Rooms:
        self.folder = Path(self.mktemp())
        return Rooms(quota=quota, blobs=FolderBlobs(self.folder, at_once))

    def tearDown(self) -> None:
        self.assertEqual(list((self.folder / "incoming").iterdir()), [])


class QuotaTests(TransferTestCase):
    """Uploads side by side into a drive with room for two blobs and a half."""

    def setUp(self) -> None:
        super().setUp()
        self.rooms = Rooms(quota=5 * SMALL_BLOB // 2)
        self.peer().ask(messages.Register, *ADA.register())
        self.ada, self.phone = self.peer(ADA), self.peer(ADA)

    def stored(self) -> int:
        """Tell what the drive stores."""
        return self.ada.ask(messages.ReadUsage, ADA.drive).stored

    def test_parallel(self) -> None:
        """What is coming in, on any connection, has its room; all of it can be committed."""
        first, second = self.stage(), self.stage(blob_name(2), peer=self.phone)
        self.assert_refused(*self.ada.answers(self.stage(blob_name(3))), Code.QUOTA)
        self.send(first)
        self.phone.deliver(second, CONTENT)
        self.assertEqual(self.stored(), 2 * SMALL_BLOB)
        self.assert_refused(*self.ada.answers(self.stage(blob_name(3))), Code.QUOTA)
        head = self.now(self.rooms.journal.head(ADA.drive))
        commit = record(ADA.drive, head, (BLOB, blob_name(2)))
        self.assertIsInstance(self.ada.ask(messages.Commit, commit), messages.Committed)

    def test_asked_at_once(self) -> None:
        """Blobs that the journal is asked about at the same moment count for one another."""
        held = Held(self.rooms.journal.may_stage)
        self.patch(self.rooms.journal, "may_stage", held)
        numbers = [self.stage(blob_name(number)) for number in range(3)]
        for number in numbers:
            self.send(number)
            held.go()
        answers = [self.ada.answers(number)[0] for number in numbers]
        self.assertEqual(answers[:2], [messages.Done(number) for number in numbers[:2]])
        self.assert_refused(answers[2], Code.QUOTA)
        self.assertEqual(self.stored(), 2 * SMALL_BLOB)

    def test_while_made_durable(self) -> None:
        """A blob has its room until it is staged, and is not counted twice then."""
        held = Held(self.rooms.blobs.settle)
        self.patch(self.rooms.blobs, "settle", held)
        number = self.stage()
        self.send(number)
        self.send(self.stage(blob_name(2)))
        self.assert_refused(*self.ada.answers(self.stage(blob_name(3))), Code.QUOTA)
        held.go()
        held.go()
        self.assertEqual(self.ada.answers(number), [messages.Done(number)])
        self.assertEqual(self.stored(), 2 * SMALL_BLOB)

    def test_given_up(self) -> None:
        """Who gives up, or goes, leaves the room to others."""
        cancelled = self.stage()
        self.stage(blob_name(2), peer=self.phone)
        self.ada.ask(messages.Cancel, cancelled)
        self.phone.session.close()
        for number in (3, 4):
            self.send(self.stage(blob_name(number)))
        self.assertEqual(self.stored(), 2 * SMALL_BLOB)

"""Sessions: giving transfers up, and peers who go."""

from anoncloud.errors import Code
from anoncloud.limits import SMALL_BLOB
from anoncloud.wire import messages
from tests.server.test_session_transfers import BLOB, CONTENT, TransferTestCase
from tests.support.server import (
    ADA,
    Held,
    Rooms,
    blob_name,
)


class CancelTests(TransferTestCase):
    """Giving up."""

    def test_upload(self) -> None:
        """A cancelled upload is answered so, and leaves nothing; what comes late falls."""
        number = self.stage()
        self.send(number, CONTENT[:5000])
        cancel = self.ada.begin(messages.Cancel, number)
        self.assert_refused(*self.ada.answers(number), Code.CANCELLED)
        self.assertEqual(self.ada.answers(cancel), [messages.Done(cancel)])
        self.send(number, CONTENT[5000:5100])
        self.assertEqual(self.rooms.blobs.bytes, {})
        self.assertEqual(self.ada.ask(messages.ReadUsage, ADA.drive).stored, 0)
        again = self.stage()
        self.send(again)
        self.assertEqual(self.ada.answers(again), [messages.Done(again)])

    def test_download(self) -> None:
        """A cancelled download is answered so, and no more bytes come."""
        self.send(self.stage())
        self.ada.fill()
        number = self.read(0, SMALL_BLOB, 4096)
        cancel = self.ada.begin(messages.Cancel, number)
        self.ada.drain()
        self.assert_refused(*self.ada.answers(number), Code.CANCELLED)
        self.assertEqual(self.ada.answers(cancel), [messages.Done(cancel)])
        self.assertEqual(self.ada.bulk, {})

    def test_nothing(self) -> None:
        """Cancelling what is answered, or was never asked, is harmless."""
        number = self.stage()
        self.send(number)
        for target in (number, self.ada.begin(messages.Ping), 4_000_000_000):
            self.assertIsInstance(self.ada.ask(messages.Cancel, target), messages.Done)
        self.assertEqual(self.ada.answers(number), [messages.Done(number)])

    def test_too_late(self) -> None:
        """What is being made durable is not given up any more."""
        held = Held(self.rooms.blobs.settle)
        self.patch(self.rooms.blobs, "settle", held)
        number = self.stage()
        self.send(number)
        self.assertIsInstance(self.ada.ask(messages.Cancel, number), messages.Done)
        held.go()
        self.assertEqual(self.ada.answers(number), [messages.Done(number)])

    def test_before_it_was_wanted(self) -> None:
        """One given up while the journal is asked is answered by whichever comes first."""
        for size, quota, code in ((SMALL_BLOB, 0, Code.CANCELLED), (SMALL_BLOB, 1, Code.QUOTA)):
            self.rooms = Rooms(quota=quota)
            self.peer().ask(messages.Register, *ADA.register())
            self.ada = self.peer(ADA)
            held = Held(self.rooms.journal.may_stage)
            self.patch(self.rooms.journal, "may_stage", held)
            number = self.stage(size=size)
            self.assertIsInstance(self.ada.ask(messages.Cancel, number), messages.Done)
            self.assertEqual(self.ada.answers(number), [])
            held.go()
            self.assert_refused(*self.ada.answers(number), code)
            self.now(self.rooms.blobs.begin(BLOB).discard())

    def test_peer_goes(self) -> None:
        """When the peer goes, transfers end and leave nothing; a commit under way is done."""
        self.send(self.stage())
        up = self.stage(blob_name(2))
        self.send(up, CONTENT[:5000])
        self.ada.fill()
        down = self.read(0, SMALL_BLOB, 4096)
        self.ada.session.close()
        self.ada.drain()
        self.assert_refused(*self.ada.answers(up), Code.CANCELLED)
        self.assert_refused(*self.ada.answers(down), Code.CANCELLED)
        self.assertEqual(list(self.rooms.blobs.bytes), [BLOB])
        self.now(self.rooms.blobs.begin(blob_name(2)).discard())

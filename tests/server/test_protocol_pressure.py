"""Back-pressure: a peer who does not listen is not listened to, and still can be hung up on."""

from twisted.internet.defer import Deferred

from anoncloud.limits import BULK_BLOB, IDLE_TIMEOUT, INITIAL_CREDIT, KIB
from anoncloud.server.protocol import HELD_BACK
from anoncloud.server.shares import LEAST, MOST, SPAN, TURN
from anoncloud.wire import messages
from tests.support.server import ADA, ServerTestCase, blob_name
from tests.support.server_wire import Caller, Desk, Socket

BLOB = blob_name(1)


class PressureTests(ServerTestCase):
    """A download of a large blob to a peer behind a small kernel buffer."""

    def setUp(self) -> None:
        self.desk = Desk()
        self.rooms = self.desk.rooms
        self.now(self.rooms.accounts.register(ADA.new_account(), None, 0, 0))
        self.rooms.blobs.bytes[BLOB] = bytes(BULK_BLOB)
        self.now(self.rooms.journal.stage([(BLOB, ADA.drive, BULK_BLOB)], 0))
        self.socket = Socket(100_000)
        self.caller: Caller = self.desk.call(line=self.socket).log_in(ADA)
        self.assertIsInstance(self.caller.heard[0], messages.LoggedIn)

    def download(self) -> None:
        """Ask for more than the line takes, and do not listen."""
        self.socket.room = 0
        self.caller.ask(messages.ReadBlob, ADA.drive, BLOB, 0, BULK_BLOB, 64 * KIB)

    def waiting(self) -> int:
        """Count the bytes that wait in the transport."""
        return len(self.socket.dataBuffer) + self.socket._tempDataLen

    def test_full_line(self) -> None:
        """While the line is full little waits in memory, and nothing is read from the peer."""
        self.assertIn(self.socket, self.socket.readers)
        self.download()
        self.assertGreater(self.waiting(), MOST)
        self.assertLess(self.waiting(), MOST + 2 * 64 * KIB)
        self.assertNotIn(self.socket, self.socket.readers)

    def test_drained(self) -> None:
        """When the line takes more, the transfer goes on and the peer is read again."""
        self.download()
        self.socket.turn(10 * BULK_BLOB)
        self.caller.pull()
        self.assertEqual(len(self.caller.bulk[2]), INITIAL_CREDIT)
        self.assertIn(self.socket, self.socket.readers)
        self.caller.connection.send(messages.Credit(2, BULK_BLOB - INITIAL_CREDIT))
        self.caller.push()
        self.assertEqual(len(self.caller.bulk[2]), BULK_BLOB)
        self.assertEqual(self.caller.heard[-1], messages.Done(2))

    def test_slow_line(self) -> None:
        """Who takes bytes slowly, and is not read, has longer, but not for ever."""
        self.download()
        self.desk.clock.advance(HELD_BACK * IDLE_TIMEOUT - 1)
        self.assertTrue(self.socket.connected)
        self.socket.turn(10 * BULK_BLOB)
        self.desk.clock.advance(IDLE_TIMEOUT - 1)
        self.assertTrue(self.socket.connected)
        self.desk.clock.advance(1)
        self.assertFalse(self.socket.connected)

    def test_hung_up_on_while_full(self) -> None:
        """A full line is closed too, as soon as it has taken what waits; nothing is lost."""
        self.download()
        self.caller.protocol.hang_up()
        self.assertTrue(self.socket.connected)
        self.socket.turn(BULK_BLOB)
        self.assertFalse(self.socket.connected)
        self.caller.pull()
        self.assertTrue(self.caller.ended)
        self.assertEqual(self.socket.writers | self.socket.readers, set())
        self.assertEqual(self.desk.clock.getDelayedCalls(), [])

    def test_lost_while_full(self) -> None:
        """A line that is lost while it is full ends its transfer."""
        self.download()
        waiting = Deferred.fromCoroutine(self.caller.protocol.ready())
        self.assertNoResult(waiting)
        self.caller.lose()
        self.successResultOf(waiting)
        self.assertEqual(self.now(self.rooms.blobs.read(BLOB, 0, 1)), b"\0")
        self.assertEqual(self.desk.clock.getDelayedCalls(), [])

    def test_stopped(self) -> None:
        """A transport that stops its producer lets waiting transfers run out."""
        self.download()
        before = self.waiting()
        self.caller.protocol.pauseProducing()
        self.caller.protocol.stopProducing()
        self.assertGreater(self.waiting(), before)


class FairnessTests(ServerTestCase):
    """Connections that move much at once, and what each of them may."""

    def setUp(self) -> None:
        self.desk = Desk()
        self.rooms = self.desk.rooms
        self.now(self.rooms.accounts.register(ADA.new_account(), None, 0, 0))
        self.callers: list[Caller] = []

    def upload(self, *, begin: bool = False) -> None:
        """Let every caller send a packet, and another one later."""
        for number, caller in enumerate(self.callers):
            if begin:
                caller.ask(messages.StageBlob, ADA.drive, blob_name(number), BULK_BLOB)
            caller.connection.send_bulk(2, bytes(LEAST))
            caller.push()

    def sizes(self) -> set[int]:
        """Give how much is read at once."""
        return {caller.line.bufferSize for caller in self.callers}

    def test_uploads(self) -> None:
        """Uploads share a turn; who is left alone has it for itself again."""
        self.callers = [self.desk.call().log_in(ADA) for _ in range(16)]
        self.upload(begin=True)
        self.upload()
        self.assertEqual(self.sizes(), {TURN // 16})
        del self.callers[1:]
        for _ in range(3):
            self.desk.clock.advance(1.5 * SPAN)
            self.upload()
        self.assertEqual(self.sizes(), {MOST})

    def test_downloads(self) -> None:
        """Downloads share it, too: the less, the sooner the line counts as full."""
        self.rooms.blobs.bytes[BLOB] = bytes(BULK_BLOB)
        self.now(self.rooms.journal.stage([(BLOB, ADA.drive, BULK_BLOB)], 0))
        self.callers = [self.desk.call().log_in(ADA) for _ in range(8)]
        for _ in range(2):
            for caller in self.callers:
                caller.ask(messages.ReadBlob, ADA.drive, BLOB, 0, 64 * KIB, 64 * KIB)
        self.assertEqual(self.sizes(), {TURN // 8})

    def test_small_talk(self) -> None:
        """Who moves little counts for nobody."""
        quiet = [self.desk.call().log_in(ADA) for _ in range(16)]
        self.callers = [self.desk.call().log_in(ADA)]
        for caller in quiet:
            caller.ask(messages.ReadJournal, ADA.drive, 0)
        self.upload(begin=True)
        self.assertEqual(self.sizes(), {MOST})

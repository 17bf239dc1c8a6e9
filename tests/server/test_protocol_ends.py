"""The server's side of a connection: how it ends, and broken peers."""

from typing import Any

from anoncloud.errors import Code
from anoncloud.limits import HANDSHAKE_TIMEOUT, SMALL_BLOB
from anoncloud.server.account_contract import Attempt
from anoncloud.server.admission import PACE
from anoncloud.server.delays import Schedules
from anoncloud.wire import messages
from anoncloud.wire.connection import GREETING
from tests.server.test_protocol import GENESIS, ProtocolTestCase
from tests.support.pairs import sent
from tests.support.server import ADA, Held, Person, blob_name, record
from tests.support.server_wire import Caller, Desk, Socket


class EndTests(ProtocolTestCase):
    """How connections end."""

    def test_client_ends(self) -> None:
        """The client's end mark is answered with the server's, and the stream is closed."""
        caller = self.desk.call().log_in(ADA)
        caller.connection.end()
        caller.push()
        self.assertTrue(caller.ended)
        self.assertTrue(caller.line.disconnecting)
        self.assertFalse(caller.line.disconnected)

    def test_owed_answers(self) -> None:
        """After the end mark no answer is sent any more, though the request is carried out."""
        caller = self.desk.call().log_in(ADA)
        append = Held(self.rooms.journal.append)
        self.patch(self.rooms.journal, "append", append)
        caller.ask(messages.Commit, record(ADA.drive, GENESIS))
        caller.connection.end()
        caller.push()
        append.go()
        caller.pull()
        self.assertEqual(len(caller.heard), 1)
        self.assertEqual(self.now(self.rooms.journal.head(ADA.drive)).number, 1)

    def test_after_the_end_mark(self) -> None:
        """Whatever follows the client's end mark is not listened to."""
        caller = self.desk.call().log_in(ADA)
        commit = messages.Commit(2, record(ADA.drive, GENESIS))
        caller.connection.end()
        caller.connection._ended = False
        caller.connection.send(commit)
        caller.push()
        self.assertEqual(self.now(self.rooms.journal.head(ADA.drive)).number, 0)

    def test_three_wrong_logins(self) -> None:
        """After three refused logins the server ends; not one more is looked at."""
        caller = self.desk.call().agree()
        asked: list[str] = []
        enter = self.rooms.accounts.enter

        async def watched(attempt: Attempt, schedules: Schedules) -> Any:
            asked.append(attempt.name)
            return await enter(attempt, schedules)

        self.patch(self.rooms.accounts, "enter", watched)
        eve = Person("eve").log_in(handshake_hash=caller.handshake_hash)
        for number in range(1, 10):
            caller.connection.send(messages.LogIn(number, *eve))
            if number % 2 == 0:  # one that comes while another one is looked at is no attempt
                caller.push()
                caller.wait(PACE)
        codes = [answer.code for answer in caller.heard]
        self.assertEqual(codes, [Code.NOT_ALLOWED, Code.LOGIN] * 3)
        self.assertTrue(caller.ended and caller.line.disconnecting)
        self.assertEqual(len(asked), 3)

    def test_revoked(self) -> None:
        """A forgotten device is ended, and what it says after that is not carried out."""
        self.now(self.rooms.accounts.enrol("ada", ADA.key("phone").public))
        ada, phone = self.desk.call().log_in(ADA), self.desk.call().log_in(ADA, "phone")
        ada.ask(messages.ForgetDevice, ADA.key("phone").public)
        phone.connection.send(messages.Commit(2, record(ADA.drive, GENESIS)))
        phone.push()
        self.assertTrue(phone.ended and phone.line.disconnecting)
        self.assertEqual(self.now(self.rooms.journal.head(ADA.drive)).number, 0)

    def test_end_crosses_end(self) -> None:
        """An end mark that crosses the server's is no fault."""
        caller = self.desk.call().log_in(ADA)
        caller.protocol.hang_up()
        caller.connection.end()
        caller.push()
        caller.protocol.hang_up()
        caller.lose()
        self.assertTrue(caller.ended)

    def test_going_down(self) -> None:
        """Who is logged in is told that the server stops; everybody is hung up on."""
        ada, anybody, nobody = (
            self.desk.call().log_in(ADA),
            self.desk.call().agree(),
            self.desk.call(),
        )
        self.desk.factory.go_down()
        for caller in (ada, anybody, nobody):
            caller.pull()
            self.assertTrue(caller.line.disconnecting)
        self.assertEqual(ada.heard[-1], messages.GoingDown())
        self.assertEqual(anybody.heard, [])
        self.assertEqual((ada.ended, anybody.ended, nobody.ended), (True, True, False))

    def test_lost(self) -> None:
        """When the line is lost, transfers end, and nothing is written any more."""
        caller = self.desk.call().log_in(ADA)
        caller.ask(messages.StageBlob, ADA.drive, blob_name(1), SMALL_BLOB)
        caller.lose()
        self.assertEqual(caller.line.value(), b"")
        caller.protocol.send(messages.GoingDown())
        caller.protocol.send_bulk(1, b"bulk")
        caller.protocol.hang_up()
        caller.protocol.dataReceived(b"late")
        self.assertEqual(caller.line.value(), b"")
        self.now(self.rooms.blobs.begin(blob_name(1)).discard())


class BrokenTests(ProtocolTestCase):
    """Peers that break the protocol."""

    def check_broken(self, caller: Caller, received: bytes) -> None:
        """See that the connection is cut at once, and no more is heard."""
        caller.protocol.dataReceived(received)
        self.assertTrue(caller.line.disconnected or caller.line.disconnecting)
        caller.protocol.dataReceived(b"more")
        caller.lose()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_greeting(self) -> None:
        """Who greets otherwise is greeted, so that he knows why, and cut off."""
        caller = self.desk.call()
        caller.protocol.dataReceived(b"GET / HTTP/1.1\n")
        self.assertEqual(caller.line.value(), GREETING)
        self.assertTrue(caller.line.disconnecting)

    def test_greeting_goes_out(self) -> None:
        """The greeting goes out on a real transport, too; who does not take it is aborted."""
        caller = self.desk.call(line=Socket(100))
        caller.protocol.dataReceived(b"anoncloud 2\n")
        caller.line.turn()
        self.assertEqual(caller.line.value(), GREETING)
        self.assertFalse(caller.line.connected)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        stubborn = self.desk.call()
        stubborn.protocol.dataReceived(b"anoncloud 2\n")
        stubborn.protocol.dataReceived(b"more")
        self.clock.advance(HANDSHAKE_TIMEOUT)
        self.assertTrue(stubborn.line.disconnected)

    def test_handshake(self) -> None:
        """A handshake for another key is cut off, and told nothing."""
        caller = self.desk.call()
        self.check_broken(caller, GREETING + b"\0\0\x04\xe0" + bytes(1248))
        self.assertEqual(caller.line.value(), GREETING)

    def test_garbage(self) -> None:
        """A frame that does not open is cut off."""
        self.check_broken(self.desk.call().log_in(ADA), b"\0\0\0\x20" + bytes(32))

    def test_rules(self) -> None:
        """A number used twice, and bulk of nothing, are cut off; transfers leave nothing."""
        caller = self.desk.call().log_in(ADA)
        caller.ask(messages.StageBlob, ADA.drive, blob_name(1), SMALL_BLOB)
        caller.connection.send(messages.Ping(1))
        self.check_broken(caller, sent(caller.connection))
        self.now(self.rooms.blobs.begin(blob_name(1)).discard())
        caller = self.desk.call().log_in(ADA)
        caller.connection.send_bulk(9, b"bulk")
        self.check_broken(caller, sent(caller.connection))

    def test_what_came_before(self) -> None:
        """What came before the fault, in the same bytes, is carried out and answered."""
        caller = self.desk.call().log_in(ADA)
        caller.connection.send(messages.Ping(2))
        caller.connection.send(messages.Ping(2))
        caller.push()
        self.assertEqual(caller.heard[-1], messages.Done(2))
        self.assertTrue(caller.line.disconnected)

    def test_log(self) -> None:
        """The log says what was broken; by whom only if the owner asked for addresses."""
        logged = self.logged("broke the protocol")
        self.desk.call().protocol.dataReceived(b"GET /\n")
        self.assertEqual(len(logged), 1)
        self.assertNotIn("192.0.2", logged[0])
        desk = Desk(log_addresses=True)
        desk.call().protocol.dataReceived(b"GET /\n")
        self.assertIn("192.0.2.1", logged[1])

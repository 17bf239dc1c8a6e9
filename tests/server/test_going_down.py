"""A server that goes down: what is under way ends, nothing new begins, and then everybody goes."""

from typing import Any

from twisted.internet.defer import Deferred

from anoncloud.limits import MIN_PACKET, SMALL_BLOB
from anoncloud.server.assembly import Parts
from anoncloud.server.serving import FAREWELL, LOOK, Here
from anoncloud.server.settings import Settings
from anoncloud.wire import messages
from tests.server.test_protocol import GENESIS, ProtocolTestCase
from tests.server.test_service import ServiceTestCase
from tests.support.server import ADA, Held, blob_name, record
from tests.support.server_wire import Caller


class PeerTests(ProtocolTestCase):
    """Connections of a server that goes down."""

    def setUp(self) -> None:
        super().setUp()
        self.caller: Caller = self.desk.call().log_in(ADA)

    def send(self, kind: Any, *fields: Any) -> int:
        """Ask something, and do not wait."""
        self.caller.number += 1
        self.caller.connection.send(kind(self.caller.number, *fields))
        return self.caller.number

    def bulk(self, number: int, length: int) -> None:
        """Send bytes of a blob."""
        self.caller.connection.send_bulk(number, bytes(length))
        self.caller.push()

    def is_over(self) -> bool:
        """Whether the server has hung up."""
        self.caller.pull()
        return bool(self.caller.line.disconnecting)

    def test_transfer_ends(self) -> None:
        """A transfer that is under way ends, is answered, and then the connection ends."""
        number = self.send(messages.StageBlob, ADA.drive, blob_name(1), SMALL_BLOB)
        self.bulk(number, MIN_PACKET)
        self.desk.factory.go_down()
        self.assertFalse(self.is_over())
        self.assertEqual(self.caller.heard[-1], messages.GoingDown())
        self.bulk(number, SMALL_BLOB - MIN_PACKET)
        self.assertEqual(self.caller.heard[-1], messages.Done(number))
        self.assertTrue(self.is_over())
        self.assertTrue(self.caller.ended)

    def test_nothing_begins(self) -> None:
        """What is asked from then on is neither done nor answered, and its bytes fall."""
        first = self.send(messages.StageBlob, ADA.drive, blob_name(1), SMALL_BLOB)
        self.bulk(first, MIN_PACKET)
        self.desk.factory.go_down()
        late = self.send(messages.StageBlob, ADA.drive, blob_name(2), SMALL_BLOB)
        self.bulk(late, SMALL_BLOB)
        self.send(messages.Commit, record(ADA.drive, GENESIS))
        self.caller.push()
        self.assertFalse(self.is_over())
        self.bulk(first, SMALL_BLOB - MIN_PACKET)
        answered = [getattr(message, "request", 0) for message in self.caller.heard]
        self.assertEqual((answered[-1], late in answered), (first, False))
        self.assertEqual(self.now(self.rooms.journal.holds(ADA.drive, blob_name(2))), 0)
        self.assertEqual(self.now(self.rooms.journal.head(ADA.drive)).number, 0)

    def test_still_alive(self) -> None:
        """Meanwhile a sign of life is given, and a transfer may be given up."""
        number = self.send(messages.StageBlob, ADA.drive, blob_name(1), SMALL_BLOB)
        self.bulk(number, MIN_PACKET)
        self.desk.factory.go_down()
        ping = self.send(messages.Ping)
        self.caller.push()
        self.assertEqual(self.caller.heard[-1], messages.Done(ping))
        self.send(messages.Cancel, number)
        self.caller.push()
        self.assertTrue(self.is_over())

    def test_all_answers(self) -> None:
        """Everything that is under way is waited for."""
        held = Held(self.rooms.journal.usage)
        self.patch(self.rooms.journal, "usage", held)
        for _ in range(2):
            self.send(messages.ReadUsage, ADA.drive)
        self.caller.push()
        self.desk.factory.go_down()
        held.go()
        self.assertFalse(self.is_over())
        held.go()
        self.assertTrue(self.is_over())

    def test_hung_up(self) -> None:
        """When the time is over everybody goes, whatever is under way."""
        number = self.send(messages.StageBlob, ADA.drive, blob_name(1), SMALL_BLOB)
        self.bulk(number, MIN_PACKET)
        self.desk.factory.go_down()
        self.desk.factory.hang_up()
        self.assertTrue(self.is_over())


class TimeTests(ServiceTestCase):
    """How long a server takes to go down."""

    def here(self, stop_time: int) -> tuple[Any, Any]:
        """Make a server that somebody is connected to, who does not go by itself."""
        service = self.make(stop_time=stop_time, listen=("tcp:1",))
        self.addCleanup(service._occupied.close)
        self.addCleanup(service._parts.database.close)
        here = service._serving
        self.assertIsInstance(here, Here)
        self.assertIsInstance(service._parts, Parts)
        here.privilegedStartService()
        here.startService()
        protocol = here.factory.buildProtocol(None)
        return here, protocol

    def going(self, here: Any) -> Any:
        """Begin to go down."""
        going = Deferred.fromCoroutine(here.go_down())
        self.assertNoResult(going)
        return going

    def wait(self, seconds: float) -> None:
        """Let time go by in small steps."""
        for _ in range(round(seconds / LOOK)):
            self.reactor.advance(LOOK)

    async def test_as_soon_as_can_be(self) -> None:
        """When the last one has gone it is over, and nobody is let in any more."""
        here, protocol = self.here(100)
        going = self.going(here)
        self.assertEqual(list(here), [])
        self.wait(1)
        self.assertNoResult(going)
        protocol.connectionLost()
        self.wait(LOOK)
        self.successResultOf(going)

    async def test_bound(self) -> None:
        """Whoever stays is waited for no longer than the time that is set, and a moment."""
        here, protocol = self.here(3)
        going = self.going(here)
        self.wait(3 + FAREWELL - LOOK)
        self.assertNoResult(going)
        self.wait(3 * LOOK)
        self.successResultOf(going)
        protocol.connectionLost()

    async def test_new_bound(self) -> None:
        """The time may be changed while the server runs."""
        here, protocol = self.here(100)
        here.change(Settings(stop_time=0))
        going = self.going(here)
        self.wait(FAREWELL + 2 * LOOK)
        self.successResultOf(going)
        protocol.connectionLost()

    async def test_nobody(self) -> None:
        """With nobody there it takes no time."""
        here, protocol = self.here(100)
        protocol.connectionLost()
        await here.go_down()

"""Workers that end, or do not do what they should: they end alone, and clients carry on."""

import os
import resource
import signal

from anoncloud.limits import BULK_BLOB, GIB, INITIAL_CREDIT, SMALL_BLOB
from anoncloud.wire import messages
from tests.support.processes import Device, Server, wait_until
from tests.support.raw_peers import RawPeer
from tests.support.server import BOB, blob_name
from tests.support.workers import (
    WorkersTestCase,
    end,
    established,
    is_there,
    serving,
    workers,
    zygote,
)

PIECE = 3_000_000


class EndTestCase(WorkersTestCase):
    """A server with two workers, and a peer on each."""

    def setUp(self) -> None:
        super().setUp()
        self.house: Server = self.workers_server()
        self.user: Device = self.ada(self.house)
        self.first, self.second = self.peer(), self.peer()
        self.having = [self.worker_of(self.house, one.port) for one in (self.first, self.second)]
        self.assertEqual(len(set(self.having)), 2)

    def peer(self) -> RawPeer:
        """Connect."""
        peer = RawPeer(self.house.address)
        self.addCleanup(peer.__exit__, None, None, None)
        return peer

    def peer_elsewhere(self, pid: int) -> RawPeer:
        """Connect until another worker than *pid* has the connection: the one with fewer."""
        while True:
            peer = self.peer()
            if self.worker_of(self.house, peer.port) != pid:
                return peer

    def assert_served(self, peer: RawPeer) -> None:
        """See that a connection is alive."""
        self.assertIsInstance(peer.ask(messages.Ping), messages.Done)

    def assert_whole_again(self) -> None:
        """See that there are two workers, who serve whoever comes."""
        wait_until(lambda: len(serving(self.house)) == 2, "a worker instead of the other")
        for peer in (self.peer(), self.peer()):
            self.assert_served(peer)


class EndTests(EndTestCase):
    """What happens to one worker, and not to the other."""

    def test_ends_alone(self) -> None:
        """A worker that crashes takes its own connections with it, and is replaced."""
        for how in (signal.SIGSEGV, signal.SIGKILL):
            first = self.peer()
            pid = self.worker_of(self.house, first.port)
            second = self.peer_elsewhere(pid)
            end(pid, how)
            first.wait_for_cut()
            self.assertNotEqual(self.worker_of(self.house, second.port), pid)
            self.assert_served(second)
            self.assert_whole_again()
            self.assertIn(f"was ended by {how.name}", self.house.log)

    def test_memory(self) -> None:
        """A worker that takes more memory than it may fails alone."""
        may = resource.prlimit(self.having[0], resource.RLIMIT_DATA)
        self.assertEqual(may, (GIB, GIB))
        resource.prlimit(self.having[0], resource.RLIMIT_DATA, (1, 1))
        content = self.file("long", os.urandom(PIECE))
        self.user.do("put", content, "/")
        self.first.wait_for_cut()
        self.assertIn("it had no more memory", self.house.log)
        self.assert_served(self.second)
        self.assertEqual(self.user.do("cat", "/long").out, content.read_bytes())

    def test_silent(self) -> None:
        """A worker that answers nothing is ended, and replaced."""
        os.kill(self.having[0], signal.SIGSTOP)
        self.assert_served(self.second)
        wait_until(lambda: not is_there(self.having[0]), "the silent worker to be ended", 60)
        self.first.wait_for_cut()
        self.assert_served(self.second)
        self.assert_whole_again()
        self.assertIn("does not answer", self.house.log)

    def test_no_zygote(self) -> None:
        """Without the process that makes workers they serve on, and there is another one soon."""
        end(zygote(self.house))
        for peer in (self.first, self.second):
            self.assert_served(peer)
        wait_until(lambda: len(workers(self.house)) == 0, "the workers to be nobody's")
        wait_until(self.has_zygote, "another zygote")
        end(self.having[0])
        self.assert_served(self.second)
        wait_until(lambda: len(serving(self.house)) == 1, "a worker of the new one's")
        self.assert_served(self.peer())

    def has_zygote(self) -> bool:
        """Whether there is a process that makes workers."""
        try:
            return is_there(zygote(self.house))
        except ValueError:
            return False

    def test_listener_is_killed(self) -> None:
        """No worker outlives its listener for long, and the next one finds all in order."""
        left = workers(self.house)
        self.house.kill()
        for peer in (self.first, self.second):
            peer.wait_for_cut()
        for pid in left:
            wait_until(lambda one=pid: not is_there(one), "a worker to end")
        self.house.start()
        self.assertEqual(self.user.do("ls", "/").out, b"")

    def test_half_a_blob(self) -> None:
        """What came in to a worker that has ended is removed, and can be sent again."""
        self.first.ask(messages.Register, *BOB.register())
        self.first.log_in(BOB)
        number = self.first.begin(messages.StageBlob, BOB.drive, blob_name(1), BULK_BLOB)
        self.first.send_bulk(number, bytes(INITIAL_CREDIT))
        for _ in range(2):  # each is of one mebibyte at most, and the blob has four
            self.first.send_bulk(number, bytes(self.first.wait_for(messages.Credit).length))
        self.assert_served(self.first)
        incoming = self.house.state / "blobs" / "incoming"
        wait_until(lambda: list(incoming.iterdir()), "the first half")
        end(self.having[0])
        wait_until(lambda: not list(incoming.iterdir()), "the half to be removed")
        self.second.log_in(BOB)
        number = self.second.begin(messages.StageBlob, BOB.drive, blob_name(1), SMALL_BLOB)
        self.second.send_bulk(number, bytes(SMALL_BLOB))
        self.assertIsInstance(self.second.done(number), messages.Done)


class PairingTests(EndTestCase):
    """A pairing between two workers, of which one ends."""

    def test_either_end(self) -> None:
        """Whoever is left is told."""
        self.first.ask(messages.Register, *BOB.register())
        self.first.log_in(BOB)
        slot = self.first.ask(messages.OpenPairing, b"first").slot
        self.second.ask(messages.JoinPairing, slot, b"second")
        end(self.having[0])
        self.second.wait_for(messages.PairingClosed)


class LoadTests(WorkersTestCase):
    """Workers that are killed while files go up and down."""

    def test_killed(self) -> None:
        """Every file arrives, whole, however often the worker is killed that takes it."""
        house = self.workers_server()
        user = self.ada(house)
        contents = [self.file(f"file {n}", os.urandom(20 * PIECE)) for n in range(2)]
        putting = [user.start("put", content, "/") for content in contents]
        for _ in range(4):
            wait_until(lambda: len(serving(house)) == 2, "two workers")
            wait_until(lambda: any((house.state / "blobs" / "incoming").iterdir()), "a blob")
            end(workers(house)[0])
        for one in putting:
            self.assertEqual(one.wait().code, 0)
        for content in contents:
            self.assertEqual(user.do("cat", f"/{content.name}").out, content.read_bytes())


class PerUserTests(WorkersTestCase):
    """A worker for each connection."""

    def setUp(self) -> None:
        super().setUp()
        self.house = self.server("--process-mode", "per-user")
        wait_until(lambda: len(serving(self.house)) == 2, "warm workers")
        self.user = self.ada(self.house)

    def test_one_each(self) -> None:
        """No two connections share a process, which ends with its connection."""
        peers = [RawPeer(self.house.address) for _ in range(4)]
        having = [self.worker_of(self.house, peer.port) for peer in peers]
        self.assertEqual(len(set(having)), 4)
        for peer in peers:
            peer.__exit__(None, None, None)
        for pid in having:
            wait_until(lambda one=pid: not is_there(one), "a worker to end")
        wait_until(lambda: len(serving(self.house)) == 2, "two that are warm")
        self.assertNotIn("was ended", self.house.log)

    def test_processor_time(self) -> None:
        """A worker that takes more processor time than it may ends, and its client carries on."""
        content = self.file("long", os.urandom(20 * PIECE))
        putting = self.user.start("put", content, "/")
        wait_until(lambda: any((self.house.state / "blobs" / "incoming").iterdir()), "a blob")
        busy = [pid for pid in workers(self.house) if len(established(self.house, pid))]
        for pid in busy:
            resource.prlimit(pid, resource.RLIMIT_CPU, (0, 1))
        self.assertTrue(busy)
        self.assertEqual(putting.wait().code, 0)
        self.assertIn("was ended by SIG", self.house.log)
        self.assertEqual(self.user.do("cat", "/long").out, content.read_bytes())

    def test_events(self) -> None:
        """What one process says the others hear."""
        with RawPeer(self.house.address) as first, RawPeer(self.house.address) as second:
            first.ask(messages.Register, *BOB.register())
            for peer in (first, second):
                peer.log_in(BOB)
            self.assertIsInstance(first.ask(messages.DeleteAccount, "bob"), messages.Done)
            second.wait_for_cut()

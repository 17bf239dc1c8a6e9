"""Collecting garbage: what goes, in which order, in which pieces, and when."""

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import Code, Refused
from anoncloud.server.collector import EVERY, MOST, ORPHAN_AGE, Collector, CollectorService, Keep
from anoncloud.server.delays import Kind, subject
from anoncloud.server.settings import Settings
from tests.support.server import ADA, BOB, Held, ServerTestCase, blob_name, failing, record

KEEP = Keep(staged=100, dropped=1000)


class CollectorTestCase(ServerTestCase):
    """A test with a collector over stores in memory."""

    def setUp(self) -> None:
        super().setUp()
        self.now(self.rooms.accounts.register(ADA.new_account(), None, 0, 0))
        self.journal, self.blobs = self.rooms.journal, self.rooms.blobs
        self.collector = self.new_collector()

    def new_collector(self) -> Collector:
        """Make a collector, as at a server's start."""
        return Collector(self.rooms.house, KEEP)

    def store(self, *numbers: int) -> None:
        """Put bytes into the blob store."""
        for number in numbers:
            incoming = self.blobs.begin(blob_name(number))
            self.now(incoming.write([b"blob"]))
            self.now(self.blobs.settle([incoming]))

    def stage(self, *numbers: int) -> None:
        """Stage blobs, bytes and all."""
        self.store(*numbers)
        rows = [(blob_name(number), ADA.drive, 4) for number in numbers]
        self.now(self.journal.stage(rows, int(self.rooms.clock.seconds())))

    def commit(self, adds: tuple[int, ...] = (), drops: tuple[int, ...] = ()) -> None:
        """Commit a record."""
        head = self.now(self.journal.head(ADA.drive))
        names = (tuple(map(blob_name, adds)), tuple(map(blob_name, drops)))
        made = record(ADA.drive, head, *names)
        self.now(self.journal.append(ADA.drive, made, int(self.rooms.clock.seconds())))

    def kept(self) -> list[int]:
        """Tell which of the blobs 1 to 9 still have their bytes."""
        return [number for number in range(1, 10) if blob_name(number) in self.blobs.bytes]

    def collect(self) -> int:
        """Collect."""
        return self.now(self.collector.collect())


class CollectorTests(CollectorTestCase):
    """One round."""

    def test_delays(self) -> None:
        """What delayed logins is forgotten when it does not matter any more, and not before."""
        house = self.rooms.house
        self.now(house.accounts.penalise("192.0.2.1", 9, house.clock(), house.schedules))
        one, rows = subject(Kind.NETWORK, "192.0.2.1"), self.rooms.accounts._rows
        for late, is_kept in ((24 * 3600, True), (601, False)):
            self.rooms.clock.advance(late)
            self.assertEqual(self.collect(), 0)
            self.assertEqual(rows.get(Kind.NETWORK, one) is not None, is_kept)

    def test_due(self) -> None:
        """Staged and dropped blobs go after their own times; stored ones never."""
        self.stage(1, 2, 3)
        self.commit(adds=(1, 2))
        self.commit(drops=(2,))
        self.rooms.clock.advance(100)
        self.assertEqual((self.collect(), self.kept()), (0, [1, 2, 3]))
        self.rooms.clock.advance(1)
        self.assertEqual((self.collect(), self.kept()), (1, [1, 2]))
        self.rooms.clock.advance(899)
        self.assertEqual((self.collect(), self.kept()), (0, [1, 2]))
        self.rooms.clock.advance(1)
        self.assertEqual((self.collect(), self.kept()), (1, [1]))
        self.rooms.clock.advance(10**6)
        self.assertEqual((self.collect(), self.kept()), (0, [1]))
        self.assertEqual(self.now(self.journal.usage(ADA.drive)).stored, 4)

    def test_pieces(self) -> None:
        """A great heap goes in pieces, until nothing is due any more."""
        self.stage(*range(2 * MOST))
        pieces: list[int] = []
        collect = self.journal.collect

        async def watched(*arguments: Any) -> Any:
            garbage = await collect(*arguments)
            pieces.append(len(garbage.blobs))
            return garbage

        self.patch(self.journal, "collect", watched)
        self.rooms.clock.advance(101)
        self.assertEqual(self.collect(), 2 * MOST)
        self.assertEqual(pieces, [MOST, MOST, 0])
        self.assertEqual(self.blobs.bytes, {})

    def test_closed(self) -> None:
        """All blobs of a closed account go in the next round, whatever their state and age."""
        self.now(self.rooms.accounts.register(BOB.new_account(), None, 0, 0))
        self.stage(1, 2, 3)
        self.store(4)
        now = int(self.rooms.clock.seconds())
        self.now(self.journal.stage([(blob_name(4), BOB.drive, 4)], now))
        self.commit(adds=(1, 2))
        self.commit(drops=(2,))
        self.assertEqual((self.collect(), self.kept()), (0, [1, 2, 3, 4]))
        self.now(self.rooms.accounts.close_account("ada", ADA.key().public, 0))
        self.assertEqual((self.collect(), self.kept()), (3, [4]))
        self.assertEqual(set(self.journal.drives), {BOB.drive})
        self.assertEqual((self.collect(), self.kept()), (0, [4]))

    def test_rows_first(self) -> None:
        """Rows go before bytes, so a crash between leaves no record of a missing blob."""
        self.stage(1)
        self.rooms.clock.advance(101)
        remove = Held(self.blobs.remove)
        self.patch(self.blobs, "remove", remove)
        running = Deferred.fromCoroutine(self.collector.collect())
        self.assertEqual(self.now(self.journal.holds(ADA.drive, blob_name(1))), 0)
        self.assertEqual(self.kept(), [1])
        remove.go()
        remove.go()
        self.successResultOf(running)
        self.assertEqual(self.kept(), [])

    def test_one_at_a_time(self) -> None:
        """A round that is asked for while another is made waits for its end."""
        self.stage(1)
        self.rooms.clock.advance(101)
        collect = Held(self.journal.collect)
        self.patch(self.journal, "collect", collect)
        rounds = [Deferred.fromCoroutine(self.collector.collect()) for _ in range(2)]
        self.assertEqual(len(collect), 1)
        collect.go()
        self.assertEqual(self.successResultOf(rounds[0]), 1)
        collect.go()
        self.assertEqual(self.successResultOf(rounds[1]), 0)

    def test_orphans(self) -> None:
        """Old files that nobody knows are looked for at each start, and once only."""
        self.stage(1)
        self.commit(adds=(1,))
        self.store(2)
        self.rooms.clock.advance(ORPHAN_AGE + 1)
        self.store(3)
        self.assertEqual((self.collect(), self.kept()), (1, [1, 3]))
        self.rooms.clock.advance(ORPHAN_AGE + 1)
        self.assertEqual((self.collect(), self.kept()), (0, [1, 3]))
        self.collector = self.new_collector()
        self.assertEqual((self.collect(), self.kept()), (1, [1]))

    def test_orphans_after_a_fault(self) -> None:
        """If they could not be looked for, the next round does."""
        self.store(2)
        self.rooms.clock.advance(ORPHAN_AGE + 1)
        broken = self.patch(self.blobs, "orphans", failing(Refused(Code.UNAVAILABLE, "the disk")))
        self.refused(Code.UNAVAILABLE, self.collector.collect())
        broken.restore()
        self.assertEqual((self.collect(), self.kept()), (1, []))


class KeepTests(SynchronousTestCase):
    """How long garbage is kept."""

    def test_settings(self) -> None:
        """It is what the settings say, and what times are rounded down by."""
        settings = Settings(keep_staged_hours=1, keep_dropped_days=2, coarse_times=50)
        self.assertEqual(Keep.of(settings), Keep(3650, 2 * 86_400 + 50))


class LeftTests(CollectorTestCase):
    """What a process has let go that ended before the bytes were removed."""

    def test_finished(self) -> None:
        """After a round's time the collector removes it, and its name is free again."""
        self.stage(1, 2)
        self.now(self.journal.unstage(ADA.drive, [blob_name(1)], int(self.rooms.clock.seconds())))
        self.assertEqual((self.collect(), self.kept()), (0, [1, 2]))
        self.rooms.clock.advance(EVERY + 1)
        self.collect()
        self.assertNotIn(1, self.kept())
        self.assertEqual(self.now(self.journal.still_going(2**40)), [])


class ServiceTests(CollectorTestCase):
    """Rounds by the clock."""

    def setUp(self) -> None:
        super().setUp()
        self.timer = Clock()
        self.service = CollectorService(self.collector, self.timer, self.rooms.house.tally)

    def test_rounds(self) -> None:
        """A round is made at the start and every so many seconds, until the stop."""
        self.stage(1)
        self.rooms.clock.advance(101)
        self.service.startService()
        self.assertEqual(self.kept(), [])
        self.stage(2)
        self.rooms.clock.advance(101)
        self.timer.advance(EVERY - 1)
        self.assertEqual(self.kept(), [2])
        self.timer.advance(1)
        self.assertEqual(self.kept(), [])
        self.successResultOf(self.service.stopService())
        self.assertEqual(self.timer.getDelayedCalls(), [])

    def test_fault(self) -> None:
        """A round that fails is logged, and the next one comes."""
        broken = self.patch(self.journal, "collect", failing(RuntimeError("no database")))
        self.service.startService()
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)
        broken.restore()
        self.stage(1)
        self.rooms.clock.advance(101)
        self.timer.advance(EVERY)
        self.assertEqual(self.kept(), [])
        self.successResultOf(self.service.stopService())

    def test_stop_waits(self) -> None:
        """A stop waits for the round that is under way."""
        collect = Held(self.journal.collect)
        self.patch(self.journal, "collect", collect)
        self.service.startService()
        stopping = self.service.stopService()
        self.assertNoResult(stopping)
        collect.go()
        self.successResultOf(stopping)

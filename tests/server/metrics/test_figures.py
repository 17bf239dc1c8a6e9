"""What is so at the moment."""

from anoncloud.server.metrics.figures import FRESH, Figures
from anoncloud.server.metrics.table import Figure
from anoncloud.server.stores.memory_upkeep import MemoryUpkeep
from tests.support.server import ADA, BOB, ServerTestCase, blob_name


class FigureTests(ServerTestCase):
    """Figures of a server in memory."""

    def setUp(self) -> None:
        super().setUp()
        self.connected = 3
        online = self.rooms.house.online.__len__
        upkeep = MemoryUpkeep(self.rooms.journal, self.rooms.accounts)
        self.figures = Figures(self.rooms.house, upkeep, lambda: self.connected, online)

    def test_all(self) -> None:
        """All is told: who is there, what is stored, and what is free if that is known."""
        self.peer(ADA)
        self.peer(ADA, "device")
        self.now(self.rooms.accounts.register(BOB.new_account(), None, 0, 0))
        self.now(self.rooms.journal.stage([(blob_name(1), ADA.drive, 5)], 0))
        expected = {
            Figure.CONNECTED: 3,
            Figure.ONLINE: 1,
            Figure.ACCOUNTS: 2,
            Figure.BLOBS: 1,
            Figure.STORED: 5,
            Figure.DROPPED: 0,
        }
        self.assertEqual(self.now(self.figures.read()), expected)

        async def free() -> int:
            return 77

        self.patch(self.rooms.blobs, "free", free)
        self.rooms.clock.advance(FRESH)
        self.assertEqual(self.now(self.figures.read()), {**expected, Figure.FREE: 77})
        self.assertEqual(set(expected) | {Figure.FREE}, set(Figure))

    def test_now_and_then(self) -> None:
        """Stores are asked again after a while; who is connected is told as it is."""
        self.now(self.figures.read())
        self.now(self.rooms.accounts.register(BOB.new_account(), None, 0, 0))
        self.connected = 4
        self.rooms.clock.advance(FRESH - 1)
        told = self.now(self.figures.read())
        self.assertEqual((told[Figure.CONNECTED], told[Figure.ACCOUNTS]), (4, 0))
        self.rooms.clock.advance(1)
        self.assertEqual(self.now(self.figures.read())[Figure.ACCOUNTS], 1)

"""What the owner's command asks of a running server."""

import json
from typing import Any

from twisted.internet.task import Clock

from anoncloud.errors import Code, Refused
from anoncloud.server.collector import Collector, Keep
from anoncloud.server.errands import EVERY, Errands, ErrandService
from anoncloud.server.stores.memory_upkeep import MemoryUpkeep
from anoncloud.server.upkeep_contract import ErrandKind
from anoncloud.wire import messages
from tests.support.server import ADA, BOB, ServerTestCase, blob_name, failing


class ErrandsTestCase(ServerTestCase):
    """A test of a house whose owner has wishes."""

    def setUp(self) -> None:
        super().setUp()
        rooms = self.rooms
        self.upkeep = MemoryUpkeep(rooms.journal, rooms.accounts)
        collector = Collector(rooms.house, Keep(100, 100))
        board = rooms.house.revoked
        self.errands = Errands(self.upkeep, board, collector, lambda: 7)

    def look(self) -> None:
        """Look once."""
        self.now(self.errands.look())

    def ask(self, kind: ErrandKind) -> Any:
        """Ask for an errand, let it be done, and give the answer."""
        number = self.now(self.upkeep.ask(kind))
        self.look()
        answer = self.now(self.upkeep.answered(number))
        return None if answer is None else json.loads(answer)


class ErrandsTests(ErrandsTestCase):
    """One look."""

    def test_locked(self) -> None:
        """All sessions of a locked account end, by whatever key; nobody else's do."""
        ada, phone, bob = self.peer(ADA), self.peer(ADA, "phone"), self.peer(BOB)
        self.look()
        self.now(self.upkeep.lock("ada", 1))
        self.assertEqual((ada.hung_up, phone.hung_up), (False, False))
        self.look()
        self.assertEqual((ada.hung_up, phone.hung_up, bob.hung_up), (True, True, False))

    def test_refused_before(self) -> None:
        """Before they end they get nothing done any more; a new login is told why."""
        ada = self.peer(ADA)
        self.now(self.upkeep.lock("ada", 1))
        answer = ada.ask(messages.ReadUsage, ADA.drive)
        self.assert_refused(answer, Code.LOCKED)
        self.assertIn("owner has locked", answer.sentence)
        self.assertTrue(answer.hint)
        again = self.peer()
        self.assert_refused(again.ask(messages.LogIn, *ADA.log_in()), Code.LOCKED)
        self.now(self.upkeep.unlock("ada"))
        self.assertIsInstance(self.peer().ask(messages.LogIn, *ADA.log_in()), messages.LoggedIn)

    def test_strangers(self) -> None:
        """Whoever holds no key hears the same of a locked account and of none."""
        self.peer(ADA)
        self.now(self.upkeep.lock("ada", 1))
        said = []
        for name in ("ada", "eve"):
            key, signed = BOB.key(), bytes(range(64)) + name.encode()
            wrong = (name, key.public, key.sign(messages.LOGIN_CONTEXT, signed))
            unsigned = (name, ADA.key().public, bytes(64))
            for fields in (wrong, unsigned):
                answer = self.peer().ask(messages.LogIn, *fields)
                said.append((answer.code, answer.sentence, answer.hint))
        self.assertEqual(set(said), {said[0]})
        self.assertEqual(said[0][0], Code.LOGIN)

    def test_deleted(self) -> None:
        """All sessions of a deleted account end."""
        ada, bob = self.peer(ADA), self.peer(BOB)
        self.now(self.upkeep.delete("ada", 1))
        self.look()
        self.assertEqual((ada.hung_up, bob.hung_up), (True, False))

    def test_collect(self) -> None:
        """A round is made, and what went is told."""
        self.peer(ADA)
        self.now(self.rooms.journal.stage([(blob_name(1), ADA.drive, 5)], 0))
        self.assertEqual(self.ask(ErrandKind.COLLECT), {"removed": 1})
        self.assertEqual(self.ask(ErrandKind.COLLECT), {"removed": 0})

    def test_status(self) -> None:
        """The number of connections is told."""
        self.assertEqual(self.ask(ErrandKind.STATUS), {"connections": 7})

    def test_fault(self) -> None:
        """An errand that fails keeps no other one waiting, and is tried again."""
        broken = self.patch(self.rooms.blobs, "remove", failing(Refused(Code.UNAVAILABLE, "no")))
        self.now(self.rooms.journal.stage([(blob_name(1), ADA.drive, 5)], 0))
        collect = self.now(self.upkeep.ask(ErrandKind.COLLECT))
        self.assertEqual(self.ask(ErrandKind.STATUS), {"connections": 7})
        self.assertEqual(len(self.flushLoggedErrors(Refused)), 1)
        self.assertIsNone(self.now(self.upkeep.answered(collect)))
        broken.restore()
        self.look()
        self.assertIsNotNone(self.now(self.upkeep.answered(collect)))


class ErrandServiceTests(ErrandsTestCase):
    """Looks by the clock."""

    def setUp(self) -> None:
        super().setUp()
        self.timer = Clock()
        self.service = ErrandService(self.errands, self.timer)

    def test_looks(self) -> None:
        """It looks every second, until the stop."""
        ada = self.peer(ADA)
        self.service.startService()
        self.now(self.upkeep.lock("ada", 1))
        self.timer.advance(EVERY - 0.1)
        self.assertFalse(ada.hung_up)
        self.timer.advance(0.1)
        self.assertTrue(ada.hung_up)
        self.successResultOf(self.service.stopService())
        self.assertEqual(self.timer.getDelayedCalls(), [])

    def test_fault(self) -> None:
        """A look that fails is logged, and the next one comes."""
        broken = self.patch(self.upkeep, "due", failing(Refused(Code.UNAVAILABLE, "no")))
        self.service.startService()
        self.assertEqual(len(self.flushLoggedErrors(Refused)), 1)
        broken.restore()
        ada = self.peer(ADA)
        self.now(self.upkeep.lock("ada", 1))
        self.timer.advance(EVERY)
        self.assertTrue(ada.hung_up)
        self.successResultOf(self.service.stopService())

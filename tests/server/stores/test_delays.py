"""What delays logins, in SQL: between processes, without addresses, and never too much of it."""

from pathlib import Path
from typing import Any

from twisted.trial.unittest import TestCase

from anoncloud.errors import Code, Refused
from anoncloud.server.account_contract import Access, Attempt
from anoncloud.server.delays import Delay, Kind, Schedules
from anoncloud.server.stores.accounts import SqlAccounts
from anoncloud.server.stores.database import Cursor, Database
from anoncloud.server.stores.delays import SqlDelays
from tests.server.conformance_accounts import NOW
from tests.server.conformance_entering import (
    HERE,
    RIGHT,
    SCHEDULES,
    WRONG,
    DurableEnteringContract,
)
from tests.support.server import ADA
from tests.support.server_sql import InSql


class SqlEnteringTests(InSql, DurableEnteringContract, TestCase):
    """Logging in, over accounts in SQLite."""

    async def test_two_processes(self) -> None:
        """Two that work on one file count together, and no mistake is lost between them."""
        here = await self.open_with(ADA)
        beside = Database(self.path)
        self.addCleanup(beside.close)
        there = SqlAccounts(beside)
        attempt = Attempt("ada", WRONG, "", NOW)
        outcomes = await self.outcomes(
            *(store.enter(attempt, SCHEDULES) for _ in range(5) for store in (here, there))
        )
        self.assertCountEqual(outcomes, [Code.LOGIN] * 4 + [Code.TOO_SOON] * 6)
        self.assertEqual(await self.tried(there, RIGHT, 5), Access.OWNER)
        self.assertEqual(await self.tried(here, WRONG, 5), Code.LOGIN)

    async def test_without_addresses(self) -> None:
        """Networks are remembered by the process alone, and what was written before goes."""
        await (await self.open_with(ADA)).penalise(HERE, 9, NOW, SCHEDULES)
        self.assertEqual(await self.kinds(), [Kind.NETWORK])
        accounts = SqlAccounts(self.database, keep_addresses=False)
        await accounts.forget_delays(NOW, SCHEDULES)
        self.assertEqual(await self.tried(accounts, WRONG, network=HERE), Code.LOGIN)
        await accounts.penalise(HERE, 9, NOW, SCHEDULES)
        self.assertEqual(await self.kinds(), [Kind.ACCOUNT, Kind.ALL])
        self.assertEqual(await self.tried(accounts, RIGHT, network=HERE), Code.TOO_SOON)
        again = SqlAccounts(self.database, keep_addresses=False)
        self.assertEqual(await self.tried(again, RIGHT, network=HERE), Access.OWNER)

    async def test_salted(self) -> None:
        """With a salt processes count together, and nobody else knows the networks again."""
        await self.open_with(ADA)
        here, there = (
            SqlAccounts(self.database, keep_addresses=False, salt=b"s" * 32) for _ in range(2)
        )
        for kind in (Kind.NETWORK, Kind.SLOT):
            told = [await store.penalise(HERE, 3, NOW, SCHEDULES, kind) for store in (here, there)]
            self.assertEqual([wait > 0 for wait in told], [False, True], kind)
            self.assertGreater(await here.held_back(HERE, NOW, SCHEDULES, kind), 0)
        for salt in (b"", b"t" * 32):
            other = SqlAccounts(self.database, keep_addresses=not salt, salt=salt)
            self.assertEqual(await other.held_back(HERE, NOW, SCHEDULES), 0)
        self.assertEqual(await self.kinds(), [Kind.NETWORK, Kind.SLOT])
        await here.forget_delays(NOW + 2 * 86_400, SCHEDULES)
        self.assertEqual(await self.kinds(), [])

    async def test_names_are_not_kept(self) -> None:
        """No row has a name or an address that was tried in clear."""
        accounts = await self.open_with(ADA)
        await self.tried(accounts, name="somebody else", network=HERE)
        dump = await self.database.run(
            lambda cursor: cursor.execute("SELECT * FROM delays").fetchall()
        )
        self.assertEqual(len(dump), 3)
        self.assertNotIn(b"somebody", repr(dump).encode())
        self.assertNotIn("192.0", repr(dump))

    async def kinds(self) -> list[int]:
        """Give the kinds of all rows."""
        rows = await self.database.run(
            lambda cursor: cursor.execute("SELECT kind FROM delays ORDER BY kind").fetchall()
        )
        return [row[0] for row in rows]


class RoomTests(TestCase):
    """So many rows, and no more."""

    def setUp(self) -> None:
        self.database = Database(Path(self.mktemp()))
        self.addCleanup(self.database.close)

    async def test_those_due_first_go(self) -> None:
        """Of each kind those stay whose wait ends last, but for the newest few."""
        delays = SqlDelays(keep_addresses=True, most=100)

        def fill(cursor: Cursor) -> None:
            rows = delays.rows(cursor)
            for number in range(1000):
                for kind in (Kind.ACCOUNT, Kind.NETWORK):
                    until = number if kind is Kind.ACCOUNT else 1000 - number
                    rows.put(kind, number.to_bytes(32, "big"), Delay(1, 0, until))

        def ends(cursor: Cursor, kind: Kind) -> list[int]:
            found = cursor.execute("SELECT until FROM delays WHERE kind = ?", (kind,))
            return sorted(row[0] for row in found)

        await self.database.run(fill)
        for kind in (Kind.ACCOUNT, Kind.NETWORK):
            kept = await self.database.run(ends, kind)
            self.assertTrue(100 <= len(kept) <= 100 + 256, len(kept))
        self.assertEqual((await self.database.run(ends, Kind.NETWORK))[-100:], [*range(901, 1001)])

        def forget(cursor: Cursor) -> None:
            delays.rows(cursor).forget(Kind.ACCOUNT, 0, 10_000)

        await self.database.run(forget)
        self.assertEqual(await self.database.run(ends, Kind.ACCOUNT), [*range(900, 1000)])

    async def test_bounds(self) -> None:
        """What ended before, and what ends after all sense, is forgotten; the bounds are kept."""
        delays = SqlDelays(keep_addresses=True)

        def work(cursor: Cursor) -> list[Any]:
            rows = delays.rows(cursor)
            for until in (9, 10, 20, 21):
                rows.put(Kind.ACCOUNT, bytes([until]), Delay(1, 0, until))
            rows.forget(Kind.ACCOUNT, 10, 20)
            return [rows.get(Kind.ACCOUNT, bytes([until])) for until in (9, 10, 20, 21)]

        expected = [None, Delay(1, 0, 10), Delay(1, 0, 20), None]
        self.assertEqual(await self.database.run(work), expected)

    async def test_default_schedules(self) -> None:
        """The collector's way to forget leaves nothing behind after a day and the longest wait."""
        accounts = SqlAccounts(self.database)
        for number in range(3):
            attempt = Attempt(f"guest{number}", WRONG, HERE, NOW)
            try:
                await accounts.enter(attempt, Schedules())
            except Refused as refusal:
                self.assertEqual(refusal.code, Code.LOGIN)
            else:
                self.fail("a guess was right")
        count = "SELECT count(*) FROM delays"
        for late, left in ((0, 5), (24 * 3600, 4), (24 * 3600 + 601, 0)):
            await accounts.forget_delays(NOW + late, Schedules())
            found = await self.database.run(lambda cursor: cursor.execute(count).fetchone())
            self.assertEqual(found, (left,), late)

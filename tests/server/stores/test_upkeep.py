"""What the server's owner asks, in SQL, keeps the contract."""

from twisted.trial.unittest import TestCase

from anoncloud.server.account_contract import Attempt
from anoncloud.server.delays import Schedules
from anoncloud.server.stores.accounts import SqlAccounts
from anoncloud.server.stores.upkeep import SqlUpkeep
from anoncloud.server.upkeep_contract import UpkeepStore
from tests.server.conformance_accounts import NOW
from tests.server.conformance_upkeep import DAY, UpkeepContract
from tests.support.server import ADA
from tests.support.server_sql import InPostgres, InSql


class SqlUpkeepTests(InSql, UpkeepContract, TestCase):
    """Upkeep in SQLite."""

    async def open_upkeep(self) -> UpkeepStore:
        return SqlUpkeep(self.database)

    async def test_durable(self) -> None:
        """What was changed is so after the database was closed and opened."""
        upkeep = await self.open_with(ADA)
        await upkeep.lock("ada", NOW)
        await upkeep.set_quota("ada", 5)
        await self.open_stores()
        (user,) = await SqlUpkeep(self.database).users()
        self.assertEqual((user.locked, user.quota), (NOW, 5))

    async def test_coarse_times(self) -> None:
        """Times are written no finer than they should be."""
        await self.open_with(ADA)
        week = 7 * DAY
        accounts = SqlAccounts(self.database, week)
        upkeep = SqlUpkeep(self.database, week)
        attempt = Attempt("ada", ADA.key().public, "", NOW + 3 * DAY)
        await accounts.enter(attempt, Schedules())
        await upkeep.lock("ada", NOW + 3 * DAY)
        (user,) = await upkeep.users()
        begin = (NOW + 3 * DAY) // week * week
        self.assertEqual((user.seen, user.locked), (begin, begin))

    async def test_locked_at_the_beginning_of_time(self) -> None:
        """Whatever the time is rounded to, a lock is one."""
        upkeep = await self.open_with(ADA)
        await upkeep.lock("ada", 0)
        self.assertEqual((await upkeep.users())[0].locked, 1)


class PostgresUpkeepTests(InPostgres, UpkeepContract, TestCase):
    """Upkeep in PostgreSQL."""

    async def open_upkeep(self) -> UpkeepStore:
        return SqlUpkeep(self.database)

"""Accounts in SQL keep the contract."""

from twisted.trial.unittest import TestCase

from anoncloud.server.stores.accounts import SqlAccounts
from anoncloud.server.stores.database import Database
from tests.server.conformance_accounts import CODE, NOW, AccountContract, DurableAccountContract
from tests.support.server import ADA
from tests.support.server_sql import InSql


class SqlAccountTests(InSql, AccountContract, DurableAccountContract, TestCase):
    """Accounts in SQLite."""

    async def test_code_is_not_kept(self) -> None:
        """The code of an invitation is nowhere in the database's files, nor a private key."""
        accounts, _ = await self.open_stores()
        await accounts.invite(CODE, None, NOW + 1)
        await accounts.register(ADA.new_account(), None, 0, NOW)
        written = b"".join(
            path.read_bytes() for path in self.path.parent.glob(self.path.name + "*")
        )
        self.assertIn(ADA.key().public, written)
        self.assertNotIn(CODE, written)

    async def test_beside_another_process(self) -> None:
        """An invitation made through another connection counts at once."""
        accounts, _ = await self.open_stores()
        beside = Database(self.path)
        try:
            await SqlAccounts(beside).invite(CODE, 5, NOW + 1)
        finally:
            beside.close()
        await accounts.register(ADA.new_account(), CODE, 0, NOW)
        self.assertIsNotNone(await accounts.find("ada", ADA.key().public))

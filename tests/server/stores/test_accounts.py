"""Accounts in SQL keep the contract."""

from twisted.trial.unittest import TestCase

from anoncloud.errors import Code
from anoncloud.server.invitations import code_hash
from anoncloud.server.stores.accounts import SqlAccounts
from anoncloud.server.stores.database import Database
from tests.server.conformance_accounts import CODE, NOW, DurableAccountContract
from tests.server.conformance_owning import OwningContract
from tests.support.server import ADA, BOB
from tests.support.server_sql import InSql


class SqlAccountTests(InSql, OwningContract, DurableAccountContract, TestCase):
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

    async def test_coarse_times(self) -> None:
        """Times are written no finer than they should be; an invitation ends on the second."""
        await self.open_stores()
        accounts = SqlAccounts(self.database, 86_400)
        day, late = 12 * 86_400, 12 * 86_400 + 4000
        await accounts.invite(CODE, None, late)
        await self.refused(Code.INVITATION, accounts.register(ADA.new_account(), CODE, 0, late))
        await accounts.register(ADA.new_account(), CODE, 0, late - 1)
        (invitation,) = await accounts.invitations()
        self.assertEqual(invitation.used, day)
        await accounts.close_account("ada", ADA.key().public, late)
        times = await self.database.run(
            lambda cursor: cursor.execute("SELECT created, closed FROM accounts").fetchall()
        )
        self.assertEqual(times, [(day, day)])
        await accounts.invite(CODE[::-1], None, late)
        await accounts.register(BOB.new_account(), CODE[::-1], 0, 3)  # in the very first day
        used = [one.used for one in await accounts.invitations()]
        self.assertCountEqual(used, [day, 1])

    async def test_closed_for_good(self) -> None:
        """Nothing of a closed account's keys and keyrings is left in its row, nor who used what."""
        accounts, _ = await self.open_stores()
        await accounts.invite(CODE, None, NOW + 1)
        await accounts.register(ADA.new_account(), CODE, 0, NOW)
        await accounts.enrol("ada", ADA.key("phone").public)
        await accounts.set_recovery("ada", ADA.key().public, BOB.key().public, b"copy")
        await accounts.close_account("ada", ADA.key().public, NOW)
        rows = await self.database.run(
            lambda cursor: [
                cursor.execute(f"SELECT * FROM {table}").fetchall()
                for table in ("accounts", "devices", "invitations")
            ]
        )
        self.assertEqual(
            rows,
            [
                [(1, f"/{ADA.drive.hex()}", b"", b"", NOW, None, None, NOW, 0, 0)],
                [],
                [(code_hash(CODE), None, NOW + 1, None, NOW)],
            ],
        )

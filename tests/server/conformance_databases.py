"""The contract of ``SqlDatabase``: what every database does with an interaction."""

from typing import Any

from anoncloud.errors import Code, Refused
from anoncloud.server.stores.sql import Cursor, SqlDatabase

INVITATION = "INSERT INTO invitations (code_hash, expires) VALUES (?, 0)"


def insert(cursor: Cursor, *codes: bytes) -> int:
    """Insert rows, one by one."""
    for code in codes:
        cursor.execute(INVITATION, (code,))
    return len(codes)


def count(cursor: Cursor) -> int:
    """Count the rows."""
    return cursor.execute("SELECT count(*) FROM invitations").fetchone()[0]


class DatabaseContract:
    """Interactions on the *database* of a test."""

    database: SqlDatabase

    async def refused(self: Any, code: Code, interaction: Any, *arguments: Any) -> Refused:
        """See that an interaction is refused with *code*; give the refusal."""
        try:
            await self.database.run(interaction, *arguments)
        except Refused as refusal:
            self.assertEqual(refusal.code, code)
            return refusal
        self.fail("nothing was refused")
        return None

    async def test_result(self: Any) -> None:
        """An interaction is given its arguments, and its result is given back."""
        self.assertEqual(await self.database.run(insert, b"a", b"b"), 2)
        self.assertEqual(await self.database.run(count), 2)

    async def test_rolled_back(self: Any) -> None:
        """An exception undoes all of the transaction, and is passed on."""
        said = Refused(Code.QUOTA, "no", "hint")

        def change_mind(cursor: Cursor) -> None:
            insert(cursor, b"a", b"b")
            raise said

        self.assertIs(await self.refused(Code.QUOTA, change_mind), said)
        self.assertEqual(await self.database.run(count), 0)

    async def test_fault(self: Any) -> None:
        """A fault of the database undoes all, and is told without its words."""
        for wrong in (
            lambda cursor: insert(cursor, b"a", b"a"),
            lambda cursor: cursor.execute("no"),
        ):
            refusal = await self.refused(Code.UNAVAILABLE, wrong)
            self.assertEqual(refusal.message, "the server's database has a fault")
            self.assertTrue(refusal.hint)
        self.assertEqual(await self.database.run(count), 0)

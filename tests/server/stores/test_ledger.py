"""A database read beside a server, and copied."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from twisted.trial.unittest import TestCase

from anoncloud.errors import LocalError
from anoncloud.server.stores import ledger
from anoncloud.server.stores.database import Database, newest_step
from anoncloud.server.stores.journal import State
from anoncloud.server.stores.ledger import Ledger, Row
from anoncloud.server.stores.upkeep import SqlUpkeep
from anoncloud.server.upkeep_contract import ErrandKind
from tests.server.conformance_accounts import NOW
from tests.support.server import ADA, BOB, blob_name, record
from tests.support.server_sql import InSql

SUMS = {blob_name(number): number for number in range(1, 9)}


class LedgerTestCase(InSql, TestCase):
    """A test of a database that a server has open."""

    async def open_filled(self) -> Ledger:
        """Open one with Ada's blobs 1 (staged), 2 (stored) and 3 (dropped), and Bob's 4."""
        self.accounts, self.journal = await self.open_stores()
        for person in (ADA, BOB):
            await self.accounts.register(person.new_account(), None, 0, NOW)
        rows = [(blob_name(number), ADA.drive, number) for number in (1, 2, 3)]
        await self.journal.stage(rows, NOW, SUMS)
        await self.journal.stage([(blob_name(4), BOB.drive, 4)], NOW + 7)
        await self.commit((2, 3))
        await self.commit((), (3,))
        return self.read(self.path)

    async def commit(self, adds: tuple[int, ...], drops: tuple[int, ...] = ()) -> None:
        """Commit a record of Ada's."""
        head = await self.journal.head(ADA.drive)
        names = (tuple(map(blob_name, adds)), tuple(map(blob_name, drops)))
        await self.journal.append(ADA.drive, record(ADA.drive, head, *names), NOW)

    def read(self, path: Path) -> Ledger:
        """Open a ledger that ends with the test."""
        found = Ledger(path)
        self.addCleanup(found.__exit__, None, None, None)
        return found

    def write(self, path: Path, statement: str, *values: Any) -> None:
        """Change a database behind everybody's back."""
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(statement, values)


class LedgerTests(LedgerTestCase):
    """Reading."""

    async def test_rows(self) -> None:
        """Every blob's row is given in order, with its checksum as far as that is known."""
        read = await self.open_filled()
        rows = [
            Row(blob_name(1), 1, 1, State.STAGED),
            Row(blob_name(2), 2, 2, State.STORED),
            Row(blob_name(3), 3, 3, State.DROPPED),
            Row(blob_name(4), 4, None, State.STAGED),
        ]
        rows.sort(key=lambda row: row.blob)
        self.assertEqual(read.page(b""), rows)
        self.assertEqual(read.page(rows[1].blob), rows[2:])
        self.assertEqual(read.page(rows[3].blob), [])
        self.assertEqual([read.row(row.blob) for row in rows], rows)
        self.assertIsNone(read.row(blob_name(5)))
        self.assertEqual(read.totals(), (4, 10))

    async def test_checksums(self) -> None:
        """The last checksum of a blob that came twice stands; a stranger's changes nothing."""
        read = await self.open_filled()
        for person, checksum, expected in ((ADA, 77, 77), (BOB, 88, 77)):
            row = (blob_name(1), person.drive, 1)
            await self.journal.stage([row], NOW, {blob_name(1): checksum})
            self.assertEqual(read.row(blob_name(1)).checksum, expected)

    async def test_pages(self) -> None:
        """A long list comes in pages that leave nothing out and give nothing twice."""
        read = await self.open_filled()
        self.patch(ledger, "_ROWS", 3)
        first = read.page(b"")
        found = first + read.page(first[-1].blob)
        self.assertEqual(len(first), 3)
        self.assertCountEqual([row.blob for row in found], [blob_name(n) for n in (1, 2, 3, 4)])

    async def test_now(self) -> None:
        """What a server commits meanwhile shows at once."""
        read = await self.open_filled()
        await self.journal.unstage(ADA.drive, [blob_name(1)], 0)
        self.assertIsNone(read.row(blob_name(1)))

    async def test_users(self) -> None:
        """A blob's account is told, unless it is closed."""
        read = await self.open_filled()
        self.assertEqual([read.user(blob_name(n)) for n in (1, 4, 9)], ["ada", "bob", ""])
        await SqlUpkeep(self.database).delete("ada", NOW)
        self.assertEqual(read.user(blob_name(1)), "")

    async def test_newest(self) -> None:
        """The latest time of all tables is given, 0 if there is none."""
        read = await self.open_filled()
        self.assertEqual(read.newest(), NOW + 7)
        empty = Path(self.mktemp())
        Database(empty).close()
        self.assertEqual(self.read(empty).newest(), 0)

    async def test_sound(self) -> None:
        """A sound database has no faults, and the newest step."""
        read = await self.open_filled()
        self.assertEqual((read.faults(), read.version()), ([], newest_step()))

    async def test_faults(self) -> None:
        """A page that was overwritten, and a row that hangs in the air, are told."""
        read = await self.open_filled()
        self.write(self.path, "INSERT INTO blobs VALUES (x'99', x'98', 1, 1, 1, NULL)")
        self.assertEqual(read.faults(), ["a row of blobs belongs to no row of drives"])
        copy = Path(self.mktemp())
        ledger.copy(self.path, copy)
        content = copy.read_bytes()
        copy.write_bytes(content[:4096] + bytes(6 * 4096) + content[7 * 4096 :])
        self.assertTrue(self.faults(copy))

    def faults(self, path: Path) -> list[str]:
        """Give the faults of a database that may be too broken to read."""
        try:
            return self.read(path).faults()
        except LocalError as error:
            return [error.message]

    async def test_nothing_is_written(self) -> None:
        """A ledger can't change anything."""
        read = await self.open_filled()
        self.assertRaises(LocalError, read._select, "DELETE FROM blobs")
        self.assertEqual(read.totals()[0], 4)

    async def test_unreadable(self) -> None:
        """One that is not there, or no database, is told with what to do, and none is made."""
        path = Path(self.mktemp())
        for _ in range(2):
            error = self.assertRaises(LocalError, self.faulty, path)
            self.assertIn(str(path), error.message)
            self.assertTrue(error.hint)
            if path.exists():
                break
            path.write_bytes(b"no database" * 100)

    def faulty(self, path: Path) -> int:
        """Read something."""
        return self.read(path).version()


class CopyTests(LedgerTestCase):
    """Copies."""

    async def test_copy(self) -> None:
        """A copy is as the database was; what comes later is not in it, and it is one file."""
        read = await self.open_filled()
        copy = Path(self.mktemp())
        ledger.copy(self.path, copy)
        before = read.page(b"")
        await self.journal.unstage(ADA.drive, [blob_name(1)], 0)
        self.assertEqual(self.read(copy).page(b""), before)
        self.assertEqual(len(list(copy.parent.glob(copy.name + "*"))), 1)

    async def test_keep_stored(self) -> None:
        """What no journal names goes, and what passes; the drives' sums are right again."""
        await self.open_filled()
        await SqlUpkeep(self.database).ask(ErrandKind.STATUS)
        self.write(self.path, "INSERT INTO going VALUES (x'01', 1)")
        self.write(
            self.path,
            "INSERT INTO pairings (slot, pairing, drive, opener, first, said, until)"
            " VALUES (1, x'01', x'02', x'03', x'04', 0, 0)",
        )
        copy = Path(self.mktemp())
        ledger.copy(self.path, copy)
        ledger.keep_stored(copy)
        self.assertEqual(self.read(copy).page(b""), [Row(blob_name(2), 2, 2, State.STORED)])
        opened = Database(copy)
        self.addCleanup(opened.close)
        upkeep = SqlUpkeep(opened)
        sizes = [(user.stored, user.dropped) for user in await upkeep.users()]
        self.assertEqual(sizes, [(2, 0), (0, 0)])
        for table in ("errands", "going", "pairings"):
            (rows,) = self.read(copy)._select(f"SELECT count(*) FROM {table}")
            self.assertEqual(rows, (0,), table)

    async def test_fault(self) -> None:
        """A copy that can't be made is told."""
        await self.open_filled()
        nowhere = Path(self.mktemp()) / "nowhere"
        error = self.assertRaises(LocalError, ledger.copy, self.path, nowhere)
        self.assertIn(str(nowhere), error.message)
        self.assertRaises(LocalError, ledger.keep_stored, nowhere)

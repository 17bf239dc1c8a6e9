"""SQL stores on a file of the test's own, opened and opened again."""

from pathlib import Path
from typing import Any

from anoncloud.server.account_contract import AccountStore
from anoncloud.server.assembly import DATABASE
from anoncloud.server.contracts import JournalStore
from anoncloud.server.stores.accounts import SqlAccounts
from anoncloud.server.stores.database import Database
from anoncloud.server.stores.journal import SqlJournal
from anoncloud.server.stores.postgres import PostgresDatabase
from anoncloud.server.stores.upkeep import SqlUpkeep
from tests.support.postgres import cluster
from tests.support.server import Person


def open_accounts(state: Path) -> tuple[Database, SqlAccounts]:
    """Open the accounts of a server beside its process; the caller closes the database."""
    database = Database(state / DATABASE)
    return database, SqlAccounts(database)


class WithQuotas:
    """Changes quotas in the database of a test."""

    async def set_quota(self: Any, person: Person, quota: int) -> None:
        await SqlUpkeep(self.database).set_quota(person.name, quota)


class InSql(WithQuotas):
    """Opens accounts and a journal in SQLite."""

    path: Path | None = None
    database: Database | None = None

    def close(self) -> None:
        """Close the database that is open."""
        if self.database is not None:
            self.database.close()

    async def open_stores(self: Any) -> tuple[AccountStore, JournalStore]:
        if self.database is None:
            self.path = Path(self.mktemp())
            self.addCleanup(self.close)
        else:
            self.database.close()
        self.database = Database(self.path)
        return SqlAccounts(self.database), SqlJournal(self.database)


class InPostgres(WithQuotas):
    """Opens accounts and a journal in PostgreSQL."""

    place: str = ""
    database: PostgresDatabase | None = None

    def close(self) -> None:
        """Close the database that is open."""
        if self.database is not None:
            self.database.close()

    async def open_stores(self: Any) -> tuple[AccountStore, JournalStore]:
        if self.database is None:
            self.place = cluster().new_database()
            self.addCleanup(self.close)
        else:
            self.database.close()
        self.database = PostgresDatabase(self.place)
        return SqlAccounts(self.database), SqlJournal(self.database)

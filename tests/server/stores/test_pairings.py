"""Pairings in SQL keep the contract."""

from typing import Any

from twisted.trial.unittest import TestCase

from anoncloud.server.pairing_contract import PairingStore
from anoncloud.server.stores.pairings import SqlPairings
from tests.server.conformance_pairings import HERE, THERE, PairingContract
from tests.support.server_sql import InPostgres, InSql


class InDatabase:
    """Opens pairings over the database of a test."""

    async def open_pairings(self: Any) -> tuple[PairingStore, PairingStore]:
        await self.open_stores()
        return SqlPairings(self.database, HERE), SqlPairings(self.database, THERE)


class SqlPairingTests(InDatabase, InSql, PairingContract, TestCase):
    """Pairings in SQLite."""


class PostgresPairingTests(InDatabase, InPostgres, PairingContract, TestCase):
    """Pairings in PostgreSQL."""

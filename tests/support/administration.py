"""The owner's command beside a server: with stores in memory, or on a state folder of its own."""

import json
import os
import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from zlib import crc32

from click.testing import CliRunner, Result
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.admin import desk, inviting, main
from anoncloud.errors import LocalError
from anoncloud.ids import BlobId
from anoncloud.server.assembly import DATABASE
from anoncloud.server.delays import Schedules
from anoncloud.server.identity import INVITATION_LENGTH, address, load_or_make, make_state_dir
from anoncloud.server.stores.database import Database
from anoncloud.server.stores.journal import State
from anoncloud.server.stores.memory import MemoryBlobs, MemoryJournal
from anoncloud.server.stores.memory_accounts import MemoryAccounts
from anoncloud.server.stores.memory_upkeep import MemoryUpkeep
from anoncloud.server.stores.shelf import Shelf
from tests.support.entropy import counting
from tests.support.server import ADA, ServerTestCase, blob_name

PLAIN = address("cloud.example", 9650, bytes(32))
CODE = bytes(range(INVITATION_LENGTH))
DAY = 24 * 3600


class OneTurn:
    """A reactor that runs what it was given before, and must be stopped by it."""

    def __init__(self) -> None:
        self.waiting: list[Any] = []
        self.running = False

    def callWhenRunning(self, function: Any) -> None:
        self.waiting.append(function)

    def run(self) -> None:
        self.running = True
        waiting, self.waiting = self.waiting, []
        for function in waiting:
            function()
        if self.running:
            message = "the reactor was left running"
            raise AssertionError(message)

    def stop(self) -> None:
        self.running = False


class AdminTestCase(ServerTestCase):
    """A test beside a server with its accounts in memory."""

    def setUp(self) -> None:
        self.state = Path(self.mktemp())
        self.state.mkdir()
        (self.state / "address").write_text(PLAIN + "\n")
        self.journal = MemoryJournal()
        self.accounts = MemoryAccounts(self.journal)
        self.closed = 0
        self.upkeep = MemoryUpkeep(self.journal, self.accounts)
        self.blobs = MemoryBlobs(lambda: 1000.5)
        self.patch(desk, "reactor", OneTurn())
        self.patch(desk, "open_stores", lambda _: self.stores())
        self.patch(inviting, "urandom", lambda length: CODE[:length])
        self.patch(inviting.time, "time", lambda: 1000.5)

    def stores(self) -> desk.Stores:
        """Give the stores, and count how often they are closed."""

        def close() -> None:
            self.closed += 1

        parts = (self.accounts, self.journal, self.blobs, self.upkeep)
        return desk.Stores(*parts, lambda: 1000.5, Schedules(), close)

    def command(self, *words: str) -> Result:
        """Run a command."""
        return CliRunner().invoke(main.cli, ["--state-dir", str(self.state), *words])


class StateCase(SynchronousTestCase):
    """A test of a state folder on disk, with Ada's account and drive in it."""

    def setUp(self) -> None:
        self.state = self.new_server()

    def new_server(self, seed: bytes = b"server") -> Path:
        """Make a state folder as a server does."""
        state = Path(self.mktemp())
        make_state_dir(state)
        load_or_make(state, counting(seed))
        (state / "address").write_text(PLAIN + "\n")
        (state / "address").chmod(0o600)
        (state / "blobs").mkdir(mode=0o700)
        Database(state / DATABASE).close()
        (state / DATABASE).chmod(0o600)
        self.write(
            "INSERT INTO accounts (account, name, login_key, keyring, created)"
            " VALUES (1, 'ada', x'00', x'00', 1000)",
            state=state,
        )
        self.write("INSERT INTO drives VALUES (?, 1, 0, x'00', 0, 0, 0)", ADA.drive, state=state)
        return state

    def write(self, statement: str, *values: Any, state: Path | None = None) -> None:
        """Change the database behind everybody's back."""
        with closing(sqlite3.connect((state or self.state) / DATABASE)) as connection, connection:
            connection.execute(statement, values)

    def blob(self, number: int, state: State = State.STORED, length: int = 100) -> BlobId:
        """Store a blob of Ada's, row and bytes."""
        blob, content = blob_name(number), random.Random(number).randbytes(length)
        self.write(
            "INSERT INTO blobs VALUES (?, ?, ?, ?, 1000, ?)",
            *(blob, ADA.drive, length, state, crc32(content)),
        )
        column = "dropped" if state is State.DROPPED else "stored"
        self.write(f"UPDATE drives SET {column} = {column} + ?", length)
        self.shelf.put(blob, content)
        return blob

    @property
    def shelf(self) -> Shelf:
        """The blobs on the disk."""
        return Shelf(self.state / "blobs")

    def flip(self, path: Path) -> None:
        """Turn one bit of a file over."""
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)

    def age(self, path: Path, seconds: float = 2 * DAY) -> None:
        """Make a file older."""
        then = path.stat().st_mtime - seconds
        os.utime(path, (then, then))

    def command(self, *words: "str | Path", state: Path | None = None) -> Result:
        """Run a command."""
        given = ("--state-dir", state or self.state, *words)
        return CliRunner().invoke(main.cli, [str(word) for word in given])

    def value(self, *words: "str | Path", code: int = 0, state: Path | None = None) -> Any:
        """Run a command that ends with *code*, and give the JSON that it prints."""
        done = self.command(*words, "--json", state=state)
        self.assertEqual(done.exit_code, code, done.output)
        return json.loads(done.stdout)

    def refused(self, kind: type[LocalError], *words: "str | Path", **options: Any) -> str:
        """Run a command that is refused with an error of *kind* that has a hint; give its words."""
        error = self.command(*words, **options).exception
        self.assertIsInstance(error, kind)
        self.assertTrue(error.hint)
        return str(error)

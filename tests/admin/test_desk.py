"""What the owner's commands work with: settings, stores, the right user."""

import os
import pwd
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click

from anoncloud.admin import desk
from anoncloud.admin.desk import Desk, check_user, open_stores
from anoncloud.errors import UsageError
from anoncloud.server.occupancy import occupy
from anoncloud.server.settings import Settings
from tests.support.administration import OneTurn, StateCase


class DeskTests(StateCase):
    """A desk at a state folder."""

    def desk(self, state: Path | None = None) -> Desk:
        """Make a desk."""
        return Desk(Settings(state_dir=state or self.state), print)

    def test_running(self) -> None:
        """A server that runs is seen by its lock, and not disturbed."""
        self.assertFalse(self.desk().is_running())
        with occupy(self.state):
            self.assertTrue(self.desk().is_running())
        self.assertFalse(self.desk().is_running())

    def test_no_server(self) -> None:
        """Where none is, nothing is opened and nothing made."""
        nowhere = Path(self.mktemp())
        for work in (
            self.desk(nowhere).check_server,
            self.desk(nowhere).check_current,
            lambda: open_stores(self.desk(nowhere)),
        ):
            error = self.assertRaises(UsageError, work)
            self.assertIn("anoncloud-admin init", error.hint)
        self.assertFalse(nowhere.exists())

    def test_interrupted(self) -> None:
        """A signal that ends the reactor is taken for an interrupt."""

        class Signalled(OneTurn):
            def run(self) -> None:
                self.waiting.clear()

        self.patch(desk, "reactor", Signalled())

        async def work(_: Any) -> int:
            return signal.SIGINT

        self.assertRaises(click.Abort, self.desk().run, work)


class UserTests(StateCase):
    """Root does not write into another user's state folder."""

    def run_as(self, euid: int, owner: int) -> None:
        """Run as a user beside a folder of another."""
        self.patch(os, "geteuid", lambda: euid)
        self.patch(Path, "stat", lambda _: SimpleNamespace(st_uid=owner))
        check_user(self.state)

    def test_root(self) -> None:
        """It is told whom to run the command as, by name or by number."""
        user = SimpleNamespace(pw_name="cloud")
        self.patch(pwd, "getpwuid", lambda number: {77: user}[number])
        for owner, name in ((77, "cloud"), (78, "#78")):
            error = self.assertRaises(UsageError, self.run_as, 0, owner)
            self.assertIn(f"the user {name},", error.message)
            self.assertIn(f"sudo -u '{name}'", error.hint)

    def test_others(self) -> None:
        """Whoever is not root may try, and root may in root's own folder, or where none is."""
        self.assertIsNone(self.run_as(5, 77))
        self.assertIsNone(self.run_as(0, 0))
        self.patch(os, "geteuid", lambda: 0)
        self.patch(Path, "exists", lambda _: False)
        self.assertIsNone(check_user(Path("nowhere")))

    def test_said(self) -> None:
        """Every command says so, before it does anything."""
        self.patch(os, "geteuid", lambda: 0)
        self.patch(Path, "stat", lambda _: SimpleNamespace(st_uid=77, st_mode=0o40700))
        self.assertIn("runs as root", self.refused(UsageError, "address"))

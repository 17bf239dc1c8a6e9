"""The space that a server takes, and what becomes free of it."""

import json
import os
from collections import namedtuple
from typing import Any

from twisted.internet.defer import succeed

from anoncloud.admin import desk, space
from anoncloud.errors import LocalError
from anoncloud.limits import GIB, MIB
from anoncloud.server.occupancy import occupy
from anoncloud.server.upkeep_contract import ErrandKind
from tests.support.administration import DAY, AdminTestCase
from tests.support.server import ADA, blob_name

Told = namedtuple("Told", ("f_bavail", "f_blocks", "f_frsize"))  # noqa: PYI024 - as the system's
NOW = 10 * DAY + 5000


class SpaceTestCase(AdminTestCase):
    """A test beside a server with Ada, whose process may answer or not."""

    def setUp(self) -> None:
        super().setUp()
        self.now(self.accounts.register(ADA.new_account(), None, 0, 1000))
        (self.state / "accounts.sqlite").write_bytes(bytes(2048))
        self.patch(space.time, "time", lambda: NOW + 0.5)
        self.patch(os, "statvfs", lambda _: Told(3 * MIB // 4096, GIB // 4096, 4096))
        self.patch(desk, "deferLater", self.later)
        self.waits = 0
        self.answer: dict[str, int] | None = {"connections": 3, "removed": 9}

    def later(self, reactor: Any, seconds: float) -> Any:
        """Let time pass: a running server answers what was asked for."""
        del reactor
        self.waits += 1
        if self.answer is not None:
            for errand in self.now(self.upkeep.due()).errands:
                self.asked = errand.kind
                self.now(self.upkeep.answer(errand.number, json.dumps(self.answer)))
        return succeed(seconds)

    def run_server(self) -> None:
        """Occupy the state folder, as a server does."""
        lock = occupy(self.state)
        self.addCleanup(lock.close)

    def value(self, *words: str) -> Any:
        """Give what a command prints as JSON."""
        done = self.command(*words, "--json")
        self.assertEqual(done.exit_code, 0, done.exception)
        return json.loads(done.output)

    def stage(self, number: int, size: int, when: int) -> None:
        """Store a blob of Ada's at a time."""
        self.now(self.journal.stage([(blob_name(number), ADA.drive, size)], when))


class StatsTests(SpaceTestCase):
    """``stats``."""

    def test_json(self) -> None:
        """All is told in bytes, seconds and counts, and of nobody in particular."""
        self.stage(1, 5, NOW)
        self.stage(2, 7, NOW - DAY)
        self.run_server()
        self.assertEqual(
            self.value("stats"),
            {
                "accounts": 1,
                "locked": 0,
                "stored": 12,
                "dropped": 0,
                "blobs": 2,
                "growth": [{"begin": 9 * DAY, "stored": 7}, {"begin": 10 * DAY, "stored": 5}],
                "connections": 3,
                "running": True,
                "disk_free": 3 * MIB,
                "disk_size": GIB,
                "database": 2048,
            },
        )
        self.assertIs(self.asked, ErrandKind.STATUS)
        self.assertEqual(self.now(self.upkeep.due()).errands, ())

    def test_table(self) -> None:
        """The same for people."""
        self.stage(1, 5 * MIB, NOW)
        self.run_server()
        done = self.command("stats")
        for said in (
            "users                1 (0 locked)\n",
            "stored               5.0 MiB\n",
            "free on the disk     3.0 MiB of 1.0 GiB\n",
            "connections          3\n",
            "\n\nDAY (UTC)   CAME\n1970-01-11  5.0 MiB\n",
        ):
            self.assertIn(said, done.output)

    def test_days(self) -> None:
        """What came is told of as many days as asked for, today the last of them."""
        for number, days in enumerate((0, 1, 2)):
            self.stage(number, 1, NOW - days * DAY)
        for days in (1, 2, 3):
            self.assertEqual(len(self.value("stats", "--days", str(days))["growth"]), days)
        self.assertEqual(self.command("stats", "--days", "0").exit_code, 2)

    def test_no_server(self) -> None:
        """Without a server nobody is asked, and nobody waits."""
        value = self.value("stats")
        self.assertEqual((value["running"], value["connections"]), (False, None))
        self.assertEqual(self.waits, 0)
        said = self.command("stats").output
        self.assertIn("none: no server is running", said)
        self.assertNotIn("CAME", said)

    def test_silent_server(self) -> None:
        """A server that does not answer is not waited for for ever, and all else is told."""
        self.answer = None
        self.run_server()
        value = self.value("stats")
        self.assertEqual((value["running"], value["connections"]), (True, None))
        self.assertEqual(self.waits, desk.PATIENCE / desk.LOOK)
        self.assertIn("does not answer", self.command("stats").output)
        self.assertEqual(self.now(self.upkeep.due()).errands, ())


class CollectTests(SpaceTestCase):
    """``collect``."""

    def test_alone(self) -> None:
        """Without a server it collects what is due by the settings, and orphans."""
        self.stage(1, 5, 0)
        self.stage(2, 5, 1000)
        self.assertEqual(self.value("collect"), {"removed": 0})
        self.blobs._settled[blob_name(7)] = 1000.5 - 2 * DAY
        self.blobs.bytes[blob_name(7)] = b"an orphan"
        self.assertEqual(self.command("collect").output, "1 blob went.\n")
        config = self.state / "settings.toml"
        config.write_text("keep_staged_hours = 0\n")
        words = ("--config", str(config), "collect")
        self.assertEqual(self.command(*words).output, "1 blob went.\n")
        self.assertEqual(set(self.journal.blobs), {blob_name(2)})
        self.assertEqual(self.waits, 0)

    def test_lock(self) -> None:
        """While it collects no server can start."""
        seen: list[bool] = []

        async def collect(*_: Any) -> int:
            seen.append(self.is_free())
            return 0

        self.patch(space.Collector, "collect", collect)
        self.value("collect")
        self.assertEqual(seen, [False])
        self.assertTrue(self.is_free())

    def is_free(self) -> bool:
        """Whether a server could start."""
        try:
            occupy(self.state).close()
        except LocalError:
            return False
        return True

    def test_by_the_server(self) -> None:
        """A running server does it, for it knows what is coming in."""
        self.run_server()
        self.stage(1, 5, -(10**6))
        self.assertEqual(self.value("collect"), {"removed": 9})
        self.assertIs(self.asked, ErrandKind.COLLECT)
        self.assertIn(blob_name(1), self.journal.blobs)

    def test_silent_server(self) -> None:
        """If it does not do it in time that is told."""
        self.answer = None
        self.patch(space, "ROUND", 2.0)
        self.run_server()
        error = self.command("collect").exception
        self.assertIsInstance(error, LocalError)
        self.assertIn("log", error.hint)
        self.assertEqual(self.waits, 2.0 / desk.LOOK)

"""Settings read again: what changes, what takes a restart, and mistakes that change nothing."""

import io
import os
import signal
from pathlib import Path
from typing import Any

import attrs
from twisted.internet.task import Clock
from twisted.logger import formatEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import UsageError
from anoncloud.server.conditions import Registration
from anoncloud.server.logs import Log
from anoncloud.server.reloading import Reloading, Signals, merge, reload_by_signals
from anoncloud.server.settings import SETTINGS, Settings
from anoncloud.server.supervisor import Supervisor

OLD = Settings()


class MergeTests(SynchronousTestCase):
    """What holds after a reload."""

    def test_changes(self) -> None:
        """What may change does; what takes a restart stays, and is told."""
        new = Settings(quota=5, registration=Registration.OPEN, public_host="a", coarse_times=9)
        merged, changed, restart = merge(OLD, new)
        self.assertEqual(merged, Settings(quota=5, registration=Registration.OPEN))
        self.assertEqual(changed, ["registration", "quota"])
        self.assertEqual(restart, ["public_host", "coarse_times"])

    def test_nothing(self) -> None:
        """The same settings change nothing."""
        self.assertEqual(merge(OLD, Settings()), (OLD, [], []))

    def test_every_setting(self) -> None:
        """Every setting goes where its row in the table says."""
        for name, setting in SETTINGS.items():
            new = attrs.evolve(OLD, **{name: object()})
            told = ([name], []) if setting.reloads else ([], [name])
            self.assertEqual(merge(OLD, new)[1:], told)


class ReloadingTests(SynchronousTestCase):
    """Reloading."""

    def setUp(self) -> None:
        self.given: Any = OLD
        self.obeyed: list[Settings] = []
        self.told: list[bytes] = []
        self.out = io.StringIO()
        supervisor = Supervisor(
            Clock(), {"NOTIFY_SOCKET": "x"}, 1, lambda _, content: self.told.append(content)
        )
        self.log = Log(OLD, self.out)
        self.reloading = Reloading(OLD, self.read, self.obeyed.append, supervisor, self.log)
        self.said: list[tuple[str, str]] = []
        globalLogPublisher.addObserver(self.observe)
        self.addCleanup(globalLogPublisher.removeObserver, self.observe)

    def observe(self, event: dict[str, Any]) -> None:
        """Remember what is logged."""
        if event["log_namespace"].endswith("Reloading"):
            self.said.append((event["log_level"].name, formatEvent(event)))

    def read(self) -> Settings:
        """Give the settings that the file would have."""
        if isinstance(self.given, Exception):
            raise self.given
        return self.given

    def test_reload(self) -> None:
        """New settings are obeyed, and the log names what changed and what takes a restart."""
        self.given = Settings(quota=5, max_accounts=2, coarse_times=9)
        self.reloading.reload()
        self.assertEqual(self.obeyed, [Settings(quota=5, max_accounts=2)])
        self.assertEqual(
            self.said,
            [
                ("info", "read the settings again; changed: max_accounts, quota"),
                ("warn", "the setting coarse_times has changed, which takes a restart"),
            ],
        )

    def test_back(self) -> None:
        """What is set back is a change too."""
        for self.given in (Settings(quota=5), OLD, OLD):
            self.reloading.reload()
        self.assertEqual([settings.quota for settings in self.obeyed], [5, 0, 0])
        self.assertIn("changed: nothing", self.said[-1][1])

    def test_mistakes(self) -> None:
        """With mistakes nothing changes, and all of them are logged; the next one may be right."""
        self.given = UsageError("the settings have mistakes:\n  a:1: x\n  a:2: y", "see there")
        self.reloading.reload()
        self.assertEqual(self.obeyed, [])
        ((level, said),) = self.said
        self.assertEqual(level, "error")
        for part in ("the settings stay as they were", "a:1: x", "a:2: y", "see there"):
            self.assertIn(part, said)
        self.given = Settings(quota=7)
        self.reloading.reload()
        self.assertEqual(self.obeyed, [Settings(quota=7)])

    def test_supervisor(self) -> None:
        """Whoever waits for it hears of the beginning and of the end, mistakes or not."""
        for self.given in (Settings(quota=5), UsageError("mistakes")):
            self.reloading.reload()
            reloading, ready = self.told[-2:]
            self.assertTrue(reloading.startswith(b"RELOADING=1\n"))
            self.assertEqual(ready, b"READY=1")

    def test_fault(self) -> None:
        """So does it if something goes wrong that is nobody's mistake, which is logged."""
        self.given = OSError("the disk has a fault")
        self.reloading.reload()
        self.assertEqual(self.told[-1], b"READY=1")
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)

    def test_log(self) -> None:
        """The log follows its settings, and is opened again with each reload and by itself."""
        path = Path(self.mktemp())
        self.given = Settings(log_file=path)
        self.reloading.reload()
        for again in (self.reloading.reload, self.reloading.reopen):
            path.unlink()
            again()
            self.assertTrue(path.exists())


class SignalTests(SynchronousTestCase):
    """Signals."""

    def callFromThread(self, function: Any) -> None:
        """Stand for the reactor."""
        self.calls.append(function)

    def test_signals(self) -> None:
        """Each signal's call is made outside of its handler; at the end all is as it was."""
        self.calls: list[Any] = []
        calls = {signal.SIGHUP: lambda: None, signal.SIGUSR1: lambda: None}
        before = [signal.getsignal(number) for number in calls]
        service = Signals(self, calls)
        service.startService()
        for number, call in calls.items():
            os.kill(os.getpid(), number)
            self.assertIs(self.calls[-1], call)
        service.stopService()
        self.assertEqual([signal.getsignal(number) for number in calls], before)

    def test_which(self) -> None:
        """SIGHUP reads the settings again, SIGUSR1 opens the log again."""
        reloading = Reloading(OLD, Settings, lambda _: None, Supervisor(Clock(), {}, 1))
        service = reload_by_signals(reloading, self)
        self.assertEqual(
            service._calls,
            {signal.SIGHUP: reloading.reload, signal.SIGUSR1: reloading.reopen},
        )

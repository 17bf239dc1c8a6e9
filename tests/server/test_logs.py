"""The log: its two forms, its file, and what it passes over."""

import io
import json
import sys
from pathlib import Path
from typing import Any

from twisted.application.service import Application
from twisted.logger import ILogObserver, Logger, LogLevel
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import LocalError
from anoncloud.server.logs import TWISTD_LOG, Log, install, log_of
from anoncloud.server.settings import LogFormat, Settings

JSON = Settings(log_format=LogFormat.JSON)


class LogTests(SynchronousTestCase):
    """What is written."""

    def setUp(self) -> None:
        self.out = io.StringIO()

    def tell(self, log: Log, text: str, level: Any = LogLevel.info, **values: Any) -> None:
        """Log something to *log* alone."""
        Logger(namespace="a.b", observer=log).emit(level, text, **values)

    def test_text(self) -> None:
        """Text is what twistd writes: time, place, words."""
        self.tell(Log(Settings(), self.out), "{n} blobs", n=3)
        self.assertRegex(
            self.out.getvalue(), r"^\d{4}-\d\d-\d\dT[\d:]+[+-]\d{4} \[a\.b#info\] 3 blobs\n$"
        )

    def test_json(self) -> None:
        """JSON is one object a line, whatever is in it, of these fields and no other."""
        log = Log(JSON, self.out)
        self.tell(log, "one\ntwo {x}", LogLevel.warn, x='"\u2028')
        self.tell(log, "three")
        first, second = map(json.loads, self.out.getvalue().splitlines())
        self.assertEqual(
            {name: first[name] for name in ("level", "where", "text")},
            {"level": "warn", "where": "a.b", "text": 'one\ntwo "\u2028'},
        )
        self.assertEqual(set(first), {"time", "level", "where", "text"})
        self.assertRegex(first["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$")
        self.assertEqual(second["text"], "three")

    def test_no_values(self) -> None:
        """Values that an event carries and does not say are not in the log, in either form."""
        for settings in (Settings(), JSON):
            self.tell(Log(settings, self.out), "somebody came", peer="192.0.2.1")
        self.assertNotIn("192.0.2.1", self.out.getvalue())
        self.assertEqual(self.out.getvalue().count("somebody came"), 2)

    def test_failure(self) -> None:
        """A failure comes with its traceback."""
        for settings in (Settings(), JSON):
            try:
                message = "broken"
                raise RuntimeError(message)
            except RuntimeError:
                Logger(namespace="a", observer=Log(settings, self.out)).failure("working")
        self.assertEqual(self.out.getvalue().count("Traceback"), 2)
        told = json.loads(self.out.getvalue().splitlines()[-1])
        self.assertEqual((told["level"], told["text"]), ("critical", "working"))
        self.assertIn("RuntimeError: broken", told["traceback"])

    def test_debug(self) -> None:
        """Debugging events are passed over."""
        self.tell(Log(Settings(), self.out), "detail", LogLevel.debug)
        self.assertEqual(self.out.getvalue(), "")

    def test_file(self) -> None:
        """A file that was moved away is opened again, and what comes then goes there."""
        path = Path(self.mktemp())
        log = Log(Settings(log_file=path), self.out)
        self.tell(log, "one")
        moved = path.rename(path.with_suffix(".1"))
        self.tell(log, "two")
        log.reopen()
        self.tell(log, "three")
        self.assertEqual([moved.read_text().count(word) for word in ("one", "two")], [1, 1])
        self.assertIn("three", path.read_text())
        self.assertNotIn("three", moved.read_text())
        self.assertEqual(path.stat().st_mode & 0o007, 0)
        self.assertEqual(self.out.getvalue(), "")

    def test_obey(self) -> None:
        """New settings change form and place at once."""
        log = Log(Settings(), self.out)
        path = Path(self.mktemp())
        log.obey(Settings(log_file=path, log_format=LogFormat.JSON))
        self.tell(log, "here")
        self.assertEqual(json.loads(path.read_text())["text"], "here")
        log.obey(Settings())
        self.tell(log, "there")
        self.assertIn("there", self.out.getvalue())
        self.assertFalse(self.out.closed)

    def test_full_disk(self) -> None:
        """A file that takes no more is let go of, whatever it did not take."""
        full = Path("/dev/full")
        if not full.exists():
            self.skipTest("NOT TESTED: this system has no file that is always full")
        log = Log(Settings(log_file=full), self.out)
        event = {"log_format": "lost", "log_time": 0.0, "log_level": LogLevel.info}
        self.assertRaises(OSError, log, event)
        log.obey(Settings())
        self.tell(log, "said")
        self.assertIn("said", self.out.getvalue())

    def test_no_file(self) -> None:
        """A file that can't be opened keeps a server from its start, and a running one logs on."""
        nowhere = Path(self.mktemp()) / "file"
        error = self.assertRaises(LocalError, Log, Settings(log_file=nowhere), self.out)
        self.assertIn(str(nowhere), error.message)
        self.assertIn("folder", error.hint)
        log = Log(Settings(), self.out)
        log.obey(Settings(log_file=nowhere))
        self.tell(log, "still")
        self.assertIn("still", self.out.getvalue())


class TwistdTests(SynchronousTestCase):
    """The log as twistd takes it."""

    def test_place(self) -> None:
        """Without a file it is where twistd would write: standard output, or its own file."""
        self.assertIs(log_of({"nodaemon": 1}, Settings())._out, sys.stdout)
        log = log_of(None, Settings())
        self.addCleanup(log._otherwise.close)
        Logger(namespace="a", observer=log).info("h\u00e9")
        self.assertIn("h\u00e9\n", Path(TWISTD_LOG).read_text("utf-8"))

    def test_own_options(self) -> None:
        """Whoever gives twistd's own options of logs gets what they say."""
        for option in ("logger", "logfile", "syslog"):
            self.assertIsNone(log_of({option: "x"}, JSON))

    def test_install(self) -> None:
        """An application takes the log; without one, and without an application, nothing is."""
        log = Log(Settings(), io.StringIO())
        application = Application("a")
        install(None, application)
        self.assertIsNone(application.getComponent(ILogObserver, None))
        install(log, None)
        install(log, application)
        self.assertIs(application.getComponent(ILogObserver), log)

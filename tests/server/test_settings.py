"""The settings: every one read, every mistake told, options before the file."""

import os
from pathlib import Path
from typing import Any

import attrs
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import UsageError
from anoncloud.limits import GIB, KIB, MIB
from anoncloud.server.conditions import Registration
from anoncloud.server.modes import ProcessMode, Wish
from anoncloud.server.settings import (
    LEAST_IDLE,
    SETTINGS,
    LogFormat,
    Settings,
    default_state_dir,
    read_settings,
)
from anoncloud.server.times import DAY

GOOD: dict[str, Any] = {
    "state_dir": ("/srv/cloud", Path("/srv/cloud")),
    "listen": (["tcp:1", "tls:2"], ("tcp:1", "tls:2")),
    "public_host": ("cloud.example", "cloud.example"),
    "registration": ("open", Registration.OPEN),
    "max_accounts": (3, 3),
    "max_users_online": (2, 2),
    "quota": ("5 GiB", 5 * GIB),
    "quota_total": ("1TiB", 1024 * GIB),
    "lowest_free_disk": ("2GiB", 2 * GIB),
    "least_passphrase_score": (4, 4),
    "max_connections": (4, 4),
    "max_connections_per_address": (5, 5),
    "max_handshakes": (50, 50),
    "max_handshakes_per_address": (6, 6),
    "message_rate": (30, 30),
    "bytes_in_flight": ("2MiB", 2 * MIB),
    "idle_time": (600, 600),
    "handshake_time": (5, 5),
    "stop_time": (3, 3),
    "process_mode": ("workers", ProcessMode.WORKERS),
    "workers": (3, 3),
    "worker_user": ("drive", "drive"),
    "worker_memory": ("2GiB", 2 * GIB),
    "sandbox": ("off", Wish.OFF),
    "keep_dropped_days": (6, 6),
    "keep_staged_hours": (7, 7),
    "log_format": ("json", LogFormat.JSON),
    "log_file": ("/var/log/a.log", Path("/var/log/a.log")),
    "log_addresses": (True, True),
    "metrics_listen": ("unix:/run/metrics", "unix:/run/metrics"),
    "keep_addresses": (False, False),
    "coarse_times": (3600, 3600),
}
"""For each setting a value that is not its default, as it is written and as it is read."""


class SettingsTestCase(SynchronousTestCase):
    """A test that reads settings."""

    def file(self, content: str) -> Path:
        """Write a settings file."""
        path = Path(self.mktemp())
        path.write_text(content)
        return path

    def read(self, **options: Any) -> Settings:
        """Read options alone."""
        return read_settings(None, options)

    def mistake(self, **options: Any) -> str:
        """Give what is said of options with a mistake."""
        return self.assertRaises(UsageError, read_settings, None, options).message


class ReadingTests(SettingsTestCase):
    """Good settings."""

    def test_defaults(self) -> None:
        """With nothing said at all there is a server by invitation on the usual port."""
        settings = self.read()
        self.assertEqual(settings, Settings())
        self.assertEqual(settings.listen, ("tcp:9650",))
        self.assertIs(settings.registration, Registration.INVITATION)
        self.assertEqual((settings.keep_dropped_days, settings.keep_staged_hours), (7, 24))
        self.assertEqual(settings.state_dir, default_state_dir())

    def test_every_setting(self) -> None:
        """Every setting can be set, by the file and by an option, and each goes to its place."""
        fields = {field.name for field in attrs.fields(Settings)}
        self.assertEqual(set(GOOD), fields)
        self.assertEqual(list(SETTINGS), [field.name for field in attrs.fields(Settings)])
        for name, (written, expected) in GOOD.items():
            quoted = str(written).lower() if isinstance(written, bool) else repr(written)
            for settings in (
                self.read(**{name: written}),
                read_settings(self.file(f"{name} = {quoted}"), {}),
            ):
                self.assertEqual(getattr(settings, name), expected, name)
                self.assertNotEqual(settings, Settings(), name)
                self.assertEqual(
                    attrs.evolve(settings, **{name: getattr(Settings(), name)}), Settings()
                )

    def test_options_win(self) -> None:
        """An option replaces the file's setting, and leaves the others."""
        file = self.file('quota = "1MiB"\nlisten = "tcp:1"\nmax_accounts = 5')
        settings = read_settings(file, {"quota": "2MiB", "listen": ["tcp:2"]})
        self.assertEqual(
            (settings.quota, settings.listen, settings.max_accounts), (2 * MIB, ("tcp:2",), 5)
        )

    def test_sizes(self) -> None:
        """A size is a number of bytes, alone or with a unit in any spelling."""
        for written, expected in (
            (0, 0),
            (12, 12),
            ("12", 12),
            ("1KiB", KIB),
            ("2 mib", 2 * MIB),
            (" 3GIB ", 3 * GIB),
            ("4TiB", 4 * 1024 * GIB),
            (2**63 - 1, 2**63 - 1),
        ):
            self.assertEqual(self.read(quota=written).quota, expected)

    def test_words(self) -> None:
        """Options come as text; numbers and truths are read from it, and blanks cut off."""
        self.assertEqual(self.read(max_accounts="12").max_accounts, 12)
        for text, expected in (("true", True), ("yes", True), ("false", False), ("no", False)):
            self.assertIs(self.read(log_addresses=text).log_addresses, expected)
        self.assertIs(self.read(log_addresses=False).log_addresses, False)
        self.assertEqual(self.read(listen="tcp:1").listen, ("tcp:1",))
        self.assertEqual(self.read(public_host=" a.example ").public_host, "a.example")
        for one in Registration:
            self.assertIs(self.read(registration=one.value).registration, one)

    def test_home(self) -> None:
        """A tilde stands for the home folder."""
        self.assertEqual(self.read(state_dir="~/cloud").state_dir, Path.home() / "cloud")

    def test_default_place(self) -> None:
        """Root's server keeps its state in the system's place, others in their own."""
        self.patch(os, "geteuid", lambda: 0)
        self.assertEqual(default_state_dir(), Path("/var/lib/anoncloud"))
        self.patch(os, "geteuid", lambda: 1000)
        self.assertEqual(default_state_dir().name, "anoncloud-server")


class MistakeTests(SettingsTestCase):
    """Settings with mistakes."""

    def test_each(self) -> None:
        """A wrong value is shown with its setting and what is allowed, whatever its type is."""
        anything = (None, 1.5, [], {}, [1], {"a": 1}, -1, "\x00", "", " ")
        for name, wrong in (
            ("state_dir", (*anything, 1, True, "~nobody-of-this-name/x")),
            ("listen", (*anything, 1, ["tcp:1", 2], ["tcp:1", ""])),
            ("public_host", (*anything, 1, False)),
            ("registration", (*anything, "Open", "none", True, 0)),
            ("max_accounts", (*anything, "many", "1.5", True, 10**10)),
            ("quota", (*anything, "5GB", "5 bytes", "GiB", "1.5GiB", True, 2**63, "9999999TiB")),
            ("max_connections", (*anything, False)),
            ("max_connections_per_address", (*anything, "-1")),
            ("keep_dropped_days", (*anything, "a week", 10**10)),
            ("keep_staged_hours", (*anything, "a day")),
            ("bytes_in_flight", (*anything, "1KiB", MIB - 1)),
            ("idle_time", (*anything, LEAST_IDLE - 1, DAY + 1)),
            ("handshake_time", (*anything, 0, 121)),
            ("stop_time", (*anything, 301)),
            ("log_format", (*anything, "JSON")),
            ("log_file", (*anything, 1, True)),
            ("metrics_listen", (None, 1.5, 9651, "tcp:9651", "tcp:9651:interface=0.0.0.0")),
            ("log_addresses", (*anything, 0, 1, 1.0, 0.0, "on", "True")),
        ):
            for value in wrong:
                if value == "\x00" and name in {"state_dir", "listen", "public_host", "log_file"}:
                    continue
                said = self.mistake(**{name: value})
                option = name.replace("_", "-")
                self.assertIn(f"--{option}: {name} is {value!r}; allowed is ", said)

    def test_all_at_once(self) -> None:
        """All mistakes are told at once, those of the file and those of options."""
        file = self.file(
            'quota = "much"\nregistration = "maybe"\nmax_accounts = 1\nport = 1\n'
            "quota = = 2\nmax_accounts = 2"
        )
        error = self.assertRaises(
            UsageError, read_settings, file, {"listen": [], "registration": "no"}
        )
        for said in (
            f"{file}:1: quota is 'much'; allowed is a number of bytes",
            f"{file}:2: registration is 'maybe'; allowed is one of",
            f"{file}:4: port: there is no such setting",
            f"{file}:5: 'quota = = 2' is not TOML",
            f"{file}:6: max_accounts is set already in line 3",
            "--listen: listen is []; allowed is an endpoint",
            "--registration: registration is 'no'; allowed is one of",
        ):
            self.assertIn(said, error.message)
        self.assertEqual(error.message.count("\n"), 7)
        self.assertIn("etc/anoncloud.toml", error.hint)

    def test_unknown(self) -> None:
        """A setting that there is not is told with those that there are."""
        said = self.mistake(qouta="1GiB")
        self.assertIn("qouta", said)
        for name in SETTINGS:
            self.assertIn(name, said)

    def test_file(self) -> None:
        """A file that is not there, is no text or is no TOML is named."""
        missing = Path(self.mktemp())
        no_text = Path(self.mktemp())
        no_text.write_bytes(b"\xff\xfe")
        for path, said in (
            (missing, "No such file"),
            (missing.parent, "directory"),
            (no_text, "can't be read"),
            (self.file("quota = = 1"), "is not TOML"),
            (self.file("[server]\nquota = 1"), "server: there is no such setting"),
        ):
            error = self.assertRaises(UsageError, read_settings, path, {"quota": "bad"})
            self.assertIn(said, error.message)
            self.assertIn("quota is 'bad'", error.message)

"""The settings: every one read, every mistake told, options before the file."""

import os
from pathlib import Path
from typing import Any

import attrs
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import UsageError
from anoncloud.limits import GIB, KIB, MIB
from anoncloud.server.house import Registration
from anoncloud.server.settings import READERS, Settings, default_state_dir, read_settings

GOOD: dict[str, Any] = {
    "state_dir": ("/srv/cloud", Path("/srv/cloud")),
    "listen": (["tcp:1", "tls:2"], ("tcp:1", "tls:2")),
    "public_host": ("cloud.example", "cloud.example"),
    "registration": ("open", Registration.OPEN),
    "max_accounts": (3, 3),
    "quota": ("5 GiB", 5 * GIB),
    "least_passphrase_score": (4, 4),
    "max_connections": (4, 4),
    "max_connections_per_address": (5, 5),
    "keep_dropped_days": (6, 6),
    "keep_staged_hours": (7, 7),
    "log_addresses": (True, True),
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
        self.assertEqual(set(READERS), fields)
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
            ("log_addresses", (*anything, 0, 1, 1.0, 0.0, "on", "True")),
        ):
            for value in wrong:
                if value == "\x00" and name in {"state_dir", "listen", "public_host"}:
                    continue
                said = self.mistake(**{name: value})
                self.assertIn(f"{name} is {value!r}; allowed is ", said)

    def test_all_at_once(self) -> None:
        """All mistakes are told at once, those of the file and those of options."""
        file = self.file('quota = "much"\nregistration = "maybe"\nmax_accounts = 1\nport = 1')
        error = self.assertRaises(
            UsageError, read_settings, file, {"listen": [], "registration": "no"}
        )
        for said in ("quota is 'much'", "registration is 'no'", "listen is []", "port: there is"):
            self.assertIn(said, error.message)
        self.assertNotIn("max_accounts is", error.message)
        self.assertNotIn("maybe", error.message)
        self.assertEqual(error.message.count("\n"), 4)
        self.assertIn("etc/anoncloud.toml", error.hint)

    def test_unknown(self) -> None:
        """A setting that there is not is told with those that there are."""
        said = self.mistake(qouta="1GiB")
        self.assertIn("qouta", said)
        for name in READERS:
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

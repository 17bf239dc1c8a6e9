"""The sample configuration says what the server does: every setting, and its true default."""

import re
import tomllib
from pathlib import Path

import attrs
from twisted.trial.unittest import SynchronousTestCase

import anoncloud
from anoncloud.server.settings import SETTINGS, Settings, read_settings

SAMPLE = Path(anoncloud.__file__).parents[1] / "etc" / "anoncloud.toml"
OF_THE_MACHINE = {
    "state_dir": Path("/var/lib/anoncloud"),
    "public_host": "drive.example.org",
    "log_file": Path("/var/log/anoncloud/server.log"),
}
"""What the sample says where the default depends on the user and the machine, or is nothing."""
SETTING = re.compile(r"^#(?=\w+ = )", re.MULTILINE)


class SampleTests(SynchronousTestCase):
    """``etc/anoncloud.toml``."""

    def test_as_it_is(self) -> None:
        """The sample can be used as it is, and changes no default."""
        self.assertEqual(read_settings(SAMPLE, {}), Settings())

    def test_every_setting(self) -> None:
        """It names every setting once, in the order of the class, and no other."""
        named = [line.partition(" ")[0] for line in SETTING.split(SAMPLE.read_text())[1:]]
        self.assertEqual(named, [field.name for field in attrs.fields(Settings)])
        self.assertEqual(named, list(SETTINGS))

    def test_defaults(self) -> None:
        """With every line taken out of its comment it says what holds without it."""
        file = Path(self.mktemp())
        file.write_text(SETTING.sub("", SAMPLE.read_text()))
        self.assertEqual(set(tomllib.loads(file.read_text())), set(SETTINGS))
        self.assertEqual(read_settings(file, {}), Settings(**OF_THE_MACHINE))

    def test_restart(self) -> None:
        """It says of those settings that they take a restart, of which it is true."""
        told = {
            block.rpartition("#")[2].partition(" ")[0]
            for block in SAMPLE.read_text().split("\n\n")[1:]
            if "takes a restart" in " ".join(block.replace("\n#", " ").split())
        }
        self.assertEqual(told, {name for name, one in SETTINGS.items() if not one.reloads})

    def test_sentences(self) -> None:
        """Above every setting stands a comment of whole sentences."""
        for block in SAMPLE.read_text().split("\n\n")[1:]:
            *comment, setting = block.strip().splitlines()
            self.assertRegex(setting, SETTING)
            self.assertRegex(" ".join(comment), r"^# [A-Z].*\.$", setting)

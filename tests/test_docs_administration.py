"""docs/administration.rst says what the owner's command does: every command, option and field."""

import re
from pathlib import Path
from typing import Any

import attrs
import click
from msgspec import structs
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.admin import checking, doctor
from anoncloud.admin.copying import Copied
from anoncloud.admin.main import cli
from anoncloud.admin.progress import Finding, Progress
from anoncloud.server.upkeep_contract import Day, Totals, User
from tests.support.administration import StateCase
from tests.support.documents import document, section_rows
from tests.support.sources import ROOT

TEXT = (ROOT / "docs/administration.rst").read_text("utf-8")
JSON = {
    cells[0]: set(re.findall(r"[a-z_]+", " ".join(re.findall(r"``([a-z_]+)``", row))))
    for cells, row in (
        (
            re.findall(r"^``([a-z -]+)``", row),
            row,
        )
        for row in re.split(r"\n(?=``)", TEXT[TEXT.index("8 JSON") :])
    )
    if cells
}
"""By command, the fields that its row names."""


def commands(group: click.Group, before: str = "") -> dict[str, click.Command]:
    """Give all commands by the words that call them."""
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        found[before + name] = command
        if isinstance(command, click.Group):
            found |= commands(command, f"{before}{name} ")
    return found


class CommandTests(SynchronousTestCase):
    """Commands, options, exit codes."""

    def test_commands(self) -> None:
        """Every command stands there as it is called, with all its options, and no other."""
        shown = re.findall(r"^    anoncloud-admin ([a-z][a-z -]*[a-z])(.*)$", TEXT, re.MULTILINE)
        real = commands(cli)
        del real["users list"]  # which is shown as "users [list]"
        self.assertEqual({name for name, _ in shown}, set(real))
        for name, rest in shown:
            options = {
                option
                for parameter in real[name].params
                if isinstance(parameter, click.Option)
                for option in parameter.opts
            } - {"--json"}
            self.assertEqual(set(re.findall(r"--[a-z-]+", rest)), options, name)

    def test_global_options(self) -> None:
        """The options that stand before a command, too."""
        said = " ".join(cells[0] for cells in section_rows("administration", "1"))
        for parameter in cli.params:
            for option in parameter.opts:
                self.assertIn(option, said)

    def test_sections(self) -> None:
        """Every section that the page names of itself is there."""
        numbers = re.findall(r"^(\d+) ", TEXT, re.MULTILINE)
        for cited in re.findall(r"\(section (\d+)\)", document("administration").astext()):
            self.assertIn(cited, numbers)

    def test_readme(self) -> None:
        """It is found from README."""
        self.assertIn("docs/administration.rst", (ROOT / "README.rst").read_text("utf-8"))


class JsonTests(StateCase):
    """The table of fields."""

    def said(self, command: str, value: Any) -> None:
        """See that all fields of *value* are named."""
        for field in value if isinstance(value, dict) else {}:
            self.assertIn(field, JSON[command], command)

    def test_rows(self) -> None:
        """Every command has a row, or a mention in another."""
        for name in commands(cli):
            if name not in {"users list", "users unlock"}:
                self.assertIn(name, JSON)

    def test_fields(self) -> None:
        """Fields that come from classes are named."""
        for command, kind in (
            ("users", User),
            ("stats", Totals),
            ("stats", Day),
            ("backup", Copied),
            ("restore", Copied),
            ("doctor", checking.Symptom),
        ):
            for field in attrs.fields(kind):
                self.assertIn(field.name, JSON[command], command)
        for kind in (Progress, Finding):
            for field in structs.fields(kind):
                if field.name != "after":
                    self.assertIn(field.name, JSON["scrub"])

    def test_values(self) -> None:
        """What commands really print is named, field by field."""
        folder = Path(self.mktemp())
        self.blob(1)
        for command, *words in (
            ("address",),
            ("change-key",),
            ("upgrade",),
            ("scrub",),
            ("backup", folder),
        ):
            self.said(command, self.value(command, *words))
        self.said("restore", self.value("restore", folder, state=Path(self.mktemp())))
        (listed,) = self.value("restore", folder, "--list")
        self.said("restore", listed)

    def test_kinds(self) -> None:
        """Every kind of finding has its row, and no other."""
        kinds = {cells[0] for cells in section_rows("administration", "7")}
        source = "".join(Path(module.__file__).read_text() for module in (checking, doctor))
        self.assertEqual(set(re.findall(r'Symptom\(\s*"([a-z]+)"', source)), kinds)

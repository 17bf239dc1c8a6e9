"""The manual pages: whole, well formed, and set by groff as they should be."""

import re
import runpy
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
from twisted.trial.unittest import SkipTest, SynchronousTestCase

from anoncloud.admin.main import cli as admin
from anoncloud.cli.main import cli
from anoncloud.cli.manual import Page, definitions, paragraphs, plain, program_page, write_pages
from anoncloud.server.tap import Options
from tests.support.sources import ROOT

GENERATOR = runpy.run_path(str(ROOT / "docs/manual.py"))


def pages() -> list[Page]:
    """Make all pages."""
    return [program_page(), GENERATOR["admin_page"](), GENERATOR["server_page"]()]


def words_of(command: click.Command, context: click.Context) -> Iterator[str]:
    """Give every command below *command*, as it is called, and every option."""
    yield context.command_path
    for parameter in command.get_params(context):
        if isinstance(parameter, click.Option):
            yield from (*parameter.opts, *parameter.secondary_opts)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            yield from words_of(inner, click.Context(inner, context, name))


class TextTests(SynchronousTestCase):
    """Text that groff sets as it stands."""

    def test_plain(self) -> None:
        """What groff would take for itself is escaped."""
        for text, escaped in (
            ("-l, --long", "\\-l, \\-\\-long"),
            ("\\xHH", "\\exHH"),
            (".TH", "\\&.TH"),
            ("'tis", "\\&'tis"),
            ('say "x"', "say \\(dqx\\(dq"),
            ("one\n   line", "one line"),
        ):
            self.assertEqual(plain(text), escaped)

    def test_paragraphs(self) -> None:
        """Empty lines divide paragraphs."""
        self.assertEqual(paragraphs("One\n  line.\n\nTwo."), "One line.\n.PP\nTwo.\n")

    def test_definitions(self) -> None:
        """Each thing is a tagged paragraph."""
        self.assertEqual(definitions([("-x", "Do y.")]), ".TP\n.B \\-x\nDo y.\n")

    def test_page(self) -> None:
        """A page names itself, its section and what it is about."""
        page = Page("a-b", 8, "do c", ".SH X\n")
        self.assertEqual(page.file, "a-b.8")
        head, *rest = page.text().splitlines()
        self.assertRegex(head, r'^\.TH A-B 8 "" "AnonymousCloud [\d.]+')
        self.assertEqual(rest, [".SH NAME", "a\\-b \\- do c", ".SH X"])


class PageTests(SynchronousTestCase):
    """The pages themselves."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        write_pages(self.folder, pages())

    def set(self, name: str) -> str:
        """Let groff set a page; give its text with single spaces."""
        groff = shutil.which("groff")
        if groff is None:
            message = "no groff here: what it makes of the manual pages was NOT tested"
            raise SkipTest(message)
        done = subprocess.run(
            (groff, "-man", "-ww", "-Tascii", "-P-c", "-rLL=200n", self.folder / name),
            capture_output=True,
            check=True,
            text=True,
        )
        self.assertEqual(done.stderr, "")
        return " ".join(re.sub(r".\x08|\x1b\[\d*m", "", done.stdout).split())

    def check(self, page: str, command: click.Command, name: str) -> None:
        """See that a page tells of every command and option."""
        text = self.set(page)
        context = click.Context(command, info_name=name, **command.context_settings)
        wanted = list(words_of(command, context))
        self.assertGreater(len(wanted), 5)
        for word in wanted:
            self.assertRegex(text, rf"(?<![\w-]){re.escape(word)}(?![\w-])")

    def test_files(self) -> None:
        """There is one page for each program, in its section."""
        names = {path.name for path in self.folder.iterdir()}
        self.assertEqual(names, {"anoncloud.1", "anoncloud-admin.1", "twistd-anoncloud.8"})

    def test_anoncloud(self) -> None:
        """anoncloud(1) has every command and every option."""
        self.check("anoncloud.1", cli, "anoncloud")

    def test_admin(self) -> None:
        """anoncloud-admin(1) has every command and every option."""
        self.check("anoncloud-admin.1", admin, "anoncloud-admin")

    def test_server(self) -> None:
        """twistd-anoncloud(8) has every option of the plugin."""
        text = self.set("twistd-anoncloud.8")
        options = {option.rstrip("=") for option in Options().longOpt}
        self.assertIn("state-dir", options)
        for option in options:
            self.assertIn(f"--{option}", text)

    def test_exit_codes(self) -> None:
        """anoncloud(1) says what each exit code means."""
        text = self.set("anoncloud.1").partition("EXIT STATUS")[2]
        for said in ("0 All of it was done.", "3 There is no such file", "130 Interrupted", "141 "):
            self.assertIn(said, text)

    def test_by_command(self) -> None:
        """The module and the script write their pages into the folder that they are given."""
        folder = Path(self.mktemp())
        self.patch(GENERATOR["sys"], "argv", ["manual.py", str(folder)])
        runpy.run_path(str(ROOT / "docs/manual.py"), run_name="__main__")
        self.assertEqual(len(list(folder.iterdir())), 3)

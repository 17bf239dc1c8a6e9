"""Completion: what is offered for which words, from the cache alone, and silence about faults."""

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
from twisted.trial.unittest import SkipTest, SynchronousTestCase

from anoncloud.cli import completion
from anoncloud.cli.completion import SHELLS, cached_tree, complete, local_paths, paths_in
from anoncloud.cli.main import COMMANDS, COMPLETING, cli, run
from anoncloud.client.address import Address
from anoncloud.client.profile import Profile
from anoncloud.client.tree import changes, names
from anoncloud.client.tree.draft import Draft
from anoncloud.crypto.keys import DeviceSecret
from anoncloud.ids import ROOT
from tests.support.client import KEYRING, DriveTestCase
from tests.support.client_samples import SHORT
from tests.support.entropy import counting

FOLDERS = (b"/papers", b"/papers/old", b"/pictures", b"/with space", b"/caf\xe9", b"/new\nline")


class CompletionTestCase(DriveTestCase):
    """A test with a profile, the cached drive of its account, and a shell that asks."""

    def setUp(self) -> None:
        super().setUp()
        self.state = Path(self.mktemp())
        profile = Profile(self.state)
        address = Address("box.example", 9650, b"\x01" * 32)
        secret = DeviceSecret(b"\x02" * 32)
        profile.stay_logged_in(address, "ada", secret, KEYRING, counting())
        cache = self.state / "drives" / KEYRING.drive.hex()
        self.drive, _ = self.open(folder=str(cache))
        for folder in FOLDERS:
            self.run_now(self.drive.make_folder(names.parse_path(folder)))
        self.patch(sys, "stdout", io.TextIOWrapper(io.BytesIO(), write_through=True))
        self.patch(sys, "stderr", io.StringIO())
        self.patch(os, "environ", {**os.environ, "ANONCLOUD_STATE": str(self.state)})

    def ask(self, line: str, shell: str = "bash", position: int | None = None) -> str:
        """Ask as a shell does whose line so far is *line*; give all that is written."""
        words = line.split(" ")
        at = len(words) - 1 if position is None else position
        cword = words[-1] if shell == "fish" else str(at)
        os.environ |= {"COMP_WORDS": line, "COMP_CWORD": cword, COMPLETING: f"{shell}_complete"}
        sys.stdout.buffer.seek(0)
        sys.stdout.buffer.truncate()
        self.assertEqual(run([]), 0)
        return sys.stdout.buffer.getvalue().decode() + sys.stderr.getvalue()

    def values(self, line: str, position: int | None = None) -> list[str]:
        """Give what bash is offered for the word at *position*, the last one unless told."""
        answers = self.ask(line, position=position).splitlines()
        return [answer.partition(",")[2] for answer in answers if answer]


class WordTests(CompletionTestCase):
    """Commands and options."""

    def test_commands(self) -> None:
        """Every command is offered, without importing any of them."""
        before = set(sys.modules)
        self.assertEqual(self.values("anoncloud "), list(COMMANDS))
        self.assertEqual({name for name in sys.modules if "anoncloud.cli" in name} - before, set())
        self.assertEqual(self.values("anoncloud mkd"), ["mkdir"])

    def test_options(self) -> None:
        """The options of the program and of a command are offered."""
        self.assertLessEqual({"--json", "--state", "--quiet"}, set(self.values("anoncloud --")))
        self.assertEqual(self.values("anoncloud ls --rec"), ["--recursive"])
        self.assertIn("newer", self.values("anoncloud put --existing "))

    def test_shells(self) -> None:
        """So are the shells."""
        self.assertEqual(self.values("anoncloud completion "), list(SHELLS))

    def test_formats(self) -> None:
        """Each shell gets its own form: with help on a line of its own, or behind a tab."""
        line = COMMANDS["mkdir"][1]
        self.assertEqual(self.ask("anoncloud mkd", "zsh").splitlines(), ["plain", "mkdir", line])
        self.assertEqual(self.ask("anoncloud mkd", "fish").splitlines(), [f"plain,mkdir\t{line}"])
        self.assertEqual(
            self.ask("anoncloud ls /pa", "zsh").splitlines(), ["path", "/papers/", "_"]
        )
        self.assertEqual(self.ask("anoncloud ls /pa", "fish").splitlines(), ["path,/papers/"])


class PathTests(CompletionTestCase):
    """Paths."""

    def test_in_the_drive(self) -> None:
        """Paths in the drive are offered as they begin, folders with a slash at their end."""
        for begun, offered in (
            ("/p", ["/papers/", "/pictures/"]),
            ("/papers/", ["/papers/old/"]),
            ("papers/o", ["papers/old/"]),
            ("pic", ["pictures/"]),
            ("/with\\ s", ["/with space/"]),
            ("/none/x", []),
        ):
            self.assertEqual(self.values(f"anoncloud ls {begun}", 2), offered, begun)

    def test_what_can_be_typed(self) -> None:
        """A name that is shown escaped is not offered, as it can't be typed so."""
        self.assertEqual(
            list(paths_in(self.drive.tree, "/")), ["/papers/", "/pictures/", "/with space/"]
        )

    def test_files(self) -> None:
        """A file has no slash at its end."""
        draft = Draft(self.drive.tree, 1, counting())
        draft.add(changes.PutFile(draft.new_node(), ROOT, b"pie", SHORT))
        draft.settle()
        self.assertEqual(list(paths_in(self.drive.tree, "/pi")), ["/pictures/", "/pie"])

    def test_both_sides(self) -> None:
        """What goes up is local, where it goes is in the drive; the other way round, down."""
        here = Path(self.mktemp())
        (here / "papers here").mkdir(parents=True)
        (here / "pa.txt").touch()
        local = [f"{here}/pa.txt", f"{here}/papers here/"]
        self.assertEqual(self.values(f"anoncloud put {here}/pa"), local)
        self.assertEqual(self.values("anoncloud put x /pap"), ["/papers/"])
        self.assertEqual(self.values(f"anoncloud get /papers {here}/pa"), local)
        self.assertEqual(self.values("anoncloud get /pap"), ["/papers/"])

    def test_local_paths(self) -> None:
        """Hidden files are offered when they are asked for, unprintable names never."""
        here = Path(self.mktemp())
        here.mkdir()
        for name in (".hidden", "plain", "new\nline"):
            (here / name).touch()
        self.assertEqual(local_paths(f"{here}/"), [f"{here}/plain"])
        self.assertEqual(local_paths(f"{here}/."), [f"{here}/.hidden"])


class CacheTests(CompletionTestCase):
    """What is read for it."""

    def test_checkpoint_and_records(self) -> None:
        """The checkpoint and the records behind it are read."""
        journal = self.drive.journal
        journal._tail = 10**9
        journal.close()
        self.run_now(self.drive.make_folder((b"newer",)))
        tree = cached_tree(Profile(self.state))
        self.assertIsNotNone(tree)
        self.assertEqual(list(paths_in(tree, "n")), ["newer/"])
        self.assertEqual(list(paths_in(tree, "/pa")), ["/papers/"])

    def test_nothing_is_written(self) -> None:
        """The cache is left as it is, even a damaged one, which offers nothing."""
        cache = self.state / "drives" / KEYRING.drive.hex()
        records = cache / "records"
        records.write_bytes(records.read_bytes()[:-1] + b"\0")
        before = {path: path.read_bytes() for path in cache.iterdir()}
        self.assertEqual(self.ask("anoncloud ls /"), "\n")
        self.assertEqual({path: path.read_bytes() for path in cache.iterdir()}, before)

    def test_too_large(self) -> None:
        """What takes too long to open is left alone."""
        self.patch(completion, "ENOUGH", 100)
        self.assertIsNone(cached_tree(Profile(self.state)))
        self.assertEqual(self.ask("anoncloud ls /"), "\n")

    def test_nobody_logged_in(self) -> None:
        """Without an account there are no paths, and no folder is made."""
        os.environ["ANONCLOUD_STATE"] = none = self.mktemp()
        self.assertEqual(self.ask("anoncloud ls /"), "\n")
        self.assertFalse(Path(none).exists())

    def test_faults(self) -> None:
        """Whatever is wrong with what the shell says, nothing is printed."""
        for name, value in (("COMP_CWORD", "x"), (COMPLETING, "bash_dance"), (COMPLETING, "csh_x")):
            os.environ |= {"COMP_WORDS": "anoncloud ", "COMP_CWORD": "1"}
            os.environ |= {COMPLETING: "bash_complete", name: value}
            self.assertEqual(run([]), 1)
        self.assertEqual(sys.stdout.buffer.getvalue(), b"")
        self.assertEqual(sys.stderr.getvalue(), "")
        broken = click.Group("anoncloud")
        broken.make_context = None
        self.assertEqual(complete(broken, COMPLETING, "bash_complete"), 1)


class ScriptTests(SynchronousTestCase):
    """The scripts."""

    def test_scripts(self) -> None:
        """Each asks the program by its protocol, and hears no errors."""
        for shell, kind in SHELLS.items():
            script = kind(cli, {}, "anoncloud", COMPLETING).source()
            self.assertIn(f"{COMPLETING}={shell}_complete", script)
            self.assertIn("2>/dev/null", script)
            self.assertNotIn("%(", script)

    def test_bash_reads_it(self) -> None:
        """Bash finds no fault in its script."""
        bash = shutil.which("bash")
        if bash is None:
            message = "no bash here: whether it reads its script was NOT tested"
            raise SkipTest(message)
        script = SHELLS["bash"](cli, {}, "anoncloud", COMPLETING).source()
        done = subprocess.run(
            (bash, "-n"), input=script, text=True, capture_output=True, check=True
        )
        self.assertEqual(done.stderr, "")

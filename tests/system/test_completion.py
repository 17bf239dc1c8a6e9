"""Completion as a shell asks for it: by its own script, from a process, with the server away."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from twisted.trial.unittest import SkipTest

from tests.support.processes import SystemTestCase, environment


class CompletionTests(SystemTestCase):
    """The scripts, and the program behind them."""

    def setUp(self) -> None:
        super().setUp()
        server = self.server()
        self.ada = self.ada(server)
        self.ada.do("mkdir", "/papers", "/pictures", "/with space")
        self.ada.do("put", self.file("f", b"f"), "/papers/file")
        server.stop()
        program = self.folder / "bin" / "anoncloud"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m anoncloud.cli.main "$@"\n')
        program.chmod(0o755)
        self.environment = environment(
            ANONCLOUD_STATE=str(self.ada.state), PATH=f"{program.parent}:{os.environ['PATH']}"
        )

    def ask(self, shell: str, line: str, word: str) -> list[str]:
        """Ask by click's protocol."""
        asked = {"COMP_WORDS": line, "COMP_CWORD": word, "_ANONCLOUD_COMPLETE": f"{shell}_complete"}
        done = subprocess.run(
            ("anoncloud",),
            env=self.environment | asked,
            capture_output=True,
            text=True,
            check=True,
            timeout=20,
        )
        self.assertEqual(done.stderr, "")
        return done.stdout.splitlines()

    def bash(self, *words: str) -> list[str]:
        """Let bash complete the last of *words* by its script."""
        bash = shutil.which("bash")
        if bash is None:
            message = "no bash here: completion in bash was NOT tested"
            raise SkipTest(message)
        script = Path(self.folder / "script")
        script.write_bytes(self.ada.do("completion", "bash").out)
        lines = (
            'compopt() { echo "compopt $2"; }',  # the real one works only under the Tab key
            f"source {script}",
            'COMP_WORDS=("$@")',
            "COMP_CWORD=$(($# - 1))",
            "_anoncloud_completion anoncloud",
            'printf "%s\\n" "${COMPREPLY[@]}"',
        )
        done = subprocess.run(
            (bash, "--norc", "-c", "\n".join(lines), "bash", *words),
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=20,
        )
        self.assertEqual(done.stderr, "")
        return done.stdout.splitlines()

    def test_protocol(self) -> None:
        """Each shell gets commands, options, and paths in the drive from the cache alone."""
        self.assertEqual(self.ask("bash", "anoncloud mkd", "1"), ["plain,mkdir"])
        self.assertEqual(self.ask("bash", "anoncloud ls --rec", "2"), ["plain,--recursive"])
        self.assertEqual(
            self.ask("bash", "anoncloud cat /p", "2"), ["path,/papers/", "path,/pictures/"]
        )
        self.assertEqual(
            self.ask("zsh", "anoncloud cat /papers/", "2"), ["path", "/papers/file", "_"]
        )
        self.assertEqual(self.ask("fish", "anoncloud cat /with", "/with"), ["path,/with space/"])
        away = self.ask("bash", f"anoncloud --state {self.folder}/none cat /p", "4")
        self.assertEqual(away, [""])

    def test_bash(self) -> None:
        """In bash a folder is gone into, a name with a space is quoted, a word is ended."""
        go_on = ["compopt filenames", "compopt nospace"]
        self.assertEqual(self.bash("anoncloud", "mkd"), ["mkdir"])
        self.assertEqual(self.bash("anoncloud", "ls", "/pap"), [*go_on, "/papers/"])
        self.assertEqual(self.bash("anoncloud", "ls", "/with\\ s"), [*go_on, "/with space/"])
        self.assertEqual(
            self.bash("anoncloud", "cat", "/papers/f"), ["compopt filenames", "/papers/file"]
        )
        self.assertEqual(self.bash("anoncloud", "ls", "/none/"), [""])

"""The settings file as a server's owner uses it: the sample starts, mistakes are all told."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from anoncloud.limits import MIB
from tests.support.processes import (
    CHECKOUT,
    FLOOR,
    PASSPHRASE,
    SystemTestCase,
    environment,
    wait_until,
)


class SettingsFileTests(SystemTestCase):
    """``twistd anoncloud --config``."""

    def test_sample(self) -> None:
        """A server starts with the sample, and serves."""
        server = self.server("--config", str(CHECKOUT / "etc" / "anoncloud.toml"))
        ada = self.ada(server)
        ada.do("mkdir", "/d")
        self.assertEqual(ada.do("ls").out, b"d/\n")
        self.assertEqual(ada.do("--json", "stat").value["quota"], 0)

    def test_obeyed(self) -> None:
        """What the file says holds, and what the command line says holds over it."""
        file = self.file("a.toml", b'quota = "3 MiB"\nmax_accounts = 1\nregistration = "closed"\n')
        ada = self.ada(self.server("--config", str(file)))
        self.assertEqual(ada.do("--json", "stat").value["quota"], 3 * 1024 * 1024)
        address = (self.folder / "server/state/address").read_text().strip()
        register = ("register", address, "bob", *FLOOR)
        bob = self.device("bob").run(*register, ANONCLOUD_PASSPHRASE=PASSPHRASE)
        self.assertEqual(bob.code, 8, bob.err)

    def test_mistakes(self) -> None:
        """A server whose file has mistakes does not start, and names every one of them."""
        file = self.file("a.toml", b'quota = "much"\nqouta = 1\nlisten = 9650\nlog_addresses = 2\n')
        done = self.start(file)
        self.assertNotEqual(done.returncode, 0)
        for word in (
            "quota is 'much'",
            "qouta: there is no such",
            "listen is 9650",
            "log_addresses",
        ):
            self.assertIn(word, done.stdout)
        self.assertNotIn("Traceback", done.stdout)
        self.assertFalse((self.folder / "state").exists())

    def test_check(self) -> None:
        """``--check`` ends with 0 and a summary, or with 1 and all mistakes; nothing is made."""
        sample = CHECKOUT / "etc" / "anoncloud.toml"
        done = self.start(sample, "--check")
        self.assertEqual((done.returncode, "the settings are right" in done.stdout), (0, True))
        bad = self.file("a.toml", b'\nquota = "much"\nqouta = 1\nidle_time = 1\nlisten = \n')
        done = self.start(bad, "--check")
        self.assertEqual(done.returncode, 1)
        for line, name in ((2, "quota"), (3, "qouta"), (4, "idle_time"), (5, "'listen ='")):
            self.assertIn(f"{bad}:{line}: {name}", done.stdout)
        self.assertFalse((self.folder / "state").exists())
        self.assertEqual([path.name for path in self.folder.iterdir()], ["a.toml"])

    def test_reload(self) -> None:
        """On SIGHUP new settings hold; mistakes change nothing; a restart is asked for."""
        file = self.file("a.toml", b'quota = "3MiB"\n')
        server = self.server("--config", str(file))
        self.ada(server)
        for number, (content, said) in enumerate(
            (
                (b'quota = "5MiB"\nkeep_addresses = false\n', "changed: quota"),
                (b'quota = "much"\nmax_accounts = 1\n', f"{file}:1: quota is 'much'"),
            )
        ):
            file.write_bytes(content)
            os.kill(server.pid, signal.SIGHUP)
            wait_until(lambda said=said: said in server.log, said)
            bob = self.device(f"bob{number}")
            bob.register(server.address, f"bob{number}", self.folder / f"kit{number}")
            self.assertEqual(bob.do("--json", "stat").value["quota"], 5 * MIB)
        self.assertIn("keep_addresses has changed, which takes a restart", server.log)

    def test_no_file(self) -> None:
        """A file that is not there, or is no TOML, is named."""
        for path in (self.folder / "none.toml", self.file("bad.toml", b"quota = = 1")):
            done = self.start(path)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(str(path), done.stdout)
            self.assertNotIn("Traceback", done.stdout)

    def start(self, file: Path, *options: str) -> "subprocess.CompletedProcess[str]":
        """Try to start a server that can't be started."""
        return subprocess.run(
            (
                *(Path(sys.executable).with_name("twistd"), "-n", "--pidfile="),
                *("anoncloud", "--config", file, "--state-dir", self.folder / "state"),
                *options,
            ),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment(),
            cwd=self.folder,
            timeout=30,
            check=False,
        )

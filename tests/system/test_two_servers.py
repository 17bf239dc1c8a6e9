"""Two servers on one state folder: the second one goes again, with one sentence."""

import subprocess
import sys
from pathlib import Path

from tests.support.processes import LOOPBACK, SystemTestCase, environment, free_port


class TwoServersTests(SystemTestCase):
    """A server that runs, and another that is started on its folder."""

    def second(self, *options: str) -> "subprocess.CompletedProcess[str]":
        """Start another server on the same folder, on a port of its own."""
        return subprocess.run(
            (
                *(Path(sys.executable).with_name("twistd"), *options, "anoncloud"),
                *("--state-dir", self.house.state),
                *("--listen", f"tcp:{free_port()}:interface={LOOPBACK}"),
            ),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment(),
            cwd=self.folder,
            timeout=30,
            check=False,
        )

    def test_second(self) -> None:
        """It ends with code 1, in the foreground or not; the first one serves on as if alone."""
        self.house = self.server()
        ada = self.ada(self.house)
        before = {path: path.stat().st_mtime_ns for path in self.house.state.glob("*.key")}
        for options in (("-n", "--pidfile="), ("--pidfile=", "--logfile=second.log")):
            done = self.second(*options)
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertEqual(
                done.stdout,
                f"twistd anoncloud: another server uses the state folder {self.house.state}; "
                "end that one, or give another --state-dir\n",
            )
        self.assertTrue(before)
        self.assertEqual({path: path.stat().st_mtime_ns for path in before}, before)
        ada.do("mkdir", "/d")
        self.assertIn("anoncloud://", self.house.admin("invite"))

    def test_after_a_crash(self) -> None:
        """A server that was killed leaves no lock behind."""
        self.house = self.server()
        self.house.kill()
        self.house.start()
        self.ada(self.house).do("mkdir", "/d")

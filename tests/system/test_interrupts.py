"""Commands that are given up, or whose reader goes: one line or none, and nothing half done."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from anoncloud.cli.main import COMMANDS
from anoncloud.limits import MIB
from tests.support.processes import (
    FLOOR,
    PASSPHRASE,
    Running,
    Server,
    SystemTestCase,
    environment,
    wait_until,
)
from tests.support.screens import OnTerminal

INTERRUPTED = 130
NOBODY_READS = 141
LENGTH = 12 * MIB
SLOW = ("--limit", "4MiB")
"""So a transfer takes long enough to be given up."""
WORDS = {
    "register": ("{address}", "eve", "--kit", "{new}", *FLOOR),
    "login": ("--kit", "{kit}"),
    "put": ("{file}", "/new"),
    "get": ("/f", "{new}"),
    "cat": ("/f",),
    "sync": ("up", "{folder}", "/new"),
    "watch": ("{folder}", "/new"),
    "mkdir": ("/new",),
    "mv": ("/f", "/new"),
    "cp": ("/f", "/new"),
    "rm": ("/f",),
    "history": ("/f",),
    "trash": ("list",),
    "retain": ("--versions", "3"),
    "accept": ("--show",),
    "export": ("{export}",),
    "pair": ("-y",),
    "passphrase": ("--kit", "{kit}", "--new-passphrase-file", "{other}"),
    "kit": ("new", "--kit", "{kit}", "--new-kit", "{new}"),
    "recovery": ("make", "--kit", "{kit}", "--recovery-file", "{new}"),
    "recover": (
        *("--recovery-key-file", "{recovery}", "--new-kit", "{new}"),
        *("--new-passphrase-file", "{other}"),
    ),
    "keyring": ("export", "--kit", "{kit}", "--export-passphrase-file", "{other}", "{new}"),
    "account": ("delete", "--confirm", "ada", "--kit", "{kit}"),
}
"""What some commands must be told; the others need nothing."""
OFFLINE = {"completion"}
"""Commands that ask nothing of a server."""
OUTSIDE = {"register", "login", "recover"}
"""Commands of a machine where nobody is logged in."""


def connected(process: "subprocess.Popen[bytes]") -> bool:
    """Tell whether a process holds a socket, or has ended."""
    if process.poll() is not None:
        return True
    folder = Path(f"/proc/{process.pid}/fd")
    try:
        return any(str(link.readlink()).startswith("socket:") for link in folder.iterdir())
    except OSError:  # a descriptor was closed meanwhile
        return False


class InterruptTests(SystemTestCase):
    """Ctrl-C, wherever a command is."""

    def setUp(self) -> None:
        super().setUp()
        self.box = self.server()
        self.ada = self.ada(self.box)
        self.content = random.Random(5).randbytes(LENGTH)
        self.big = self.file("big", self.content)

    def stop(self, running: Running, sign: str = r"anoncloud: interrupted; ") -> None:
        """Give a command up, and see that it says so in one line and nothing else."""
        running.process.send_signal(signal.SIGINT)
        done = running.wait(10)
        self.assertEqual(done.code, INTERRUPTED, (running.process.args, done.err))
        self.assertEqual(done.out, b"")
        self.assertRegex(done.err, rf"\A{sign}[^\n]+\n\Z")

    def test_every_command(self) -> None:
        """While the server does not answer, every command can be given up, and did nothing."""
        self.ada.do("put", self.file("f", b"f"), "/f")
        self.file("folder/x", b"x")
        places = {"address": self.box.address, "kit": self.folder / "kit"}
        places |= {name: self.folder / name for name in ("folder", "new", "export", "recovery")}
        places |= {"file": self.big, "other": self.file("other", b"horse staple battery correct")}
        self.ada.do(
            *("recovery", "make", "--kit", places["kit"], "--recovery-file", places["recovery"]),
            ANONCLOUD_PASSPHRASE=PASSPHRASE,
        )
        os.kill(self.box.pid, signal.SIGSTOP)
        self.addCleanup(os.kill, self.box.pid, signal.SIGCONT)
        running: dict[str, Running] = {}
        for name in COMMANDS:
            if name not in OFFLINE:
                device = self.device("eve") if name in OUTSIDE else self.ada
                words = [word.format(**places) for word in WORDS.get(name, ())]
                running[name] = device.start(name, *words, ANONCLOUD_PASSPHRASE=PASSPHRASE)
        for name, command in running.items():
            wait_until(lambda: connected(command.process), f"{name} to connect")  # noqa: B023
            self.stop(command)
        os.kill(self.box.pid, signal.SIGCONT)
        self.assertEqual(self.ada.do("ls", "-r").out, b"/f\n")
        self.assertFalse((self.folder / "new").exists())
        self.assertEqual(self.device("eve").run("ls").code, 7)

    def test_upload(self) -> None:
        """An upload that was given up leaves nothing in the drive, and can be made again."""
        running = self.ada.start("put", *SLOW, self.big, "/big")
        blobs = self.box.state / "blobs"
        wait_until(lambda: any(path.is_file() for path in blobs.rglob("*")), "a blob")
        self.stop(running)
        self.assertEqual(self.ada.do("ls").out, b"")
        self.ada.do("put", self.big, "/big")
        self.assertEqual(self.ada.do("cat", "/big").out, self.content)

    def test_download(self) -> None:
        """A download that was given up leaves no file under its name, and carries on later.

        With --json it says so in one object.
        """
        self.ada.do("put", self.big, "/big")
        target = self.folder / "down" / "big"
        target.parent.mkdir()
        running = self.ada.start("--json", "get", *SLOW, "/big", target)
        wait_until(lambda: any(target.parent.iterdir()), "the beginning")
        self.stop(running, r'\{"code": "Interrupted", ')
        self.assertFalse(target.exists())
        self.ada.do("get", "/big", target)
        self.assertEqual(target.read_bytes(), self.content)
        self.assertEqual(list(target.parent.iterdir()), [target])

    def test_progress(self) -> None:
        """On a terminal progress shows, fits, and leaves nothing behind when it is given up."""
        terminal = OnTerminal(self.ada, "put", *SLOW, self.big, "/big", width=60)
        terminal.until("MiB of 12.0 MiB")
        for line in terminal.screen.shown():
            self.assertLess(len(line), 60)
        terminal.press(b"\x03")
        self.assertEqual(terminal.end(), INTERRUPTED)
        (line,) = terminal.screen.shown()
        self.assertTrue(line.startswith("anoncloud: interrupted; "), line)

    def test_questions(self) -> None:
        """Ctrl-C is an answer to every question, and changes nothing."""
        self.ada.do("put", self.file("f", b"old"), "/f")
        local = self.file("f", b"new, and longer")
        for words in (("put", local, "/f"), ("get", "/f", local)):
            terminal = OnTerminal(self.ada, words[0], "--existing", "ask", *words[1:])
            terminal.until("[y/N]")
            terminal.press(b"\x03")
            self.assertEqual(terminal.end(), INTERRUPTED, terminal.screen.shown())
            self.assertIn("anoncloud: interrupted; ", terminal.screen.shown()[-1])
        self.assertEqual(self.ada.do("cat", "/f").out, b"old")
        self.assertEqual(local.read_bytes(), b"new, and longer")
        terminal = OnTerminal(self.device("eve"), "login", "--kit", self.folder / "kit")
        terminal.until("Passphrase:")
        time.sleep(0.1)
        terminal.press(b"\x03")
        self.assertEqual(terminal.end(), INTERRUPTED, terminal.screen.shown())
        self.assertEqual(terminal.screen.shown()[-1], "anoncloud: given up")


class PipeTests(SystemTestCase):
    """Readers that go, and streams that are not there."""

    def setUp(self) -> None:
        super().setUp()
        self.box: Server = self.server()
        self.ada = self.ada(self.box)
        self.ada.do("put", self.file("f", b"x" * MIB), "/f")

    def unread(self, *words: str) -> tuple[int, bytes]:
        """Run a command that nobody reads; give its exit code, and what it says of that."""
        reading, writing = os.pipe()
        os.close(reading)
        try:
            done = subprocess.run(
                (sys.executable, "-m", "anoncloud.cli.main", "--state", self.ada.state, *words),
                check=False,
                stdout=writing,
                stderr=subprocess.PIPE,
                env=environment(),
                timeout=20,
            )
        finally:
            os.close(writing)
        return done.returncode, done.stderr

    def shell(self, line: str) -> "subprocess.CompletedProcess[bytes]":
        """Run a line of shell in which ``$A`` is the program."""
        program = f"'{sys.executable}' -m anoncloud.cli.main --state '{self.ada.state}'"
        line = line.replace("$A", program)
        return subprocess.run(
            ("/bin/sh", "-c", line),
            check=False,
            capture_output=True,
            env=environment(),
            timeout=20,
        )

    def test_streams(self) -> None:
        """A reader that has gone is met quietly; a closed or full output is an error."""
        for words in (("ls", "-r", "/"), ("--json", "ls"), ("cat", "/f"), ("get", "/f", "-")):
            self.assertEqual(self.unread(*words), (NOBODY_READS, b""), words)
        self.assertEqual(self.unread("--help"), (NOBODY_READS, b""))
        closed = self.shell("$A ls >&-")
        self.assertEqual(closed.returncode, 5, closed.stderr)
        self.assertIn(b"writing to standard output: ", closed.stderr)
        self.assertEqual(self.shell("$A ls /none 2>&-").returncode, 3)
        self.assertEqual(self.shell("$A ls <&-").stdout, b"f\n")
        for words in ("ls", "--help", "cat /f"):
            full = self.shell(f"$A {words} >/dev/full")
            self.assertEqual(full.returncode, 5, (words, full.stderr))

    def test_plain_letters(self) -> None:
        """Where the terminal knows ASCII alone, names are escaped in results and errors alike."""
        self.ada.do("mkdir", "/Grüße")
        plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
        escaped = "Gr\\u{fc}\\u{df}e"
        self.assertEqual(self.ada.do("ls", "/", **plain).out.decode("ascii"), f"{escaped}/\nf\n")
        again = self.ada.run("mkdir", "/Grüße", **plain)
        self.assertIn(escaped, again.err)
        self.assertTrue(again.err.isascii())

"""A real tmux with a shell in it: keys go in, and what its user sees comes out.

Each has a tmux server of its own, on a socket in its folder and without the user's settings.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

import attrs
from twisted.trial.unittest import SkipTest

from tests.support.painting import Terminal
from tests.support.processes import SystemTestCase, environment, wait_until

PATIENCE = 30.0
"""Seconds that something may take to show."""
PROMPT = "ready>"
_QUIET = 0.12
"""Seconds without a change after which a screen is taken for still."""
_SETTINGS = (
    *("set -g status off", "set -s escape-time 20"),
    *("set -g focus-events off", "set -g remain-on-exit on"),
)
_SIZE = re.compile(r"rows \d+; columns \d+; ")
_MODES = ("cursor_flag", "alternate_on", "mouse_any_flag", "keypad_flag", "keypad_cursor_flag")


@attrs.frozen
class Modes:
    """What a program has made of its terminal.

    :ivar shown: the cursor.
    :ivar stty: what the kernel does, as "stty -a" tells it, without the size.
    """

    shown: bool
    alternate: bool
    mouse: bool
    keypad: bool
    arrows: bool
    stty: str


class Tmux:
    """A shell in a window of *columns* and *rows*; *folder* is where it stands."""

    def __init__(
        self, folder: Path, columns: int = 100, rows: int = 28, *, term: str = "", **changes: str
    ) -> None:
        self._home = Path(mkdtemp(prefix="anoncloud-tmux-"))  # a socket's path must be short
        self._settings = self._home / "settings"
        kind = term or "tmux-256color"
        said = (*_SETTINGS, f"set -g default-terminal {kind}")
        self._settings.write_text("".join(f"{line}\n" for line in said))
        start = self._home / "start"  # shells take their prompt from there, and from nowhere else
        start.write_text(f"PS1='{PROMPT}'\n")
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
        changes = {"LC_ALL": "C.UTF-8", "PATH": path, "HOME": str(folder), **changes}
        given = {"ENV": str(start), "TMUX": "", "COLORFGBG": "", "NO_COLOR": "", **changes}
        self._environment = {key: value for key, value in environment(**given).items() if value}
        size = ("-x", str(columns), "-y", str(rows))
        self.tmux("new-session", "-d", *size, "-c", str(folder), "/bin/sh")
        self.pane = int(self.ask("pane_pid"))
        self.until(PROMPT)

    def tmux(self, *words: str) -> str:
        """Run tmux; give what it prints."""
        command = ("tmux", "-u", "-S", str(self._home / "socket"), "-f", str(self._settings))
        return subprocess.run(
            (*command, *words),
            check=True,
            stdout=subprocess.PIPE,
            env=self._environment,
            timeout=PATIENCE,
        ).stdout.decode("utf-8", "replace")

    def ask(self, *names: str) -> str:
        """Give what tmux knows of the window by these names, blanks between."""
        return self.tmux("display-message", "-p", " ".join(f"#{{{one}}}" for one in names)).strip()

    # Keys.

    def press(self, *keys: str) -> "Tmux":
        """Press keys by tmux's names, each after what the one before has led to."""
        for key in keys:
            self.still()
            self.tmux("send-keys", key)
        return self

    def type(self, text: str) -> "Tmux":
        """Type text."""
        self.still()
        self.tmux("send-keys", "-l", "--", text)
        return self

    def paste(self, text: str) -> "Tmux":
        """Paste text, as a terminal does for a program that has asked to be told of pastes."""
        self.tmux("set-buffer", "--", text)
        self.tmux("paste-buffer", "-p")
        return self

    # What is seen.

    @property
    def lines(self) -> list[str]:
        """Give what the window shows, without blanks at the ends."""
        return [line.rstrip() for line in self.tmux("capture-pane", "-p").split("\n")[:-1]]

    @property
    def screen(self) -> Terminal:
        """Give what the window shows, cell by cell, with colours."""
        columns, rows = map(int, self.ask("pane_width", "pane_height").split())
        shown = self.tmux("capture-pane", "-p", "-e", "-N").removesuffix("\n")
        return Terminal(columns, rows).take(shown.replace("\n", "\r\n").encode())

    def shows(self, text: str) -> bool:
        """Tell whether *text* is in the window."""
        return any(text in line for line in self.lines)

    def until(self, sign: "str | Callable[[], bool]") -> "Tmux":
        """Wait until *sign* is in the window."""
        shows = sign if callable(sign) else lambda: self.shows(sign)
        deadline = time.monotonic() + PATIENCE
        while not shows():
            if time.monotonic() > deadline:
                raise AssertionError("\n".join((f"waited for {sign!r}, and saw:", *self.lines)))
            time.sleep(0.03)
        return self

    def until_gone(self, text: str) -> "Tmux":
        """Wait until *text* is in the window no more."""
        return self.until(lambda: not self.shows(text))

    def still(self) -> list[str]:
        """Wait until the window shows the same for a moment; give that."""
        before, since = self.lines, time.monotonic()
        while time.monotonic() - since < _QUIET:
            time.sleep(0.03)
            now = self.lines
            if now != before:
                before, since = now, time.monotonic()
        return before

    # What runs in it.

    def resize(self, columns: int, rows: int) -> "Tmux":
        """Give the window another size."""
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))
        return self

    @property
    def foreground(self) -> int:
        """Give the process that has the terminal: the shell, or what it runs."""
        return int(Path(f"/proc/{self.pane}/stat").read_text().rpartition(")")[2].split()[5])

    def run(self, command: str) -> "Tmux":
        """Let the shell begin a command."""
        self.type(command).tmux("send-keys", "Enter")
        return self

    def ended(self) -> int:
        """Wait until the shell has the terminal again; give the exit code of what it ran."""
        wait_until(lambda: self.foreground == self.pane, "the shell to have its terminal")
        told = self._home / "code"
        self.run(f"echo $? > {told}.new; mv {told}.new {told}")
        wait_until(told.exists, "the shell")
        code = int(told.read_text())
        told.unlink()
        return code

    def signal(self, number: signal.Signals) -> "Tmux":
        """Send a signal to what has the terminal, which must not be the shell."""
        foreground = self.foreground
        if foreground == self.pane:
            message = "nothing runs in the shell"
            raise AssertionError(message)
        os.kill(foreground, number)
        return self

    @property
    def modes(self) -> Modes:
        """Give what the terminal has been made of."""
        terminal = self.ask("pane_tty")
        stty = subprocess.run(
            ("stty", "-a", "-F", terminal), check=True, stdout=subprocess.PIPE, text=True
        ).stdout
        flags = (flag == "1" for flag in self.ask(*_MODES).split())
        return Modes(*flags, stty=sizeless(stty))

    def close(self) -> None:
        """End tmux and what runs in it."""
        if self.foreground != self.pane:
            os.kill(self.foreground, signal.SIGKILL)
        self.tmux("kill-server")
        shutil.rmtree(self._home)


def sizeless(stty: str) -> str:
    """Give what "stty -a" says without the size of the window."""
    return _SIZE.sub("", stty)


def open_tmux(test: SystemTestCase, folder: Path, *size: int, **changes: str) -> Tmux:
    """Open a tmux for the length of a test.

    :raises SkipTest: this machine has none.
    """
    if shutil.which("tmux") is None:
        message = "NOT TESTED: the explorer in a real terminal takes tmux, which is not installed"
        raise SkipTest(message)
    opened = Tmux(folder, *size, **changes)
    test.addCleanup(opened.close)
    return opened

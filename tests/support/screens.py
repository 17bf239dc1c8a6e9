"""A terminal in memory, and commands on a terminal of their own."""

import codecs
import fcntl
import io
import os
import pty
import re
import struct
import sys
import termios
import time
from collections.abc import Callable
from select import select

from tests.support.processes import Device, Stuck, environment


class Screen(io.StringIO):
    """A terminal that knows what progress uses: back, up, on, wipe what follows."""

    encoding = "utf-8"

    def shown(self) -> list[str]:
        """Give its lines that hold anything."""
        lines, row, column = [""], 0, 0
        for piece in re.findall(r"\x1b\[\d*[AJ]|[\r\n]|[^\x1b\r\n]+", self.getvalue()):
            if piece == "\r":
                column = 0
            elif piece == "\n":
                row, column = row + 1, 0
                lines += [""] * (row + 1 - len(lines))
            elif piece.endswith("A") and piece.startswith("\x1b"):
                row -= int(piece[2:-1])
            elif piece == "\x1b[J":
                lines = [*lines[:row], lines[row][:column]]
            else:
                lines[row] = lines[row][:column] + piece + lines[row][column + len(piece) :]
                column += len(piece)
        return [line for line in lines if line]


class OnTerminal:
    """A command under way on a terminal of its own, *width* cells wide."""

    def __init__(self, device: Device, *arguments: object, width: int = 70, **changes: str) -> None:
        command = (sys.executable, "-m", "anoncloud.cli.main", "--state", device.state, *arguments)
        self.screen = Screen()
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.pid, self._terminal = pty.fork()
        if not self.pid:
            os.execve(sys.executable, list(map(str, command)), environment(TERM="xterm", **changes))
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))

    def until(self, sign: str, seconds: float = 20) -> None:
        """Read what it shows until *sign* is on the screen."""
        self._until(lambda lines: any(sign in line for line in lines), sign, seconds)

    def until_asked(self, question: str, seconds: float = 20) -> None:
        """Read what it shows until it waits for an answer behind *question*."""
        self._until(lambda lines: bool(lines) and lines[-1].endswith(question), question, seconds)

    def _until(self, seen: Callable[[list[str]], bool], what: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not seen(self.screen.shown()):
            if time.monotonic() > deadline or not self._read():
                message = f"waited for {what!r}, and saw {self.screen.shown()}"
                raise Stuck(message)

    def press(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._terminal, keys)

    def end(self) -> int:
        """Read all that it shows until its end; give its exit code."""
        while self._read():
            pass
        _, status = os.waitpid(self.pid, 0)
        os.close(self._terminal)
        return os.waitstatus_to_exitcode(status)

    def _read(self) -> bool:
        """Read once; False at the end."""
        if not select([self._terminal], [], [], 20)[0]:
            os.kill(self.pid, 9)
            message = f"it does not go on: {self.screen.shown()}"
            raise Stuck(message)
        try:
            read = os.read(self._terminal, 65536)
        except OSError:  # so Linux says that the other side is closed
            return False
        self.screen.write(self._decoder.decode(read))
        return bool(read)

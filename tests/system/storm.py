"""Storms over real processes: commands that are killed and cut at moments drawn from a seed.

A strike comes when so many bytes have passed the proxy, drawn so that greetings are hit as well as
the middle of a large file. It counts only if the command was still running.
"""

import os
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from anoncloud.limits import KIB, MIB
from tests.support.processes import Device, Running, Server, Stuck
from tests.system.proxies import Proxy

UNREACHABLE = 6
"""The exit code of a command that had no connection yet when the server went away."""
NO_KEYS = "before the keys were agreed"
"""What a command says whose first connections were cut as soon as they were made."""
PATIENCE = 120.0
ODD = (b"new\nline", b"invalid \xff\xfe utf-8", b"-rf", " \u202e é".encode(), b"x" * 255, b"a b ")
LARGE = 12 * MIB


class Storm:
    """Strikes at the commands of *device*, which reaches *server* through *proxy*."""

    def __init__(self, drawn: random.Random, server: Server, proxy: Proxy, device: Device) -> None:
        self.struck: list[str] = []
        self._drawn = drawn
        self._server = server
        self._proxy = proxy
        self._device = device
        self._strikes: tuple[Callable[[Running], None], ...] = (
            self.kill_client,
            self.kill_server,
            self.cut,
            self.lose,
        )

    def over(self, strikes: int, *arguments: "str | Path") -> None:
        """Run a command under so many strikes, again and again, and at last undisturbed."""
        running = self._device.start(*arguments)
        try:
            for _ in range(strikes):
                if not self._wait_for_moment(running):
                    self._see_end(running, arguments)
                    running = self._device.start(*arguments)
                    continue
                strike = self._drawn.choice(self._strikes)
                self.struck.append(f"{arguments[0]}: {strike.__name__} at {self._proxy.passed}")
                strike(running)
                if running.process.poll() is not None:
                    running = self._device.start(*arguments)
            self._see_end(running, arguments)
        finally:
            running.kill()
        self._device.do(*arguments, seconds=PATIENCE)

    def _wait_for_moment(self, running: Running) -> bool:
        """Wait until some bytes have passed; False if the command ends before."""
        due = self._proxy.passed + int(2 ** self._drawn.uniform(7, 24))
        deadline = time.monotonic() + PATIENCE
        while self._proxy.passed < due:
            if running.process.poll() is not None:
                return False
            if time.monotonic() > deadline:
                message = f"nothing moves after {self.struck[-3:]}"
                raise Stuck(message)
            time.sleep(0.001)
        return running.process.poll() is None

    def _see_end(self, running: Running, arguments: tuple["str | Path", ...]) -> None:
        done = running.wait(PATIENCE)
        gave_up = done.code == UNREACHABLE or NO_KEYS in done.err
        if (done.code and not gave_up) or "Traceback" in done.err:
            message = f"{arguments} ended with {done.code}: {done.err}"
            raise AssertionError(message)

    def kill_client(self, running: Running) -> None:
        """End the command without a warning."""
        running.kill()

    def kill_server(self, running: Running) -> None:
        """End the server without a warning, and start it again."""
        del running
        self._server.kill()
        time.sleep(self._drawn.uniform(0, 0.3))
        self._server.start()

    def cut(self, running: Running) -> None:
        """Cut the connection on both sides."""
        del running
        self._proxy.cut()

    def lose(self, running: Running) -> None:
        """Cut the connection on the client's side only."""
        del running
        self._proxy.lose()


class Wood:
    """A local tree with files of every kind, that changes from round to round."""

    def __init__(self, top: Path, drawn: random.Random) -> None:
        self.top = top
        self._drawn = drawn
        self._number = 0
        (top / "void").mkdir(parents=True, mode=0o750)
        (top / "deep/er/and").mkdir(parents=True)
        (top / "link").symlink_to("deep/nowhere")
        (top / "empty").touch()
        (top / "large").write_bytes(drawn.randbytes(LARGE))
        with (top / "deep/sparse").open("wb") as file:
            file.truncate(4 * MIB)
            file.seek(3 * MIB)
            file.write(b"in the middle")
        for name in ODD:
            (top / os.fsdecode(name)).write_bytes(drawn.randbytes(drawn.randrange(3000)))
        self._grow(120)

    def _grow(self, count: int) -> None:
        """Add small files."""
        for _ in range(count):
            self._number += 1
            folder = self.top / self._drawn.choice((".", "deep", "deep/er", "deep/er/and"))
            length = self._drawn.choice((0, 1, 100, 20_000, 64 * KIB, 200_000))
            (folder / f"f{self._number}").write_bytes(self._drawn.randbytes(length))

    def change(self, *, losing: bool) -> None:
        """Change it; with *losing* some of it goes, too."""
        self._grow(20)
        files = sorted(self.top.rglob("f*"))
        for path in self._drawn.sample(files, 10):
            path.write_bytes(self._drawn.randbytes(self._drawn.randrange(50_000)))
        with (self.top / "large").open("r+b") as file:
            file.seek(self._drawn.randrange(LARGE))
            file.write(self._drawn.randbytes(self._drawn.choice((1, 100_000, 6 * MIB))))
        if losing:
            (self.top / "large").rename(self.top / "moved")
            shutil.copyfile(self.top / "moved", self.top / "large")
            for path in self._drawn.sample(files, 10):
                path.unlink(missing_ok=True)


def picture(top: Path) -> dict[bytes, tuple[Any, ...]]:
    """Give all that matters of a local tree, hidden leftovers too."""
    found: dict[bytes, tuple[Any, ...]] = {}
    for path in (top, *top.rglob("*")):
        status = path.lstat()
        content: Any = None
        if path.is_symlink():
            content = path.readlink()
        elif path.is_file():
            content = path.read_bytes()
        mode = 0 if path.is_symlink() else status.st_mode
        modified = 0 if content is None else status.st_mtime_ns
        found[os.fsencode(path.relative_to(top))] = (mode, modified, content)
    return found


def differences(one: Path, other: Path) -> list[str]:
    """Say what is not the same in two trees; times of folders do not count."""
    left, right = picture(one), picture(other)
    return [
        f"{name!r}: {_brief(left.get(name))} and {_brief(right.get(name))}"
        for name in sorted(left.keys() | right.keys())
        if left.get(name) != right.get(name)
    ]


def _brief(entry: tuple[Any, ...] | None) -> str:
    if entry is None:
        return "not there"
    mode, modified, content = entry
    return f"{mode:o} {modified} {content if content is None else len(str(content))}"

"""The small process from which workers are forked: it has imported all and started nothing.

A reactor and threads do not survive a fork, so it has neither: one socket to the listener, one
signal, and children. What it has in memory its children share with it until they write there.
"""

import contextlib
import gc
import os
import select
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import Final

import anoncloud
from anoncloud.errors import LocalError
from anoncloud.server.processes.logs import OUT_OF_MEMORY
from anoncloud.server.processes.orders import Birth, Born, Died, line, read_birth
from anoncloud.server.processes.worker import run

SOCKET: Final = 3
"""The file descriptor that is the zygote's end of the line to its listener."""
LOCK: Final = 4
"""The lock of the state folder, which is held as long as any process of the server is there."""
_READ: Final = 65_536


class Zygote:
    """Forks workers as it is told, and tells of their ends."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._children: dict[int, int] = {}
        """Numbers of workers, by process."""
        self._buffer = b""
        self._descriptors: list[int] = []
        self._woken, wake = os.pipe()
        for end in (self._woken, wake):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)

    def run(self) -> None:
        """Serve until the listener has gone; then let no worker be left."""
        while True:
            select.select([self._listener.fileno(), self._woken], [], [])
            self._reap()
            if not self._take():
                break
        for pid in self._children:  # nobody leads them any more, and the next listener waits
            os.kill(pid, signal.SIGKILL)

    def _take(self) -> bool:
        """Take what the listener says; False if it has gone."""
        try:
            data, descriptors, _, _ = socket.recv_fds(
                self._listener, _READ, 16, socket.MSG_DONTWAIT
            )
        except BlockingIOError:
            return True
        except OSError:
            return False
        self._descriptors += descriptors
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for one in lines:
            self._fork(read_birth(one), self._descriptors.pop(0))
        return bool(data)

    def _fork(self, birth: Birth, channel: int) -> None:
        try:
            pid = os.fork()
        except OSError as error:
            os.close(channel)
            self._say(line(Died(birth.number, f"before it began: {error.strerror}")))
            return
        if not pid:
            self._become(birth, channel)
        os.close(channel)
        self._children[pid] = birth.number
        self._say(line(Born(birth.number, pid)))

    def _become(self, birth: Birth, channel: int) -> None:
        """Be a worker, in a child, and end with it."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            self._listener.close()
            for descriptor in (self._woken, *self._descriptors):
                os.close(descriptor)
            run(birth, channel)
            status = 0
        except LocalError as error:
            sys.stderr.write(f"worker {birth.number} can't serve: {error}\n")
        except BaseException:  # noqa: BLE001 - nothing of the zygote's may run on in its child
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._woken, _READ)
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            self._say(line(Died(self._children.pop(pid), _how(status))))

    def _say(self, data: bytes) -> None:
        with contextlib.suppress(OSError):  # a listener that has gone is noticed by reading
            self._listener.sendall(data)


def _how(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        return f"by {signal.Signals(-code).name}"
    if code == OUT_OF_MEMORY:
        return "by itself: it had no more memory"
    return f"with exit code {code}" if code else ""


def environment() -> dict[str, str]:
    """Give our environment, in which our own modules are found from any folder."""
    paths = (str(Path(anoncloud.__file__).parents[1]), os.environ.get("PYTHONPATH", ""))
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def main() -> None:
    """Be a zygote on the line that was inherited."""
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, signal.SIG_IGN)  # they go to a whole group; the listener decides
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=SOCKET) as listener:
        Zygote(listener).run()


if __name__ == "__main__":
    main()

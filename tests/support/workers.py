"""The processes of a server with workers, as the system shows them."""

import os
import signal
from pathlib import Path

from tests.support.processes import Server, SystemTestCase, wait_until


def children(pid: int) -> list[int]:
    """Give the processes that a process has started, and which are there."""
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def zygote(server: Server) -> int:
    """Give the process that makes workers."""
    (found,) = children(server.pid)
    return found


def workers(server: Server) -> list[int]:
    """Give the workers that there are now, the oldest first."""
    return [pid for one in children(server.pid) for pid in children(one)]


def is_there(pid: int) -> bool:
    """Whether a process is there, dead ones that nobody has asked after not counted."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def end(pid: int, how: signal.Signals = signal.SIGKILL) -> None:
    """End a process, and wait until it is not there."""
    os.kill(pid, how)
    wait_until(lambda: not is_there(pid), "a process to end")


def serving(server: Server) -> list[int]:
    """Give the workers that have begun to serve: those have threads."""
    return [pid for pid in workers(server) if is_there(pid) and len(threads(pid)) > 1]


def threads(pid: int) -> list[str]:
    """Give the threads of a process, none if it has ended."""
    try:
        return [path.name for path in Path(f"/proc/{pid}/task").iterdir()]
    except OSError:
        return []


def sockets(pid: int) -> set[str]:
    """Give the numbers of the sockets that a process has."""
    found = set()
    for one in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(one.readlink())
        except OSError:
            continue
        if target.startswith("socket:["):
            found.add(target[8:-1])
    return found


def listening(pid: int) -> set[str]:
    """Give the numbers of the TCP sockets of a process's network that listen."""
    found = set()
    for name in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{name}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":
                found.add(fields[9])
    return found


def connections(server: Server) -> dict[str, int]:
    """Give the sockets of connections to a server, each with the port at its other end."""
    found = {}
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        here, there = (int(one.rpartition(":")[2], 16) for one in fields[1:3])
        if here == server.port and there:
            found[fields[9]] = there
    return found


def established(server: Server, pid: int) -> set[str]:
    """Give the sockets of connections to a server that one of its processes has."""
    return sockets(pid) & set(connections(server))


class WorkersTestCase(SystemTestCase):
    """A test of a server with two workers."""

    def workers_server(self, *options: str, count: int = 2) -> Server:
        """Start a server, and wait until its workers are there."""
        server = self.server("--process-mode", "workers", "--workers", str(count), *options)
        wait_until(lambda: len(serving(server)) == count, "workers")
        return server

    def worker_of(self, server: Server, port: int) -> int:
        """Give the worker that has the connection from our local *port*."""

        def having() -> list[int]:
            inodes = {inode for inode, there in connections(server).items() if there == port}
            return [pid for pid in workers(server) if sockets(pid) & inodes]

        wait_until(having, "a worker to have the connection")
        return having()[0]

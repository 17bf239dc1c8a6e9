"""What a worker can't do, tried on the kernel: by a process that is shut in as workers are."""

import os
import stat
import subprocess
import sys
from pathlib import Path

from anoncloud.limits import MAX_TRANSFERS
from anoncloud.server.processes import landlock, seccomp
from tests.support.processes import PATIENCE, environment, wait_until
from tests.support.raw_peers import RawPeer
from tests.support.workers import WorkersTestCase, workers

TRIES = """
import ctypes, os, resource, signal, socket, sys, threading
from pathlib import Path
from anoncloud.server.processes import bounds, sandbox
from anoncloud.server.settings import Settings

state, outside = Path(sys.argv[1]), Path(sys.argv[2])
settings = Settings(state_dir=state, listen=("tcp:1",))
bounds.narrow(settings, once=True)
print("missing", sandbox.shut_in(settings))

def tried(name, action):
    try:
        action()
    except OSError as error:
        print(name, "refused", error.errno)
    else:
        print(name, "done")

def in_thread(action):
    thread = threading.Thread(target=action)
    thread.start()
    thread.join()

def signal_by_thread(pid):
    number = {"x86_64": 234, "aarch64": 131}[os.uname().machine]
    library = ctypes.CDLL(None, use_errno=True)
    if library.syscall(number, pid, pid, 0):
        raise OSError(ctypes.get_errno(), "tgkill")

limits = resource.RLIMIT_NOFILE, resource.getrlimit(resource.RLIMIT_NOFILE)
blobs = state / "blobs"
tried("exec", lambda: os.execv("/bin/true", ["true"]))
tried("fork", os.fork)
tried("listen", lambda: socket.create_server(("127.0.0.1", 0)))
tried("connect", lambda: socket.create_connection(("127.0.0.1", int(sys.argv[3])), 5))
tried("kill", lambda: os.kill(os.getppid(), 0))
tried("signal a thread of another", lambda: signal_by_thread(os.getppid()))
tried("signal itself", lambda: signal_by_thread(os.getpid()))
tried("limit another", lambda: resource.prlimit(os.getppid(), *limits))
tried("limit itself", lambda: resource.setrlimit(*limits))
tried("read the server's key", (state / "server.key").read_bytes)
tried("read outside", outside.read_bytes)
tried("read the system's users", Path("/etc/passwd").read_bytes)
tried("write outside", lambda: outside.write_bytes(b"mine"))
tried("list the state folder", lambda: os.listdir(state))
tried("write beside the stores", lambda: (state / "more").write_bytes(b"mine"))
tried("write a blob", lambda: (blobs / "incoming" / "one").write_bytes(b"blob"))
tried("make a folder", lambda: (blobs / "a").mkdir())
tried("move a blob", lambda: (blobs / "incoming" / "one").replace(blobs / "a" / "one"))
tried("remove a blob", (blobs / "a" / "one").unlink)
tried("write the database", lambda: open(state / "accounts.sqlite", "r+b").write(b"row"))
tried("start a thread", lambda: in_thread(lambda: None))
tried("be root", lambda: os.setuid(0))
"""
NETWORK_FROM = 4
"""The version of Landlock that has rules for the network."""
MAY = {"write a blob", "make a folder", "move a blob", "remove a blob", "start a thread"}
MAY_ALSO = {"write the database", "signal itself", "limit itself"}


class SandboxTests(WorkersTestCase):
    """The sandbox, by the kernel that the tests run on."""

    def test_what_is_left(self) -> None:
        """Its stores may be used, and nothing else; no program run, nobody called."""
        if landlock.version() < NETWORK_FROM or not seccomp.is_there():
            self.skipTest("NOT TESTED: it takes Linux 6.7, libseccomp and pyseccomp")
        state, outside = self.folder / "state", self.file("outside", b"theirs")
        (state / "blobs" / "incoming").mkdir(parents=True)
        for name in ("server.key", "accounts.sqlite"):
            (state / name).write_bytes(b"kept")
        listening = self.server()
        done = subprocess.run(
            (sys.executable, "-c", TRIES, state, outside, str(listening.port)),
            capture_output=True,
            text=True,
            env=environment(),
            timeout=PATIENCE,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        missing, *tried = done.stdout.splitlines()
        self.assertEqual(missing, "missing []")
        could = {line.removesuffix(" done") for line in tried if line.endswith(" done")}
        self.assertEqual(could, MAY | MAY_ALSO)
        self.assertEqual(len(tried), 22)
        self.assertEqual(outside.read_bytes(), b"theirs")


class WorkerTests(WorkersTestCase):
    """Workers as the system shows them."""

    def status(self, pid: int) -> dict[str, str]:
        """Give what the kernel says of a process."""
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def test_shut_in(self) -> None:
        """Every worker is in its sandbox, with its limits, and can get no more rights."""
        server = self.workers_server("--worker-memory", "512MiB", "--max-connections", "7")
        for pid in workers(server):
            status = self.status(pid)
            is_filtered = "2" if seccomp.is_there() else "0"
            self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", is_filtered))
            limits = Path(f"/proc/{pid}/limits").read_text()
            for name, most in (
                ("Max core file size", 0),
                ("Max data size", 512 * 1024**2),
                ("Max open files", 256 + 7 * (1 + MAX_TRANSFERS)),
            ):
                (line,) = [one for one in limits.splitlines() if one.startswith(name)]
                self.assertEqual(line.removeprefix(name).split()[:2], [str(most)] * 2)

    def test_not_whole(self) -> None:
        """What the system can't give is told in the log, once for all workers."""
        without = self.folder / "without"
        without.mkdir()
        (without / "pyseccomp.py").write_text("raise ImportError\n")
        before = os.environ.get("PYTHONPATH", "")
        self.patch(os, "environ", {**os.environ, "PYTHONPATH": f"{without}:{before}"})
        server = self.workers_server()
        wait_until(lambda: "the sandbox is not whole: libseccomp" in server.log, "the warning")
        server.stop()
        self.assertEqual(server.log.count("the sandbox is not whole"), 1)

    def test_off(self) -> None:
        """Without a sandbox they serve, too, and still get no more rights."""
        server = self.workers_server("--sandbox", "off")
        for pid in workers(server):
            status = self.status(pid)
            self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "0"))
        self.ada(server).do("mkdir", "/d")

    def test_worker_user(self) -> None:
        """Workers run as another user, who has blobs and database, and never the server's key."""
        if os.geteuid():
            self.skipTest("NOT TESTED: only root can start workers of another user")
        self.folder.chmod(0o711)
        server = self.workers_server("--worker-user", "nobody")
        for pid in workers(server):
            self.assertEqual(len(set(self.status(pid)["Uid"].split())), 1)
            self.assertNotEqual(self.status(pid)["Uid"].split()[0], "0")
        user, content = self.ada(server), self.file("f", os.urandom(600_000))
        user.do("put", content, "/f")
        self.assertEqual(user.do("cat", "/f").out, content.read_bytes())
        self.assertEqual((server.state / "server.key").stat().st_uid, 0)
        self.assertEqual(stat.S_IMODE(server.state.stat().st_mode), 0o711)
        self.assertNotEqual((server.state / "accounts.sqlite").stat().st_uid, 0)
        server.stop()
        server.start()
        wait_until(lambda: len(workers(server)) == 2, "workers")
        with RawPeer(server.address):
            self.assertEqual(user.do("ls", "/").out, b"f\n")

    def test_no_such_user(self) -> None:
        """A user that the system does not have is told at the start."""
        log = self.refused_start("--worker-user", "no-such-user")
        self.assertIn("this system has no such user", log)
        self.assertNotIn("Traceback", log)

    def refused_start(self, *options: str) -> str:
        """Start a server that can't, and give what it says."""
        command = (
            *(Path(sys.executable).with_name("twistd"), "-n", "--pidfile=", "anoncloud"),
            *("--state-dir", str(self.folder / "state"), "--listen", "tcp:0:interface=127.0.0.1"),
            *("--process-mode", "workers", *options),
        )
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            env=environment(),
            timeout=PATIENCE,
            cwd=self.folder,
            check=False,
        )
        self.assertEqual(done.returncode, 1, done.stdout)
        return done.stdout + done.stderr

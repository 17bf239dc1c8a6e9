"""A server as its owner runs it: restarted under load, watched, measured, logged."""

import contextlib
import json
import os
import random
import re
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from typing import Any

from anoncloud.limits import MIB
from anoncloud.server.metrics.table import exposed_names
from anoncloud.wire.connection import GREETING
from tests.support.processes import CHECKOUT, LOOPBACK, SystemTestCase, free_port, wait_until
from tests.support.tools import tool
from tests.system.activation import Callers, Supervised, send


class ActivationTests(SystemTestCase):
    """A server under a supervisor that keeps its port, as systemd does."""

    def test_notices(self) -> None:
        """It says when it is ready, lives, reloads and stops; it ends as it was told to."""
        server = Supervised(self, "--stop-time", "3").start()
        self.assertIn("WATCHDOG=1", server.wait_for("WATCHDOG=1"))
        send(server, signal.SIGHUP)
        said = server.wait_for("READY=1")
        self.assertIn("RELOADING=1", said)
        self.assertEqual(server.stop(), -signal.SIGTERM)
        server.wait_for("STOPPING=1")

    def test_nobody_is_refused(self) -> None:
        """While it restarts, and restarts again, everybody who connects is served in the end."""
        options = ("--max-handshakes-per-address", "0", "--max-connections-per-address", "0")
        server = Supervised(self, *options).start()
        callers = Callers(server.port, GREETING)
        ada = self.device("ada")
        ada.register(server.address, "ada", self.folder / "kit")
        for restart in range(2):
            callers.call()
            callers.wait(callers.greeted + 1)
            self.assertEqual(server.stop(), -signal.SIGTERM)
            for _ in range(100):
                callers.call()
            waiting = ada.start("mkdir", f"/{restart}")
            callers.hear()
            self.assertEqual(callers.faults, [])
            server.start()
            self.assertEqual(waiting.wait().code, 0)
        callers.wait(202)
        self.assertEqual(callers.faults, [])
        self.assertEqual(ada.do("ls").out, b"0/\n1/\n")


class StopTests(SystemTestCase):
    """A server that is stopped while clients are at work."""

    def received(self, port: int) -> float:
        """Ask how many bytes the server has received since its start."""
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/metrics") as page:
            lines = page.read().decode().splitlines()
        name = "anoncloud_received_bytes_total "
        (value,) = (line.split()[1] for line in lines if line.startswith(name))
        return float(value)

    def test_put_across_a_restart(self) -> None:
        """An upload outlives a restart, and all of it is there.

        Less comes after it than was missing when it began: what was under way ended before.
        """
        port = free_port()
        server = self.server("--metrics-listen", f"tcp:{port}:interface={LOOPBACK}")
        ada = self.ada(server)
        content = random.Random(1).randbytes(48 * MIB)
        file = self.file("large", content)
        putting = ada.start("--packet", "64", "put", "--limit", "24MiB", file, "/large")
        wait_until(lambda: self.received(port) > 12 * MIB, "a part of the upload")
        before = self.received(port)
        server.stop()
        self.assertIsNone(putting.process.poll())
        server.start()
        done = putting.wait()
        self.assertEqual(done.code, 0, done.err)
        self.assertEqual(ada.do("cat", "/large").out, content)
        self.assertLess(self.received(port), len(content) - before)


class WatchTests(SystemTestCase):
    """Metrics, health and logs of a server that runs."""

    def get(self, page: str) -> tuple[int, str]:
        """Ask for a page; give code and content."""
        try:
            with urllib.request.urlopen(f"http://{LOOPBACK}:{self.port}/{page}") as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def test_pages(self) -> None:
        """Health and readiness are told, and of all that happened only numbers."""
        self.port = free_port()
        server = self.server("--metrics-listen", f"tcp:{self.port}:interface={LOOPBACK}")
        ada = self.ada(server)
        ada.do("put", self.file("a file of Ada's", b"content"), "/a file of Ada's")
        self.assertEqual(self.get("health"), (200, "alive\n"))
        self.assertEqual(self.get("ready"), (200, "ready\n"))
        code, text = self.get("metrics")
        self.assertEqual(code, 200)
        for line in (
            'anoncloud_logins_total{outcome="let_in"}',
            'anoncloud_requests_total{kind="StageBlob"} 1.0',
            "anoncloud_accounts 1.0",
        ):
            self.assertIn(line, text)
        for name in exposed_names() - {"anoncloud_refusals_total"}:
            self.assertIn(f"\n{name}", text)
        for secret in ("ada", "Ada", LOOPBACK):
            self.assertNotIn(secret, text)

    def test_workers(self) -> None:
        """What workers count is added up by the process that listens."""
        self.port = free_port()
        metrics = ("--metrics-listen", f"tcp:{self.port}:interface={LOOPBACK}")
        server = self.server("--process-mode", "workers", "--workers", "2", *metrics)
        ada = self.ada(server)
        ada.do("mkdir", "/d")
        committed = 'anoncloud_requests_total{kind="Commit"} 2.0'
        wait_until(lambda: committed in self.get("metrics")[1], "the workers' counts")
        self.assertIn("anoncloud_handshakes_total 3.0", self.get("metrics")[1])

    def test_json(self) -> None:
        """The log is one object a line, in its file, which can be moved away under it."""
        path = self.folder / "log.json"
        server = self.server("--log-format", "json", "--log-file", str(path))
        wait_until(lambda: "invitation" in path.read_text(), "the server's own address")
        moved = path.rename(self.folder / "log.1")
        os.kill(server.pid, signal.SIGUSR1)
        wait_until(path.exists, "the log to be opened again")
        ada = self.ada(server)
        ada.do("ls")
        server.stop()
        for file in (moved, path):
            events: list[Any] = [json.loads(line) for line in file.read_text().splitlines()]
            self.assertTrue(events)
            for event in events:
                self.assertLessEqual({"time", "level", "where", "text"}, set(event))
        texts = " ".join(event["text"] for event in events)
        self.assertIn("an account was registered", texts)
        for secret in ("ada", LOOPBACK):
            self.assertNotIn(secret, texts)


class ProxyTests(SystemTestCase):
    """A server behind HAProxy."""

    def test_sample(self) -> None:
        """With the sample, clients are served, and are counted by their own addresses."""
        haproxy = tool("haproxy")
        options = ("--max-connections-per-address", "1", "--max-connections", "0")
        port = free_port()
        server = self.server("--listen", f"haproxy:tcp:{port}:interface={LOOPBACK}", *options)
        front = free_port()
        text = (CHECKOUT / "etc" / "haproxy.cfg").read_text()
        text = re.sub(r" *server two .*\n", "", text).replace("maxconn 20000", "maxconn 100")
        text = text.replace("192.0.2.11:9650", f"{LOOPBACK}:{port}")
        file = self.file("haproxy.cfg", text.replace("bind :9650", f"bind *:{front}").encode())
        proxy = subprocess.Popen((haproxy, "-f", file), stderr=subprocess.DEVNULL)
        self.addCleanup(proxy.wait)
        self.addCleanup(proxy.kill)
        callers = [self.caller("127.0.0.2", front), self.caller("127.0.0.3", front)]
        self.assertEqual([self.greet(caller) for caller in callers], [GREETING, GREETING])
        self.assertEqual(self.greet(self.caller("127.0.0.3", front)), b"")
        ada = self.ada(server, front)
        self.assertEqual(ada.do("ls").out, b"")

    def caller(self, host: str, port: int) -> socket.socket:
        """Connect from *host*, as soon as the proxy listens."""
        made: list[socket.socket] = []

        def connected() -> bool:
            with contextlib.suppress(ConnectionRefusedError):
                made.append(socket.create_connection((LOOPBACK, port), 20, (host, 0)))
            return bool(made)

        wait_until(connected, "the proxy")
        self.addCleanup(made[0].close)
        return made[0]

    def greet(self, caller: socket.socket) -> bytes:
        """Say the greeting, and hear the answer; nothing if the connection is closed."""
        caller.sendall(GREETING)
        try:
            return caller.recv(100)
        except ConnectionResetError:
            return b""

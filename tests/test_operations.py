"""What lies in ``etc/`` for the operation of a server is right, as far as its tools can tell."""

import configparser
import json
import re
import subprocess
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.server.metrics.table import PREFIX, Count, Figure, exposed_names
from anoncloud.server.settings import SETTINGS, Settings, read_settings
from anoncloud.server.tap import Options
from anoncloud.wire.connection import GREETING
from tests.support.documents import document
from tests.support.sources import ROOT
from tests.support.tools import tool

ETC = ROOT / "etc"
UNITS = ETC / "systemd"
EXPOSURE = 20
"""The highest exposure that systemd-analyze may find, in tenths; 100 is that of an open door."""


def run(*words: "str | Path") -> "subprocess.CompletedProcess[str]":
    """Run a program to its end."""
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)


def unit(name: str) -> dict[str, dict[str, str]]:
    """Read a unit; of what is set several times the last one."""
    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string((UNITS / name).read_text())
    return {section: dict(parser[section]) for section in parser.sections()}


class UnitTests(SynchronousTestCase):
    """The units of systemd."""

    def test_exposure(self) -> None:
        """Services are shut in, as systemd counts it."""
        services = sorted(UNITS.glob("*.service"))
        self.assertEqual(len(services), 2)
        for service in services:
            threshold = f"--threshold={EXPOSURE - 1}"
            done = run(
                tool("systemd-analyze"),
                "security",
                "--offline=true",
                "--no-pager",
                threshold,
                service,
            )
            self.assertEqual(done.returncode, 0, done.stdout[-300:])
            self.assertIn("Overall exposure level", done.stdout)

    def test_words(self) -> None:
        """Systemd knows every word in them; only our programs are not installed here."""
        done = run(tool("systemd-analyze"), "verify", "--man=no", *sorted(UNITS.iterdir()))
        said = [
            line for line in done.stderr.splitlines() if "/opt/anoncloud/bin/" not in line and line
        ]
        self.assertEqual(said, [])

    def test_server(self) -> None:
        """The server is started, checked before, with options that it has and can read."""
        service = unit("anoncloud.service")["Service"]
        self.assertEqual(service["Type"], "notify")
        self.assertIn("--check", service["ExecStartPre"])
        words = service["ExecStart"].partition(" anoncloud ")[2].split()
        options = Options()
        options.parseOptions(words)
        self.assertEqual(options["config"], "/etc/anoncloud/anoncloud.toml")
        settings = read_settings(None, options.given())
        self.assertEqual(settings.listen, ("systemd:domain=INET6:index=0",))
        self.assertEqual(settings.state_dir, Path("/var/lib") / service["StateDirectory"])

    def test_port(self) -> None:
        """The socket has the port that servers listen at by default."""
        port = unit("anoncloud.socket")["Socket"]["ListenStream"]
        self.assertEqual(Settings().listen, (f"tcp:{port}",))

    def test_scrub(self) -> None:
        """The timer's service runs a command that there is."""
        words = unit("anoncloud-scrub.service")["Service"]["ExecStart"].split()
        from anoncloud.admin.main import cli  # noqa: PLC0415 - another program

        context = cli.make_context("anoncloud-admin", words[1:])
        self.assertIn("scrub", words)
        self.assertIsNotNone(cli.get_command(context, "scrub"))


class FileTests(SynchronousTestCase):
    """Files for other programs."""

    def test_haproxy(self) -> None:
        """HAProxy takes its file, which speaks the PROXY protocol and asks for our greeting."""
        text = (ETC / "haproxy.cfg").read_text()
        self.assertIn("send-proxy-v2", text)
        self.assertIn(f'tcp-check expect string "{GREETING.decode().strip()}"', text)
        done = run(tool("haproxy"), "-c", "-f", ETC / "haproxy.cfg")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_logrotate(self) -> None:
        """The log is rotated where the units let it be, and opened again by the right signal."""
        text = (ETC / "logrotate.conf").read_text()
        folder = unit("anoncloud.service")["Service"]["LogsDirectory"]
        self.assertIn(f"/var/log/{folder}/*.log {{", text)
        self.assertIn("--signal=SIGUSR1", text)
        self.assertIn("SIGUSR1", SETTINGS["log_file"].text)
        file = Path(self.mktemp())
        file.write_text(text.replace("create 0640 anoncloud adm", "create 0640"))
        file.chmod(0o600)
        done = run(tool("logrotate"), "--debug", "--state", file.with_suffix(".state"), file)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_dashboard(self) -> None:
        """The dashboard shows every metric that there is, and asks for no other."""
        dashboard: Any = json.loads((ETC / "grafana-dashboard.json").read_text())
        asked = " ".join(
            target["expr"] for panel in dashboard["panels"] for target in panel["targets"]
        )
        names = set(re.findall(rf"\b{PREFIX}\w+", asked))
        self.assertEqual(names, exposed_names())
        ids = [panel["id"] for panel in dashboard["panels"]]
        self.assertEqual(len(ids), len(set(ids)))


class DocumentTests(SynchronousTestCase):
    """docs/operations.rst."""

    def test_metrics(self) -> None:
        """Every metric stands there with its name and label, and no other."""
        text = document("operations").astext()
        told = set(re.findall(rf"\b{PREFIX}[a-z_]+", text))
        self.assertEqual(
            told,
            {name for name in exposed_names() if "_sql_" not in name} | {f"{PREFIX}sql_seconds"},
        )
        for one in (*Count, *Figure):
            if one.value.label:
                self.assertIn(one.value.label, text)

    def test_settings(self) -> None:
        """Every setting that it names in a table is one; the limits are all there."""
        text = (ROOT / "docs/operations.rst").read_text()
        for name in SETTINGS:
            if name.startswith("max_") or name in {"quota", "quota_total", "lowest_free_disk"}:
                self.assertIn(f"``{name}``", text)

    def test_files(self) -> None:
        """Every file in etc/ is named there."""
        text = (ROOT / "docs/operations.rst").read_text()
        for path in ETC.rglob("*"):
            if path.is_file():
                self.assertIn(path.name, text)

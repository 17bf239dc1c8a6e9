"""The whole of ``python -m benchmarks``, small: real processes, and the shape of what it prints."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from docutils import nodes
from docutils.core import publish_doctree
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.server.admission import PACE
from benchmarks.__main__ import WORKLOADS
from benchmarks.explorer import SIZES, TERMS
from benchmarks.peers.opening import PEERS
from benchmarks.table import HEADINGS
from tests.support.sources import ROOT

Table = list[list[str]]
SMALL = ("--scale", "0.002", "--runs", "1")
PATIENCE = 300
OTHERS = tuple(name for name in PEERS if name != "anoncloud")


def tables(said: str) -> dict[str, list[Table]]:
    """Read the tables below each heading; anything that is no good reStructuredText is an error."""
    document = publish_doctree(
        f"Whole\n=====\n\n{said}", settings_overrides={"report_level": 1, "halt_level": 2}
    )
    return {
        section.next_node(nodes.title).astext(): [
            [
                [cell.astext() for cell in row.findall(nodes.entry)]
                for row in found.findall(nodes.row)
            ]
            for found in section.findall(nodes.table)
        ]
        for section in document.findall(nodes.section)
    }


def split(row: list[str]) -> tuple[str, list[str]]:
    """Give a row's name, and its cells behind that."""
    return row[0], row[1:]


def coded(said: str, code: str) -> list[Table]:
    """Give the tables of one workload."""
    every = tables(said).items()
    return [found for heading, (found, *_) in every if heading.startswith(f"{code}:")]


class BenchmarksTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="anoncloud-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def bench(self, *arguments: str, **environment: str) -> str:
        """Run it; nothing that it made may be left."""
        done = subprocess.run(
            (sys.executable, "-m", "benchmarks", *arguments, "--folder", str(self.folder)),
            check=False,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
        )
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(list(self.folder.iterdir()), [])
        return done.stdout

    def check_shape(self, table: Table) -> None:
        """Check the head, and that every row has a name, a time and how many runs there were."""
        head, *rows = table
        self.assertEqual(head, list(HEADINGS))
        self.assertTrue(rows)
        for row in rows:
            cells = dict(zip(head, row, strict=True))
            self.assertGreater(float(cells["s"].replace(",", "")), 0)
            self.assertEqual(cells["runs"], "1")

    def test_every_workload_gives_a_table_with_a_row_of_ours(self) -> None:
        """What went up came down the same, and each workload is told in the columns promised."""
        said = self.bench(*SMALL, "--peer", "anoncloud")
        for code in WORKLOADS:
            found = coded(said, code)
            self.assertEqual(len(found), 2 if code == "W10" else 1, code)
            for table in found:
                self.check_shape(table)
            if code != "W10":
                (row,) = [row for row in found[0] if row[0] == "anoncloud"]
                cells = dict(zip(HEADINGS, row, strict=True))
                for column in ("CPU s client", "MB RAM client", "MB RAM server", "MB stored"):
                    self.assertNotEqual(cells[column], "", (code, column))
                self.assertGreater(float(cells["MB RAM server"]), 1)
        listing, changing = coded(said, "W10")
        self.assertLessEqual({"ls /", "ls -r /"}, {row[0] for row in listing})
        self.assertEqual(len([row for row in changing if row[0].startswith("mkdir")]), 2)

    def test_every_other_peer_is_in_each_table_or_said_to_be_missing(self) -> None:
        """A peer has its row, or a line that says why it has none."""
        chosen = [part for name in OTHERS for part in ("--peer", name)]
        said = self.bench(*SMALL, "W4", "W5", "W7", "W8", *chosen)
        missing = {name for name in OTHERS if f"SKIPPED {name}: " in said}
        for code in ("W4", "W5", "W7", "W8") if missing != set(OTHERS) else ():
            (table,) = coded(said, code)
            self.check_shape(table)
            there = {row[0] for row in table} & set(OTHERS)
            wanted = set(OTHERS) - missing - ({"rsync"} if code == "W7" else set())
            self.assertEqual(there, wanted, code)
        self.assertEqual("rsync has no row" in said, "rsync" not in missing)
        self.assertEqual({name for name in OTHERS if f"{name} FAILED" in said}, set())

    def test_what_is_not_installed_is_skipped_with_what_to_install(self) -> None:
        """A machine without the peers gets lines that help, and no failure."""
        empty = tempfile.mkdtemp(dir=self.mktemp_folder())
        chosen = ("--peer", "restic", "--peer", "rsync")
        said = self.bench(*SMALL, "W9", *chosen, PATH=empty)
        self.assertRegex(said, "SKIPPED restic: .*install restic")
        self.assertRegex(said, "SKIPPED rsync: .*install ")

    def test_a_profile_says_where_the_time_of_both_ends_goes(self) -> None:
        """Both directions have a table for each end, whose parts make up the whole."""
        said = self.bench("profile", *SMALL)
        for code in ("W1", "W2"):
            (found,) = [every for head, every in tables(said).items() if head.startswith(code)]
            self.assertEqual([table[0][0] for table in found], ["client", "server"])
            for _, *rows in found:
                named = {name: float(seconds) for name, seconds, _ in rows}
                whole = named.pop("all")
                self.assertIn("kernel (system time)", named)
                self.assertLess(abs(sum(named.values()) - whole), 0.01)

    def test_logins(self) -> None:
        """Costs, a flood, logins beside it, and times of names: each has its table."""
        said = self.bench("logins", "--scale", "0.006")
        found = {head: table for head, (table,) in tables(said).items()}
        self.assertEqual(len(found), 4)
        costs, flood, meanwhile, names = (dict(map(split, found[head])) for head in found)
        for step, (microseconds,) in list(costs.items())[1:]:
            self.assertGreater(float(microseconds), 0, step)
        self.assertEqual((flood["evaluated"], flood["let in"]), (["4"], ["0"]))
        for who, (usual, *_, samples) in list(meanwhile.items())[1:]:
            self.assertGreater(float(usual), 0, who)
            self.assertRegex(samples, r"^\d+, \d+$")
        self.assertEqual(list(names)[1:], ["evaluated", "held back"])
        for kind in ("evaluated", "held back"):
            known, _, unknown, _, *chances = map(float, names[kind])
            self.assertGreater(min(known, unknown), 1000 * PACE)
            self.assertEqual([0 <= chance <= 1 for chance in chances], [True, True])

    def test_explorer(self) -> None:
        """The start, bytes on every kind of terminal, keys beside a transfer, large drives."""
        said = self.bench("explorer", "--scale", "0.002", "--runs", "1")
        start, sent, keys, folder, drive = (found for (found,) in tables(said).values())
        self.assertEqual(len(start), 3)
        self.assertEqual(len(sent), 1 + len(TERMS) * len(SIZES))
        for terminal, step, most, line, key, _, rows in sent[1:]:
            self.assertLess(int(step), 200, terminal)
            self.assertLess(int(line), 400, terminal)
            self.assertEqual(int(rows) == 1, terminal.startswith("xterm"), terminal)
            self.assertLessEqual(int(step), int(most))
            self.assertLessEqual(int(line), int(key))
        self.assertGreaterEqual(min(int(row[-1]) for row in keys[1:]), 60)
        for table in (folder, drive):
            figures = {what: float(value) for what, value, *_ in table[1:]}
            self.assertGreater(figures["the folder opens"], 0)
            self.assertGreaterEqual(figures["memory at most"], figures["memory afterwards"])

    def test_crowd(self) -> None:
        """Idle, half-done and greedy connections: what they cost, and listings beside them."""
        said = self.bench("crowd", "--scale", "0.002")
        idle, half, greedy = tables(said).values()
        memory = dict(map(split, idle[0]))["KiB of memory for each connection"]
        self.assertGreater(float(memory[0]), 0)
        self.assertGreaterEqual(int(dict(map(split, half[0]))["key agreements begun"][0]), 10)
        for _, up, down in greedy[0][2:]:
            self.assertGreater(min(float(up), float(down)), 0)
        for _, beside in (idle, half, greedy):
            for what, usual, _, meanwhile, _, _, samples in beside[1:]:
                self.assertGreater(min(map(float, (usual, meanwhile, samples))), 0, what)
        self.assertEqual([len(beside) for _, beside in (idle, half, greedy)], [4, 4, 10])

    def test_modes(self) -> None:
        """Every mode has its row, and every figure of it is one."""
        ((head, *rows),) = tables(self.bench("modes", "--scale", "0.1", "--runs", "1"))["Modes"]
        self.assertEqual([name for name, *_ in rows], ["single", "workers", "per-user"])
        for row in rows:
            self.assertEqual(len(row), len(head))
            for what, figure in zip(head[1:], row[1:], strict=True):
                least = -100 if what == "KiB each" else 0  # of forty, memory may go down as well
                self.assertGreater(float(figure.replace(",", "")), least, (row[0], what))

    def test_users(self) -> None:
        """Users who store and fetch: every file is compared, and none is lost."""
        said = self.bench("crowd", "--clients", "2", "--minutes", "0.05")
        ((figures, beside),) = tables(said).values()
        found = {name: value for name, (value,) in map(split, figures)}
        self.assertGreater(int(found["files stored"]), 0)
        self.assertGreaterEqual(
            int(found["files fetched and compared"]), int(found["files stored"])
        )
        self.assertEqual(found["wrong or lost"], "0")
        self.assertEqual(len(beside), 4)

    def mktemp_folder(self) -> str:
        """Make a folder that trial removes."""
        folder = Path(self.mktemp())
        folder.mkdir()
        return str(folder)

"""What accept and export tell people and programs."""

import io
import json
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.cli import alarms
from anoncloud.cli.output import Output
from anoncloud.client.accepting import Doubt
from anoncloud.client.cache import Head
from anoncloud.client.salvage import Salvaged
from anoncloud.client.tree.affairs import Acceptance
from anoncloud.errors import Tampered

BEFORE = Acceptance(b"\xab" * 32, 9, b"\x09" * 32, 2, b"\x02" * 32, 1_500_000)
DOUBT = Doubt("ada", Head(5, b"\x05" * 32), Head(4, b"\x04" * 32), 0, (BEFORE,), {})


class OutputCase(SynchronousTestCase):
    """An output whose streams are in memory."""

    def output(self, *, as_json: bool) -> Output:
        """Make one."""
        self.out, self.err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
        made = Output(as_json=as_json, quiet=False, err=self.err, doing="export")
        made.out = self.out
        return made

    def given(self) -> str:
        """Give what was written as the result."""
        self.out.flush()
        return self.out.buffer.getvalue().decode()  # type: ignore[attr-defined]


class ExportTests(OutputCase):
    """_told."""

    def test_all(self) -> None:
        """What was wrong is a remark as long as everything is saved."""
        output = self.output(as_json=False)
        alarms._told(output, Salvaged(Path("f\nr"), 7, 5, [], ["it shows less"]))
        self.assertEqual(self.given(), "7 entries are listed in f\\x0ar, 5 of them saved\n")
        self.assertIn("it shows less", self.err.getvalue())
        self.assertEqual(output.exit_code, 0)

    def test_missing(self) -> None:
        """What is missing is an error, which leads to the report."""
        output = self.output(as_json=False)
        alarms._told(output, Salvaged(Path("f"), 7, 4, ["/a"], []))
        self.assertIn("1 files or links could not be saved", self.err.getvalue())
        self.assertIn("f/report.txt", self.err.getvalue())
        self.assertEqual(output.exit_code, Tampered.exit_code)

    def test_for_programs(self) -> None:
        """The fields of docs/commands.rst section 3.2."""
        output = self.output(as_json=True)
        alarms._told(output, Salvaged(Path("f"), 7, 4, ["/a"], ["w"]))
        told: Any = json.loads(self.given())
        expected = {"folder": "f", "entries": 7, "saved": 4, "missing": ["/a"], "wrong": ["w"]}
        self.assertEqual(told, expected)


class AcceptTests(SynchronousTestCase):
    """_value, and what a person reads."""

    def test_for_programs(self) -> None:
        """Both heads, and what was accepted before."""
        value = alarms._value(DOUBT)
        self.assertEqual(value["account"], "ada")
        self.assertEqual(value["seen"], {"records": 5, "hash": "05" * 32})
        self.assertEqual(value["shown"], {"records": 4, "hash": "04" * 32})
        (before,) = value["accepted"]
        self.assertEqual((before["key"], before["time"]), ("ab" * 32, 1.5))
        self.assertEqual(before["seen"], {"records": 9, "hash": "09" * 32})
        self.assertEqual(before["accepted"], {"records": 2, "hash": "02" * 32})

    def test_for_people(self) -> None:
        """The same in sentences, with the times of whoever shows them."""
        seen, shown, before = DOUBT.said(alarms._when)
        self.assertEqual(seen, "This device has seen 5 records, the last 0505050505050505.")
        self.assertIn("The server shows 4 records, the last 0404", shown)
        self.assertIn("1970-01-01 00:00:01", before)

"""Statements of a TOML file and their lines."""

import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.server.statements import MOST_LINES, Statement, read_statements

VALUES = st.sampled_from(
    [
        "1",
        "true",
        '"a = 1"',
        "'''\nb = 2\n'''",
        '"""\n[c]\n"""',
        "[\n  1,\n  2, # d = 3\n]",
        "{e = 4}",
    ]
)


class StatementTests(SynchronousTestCase):
    """Reading."""

    def read(self, content: str) -> list[tuple[Any, ...]]:
        """Give lines with what was read from them: name and value, or a fault."""
        return [
            (one.line, one.fault) if one.fault else (one.line, one.name, one.value)
            for one in read_statements(content)
        ]

    def test_lines(self) -> None:
        """Each key has the line that its statement begins in, whatever stands between."""
        content = (
            '# a comment\n\na = 1\nb = [\n  "x", # c = 2\n  "y",\n]\nc = """\nd = 3\n"""\nd = 4'
        )
        self.assertEqual(
            self.read(content),
            [(3, "a", 1), (4, "b", ["x", "y"]), (8, "c", "d = 3\n"), (11, "d", 4)],
        )
        self.assertEqual(self.read("a = 1\r\nb = 2\r\n"), [(1, "a", 1), (2, "b", 2)])
        self.assertEqual(self.read(""), [])

    @given(st.lists(st.tuples(VALUES, st.sampled_from(["", "\n", "# x = 1\n"])), max_size=6))
    def test_same_as_the_parser(self, rows: list[tuple[str, str]]) -> None:
        """What is read is what the parser reads of the whole file, and stands in its line."""
        content = "".join(f"{gap}k{n} = {value}\n" for n, (value, gap) in enumerate(rows))
        read = list(read_statements(content))
        self.assertEqual({one.name: one.value for one in read}, tomllib.loads(content))
        lines = content.split("\n")
        for one in read:
            self.assertTrue(lines[one.line - 1].startswith(f"{one.name} = "))

    def test_faults(self) -> None:
        """A line that is no TOML is told and shown, and hides nothing that comes after it."""
        read = self.read('a = = 1\nb = 2\nc\nd = """\ne = 5')
        self.assertEqual(
            read,
            [
                (1, "'a = = 1' is not TOML: invalid value"),
                (2, "b", 2),
                (3, "'c' is not TOML: expected '=' after a key in a key/value pair"),
                (4, '\'d = """\' is not TOML: unterminated string'),
                (5, "e", 5),
            ],
        )

    def test_twice(self) -> None:
        """What is set a second time is a fault that names the first line."""
        self.assertEqual(
            self.read("a = 1\nb = 2\na = 3"),
            [(1, "a", 1), (2, "b", 2), (3, "a is set already in line 1")],
        )

    def test_section(self) -> None:
        """A section is a key with a table, so that its name can be told."""
        self.assertEqual(self.read("[a]\nb = 1"), [(1, "a", {}), (2, "b", 1)])

    def test_too_long(self) -> None:
        """A file of endless lines is not read."""
        (only,) = read_statements("\n" * MOST_LINES)
        self.assertEqual(
            only, Statement(MOST_LINES, fault=f"the file has more than {MOST_LINES} lines")
        )

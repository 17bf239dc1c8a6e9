"""The documents say what the code does: every number, name and citation in them is looked up here.

``docs/formats.rst`` is looked up in ``tests.test_docs_formats``.
"""

import re
from pathlib import Path
from typing import Any, get_args

from docutils import nodes as parsed
from msgspec import structs
from twisted.trial.unittest import SynchronousTestCase

from anoncloud import errors, limits
from anoncloud.cli.main import COMMANDS, cli
from anoncloud.crypto import noise
from anoncloud.errors import AnonymousCloudError, Code
from anoncloud.wire import connection, messages
from tests.support.documents import (
    bounds,
    citations,
    classes,
    document,
    numbers,
    parse,
    section_rows,
    sections,
    tagged,
)
from tests.support.sources import ROOT

DOCUMENTS = sorted([*(ROOT / "docs").glob("*.rst"), *ROOT.glob("*.rst")])
CITING = ("anoncloud", "tests", "twisted", "benchmarks", "docs", "etc")


class TextTests(SynchronousTestCase):
    """The documents as such."""

    def test_they_parse(self) -> None:
        """Docutils has nothing to say of any document."""
        self.assertLessEqual({"glossary.rst", "README.rst"}, {path.name for path in DOCUMENTS})
        for path in DOCUMENTS:
            self.assertEqual(parse(path.read_text("utf-8"))[1], "", path.name)

    def test_mistakes_would_be_found(self) -> None:
        """An unknown role and a short underline are told."""
        self.assertIn("Unknown interpreted text role", parse(":ref:`x`")[1])
        self.assertIn("Title underline too short", parse("A title\n====\n")[1])

    def test_citations(self) -> None:
        """Every section that is cited anywhere is there."""
        found: dict[str, set[str]] = {}
        files = [path for folder in CITING for path in (ROOT / folder).rglob("*")]
        cited = 0
        for path in [*files, *ROOT.glob("*.rst")]:
            if path.suffix in {".py", ".rst", ".sql", ".toml"} and path != Path(__file__):
                for name, section in citations(path.read_text("utf-8")):
                    if name not in found:
                        found[name] = set(sections(document(name)))
                    self.assertIn(section, found[name], f"{path} cites docs/{name}.rst")
                    cited += 1
        self.assertGreater(cited, 20)

    def test_citations_are_seen(self) -> None:
        """All the ways of citing are known."""
        for text, expected in (
            ("(docs/a.rst section 5.3).", [("a", "5.3")]),
            ("docs/a.rst\n    4.3)", [("a", "4.3")]),
            ("in ``docs/a.rst`` sections 5 and 6.1.", [("a", "5"), ("a", "6.1")]),
            ("# docs/a.rst section\n# 2; docs/b.rst", [("a", "2")]),
        ):
            self.assertEqual(citations(text), expected)

    def test_sections_within_a_document(self) -> None:
        """What a specification cites of itself is there, too."""
        for name in ("protocol", "formats", "commands"):
            read = document(name)
            text = " ".join(read.astext().split())
            text = re.sub(r"(docs/\w+\.rst|RFC \d+) section \d+(\.\d+)*", "", text)
            for cited in re.findall(r"sections? (\d+(?:\.\d+)*)", text):
                self.assertIn(cited, sections(read), name)

    def test_vectors(self) -> None:
        """Every file of vectors is named, and no other."""
        listed = {
            cells[0]
            for name, section in (("protocol", "9"), ("formats", "10"))
            for cells in section_rows(name, section)
        }
        self.assertEqual(listed, {path.name for path in (ROOT / "tests/vectors").glob("*.json")})


class ProtocolTests(SynchronousTestCase):
    """docs/protocol.rst."""

    def test_messages(self) -> None:
        """Every message has its row: tag, name, direction, fields with their types and bounds."""
        kinds = tagged(messages, messages.Message)
        table = {int(tag): rest for tag, *rest in section_rows("protocol", "5.5")}
        self.assertEqual(set(table), set(kinds))
        goes = {(True, False): "up", (False, True): "down", (True, True): "both"}
        up, down = get_args(messages.Requests), get_args(messages.Answers)
        for tag, kind in kinds.items():
            name, way, fields, meaning = table[tag]
            self.assertEqual((name, way), (kind.__name__, goes[kind in up, kind in down]))
            said = [field.split(": ", 1) for field in fields.split("; ") if field]
            self.assertEqual([field for field, _ in said], list(kind.__struct_fields__), name)
            for (field, text), real in zip(said, structs.fields(kind), strict=True):
                self.check_type(real.type, text, f"{name}.{field}")
            answer = re.search(r"Answer: (\w+)", meaning)
            self.assertEqual(answer is not None, kind in up and kind not in down, name)
            self.assertIn(answer[1] if answer else "Done", {kind.__name__ for kind in down})

    def check_type(self, real: Any, text: str, where: str) -> None:
        """See that *text* names the type *real*."""
        if array := re.fullmatch(r"array of (\d+ to \d+ )?(.*)", text):
            if array[1]:
                self.assertEqual(numbers(array[1]), bounds(real), where)
                real = get_args(real)[0]
            real, text = get_args(real)[0], array[2]
        if text.startswith(("int, ", "bin of ")):
            self.assertEqual(get_args(real)[0], int if text.startswith("int") else bytes, where)
            self.assertEqual(numbers(text), bounds(real), where)
        else:
            self.assertEqual(real, getattr(messages, text), where)

    def test_types(self) -> None:
        """Every named type has its MessagePack type and its bounds."""
        kinds = {int: "int", bytes: "bin", str: "str"}
        names = {name for name, kind in vars(messages).items() if hasattr(kind, "__metadata__")}
        table = section_rows("protocol", "5.1")
        self.assertEqual({cells[0] for cells in table}, names)
        for name, kind, text in table:
            real = getattr(messages, name)
            self.assertEqual(kind, kinds[get_args(real)[0]], name)
            self.assertEqual(numbers(text)[: len(bounds(real))], bounds(real), name)

    def test_codes(self) -> None:
        """Every refusal code stands there with its number, and no other."""
        table = {name: int(code) for code, name, _ in section_rows("protocol", "6")}
        self.assertEqual(table, {code.name: code.value for code in Code})

    def test_frames(self) -> None:
        """The kinds of frames, the limits before and after a login, the greeting, the sizes."""
        kinds = {int(kind): name for kind, name, _ in section_rows("protocol", "4.2")}
        self.assertEqual(kinds, {kind.value: kind.name for kind in connection.Kind})
        for cells in section_rows("protocol", "2"):
            if cells[1].startswith("MAX_"):
                self.assertEqual(int(cells[2]), getattr(limits, cells[1]))
        text = document("protocol").astext()
        for said in (
            repr(connection.GREETING)[2:-1],
            connection.NK_HFS.name.decode(),
            messages.LOGIN_CONTEXT[:-1].decode(),
            f"client to server, {32 + noise.KEM_PUBLIC + 2 * noise.TAG} bytes",
            f"server to client, {32 + noise.KEM_CIPHERTEXT + 2 * noise.TAG} bytes",
        ):
            self.assertIn(said, text)

    def test_limits(self) -> None:
        """Every limit stands somewhere with its value; those that the wire uses, in section 7."""
        real = {
            name: value
            for name, value in vars(limits).items()
            if name.isupper() and name not in {"KIB", "MIB", "GIB", "BLOB_SIZES"}
        }
        wire, accounts, rest = (
            {cells[0]: int(cells[1]) for cells in section_rows(*place)}
            for place in (("protocol", "7"), ("formats", "2.2"), ("formats", "11"))
        )
        self.assertEqual(wire | accounts | rest, real)
        used = {
            name
            for path in (ROOT / "anoncloud/wire").glob("*.py")
            for name in re.findall(r"\b[A-Z_]+\b", path.read_text("utf-8"))
        }
        self.assertLessEqual(used & set(real), set(wire))


class CommandTests(SynchronousTestCase):
    """docs/commands.rst."""

    def test_exit_codes(self) -> None:
        """Every class of errors stands beside its exit code."""
        table = {
            name: int(code)
            for code, names, _ in section_rows("commands", "4")
            for name in names.split(", ")
            if name
        }
        kinds = classes(errors, AnonymousCloudError)
        self.assertEqual(table, {kind.__name__: kind.exit_code for kind in kinds})

    def test_commands(self) -> None:
        """Every command has its section, which names its options; so do the global ones."""
        read = sections(document("commands"))
        told = {
            section.next_node(parsed.title).astext().split()[-1]: section.astext()
            for key, section in read.items()
            if key.startswith("2.")
        }
        self.assertEqual(list(told), list(COMMANDS))
        context = cli.make_context("anoncloud", [], resilient_parsing=True)
        for name, text in {**told, "": read["1"].astext()}.items():
            command = cli.get_command(context, name) if name else cli
            for parameter in command.params if command else ():
                for option in parameter.opts if parameter.param_type_name == "option" else ():
                    self.assertIn(option, text, name)
        shapes = {cells[0] for cells in section_rows("commands", "3.2")}
        self.assertEqual(shapes, set(COMMANDS))

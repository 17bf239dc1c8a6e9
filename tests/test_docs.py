"""The documents say what the code does: every number, name and citation in them is looked up here.

Tables are read by docutils, not searched as text, so a value stands in the row that it belongs to.
"""

import inspect
import re
from io import StringIO
from pathlib import Path
from typing import Any, get_args

from docutils import nodes
from docutils.core import publish_doctree
from msgspec import Struct, structs
from twisted.trial.unittest import SynchronousTestCase

from anoncloud import errors, limits
from anoncloud.cli.main import COMMANDS, cli
from anoncloud.client import changes, checkpoint, keyring, kit
from anoncloud.crypto import noise
from anoncloud.crypto.derive import Purpose
from anoncloud.errors import AnonymousCloudError, Code
from anoncloud.wire import connection, messages, records
from tests.support.floors import purposes
from tests.support.sources import ROOT, program

DOCUMENTS = sorted([*(ROOT / "docs").glob("*.rst"), *ROOT.glob("*.rst")])
CITING = ("anoncloud", "tests", "twisted", "benchmarks", "docs", "etc")
CITED = re.compile(
    r"docs/(\w+)\.rst,?\s+(?:sections?\s+)?(\d+(?:\.\d+)*(?:(?:,|,?\s+and|\s+to)\s+\d+(?:\.\d+)*)*)"
)


def parse(text: str) -> tuple[nodes.document, str]:
    """Read reStructuredText; give the document, and whatever docutils has to say of it."""
    said = StringIO()
    settings = {"report_level": 1, "halt_level": 5, "warning_stream": said, "_disable_config": True}
    return publish_doctree(text, settings_overrides=settings), said.getvalue()


def document(name: str) -> nodes.document:
    """Read one of the documents."""
    return parse((ROOT / "docs" / f"{name}.rst").read_text("utf-8"))[0]


def number(section: nodes.Element) -> str:
    """Give the number at the beginning of a section's title, or none."""
    found = re.match(r"\d+(\.\d+)*(?= )", section.next_node(nodes.title).astext())
    return found[0] if found else ""


def sections(read: nodes.Element) -> dict[str, nodes.section]:
    """Give the numbered sections of a document."""
    return {number(section): section for section in read.findall(nodes.section) if number(section)}


def rows(read: nodes.Element) -> list[list[str]]:
    """Give the cells of every row of every table, without the heads."""
    return [
        [" ".join(cell.astext().split()) for cell in row.findall(nodes.entry)]
        for body in read.findall(nodes.tbody)
        for row in body.findall(nodes.row)
    ]


def section_rows(name: str, wanted: str) -> list[list[str]]:
    """Give the rows of the tables in one numbered section."""
    return rows(sections(document(name))[wanted])


def citations(text: str) -> list[tuple[str, str]]:
    """Give (document, section) for each section that *text* cites."""
    plain = re.sub(r"\s+#?\s*", " ", text.replace("`", ""))
    return [
        (cited[1], one)
        for cited in CITED.finditer(plain)
        for one in re.findall(r"\d+(?:\.\d+)*", cited[2])
    ]


def bounds(kind: Any) -> list[int]:
    """Give the bounds in an annotated type: one number if only one length will do."""
    (meta,) = get_args(kind)[1:]
    if meta.ge is not None:
        return [meta.ge, meta.le if meta.le is not None else meta.lt - 1]
    return sorted({meta.min_length or 0, meta.max_length})


def numbers(text: str) -> list[int]:
    """Give the whole numbers in *text*."""
    return [int(found) for found in re.findall(r"\b\d+\b", text)]


def classes(module: Any, base: type[Any]) -> list[Any]:
    """Give *base* and the classes below it that *module* has."""
    return [
        kind for kind in vars(module).values() if inspect.isclass(kind) and issubclass(kind, base)
    ]


def tagged(module: Any, base: type[Struct]) -> dict[int, Any]:
    """Give the classes below *base* by their tags."""
    kinds = (kind for kind in classes(module, base) if kind is not base)
    return {kind.__struct_config__.tag: kind for kind in kinds}


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
        if text.startswith("array of "):
            real, text = get_args(real)[0], text.removeprefix("array of ")
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


class FormatTests(SynchronousTestCase):
    """docs/formats.rst."""

    def test_purposes(self) -> None:
        """Every purpose stands there with its bytes and the function that it is used with."""
        table = {name: (raw, how) for name, raw, how, *_ in section_rows("formats", "1.2")}
        self.assertEqual(
            {name: raw for name, (raw, _) in table.items()},
            {purpose.name: purpose.value.decode() for purpose in Purpose},
        )
        for name, uses in purposes(program()).items():
            self.assertEqual({how for _, how, _ in uses}, {table[name][1]}, name)

    def test_operations(self) -> None:
        """Every operation stands there with its tag and its fields, and has a rule."""
        kinds = tagged(changes, changes.Operation)
        table = [cells for cells in section_rows("formats", "6.1") if cells[0].isdigit()]
        self.assertEqual(
            {int(tag): (name, fields.split(", ")) for tag, name, fields, _ in table},
            {tag: (kind.__name__, list(kind.__struct_fields__)) for tag, kind in kinds.items()},
        )
        ruled = {cells[0] for cells in section_rows("formats", "6.3")}
        self.assertEqual(ruled, {kind.__name__ for kind in kinds.values()})

    def test_fields(self) -> None:
        """What is encoded as an array has the fields that are told, in their order."""
        for section, kind in (
            ("2.1", kit._Content),
            ("2.3", keyring._Content),
            ("5.1", records.Header),
            ("7", checkpoint.Place),
        ):
            told = [cells[0] for cells in section_rows("formats", section)]
            self.assertEqual(told, list(kind.__struct_fields__), section)
        whole = {cells[0]: cells[2] for cells in section_rows("formats", "6.1") if len(cells) == 3}
        self.assertEqual(whole["version"].split(", "), list(changes.Version.__struct_fields__))
        kinds = [changes.Version, *tagged(changes, changes.Operation).values()]
        named = {field for kind in kinds for field in kind.__struct_fields__}
        self.assertLessEqual(named, set(whole))

    def test_padding(self) -> None:
        """The examples of the padding are true."""
        text = sections(document("formats"))["5.4"].astext()
        examples = re.findall(r"P\((\d+)\) = (\d+)", text)
        self.assertGreater(len(examples), 3)
        for length, padded in examples:
            self.assertEqual(changes.padded_length(int(length)), int(padded))


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
            section.next_node(nodes.title).astext().split()[-1]: section.astext()
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

"""Read the documents: their sections, the cells of their tables, what they cite of each other.

Tables are read by docutils, not searched as text, so a value stands in the row that it belongs to.
"""

import inspect
import re
from io import StringIO
from typing import Any, get_args

import attrs
from docutils import nodes as parsed
from docutils.core import publish_doctree
from msgspec import Struct

from tests.support.sources import ROOT

CITED = re.compile(
    r"docs/(\w+)\.rst,?\s+(?:sections?\s+)?(\d+(?:\.\d+)*(?:(?:,|,?\s+and|\s+to)\s+\d+(?:\.\d+)*)*)"
)


def parse(text: str) -> tuple[parsed.document, str]:
    """Read reStructuredText; give the document, and whatever docutils has to say of it."""
    said = StringIO()
    settings = {"report_level": 1, "halt_level": 5, "warning_stream": said, "_disable_config": True}
    return publish_doctree(text, settings_overrides=settings), said.getvalue()


def document(name: str) -> parsed.document:
    """Read one of the documents."""
    return parse((ROOT / "docs" / f"{name}.rst").read_text("utf-8"))[0]


def number(section: parsed.Element) -> str:
    """Give the number at the beginning of a section's title, or none."""
    found = re.match(r"\d+(\.\d+)*(?= )", section.next_node(parsed.title).astext())
    return found[0] if found else ""


def sections(read: parsed.Element) -> dict[str, parsed.section]:
    """Give the numbered sections of a document."""
    return {number(section): section for section in read.findall(parsed.section) if number(section)}


def rows(read: parsed.Element) -> list[list[str]]:
    """Give the cells of every row of every table, without the heads."""
    return [
        [" ".join(cell.astext().split()) for cell in row.findall(parsed.entry)]
        for body in read.findall(parsed.tbody)
        for row in body.findall(parsed.row)
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
    if meta.ge is not None and meta.le is None and meta.lt is None:
        return [meta.ge]
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


def fields_of(kind: Any) -> list[str]:
    """Give the names of what *kind* is made of, in order."""
    for names in ("__struct_fields__", "_fields"):
        if hasattr(kind, names):
            return list(getattr(kind, names))
    return [field.name for field in attrs.fields(kind)]


def tagged(module: Any, base: type[Struct]) -> dict[int, Any]:
    """Give the classes below *base* by their tags."""
    kinds = (kind for kind in classes(module, base) if kind is not base)
    return {kind.__struct_config__.tag: kind for kind in kinds}

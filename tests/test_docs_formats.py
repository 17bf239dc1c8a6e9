"""docs/formats.rst says what the code does; so do the tables of ``tests.test_docs``."""

import re
from typing import get_args

from msgspec import structs
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client import checkpoint, keyring, kit
from anoncloud.client.transfers import fingerprints
from anoncloud.client.tree import affairs, changes, nodes, rules, versions
from anoncloud.crypto.derive import Purpose
from anoncloud.wire import records
from tests.support.documents import (
    bounds,
    document,
    fields_of,
    numbers,
    section_rows,
    sections,
    tagged,
)
from tests.support.floors import purposes
from tests.support.sources import program


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
        self.assertEqual(set(rules._RULES), set(kinds.values()))

    def test_fields(self) -> None:
        """What is encoded as an array has the fields that are told, in their order."""
        for section, kind in (
            ("2.1", kit._Content),
            ("2.3", keyring._Content),
            ("5.1", records.Header),
            ("6.4", versions.Stream),
            ("6.5", fingerprints.Entry),
            ("6.7", changes.Delivery),
            ("7", checkpoint.Place),
        ):
            told = [cells[0] for cells in section_rows("formats", section)]
            self.assertEqual(told, fields_of(kind), section)
        whole = {cells[0]: cells[2] for cells in section_rows("formats", "6.1") if len(cells) == 3}
        self.assertEqual(whole["version"].split(", "), fields_of(versions.Version))
        kinds = [versions.Version, *tagged(changes, changes.Operation).values()]
        named = {field for kind in kinds for field in fields_of(kind)}
        self.assertEqual(named, set(whole))

    def test_bounds(self) -> None:
        """Fields with bounds of their own have those that the code checks."""
        kinds = [*tagged(changes, changes.Operation).values(), versions.Version, versions.Stream]
        real = {
            field.name: bounds(field.type)
            for kind in kinds
            for field in structs.fields(kind)
            if hasattr(field.type, "__metadata__")
        }
        told = {
            cells[0]: cells[2]
            for section in ("6.4", "6.1")
            for cells in section_rows("formats", section)
            if not cells[0].isdigit()
        }
        self.assertLessEqual({"name", "mode", "digest", "streams", "pieces", "target"}, set(real))
        for name, numbered in real.items():
            if name != "modified":  # 64 bits with sign, in words
                self.assertEqual(numbers(told[name])[: len(numbered)], numbered, name)

    def test_checkpoint(self) -> None:
        """The arrays in a checkpoint are told with their tags and fields, in order."""
        text = " ".join(sections(document("formats"))["7"].astext().split())
        for kind in get_args(nodes.Node):
            array = ", ".join([str(kind.__struct_config__.tag), *fields_of(kind)])
            self.assertIn(f"[{array}]", text)
        self.assertIn(f"[{', '.join(fields_of(nodes.Kept))}]", text)
        for kind in (
            affairs.Device,
            affairs.Affairs,
            affairs.AccountKeys,
            affairs.ServerKey,
            affairs.Note,
            affairs.Acceptance,
        ):
            self.assertIn(f"[{', '.join(fields_of(kind))}]", text)
        told = re.findall(r"(newest|nodes|blobs|devices|affairs)[:,] ", text)
        self.assertEqual(told, fields_of(checkpoint._Content))

    def test_pieces(self) -> None:
        """A piece's fields are told in order."""
        text = sections(document("formats"))["6.4"].astext()
        told = text[text.index("A piece is an array") :]
        places = [told.index(field) for field in versions.Piece._fields]
        self.assertEqual(places, sorted(places))

    def test_fingerprints(self) -> None:
        """An entry's lengths, and from where on a stream has a list."""
        lengths = [int(cells[1]) for cells in section_rows("formats", "6.5")]
        self.assertEqual(lengths, [fingerprints.FINGERPRINT, fingerprints.ANCHOR])
        text = sections(document("formats"))["6.5"].astext()
        self.assertIn(f"less than {fingerprints.WORTHWHILE} bytes", text)
        self.assertIn(f"an entry of {fingerprints.ENTRY} bytes", text)

    def test_padding(self) -> None:
        """The examples of the padding are true."""
        text = sections(document("formats"))["5.4"].astext()
        examples = re.findall(r"P\((\d+)\) = (\d+)", text)
        self.assertGreater(len(examples), 3)
        for length, padded in examples:
            self.assertEqual(changes.padded_length(int(length)), int(padded))

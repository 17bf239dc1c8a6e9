"""Journal records: a clear header, a body bound to it, and hashes of the very bytes."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.crypto.boxes import open_box, seal
from anoncloud.crypto.derive import Purpose, digest
from anoncloud.crypto.keys import SealingKey
from anoncloud.errors import ProtocolBroken, Tampered
from anoncloud.limits import MAX_BLOBS_PER_RECORD, MAX_RECORD
from anoncloud.wire.records import (
    FORMAT,
    Header,
    encode_header,
    genesis_hash,
    join,
    record_hash,
    take_apart,
)
from tests.support.damage import cuts, flip, flips
from tests.support.entropy import counting
from tests.support.strategies import headers
from tests.support.vectors import load

HEADER = Header(FORMAT, b"d" * 16, 1, 2, b"p" * 32, (b"a" * 16,), ())
KEY = SealingKey(bytes(range(32)))
bodies = st.binary(min_size=1, max_size=200)


def packed(*fields: object) -> bytes:
    """Pack a header of any fields."""
    return msgspec.msgpack.encode(fields)


class RecordTests(SynchronousTestCase):
    """Together and apart."""

    def test_frozen(self) -> None:
        """A recorded journal comes out byte for byte, and its chain holds."""
        vectors = load("records")
        drive = bytes.fromhex(vectors["drive"])
        previous = genesis_hash(drive)
        self.assertEqual(previous.hex(), vectors["genesis"])
        for vector in vectors["records"]:
            adds, drops = (tuple(map(bytes.fromhex, vector[name])) for name in ("adds", "drops"))
            header = Header(FORMAT, drive, vector["epoch"], vector["number"], previous, adds, drops)
            record = bytes.fromhex(vector["record"])
            body = bytes.fromhex(vector["body"])
            self.assertEqual(encode_header(header).hex(), vector["place"])
            self.assertEqual(join(encode_header(header), body), record)
            apart = take_apart(record)
            self.assertEqual((apart.header, apart.body), (header, body))
            self.assertEqual(apart.place.hex(), vector["place"])
            self.assertEqual(header.previous.hex(), vector["previous"])
            previous = record_hash(record)
            self.assertEqual(previous.hex(), vector["hash"])

    @given(headers, bodies)
    def test_round_trip(self, header: Header, body: bytes) -> None:
        """Any record comes apart as it was joined."""
        place = encode_header(header)
        apart = take_apart(join(place, body))
        self.assertEqual((apart.header, apart.place, apart.body), (header, place, body))

    @given(headers, bodies, st.data())
    def test_body_is_bound_to_its_record(
        self, header: Header, body: bytes, data: st.DataObject
    ) -> None:
        """A flipped bit in a record is noticed: it is no record, or its body stays shut."""
        place = encode_header(header)
        record = join(place, seal(KEY, body, place, counting()))
        apart = take_apart(record)
        self.assertEqual(open_box(KEY, apart.body, apart.place, "a record"), body)
        changed = flip(record, data.draw(st.integers(0, len(record) * 8 - 1)))
        self.assertNotEqual(record_hash(changed), record_hash(record))
        with self.assertRaises((ProtocolBroken, Tampered)):
            apart = take_apart(changed)
            open_box(KEY, apart.body, apart.place, "a record")

    def test_every_flip_and_cut_of_one(self) -> None:
        """The whole sweep over one short record."""
        place = encode_header(HEADER)
        record = join(place, seal(KEY, b"body", place, counting()))
        for changed in (*flips(record), *cuts(record), record + b"\x00"):
            with self.assertRaises((ProtocolBroken, Tampered)):
                apart = take_apart(changed)
                open_box(KEY, apart.body, apart.place, "a record")

    @given(st.binary(max_size=200))
    def test_arbitrary_bytes(self, record: bytes) -> None:
        """Any bytes are a record or break the protocol."""
        try:
            apart = take_apart(record)
        except ProtocolBroken:
            return
        self.assertEqual(join(apart.place, apart.body), record)

    def test_lengths(self) -> None:
        """A record needs a body, and is at most as long as the protocol allows."""
        place = encode_header(HEADER)
        for wrong in (b"", bytes(3), bytes(4), join(place, b""), b"\xff" * 40, bytes(4) + b"body"):
            self.assertRaises(ProtocolBroken, take_apart, wrong)
        room = MAX_RECORD - len(join(place, b""))
        self.assertEqual(len(take_apart(join(place, bytes(room))).body), room)
        self.assertRaises(ProtocolBroken, take_apart, join(place, bytes(room + 1)))

    def test_header_bounds(self) -> None:
        """Each field of a header has its type and bounds, and there are exactly seven."""
        good = [1, b"d" * 16, 0, 1, b"p" * 32, [], []]
        take_apart(join(packed(*good), b"body"))
        for place, values in (
            (0, (0, 2, -1, None, True, "1")),
            (1, (b"", b"d" * 15, b"d" * 17, "d" * 16, None)),
            (2, (-1, 2**63, 1.0, None)),
            (3, (0, -1, 2**63, True)),
            (4, (b"", b"p" * 31, b"p" * 33, None)),
            (5, (None, [b"short"], [None], b"", {}, [b"a" * 16] * (MAX_BLOBS_PER_RECORD + 1))),
            (
                6,
                (
                    None,
                    [b"short"],
                    [b"a" * 16, b"a" * 17],
                    [b"a" * 16] * (MAX_BLOBS_PER_RECORD + 1),
                ),
            ),
        ):
            for value in values:
                wrong = packed(*good[:place], value, *good[place + 1 :])
                self.assertRaises(ProtocolBroken, take_apart, join(wrong, b"body"))
        for wrong in (
            packed(*good, 1),
            packed(*good[:-1]),
            packed(),
            packed(*good) + b"\x00",
            b"\x91" * 99_999,
        ):
            self.assertRaises(ProtocolBroken, take_apart, join(wrong, b"body"))

    def test_as_many_blobs_as_allowed(self) -> None:
        """A record may name as many blobs as the limit says, in both lists."""
        most = (b"a" * 16,) * MAX_BLOBS_PER_RECORD
        header = Header(FORMAT, b"d" * 16, 0, 1, b"p" * 32, most, most)
        record = join(encode_header(header), b"body")
        self.assertEqual(take_apart(record).header, header)

    def test_nothing_shown(self) -> None:
        """A record's repr does not hold its body."""
        self.assertNotIn("planted", repr(take_apart(join(encode_header(HEADER), b"planted"))))


class HashTests(SynchronousTestCase):
    """What chains a journal."""

    def test_purposes(self) -> None:
        """Records and beginnings are hashed for different purposes, each drive for itself."""
        self.assertEqual(record_hash(b"d" * 16), digest(Purpose.RECORD_HASH, b"d" * 16))
        self.assertEqual(genesis_hash(b"d" * 16), digest(Purpose.GENESIS_HASH, b"d" * 16))
        self.assertNotEqual(record_hash(b"d" * 16), genesis_hash(b"d" * 16))
        self.assertNotEqual(genesis_hash(b"d" * 16), genesis_hash(b"e" * 16))
        self.assertEqual(len(record_hash(b"")), 32)

    def test_bytes_that_came(self) -> None:
        """Two encodings of one header are two records with two hashes; neither is re-encoded."""
        place = encode_header(HEADER)
        longer = place[:1] + b"\xcc\x01" + place[2:]  # the format, 1, in two bytes
        one, two = join(place, b"body"), join(longer, b"body")
        self.assertEqual(take_apart(one).header, take_apart(two).header)
        self.assertEqual(take_apart(two).place, longer)
        self.assertNotEqual(record_hash(one), record_hash(two))

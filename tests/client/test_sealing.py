"""Changes into records and back: each opens at its own place, and nowhere else."""

from typing import Any

import attrs
from hypothesis import given
from msgspec import structs
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.sealing import open_record, seal_record
from anoncloud.client.tree.changes import Change, encode_change
from anoncloud.crypto.keys import DriveKey
from anoncloud.errors import ProtocolBroken, Tampered
from anoncloud.wire import records
from tests.support.client_samples import CHANGES, DRIVE, SAMPLE_KEYRING, blob
from tests.support.client_strategies import all_changes
from tests.support.damage import cuts, flip
from tests.support.entropy import counting, replaying
from tests.support.vectors import load

HEADER = records.Header(records.FORMAT, DRIVE, 1, 4, b"p" * 32, (blob(0),), (blob(1),))


def sealed(header: records.Header = HEADER, change: Change = CHANGES[0]) -> bytes:
    """Seal a record."""
    return seal_record(SAMPLE_KEYRING, header, change, counting())


class RecordTests(SynchronousTestCase):
    """Sealed and opened."""

    def test_frozen(self) -> None:
        """Every operation is sealed as recorded, and opens again."""
        vectors = load("changes")
        nonce, previous = bytes.fromhex(vectors["nonce"]), records.genesis_hash(DRIVE)
        epoch = 0
        self.assertEqual(len(vectors["records"]), len(CHANGES))
        for number, (vector, change) in enumerate(zip(vectors["records"], CHANGES, strict=True), 1):
            body = bytes.fromhex(vector["body"]).ljust(vector["body_length"], b"\x00")
            self.assertEqual(encode_change(change), body)
            adds, drops = (
                tuple(bytes.fromhex(one) for one in vector[name]) for name in ("adds", "drops")
            )
            header = records.Header(records.FORMAT, DRIVE, epoch, number, previous, adds, drops)
            record = seal_record(SAMPLE_KEYRING, header, change, replaying(nonce))
            self.assertEqual(record.hex(), vector["record"])
            previous = records.record_hash(record)
            self.assertEqual(previous.hex(), vector["hash"])
            self.assertEqual(open_record(SAMPLE_KEYRING, records.take_apart(record)), change)
            epoch += vector["operations"].count("NewEpoch")
        self.assertEqual(epoch, SAMPLE_KEYRING.epoch)

    @given(all_changes)
    def test_round_trip(self, change: Change) -> None:
        """Any change opens as it was sealed."""
        apart = records.take_apart(sealed(change=change))
        self.assertEqual(apart.header, HEADER)
        self.assertEqual(open_record(SAMPLE_KEYRING, apart), change)

    def test_nothing_in_clear(self) -> None:
        """No name of a file stands in a record, and its length tells little."""
        self.assertNotIn(b"papers", sealed())
        lengths = {len(sealed(change=Change(0, CHANGES[0].operations[:n]))) for n in range(4)}
        self.assertEqual(len(lengths), 1)

    def test_older_epoch(self) -> None:
        """A record of an older epoch opens with that epoch's key."""
        old = structs.replace(HEADER, epoch=0)
        record = records.take_apart(sealed(old))
        self.assertEqual(open_record(SAMPLE_KEYRING, record), CHANGES[0])


class TamperedTests(SynchronousTestCase):
    """What does not open."""

    def refused(self, record: records.Record, keyring: Any = SAMPLE_KEYRING) -> None:
        """See that a record is refused, by its number."""
        error = self.assertRaises(Tampered, open_record, keyring, record)
        self.assertIn(f"record {record.header.number} ", str(error))

    def test_flipped_and_cut(self) -> None:
        """A changed or missing bit anywhere is refused: in the header, or when it is opened."""
        whole = sealed()
        damaged = [flip(whole, bit) for bit in range(0, len(whole) * 8, 3)]
        for each in (*damaged, *cuts(whole)):
            try:
                apart = records.take_apart(each)
            except ProtocolBroken:
                continue
            self.refused(apart)

    def test_another_place(self) -> None:
        """A body opens under no other header."""
        body = records.take_apart(sealed()).body
        for header in (
            structs.replace(HEADER, number=5),
            structs.replace(HEADER, drive=b"e" * 16),
            structs.replace(HEADER, previous=b"q" * 32),
            structs.replace(HEADER, epoch=0),
            structs.replace(HEADER, adds=()),
            structs.replace(HEADER, drops=(blob(1), blob(2))),
        ):
            place = records.encode_header(header)
            self.refused(records.take_apart(records.join(place, body)))

    def test_another_encoding(self) -> None:
        """What is bound is the header's bytes, not what they mean."""
        apart = records.take_apart(sealed())
        longer = apart.place.replace(b"\x01\xc4\x10", b"\xcc\x01\xc4\x10", 1)
        other = records.take_apart(records.join(longer, apart.body))
        self.assertEqual(other.header, apart.header)
        self.refused(other)

    def test_another_key(self) -> None:
        """Without the drive's key nothing opens."""
        other = attrs.evolve(SAMPLE_KEYRING, epochs=(DriveKey(b"o" * 32),) * 2)
        self.refused(records.take_apart(sealed()), other)

    def test_unknown_epoch(self) -> None:
        """An epoch whose key is not on the keyring is named."""
        for epoch in (2, 2**63 - 1):
            place = records.encode_header(structs.replace(HEADER, epoch=epoch))
            self.refused(records.take_apart(records.join(place, bytes(600))))

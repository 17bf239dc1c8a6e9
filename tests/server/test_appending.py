"""The rules of what may follow a head, one by one."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import Code, Refused
from anoncloud.limits import MAX_RECORD
from anoncloud.server.appending import (
    check_follows,
    check_quota,
    check_wanted,
    over_quota,
    read_header,
    unknown_blob,
)
from anoncloud.server.contracts import Head, Usage
from anoncloud.wire.records import Header
from tests.support.damage import cuts
from tests.support.server import ADA, BOB, blob_name, record

ONE, TWO = blob_name(1), blob_name(2)
HEAD = Head(4, bytes(range(32)))
sizes = st.integers(0, 2**50)


class RuleTestCase(SynchronousTestCase):
    """A test of a rule that refuses."""

    def refused(self, code: Code, rule: object, *arguments: object) -> Refused:
        """See that a rule refuses with *code*, and says what to do."""
        refusal = self.assertRaises(Refused, rule, *arguments)
        self.assertEqual(refusal.code, code)
        self.assertTrue(refusal.message and refusal.hint)
        return refusal


class HeaderTests(RuleTestCase):
    """Reading a record's header."""

    def test_read(self) -> None:
        """The header of a good record is given."""
        header = read_header(ADA.drive, record(ADA.drive, HEAD, (ONE,), (TWO,)))
        self.assertEqual(header, Header(1, ADA.drive, 0, 5, HEAD.hash, (ONE,), (TWO,)))

    def test_cut(self) -> None:
        """A record that is cut within its header, or at its end, is none."""
        whole = record(ADA.drive, HEAD, (ONE,), body=b"b")
        for part in cuts(whole):
            self.refused(Code.RECORD_INVALID, read_header, ADA.drive, part)

    def test_too_long(self) -> None:
        """The longest record is taken, and one byte more is not."""
        rest = MAX_RECORD - len(record(ADA.drive, HEAD, body=b""))
        read_header(ADA.drive, record(ADA.drive, HEAD, body=bytes(rest)))
        longer = record(ADA.drive, HEAD, body=bytes(rest + 1))
        self.refused(Code.RECORD_INVALID, read_header, ADA.drive, longer)

    def test_wrong(self) -> None:
        """Another drive's record, and one that names a blob twice, are refused."""
        for wrong in (
            record(BOB.drive, HEAD),
            record(ADA.drive, HEAD, (ONE, TWO, ONE)),
            record(ADA.drive, HEAD, (), (TWO, ONE, TWO)),
            record(ADA.drive, HEAD, (ONE, TWO), (TWO,)),
        ):
            self.refused(Code.RECORD_INVALID, read_header, ADA.drive, wrong)

    @given(st.binary(max_size=200))
    def test_anything(self, content: bytes) -> None:
        """Bytes that are no record are refused, and nothing else happens."""
        self.refused(Code.RECORD_INVALID, read_header, ADA.drive, content)


class FollowTests(RuleTestCase):
    """Following a head."""

    def test_follows(self) -> None:
        """Only the next number with the head's hash follows it."""

        def header(number: int, previous: bytes) -> Header:
            return Header(1, ADA.drive, 0, number, previous, (), ())

        check_follows(header(5, HEAD.hash), HEAD)
        for number, previous in ((4, HEAD.hash), (6, HEAD.hash), (5, bytes(32)), (1, bytes(32))):
            refusal = self.refused(Code.HEAD_MOVED, check_follows, header(number, previous), HEAD)
            self.assertIn("4", refusal.message)


class QuotaTests(RuleTestCase):
    """Full drives."""

    def header(self, *adds: bytes) -> Header:
        """Make a header that adds blobs."""
        return Header(1, ADA.drive, 0, 5, HEAD.hash, adds, ())

    def test_check_quota(self) -> None:
        """A drive over its quota, not one that is just full, gets no more blobs."""
        for usage in (Usage(10, 99, 10), Usage(11, 0, 0), Usage(0, 0, 10)):
            check_quota(usage, self.header(ONE))
        check_quota(Usage(11, 0, 10), self.header())
        self.refused(Code.QUOTA, check_quota, Usage(11, 0, 10), self.header(ONE))

    @given(sizes, sizes, sizes, sizes)
    def test_room(self, stored: int, dropped: int, quota: int, length: int) -> None:
        """Room is up to the quota, and up to twice of it together with dropped blobs."""
        room = Usage(stored, dropped, quota).has_room(length)
        total = stored + length
        self.assertEqual(room, not quota or (total <= quota and total + dropped <= 2 * quota))
        if room and length:
            self.assertTrue(Usage(stored, dropped, quota).has_room(length - 1))

    def test_incoming(self) -> None:
        """What is coming in counts as stored."""
        self.assertEqual(Usage(1, 2, 3).with_incoming(40), Usage(41, 2, 3))

    def test_wanted(self) -> None:
        """A new blob is wanted if there is room; what the drive has never is, though it is full."""
        full, empty = Usage(10, 0, 10), Usage(0, 0, 10)
        self.assertIs(check_wanted(None, ADA.drive, empty, 10), True)
        self.assertIs(check_wanted(ADA.drive, ADA.drive, full, 10), False)
        self.refused(Code.QUOTA, check_wanted, None, ADA.drive, full, 1)
        for usage in (full, empty):
            self.refused(Code.NOT_ALLOWED, check_wanted, BOB.drive, ADA.drive, usage, 1)

    def test_words(self) -> None:
        """Who is full is told how full; nobody is told a blob's name."""
        refusal = over_quota(Usage(11, 3, 10), 0)
        self.assertIn("11", refusal.message)
        self.assertIn("10", refusal.message)
        self.assertIn("--forever", refusal.hint)
        kept = over_quota(Usage(0, 777, 400), 400)
        self.assertIn("777", kept.message)
        self.assertNotIn("--forever", kept.hint)
        self.assertIn("stores 0", over_quota(Usage(0, 777, 400), 401).message)
        self.assertEqual(unknown_blob().code, Code.BLOB_UNKNOWN)

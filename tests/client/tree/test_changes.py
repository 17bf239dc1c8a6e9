"""Changes as bytes: every operation, every bound, padding that is checked."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.tree import changes
from anoncloud.client.tree.changes import Change, decode_change, encode_change, padded_length
from anoncloud.errors import Tampered
from anoncloud.limits import MAX_DEVICES, MIN_RECORD_BODY
from tests.support.client_samples import CHANGES, FILE, SHORT, version
from tests.support.client_strategies import all_changes
from tests.support.damage import cuts, flips


def body(content: object) -> bytes:
    """Pad anything as a change is."""
    encoded = msgpack.encode(content)
    whole = len(encoded).to_bytes(4, "big") + encoded
    return whole + bytes(padded_length(len(whole)) - len(whole))


class FormatTests(SynchronousTestCase):
    """Round trip and damage."""

    @given(all_changes)
    def test_round_trip(self, change: Change) -> None:
        """A change is read as it was written."""
        self.assertEqual(decode_change(encode_change(change)), change)

    def test_samples(self) -> None:
        """The samples use every operation, and tags go on without a gap."""
        used = {type(one) for change in CHANGES for one in change.operations}
        known = set(changes.Operation.__subclasses__())
        self.assertEqual(used, known)
        tags = sorted(kind.__struct_config__.tag for kind in known)
        self.assertEqual(tags, list(range(1, len(known) + 1)))

    def test_cut(self) -> None:
        """A change that is cut short is refused, unless only zeros are missing."""
        whole = encode_change(CHANGES[0])
        used = len(whole.rstrip(b"\x00"))
        for cut in cuts(whole):
            if len(cut) < used:
                self.assertRaises(Tampered, decode_change, cut)

    def test_flipped(self) -> None:
        """Any bit that is turned over is refused, or gives another change."""
        whole = encode_change(CHANGES[0])
        for flipped in flips(whole):
            try:
                read = decode_change(flipped)
            except Tampered:
                continue
            self.assertNotEqual(read, CHANGES[0])

    def test_padding_is_zeros(self) -> None:
        """Nothing is smuggled behind a change."""
        whole = encode_change(Change(0, ()))
        self.assertRaises(Tampered, decode_change, whole[:-1] + b"\x01")
        self.assertEqual(decode_change(whole + bytes(9)), Change(0, ()))

    @given(st.binary(max_size=200))
    def test_garbage(self, garbage: bytes) -> None:
        """Bytes that are no change are refused, and nothing else happens."""
        try:
            read = decode_change(garbage)
        except Tampered:
            return
        self.assertEqual(decode_change(encode_change(read)), read)

    def test_nested(self) -> None:
        """Arrays in arrays without end are refused."""
        self.assertRaises(Tampered, decode_change, (5000).to_bytes(4, "big") + b"\x91" * 5000)

    def test_unknown_operation(self) -> None:
        """An operation of a later version refuses the whole record, and asks for an update."""
        error = self.assertRaises(Tampered, decode_change, body([0, [[7, 1], [99, 1]]]))
        self.assertIn("update", error.hint)

    def test_strict(self) -> None:
        """A missing, a surplus or a mistyped field, and one out of bounds, are refused."""
        trash = [5, 12]
        self.assertEqual(decode_change(body([3, [trash]])), Change(3, (changes.Trash(FILE),)))
        for operation in (
            [5],
            [5, 12, 0],
            [5, b"12"],
            [5, 12.0],
            [5, True],
            {"node": 12},
            [1, 1, 0, b"", 0, 0],
            [1, 1, 0, b"n" * 256, 0, 0],
            [1, 1, 0, "name", 0, 0],
            [1, 1, 0, b"n", 2**63, 0],
            [1, 1, 0, b"n", 0, 0o10000],
            [1, 1, 0, b"n", 0, -1],
            [8, bytes(31), bytes(32), b"n"],
            [8, bytes(32), bytes(33), b"n"],
            [8, bytes(32), b"n"],
            [15, bytes(32), b""],
            [16, 0, bytes(32), [[bytes(32), bytes(104)]]],
            [16, 128, bytes(32), [[bytes(32), bytes(104)]]],
            [16, 1, bytes(31), [[bytes(32), bytes(104)]]],
            [16, 1, bytes(32), []],
            [16, 1, bytes(32), [[bytes(32), bytes(103)]]],
            [16, 1, bytes(32), [[bytes(32), bytes(104), 0]]],
            [16, 1, bytes(32), [[bytes(32), bytes(104)]] * 66],
            [17, bytes(32), bytes(32), bytes(63)],
            [18, 0, 1, 1],
            [18, 6, 1, 1],
            [18, 1, 0, 1],
            [18, 1, 1, 2**32],
            [19, bytes(32), bytes(32), bytes(65)],
            [10, 1, 0, b"n", b"", 0],
            [10, 1, 0, b"n", b"t" * 4096, 0],
            [12, 1, 0],
            [13, 1, bytes(33), [], []],
            [13, 1, bytes(32), [[bytes(16), 0]], []],
        ):
            self.assertRaises(Tampered, decode_change, body([3, [operation]]))

    def test_most_deliveries(self) -> None:
        """A new key goes to 65 members: every device that there can be, and the account."""
        most = [16, 127, bytes(32), [[bytes(32), bytes(104)]] * (MAX_DEVICES + 1)]
        (read,) = decode_change(body([0, [most]])).operations
        self.assertEqual((read.epoch, len(read.deliveries)), (127, 65))

    def test_version_bounds(self) -> None:
        """A version has 1 to 64 streams, up to 4096 pieces and a digest of 16 bytes."""
        streams = [[bytes(32), 0, []]]
        for modified, mode, digest, laid, pieces in (
            (0, 0, bytes(16), [], []),
            (0, 0, bytes(16), streams * 65, []),
            (0, 0, bytes(16), streams, [[0, 0, 0]] * 4097),
            (0, 0, bytes(15), streams, []),
            (0, 0o10000, bytes(16), streams, []),
            (0, 0, bytes(16), [[bytes(32), -1, []]], []),
            (0, 0, bytes(16), [[bytes(31), 0, []]], []),
        ):
            put = [3, 1, [modified, mode, digest, laid, pieces]]
            self.assertRaises(Tampered, decode_change, body([0, [put]]))
        most = [3, 1, [0, 0, bytes(16), [[bytes(32), 0, [], []]] * 64, [[0, 0, 0]] * 4096]]
        (read,) = decode_change(body([0, [most]])).operations
        self.assertEqual((len(read.version.streams), len(read.version.pieces)), (64, 4096))


class PaddingTests(SynchronousTestCase):
    """How long a body is."""

    @given(st.integers(0, 4 * 2**20))
    def test_bounds(self, length: int) -> None:
        """Nothing is padded to less than 512, nor by more than an eighth, and never twice."""
        padded = padded_length(length)
        self.assertGreaterEqual(padded, max(length, MIN_RECORD_BODY))
        self.assertLessEqual(padded, max(length * 9 / 8, MIN_RECORD_BODY))
        self.assertEqual(padded_length(padded), padded)

    @given(st.integers(0, 2**20), st.integers(0, 2**20))
    def test_in_order(self, one: int, two: int) -> None:
        """What is longer is not padded to less."""
        shorter, longer = sorted((one, two))
        self.assertLessEqual(padded_length(shorter), padded_length(longer))

    def test_few_lengths(self) -> None:
        """All lengths up to 1 MiB come out as a few hundred."""
        lengths = {padded_length(length) for length in range(0, 2**20, 97)}
        self.assertLess(len(lengths), 300)

    def test_whole_body(self) -> None:
        """A body is as long as its length says, and tells nothing of a short name's length."""
        short = changes.PutFile(FILE, 0, b"a", SHORT)
        long = changes.PutFile(FILE, 0, b"a" * 60, version(*SHORT.streams))
        one, other = (encode_change(Change(0, (put,))) for put in (short, long))
        self.assertEqual((len(one), len(other)), (MIN_RECORD_BODY, MIN_RECORD_BODY))

"""Messages: frozen bytes, bounds in the types, and nothing else is let in."""

import inspect
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import ProtocolBroken
from anoncloud.limits import (
    BULK_BLOB,
    MAX_ACCOUNT_NAME,
    MAX_CREDIT,
    MAX_DEVICES,
    MAX_KEYRING,
    MAX_PAIRING_MESSAGE,
    MAX_SENTENCE,
    MAX_STATEMENTS,
    MAX_UNSTAGE,
)
from anoncloud.wire import messages
from anoncloud.wire.messages import answer_decoder, decode, encode, request_decoder
from tests.support.damage import cuts
from tests.support.samples import ANSWERS, MESSAGES, REQUESTS
from tests.support.strategies import client_messages, server_messages
from tests.support.vectors import load

DECODERS = (request_decoder, answer_decoder)
CLASSES = {
    kind.__name__: kind
    for kind in vars(messages).values()
    if inspect.isclass(kind) and issubclass(kind, messages.Message) and kind is not messages.Message
}
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text()
    | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=8,
)


def array(message: messages.Message) -> list[Any]:
    """Give the plain array that *message* is on the wire: the tag, then the fields."""
    plain: list[Any] = msgspec.msgpack.decode(encode(message))
    return plain


def packed(plain: object) -> memoryview:
    """Pack anything."""
    return memoryview(msgspec.msgpack.encode(plain))


class TableTests(SynchronousTestCase):
    """The table of messages."""

    def test_frozen(self) -> None:
        """Every class has a recorded instance, which encodes to the recorded bytes and back."""
        vectors = load("messages")
        self.assertEqual(set(CLASSES), set(MESSAGES))
        self.assertEqual(set(vectors), set(MESSAGES))
        for name, message in MESSAGES.items():
            self.assertEqual(encode(message).hex(), vectors[name], name)
            decoders = [request_decoder] * (message in REQUESTS) + [answer_decoder] * (
                type(message).__name__ in {type(answer).__name__ for answer in ANSWERS}
            )
            self.assertTrue(decoders)
            for decoder in decoders:
                self.assertEqual(decode(decoder, memoryview(encode(message))), message)

    def test_tags(self) -> None:
        """Every class has its own tag, in the range of who may say it."""
        tags = {name: array(message)[0] for name, message in MESSAGES.items()}
        self.assertEqual(len(set(tags.values())), len(tags))
        requests = {type(message).__name__ for message in REQUESTS}
        for name, tag in tags.items():
            if name == "Credit":
                self.assertEqual(tag, 64)
            elif name in requests:
                self.assertTrue(1 <= tag <= 63, name)
            else:
                self.assertTrue(128 <= tag <= 255, name)
                self.assertEqual(tag >= 160, "request" not in CLASSES[name].__struct_fields__, name)

    def test_each_side_refuses_its_own_words(self) -> None:
        """A server takes no answers and a client no requests; Credit goes both ways."""
        for message in MESSAGES.values():
            if type(message).__name__ != "Credit":
                wrong = answer_decoder if message in REQUESTS else request_decoder
                self.assertRaises(ProtocolBroken, decode, wrong, memoryview(encode(message)))

    def test_messages_are_frozen(self) -> None:
        """A message that was read can't be changed."""
        for message in MESSAGES.values():
            self.assertRaises(AttributeError, setattr, message, "request", 9)


class BoundsTests(SynchronousTestCase):
    """What the decoder refuses."""

    def refused(self, plain: object) -> None:
        """Check that neither side takes *plain*."""
        for decoder in DECODERS:
            self.assertRaises(ProtocolBroken, decode, decoder, packed(plain))

    def test_every_array_has_its_exact_length(self) -> None:
        """A missing field, and a surplus one, is refused in every message."""
        for message in MESSAGES.values():
            plain = array(message)
            for end in range(len(plain)):
                self.refused(plain[:end])
            for surplus in (None, 0, b"", []):
                self.refused([*plain, surplus])

    def test_unknown_tags(self) -> None:
        """Only the tags of the table are known, and a tag is a number."""
        known = {array(message)[0] for message in MESSAGES.values()}
        for tag in (*set(range(300)) - known, -1, 2**32, "1", b"\x01", None, 1.5, [1], True):
            self.refused([tag, 1])
            self.refused([tag])

    def test_every_field_has_its_type(self) -> None:
        """In each field of each message, every other type is refused."""
        for message in MESSAGES.values():
            plain = array(message)
            for place in range(1, len(plain)):
                for other in (None, True, 1, 1.0, "text", b"x" * 16, [b"x"], {}):
                    if type(other) is type(plain[place]):
                        continue  # its bounds are the next test's
                    self.refused([*plain[:place], other, *plain[place + 1 :]])

    def test_bounds(self) -> None:
        """Each bound is where it should be: the last good value passes, the next does not."""
        for name, field, good, bad in (
            ("Ping", "request", (1, 2**32 - 1), (0, -1, 2**32)),
            ("Credit", "length", (1, MAX_CREDIT), (0, MAX_CREDIT + 1)),
            ("StageBlob", "size", (1, BULK_BLOB), (0, BULK_BLOB + 1)),
            ("ReadBlob", "offset", (0, BULK_BLOB - 1), (-1, BULK_BLOB)),
            ("ReadBlob", "length", (1, BULK_BLOB), (0, BULK_BLOB + 1)),
            ("ReadBlob", "packet", (1, BULK_BLOB), (0, BULK_BLOB + 1)),
            ("ReadBlob", "blob", (b"b" * 16,), (b"b" * 15, b"b" * 17, b"")),
            ("ReadJournal", "after", (0, 2**63 - 1), (-1, 2**63)),
            (
                "Register",
                "account",
                ("a", "ä" * MAX_ACCOUNT_NAME),
                ("", "a" * (MAX_ACCOUNT_NAME + 1)),
            ),
            ("Register", "invitation", (b"", b"i" * 16), (b"i" * 17,)),
            ("Register", "keyring", (b"k", b"k" * MAX_KEYRING), (b"", b"k" * (MAX_KEYRING + 1))),
            ("LogIn", "key", (b"k" * 32,), (b"k" * 31, b"k" * 33)),
            ("LogIn", "signature", (b"s" * 64,), (b"s" * 63, b"s" * 65)),
            ("Refusal", "code", (0, 2**16 - 1), (-1, 2**16)),
            ("Refusal", "sentence", ("", "s" * MAX_SENTENCE), ("s" * (MAX_SENTENCE + 1),)),
            ("LoggedIn", "head_hash", (b"h" * 32,), (b"h" * 31, b"h" * 33)),
            ("Commit", "record", (b"r",), (b"",)),
            ("JournalPage", "records", ([], [b"r"]), ([b""], [b"r", b""], [1])),
            (
                "Unstage",
                "blobs",
                ([b"b" * 16], [b"b" * 16] * MAX_UNSTAGE),
                ([], [b"b" * 16] * (MAX_UNSTAGE + 1), [b"b" * 15], [b"b" * 17], [1]),
            ),
            ("Terms", "registration", (0, 2), (-1, 3)),
            ("Terms", "least_score", (0, 4), (-1, 5)),
            (
                "Devices",
                "keys",
                ([], [b"k" * 32] * MAX_DEVICES),
                ([b"k" * 32] * (MAX_DEVICES + 1), [b"k" * 31], [b"k" * 33], [1]),
            ),
            ("Devices", "recovery", (0, 1), (-1, 2)),
            ("JoinPairing", "slot", (1, 9999), (0, 10_000)),
            (
                "SayPairing",
                "message",
                (b"m", b"m" * MAX_PAIRING_MESSAGE),
                (b"", b"m" * (MAX_PAIRING_MESSAGE + 1)),
            ),
        ):
            message = MESSAGES[name]
            plain, place = array(message), message.__struct_fields__.index(field) + 1
            decoder = request_decoder if message in REQUESTS else answer_decoder
            for value in good:
                plain[place] = value
                decoded = msgspec.structs.asdict(decode(decoder, packed(plain)))[field]
                self.assertEqual(list(decoded) if isinstance(value, list) else decoded, value)
            for value in bad:
                plain[place] = value
                self.refused(plain)

    def test_statements(self) -> None:
        """A server's statements are arrays of three, each field within its bounds."""
        good = [b"s" * 32, b"k" * 32, b"g" * 64]
        for count in (1, MAX_STATEMENTS):
            decoded = decode(answer_decoder, packed([162, [good] * count]))
            self.assertEqual(decoded, messages.ServerKeys((messages.Statement(*good),) * count))
        for wrong in (
            [],
            [good] * (MAX_STATEMENTS + 1),
            [good[:2]],
            [[*good, b""]],
            [[b"s" * 31, *good[1:]]],
            [[*good[:2], b"g" * 63]],
            [[*good[:2], "g" * 64]],
            [b"".join(good)],
        ):
            self.refused([162, wrong])

    def test_cut_and_followed(self) -> None:
        """No beginning of a message, and no message with bytes after it, is one."""
        for message in MESSAGES.values():
            whole = encode(message)
            for wrong in (*cuts(whole), whole + b"\x00", whole + whole):
                for decoder in DECODERS:
                    self.assertRaises(ProtocolBroken, decode, decoder, memoryview(wrong))

    def test_lying_lengths_and_deep_nesting(self) -> None:
        """A length that promises gigabytes, and arrays in arrays, are refused at once."""
        for wrong in (
            b"\xdd\xff\xff\xff\xff",
            b"\x94\xcc\x84\x01\xdd\xff\xff\xff\xff",
            b"\x93\xcc\x83\x01\xc6\xff\xff\xff\xff",
            b"\x91" * 100_000,
            b"\x92\x01" * 100_000,
        ):
            for decoder in DECODERS:
                self.assertRaises(ProtocolBroken, decode, decoder, memoryview(wrong))


class PropertyTests(SynchronousTestCase):
    """What holds for any message and any bytes."""

    @given(client_messages)
    def test_requests_round_trip(self, message: messages.Requests) -> None:
        """Whatever a client may say is understood as it was said."""
        self.assertEqual(decode(request_decoder, memoryview(encode(message))), message)

    @given(server_messages)
    def test_answers_round_trip(self, message: messages.Answers) -> None:
        """Whatever a server may say is understood as it was said."""
        self.assertEqual(decode(answer_decoder, memoryview(encode(message))), message)

    @given(st.binary(max_size=200) | VALUES.map(lambda value: bytes(packed(value))))
    def test_arbitrary_bytes(self, body: bytes) -> None:
        """Any bytes are a message or break the protocol; nothing else happens."""
        for decoder in DECODERS:
            try:
                message = decode(decoder, memoryview(body))
            except ProtocolBroken:
                continue
            self.assertIn(type(message).__name__, CLASSES)

    @given(client_messages | server_messages, st.data())
    def test_arbitrary_damage(self, message: messages.Message, data: st.DataObject) -> None:
        """A message with changed bytes is a message or breaks the protocol."""
        body = bytearray(encode(message))
        for _ in range(data.draw(st.integers(1, 4))):
            body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
        for decoder in DECODERS:
            try:
                decoded = decode(decoder, memoryview(bytes(body)))
            except ProtocolBroken:
                continue
            self.assertEqual(decode(decoder, memoryview(encode(decoded))), decoded)

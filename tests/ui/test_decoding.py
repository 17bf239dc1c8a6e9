"""Bytes of the terminal as keys: every family of them, in any split, and nothing that blocks."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui.decoding import DOUBLE_CLICK, MAX_PASTE, MAX_SEQUENCE, Clicks, Decoder

PIECES = (
    b"a", b" ", b"\r", b"\t", b"\x7f", b"\x12", b"\x00", b"\x1c", "é".encode(), "你".encode(),
    "\U0001f600".encode(), b"\x1b[A", b"\x1bOB", b"\x1b[1;5C", b"\x1b[Z", b"\x1b[5~", b"\x1b[3;2~",
    b"\x1b[[C", b"\x1bOP", b"\x1b[24~", b"\x1bx", b"\x1b\x7f", "\x1bé".encode(), b"\x1b[<0;5;7M",
    b"\x1b[<0;5;7m", b"\x1b[<32;1;1M", b"\x1b[<64;2;3M", b"\x1b[<65;2;3M", b"\x1b[97;5u",
    b"\x1b[200~two\rlines \x1b[A \xff\x1b[201~", b"\x1b]11;rgb:0000/0000/0000\x1b\\",
    b"\x1b]11;rgb:ffff/ffff/ffff\x07", b"\x1b[?69;2$y", b"\x1b[?1;2c", b"\xff", b"\xc3", b"\x1b[12",
    b"\x1b[999X", b"\x1b", b"\x1b[<;;M", b"\x1bOz",
)  # fmt: skip
SAMPLES = (
    (b"aG/+ ", ["a", "G", "/", "+", "space"]),
    (b"\r\n\t\x7f\x08", ["enter", "enter", "tab", "backspace", "backspace"]),
    (b"\x01\x12\x1a\x00\x1f", ["ctrl-a", "ctrl-r", "ctrl-z", "ctrl-space", "ctrl-_"]),
    (b"\x1b[A\x1b[B\x1b[C\x1b[D", ["up", "down", "right", "left"]),
    (b"\x1bOA\x1bOH\x1b[H\x1b[F\x1b[1~\x1b[4~", ["up", "home", "home", "end", "home", "end"]),
    (b"\x1b[2~\x1b[3~\x1b[5~\x1b[6~", ["insert", "delete", "pageup", "pagedown"]),
    (b"\x1bOP\x1bOS\x1b[15~\x1b[21~\x1b[24~", ["f1", "f4", "f5", "f10", "f12"]),
    (b"\x1b[[A\x1b[[E", ["f1", "f5"]),
    (b"\x1b[1;5A\x1b[1;2B\x1b[5;3~", ["ctrl-up", "shift-down", "alt-pageup"]),
    (b"\x1b[1;6P", ["ctrl-shift-f1"]),
    (b"\x1b[Z\x1bx\x1bX\x1b\r", ["shift-tab", "alt-x", "alt-X", "alt-enter"]),
    ("é你\U0001f600".encode(), ["é", "你", "\U0001f600"]),
    ("\x1bß".encode(), ["alt-ß"]),
    (b"\xff\xfea\xc3(", ["a", "("]),
    (b"\x1b[97;5u\x1b[13;2u\x1b[27u", ["ctrl-a", "shift-enter", "esc"]),
    (b"\x1b[<0;5;7M\x1b[<0;5;7m", ["mouse:click:6:4", "mouse:release:6:4"]),
    (b"\x1b[<32;1;1M\x1b[<64;2;3M", ["mouse:drag:0:0", "mouse:wheel-up:2:1"]),
    (b"\x1b[<65;2;3M", ["mouse:wheel-down:2:1"]),
    (b"\x1b[<2;1;1M\x1b[<35;9;9M", []),
    (b"\x1b[200~a\r\nb\rc\x1b[201~d", ["paste:a\nb\nc", "d"]),
    (b"\x1b[200~\x1b[A\x1b[20\x1b[201~", ["paste:\x1b[A\x1b[20"]),
    (b"\x1b[?69;2$y\x1b]11;rgb:0/0/0\x07", ["reply:[?69;2$y", "reply:]11;rgb:0/0/0\x07"]),
    (b"\x1b[12\xc3\xa9", ["é"]),
    (b"\x1b[999X\x1b[Ea", ["begin", "a"]),
    (b"\x1b\x1b[A", ["esc", "up"]),
    (b"\x1bOz", ["alt-O", "z"]),
    ("\u202e\u200d".encode(), []),
)  # fmt: skip


def split(data: bytes, places: list[int]) -> list[bytes]:
    """Cut *data* at *places*."""
    marks = sorted({min(place, len(data)) for place in places})
    return [data[a:b] for a, b in zip([0, *marks], [*marks, len(data)], strict=True)]


class DecoderTests(SynchronousTestCase):
    def test_samples(self):
        for sent, keys in SAMPLES:
            self.assertEqual(Decoder().feed(sent), keys, sent)

    @given(st.lists(st.sampled_from(PIECES), max_size=12), st.lists(st.integers(0, 400)))
    def test_split_of_sequences(self, pieces, places):
        """Any split of what terminals send gives the same keys."""
        self._check_split(b"".join(pieces), places)

    @given(st.binary(max_size=600), st.lists(st.integers(0, 600)))
    def test_split_of_anything(self, data, places):
        """Any split of any bytes gives the same keys."""
        self._check_split(data, places)

    def _check_split(self, data, places):
        whole, cut = Decoder(), Decoder()
        keys = whole.feed(data) + whole.flush()
        self.assertEqual(
            [key for part in split(data, places) for key in cut.feed(part)] + cut.flush(), keys
        )

    @given(st.binary(max_size=300))
    def test_no_control_in_a_key(self, data):
        """No key but pasted text and replies holds anything that is not printed."""
        for key in Decoder().feed(data):
            if not key.startswith(("paste:", "reply:")):
                self.assertTrue(key.isprintable(), ascii(key))

    def test_lone_escape(self):
        """ESC waits for what may follow; nothing else does."""
        decoder = Decoder()
        self.assertEqual(decoder.feed(b"\x1b"), [])
        self.assertTrue(decoder.waits)
        self.assertEqual(decoder.flush(), ["esc"])
        self.assertFalse(decoder.waits)
        self.assertEqual(decoder.flush(), [])

    def test_escape_then_letter(self):
        for sent, key in ((b"\x1b[", "alt-["), (b"\x1bO", "alt-O")):
            decoder = Decoder()
            self.assertEqual(decoder.feed(sent), [])
            self.assertEqual(decoder.flush(), [key])

    def test_paste_waits_without_a_timer(self):
        decoder = Decoder()
        self.assertEqual(decoder.feed(b"\x1b[200~half"), [])
        self.assertFalse(decoder.waits)
        self.assertEqual(decoder.flush(), [])
        self.assertEqual(decoder.feed(b" whole\x1b[201~"), ["paste:half whole"])

    def test_long_paste_is_cut(self):
        decoder = Decoder()
        decoder.feed(b"\x1b[200~")
        for _ in range(20):
            decoder.feed(b"x" * 65536)
        (pasted,) = decoder.feed(b"\x1b[201~")
        self.assertEqual(len(pasted), len("paste:") + MAX_PASTE)

    def test_endless_sequence_is_dropped(self):
        decoder = Decoder()
        self.assertEqual(decoder.feed(b"\x1b[" + b"1" * MAX_SEQUENCE), [])
        self.assertFalse(decoder.waits)
        self.assertEqual(decoder.feed(b"a"), ["a"])

    def test_strings_of_terminfo(self):
        """What terminfo names wins, and is waited for."""
        decoder = Decoder({b"\x1bZ9": "delete", b"\x08": "left"})
        self.assertEqual(decoder.feed(b"\x1bZ"), [])
        self.assertEqual(decoder.feed(b"9\x08"), ["delete", "backspace"])


class ClicksTests(SynchronousTestCase):
    def test_double(self):
        clicks = Clicks()
        self.assertEqual(clicks.named("mouse:click:1:2", 5.0), "mouse:click:1:2")
        self.assertEqual(clicks.named("mouse:release:1:2", 5.1), "mouse:release:1:2")
        self.assertEqual(clicks.named("mouse:click:1:2", 5.2), "mouse:double:1:2")
        self.assertEqual(clicks.named("mouse:click:1:2", 5.3), "mouse:click:1:2")

    def test_elsewhere_or_late(self):
        clicks = Clicks()
        clicks.named("mouse:click:1:2", 5.0)
        self.assertEqual(clicks.named("mouse:click:1:3", 5.1), "mouse:click:1:3")
        late = 5.1 + DOUBLE_CLICK + 0.01
        self.assertEqual(clicks.named("mouse:click:1:3", late), "mouse:click:1:3")

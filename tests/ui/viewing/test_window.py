"""Pieces of a file: which are asked for, which are kept, and what they give together."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui.viewing.window import CHUNK, MOST_CHUNKS, Window


def filled(data, *numbers):
    window = Window(len(data))
    for number in numbers:
        window = window.with_bytes(number * CHUNK, data[number * CHUNK : (number + 1) * CHUNK])
    return window


DATA = bytes(range(256)) * (CHUNK * 3 // 256) + b"end"


class WindowTests(SynchronousTestCase):
    def test_asked_for_once(self):
        window, numbers = Window(len(DATA)).wanting(-100, CHUNK + 1)
        self.assertEqual(numbers, (0, 1))
        window, numbers = window.wanting(0, 10**9)
        self.assertEqual(numbers, (2, 3))
        self.assertEqual(window.with_bytes(0, DATA[:CHUNK]).wanting(0, 1)[1], ())
        self.assertEqual(window.given_up().wanting(0, 1)[1], (0,))

    def test_nothing_of_nothing(self):
        self.assertEqual(Window(0).wanting(0, 100)[1], ())
        self.assertEqual(Window(0).after(0, 10), b"")

    @given(st.sets(st.integers(0, 3)), st.integers(0, len(DATA)), st.integers(0, len(DATA)))
    def test_without_a_gap(self, numbers, start, end):
        """What is given is what the file has there, up to the first piece that is missing."""
        window = filled(DATA, *numbers)
        after, before = window.after(start, end), window.before(start, end)
        self.assertEqual(after, DATA[start : start + len(after)])
        self.assertEqual(before, DATA[end - len(before) : end])
        whole = len(DATA[start:end])
        if start + len(after) < end:
            self.assertNotIn((start + len(after)) // CHUNK, numbers)
        if len(before) < whole:
            self.assertNotIn((end - len(before) - 1) // CHUNK, numbers)

    def test_forgets_the_oldest(self):
        window = Window(CHUNK * 100)
        for number in range(MOST_CHUNKS):
            window = window.with_bytes(number * CHUNK, bytes(CHUNK))
        window, _ = window.wanting(0, CHUNK)
        window = window.with_bytes(50 * CHUNK, bytes(CHUNK))
        self.assertEqual(len(window.chunks), MOST_CHUNKS)
        self.assertTrue(window.has(0))
        self.assertFalse(window.has(1))

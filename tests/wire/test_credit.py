"""Credit: what is under way never exceeds the window, and a transfer never stands still."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud import limits
from anoncloud.errors import Misuse, ProtocolBroken
from anoncloud.wire.credit import Allowance, Window


class AllowanceTests(SynchronousTestCase):
    """The sender's side."""

    def test_begins_with_the_initial_credit(self) -> None:
        """A transfer begins with what the protocol says, and with no more."""
        allowance = Allowance()
        self.assertEqual(allowance.available, limits.INITIAL_CREDIT)
        allowance.spend(limits.INITIAL_CREDIT)
        self.assertEqual(allowance.available, 0)
        self.assertRaises(Misuse, allowance.spend, 1)
        self.assertEqual(allowance.available, 0)

    def test_no_more_than_granted(self) -> None:
        """What is spent is gone until it is granted again."""
        allowance = Allowance(10)
        allowance.spend(4)
        self.assertRaises(Misuse, allowance.spend, 7)
        allowance.grant(1)
        allowance.spend(7)
        self.assertEqual(allowance.available, 0)

    def test_grants_are_bounded(self) -> None:
        """A peer that grants nothing, less or too much breaks the protocol, and changes nothing."""
        allowance = Allowance(10)
        for length in (0, -1, -(2**40), limits.MAX_CREDIT - 9, 2**63):
            self.assertRaises(ProtocolBroken, allowance.grant, length)
            self.assertEqual(allowance.available, 10)
        allowance.grant(limits.MAX_CREDIT - 10)
        self.assertEqual(allowance.available, limits.MAX_CREDIT)


class WindowTests(SynchronousTestCase):
    """The receiver's side."""

    def test_no_more_than_allowed(self) -> None:
        """Bytes beyond the credit break the protocol; those up to it don't."""
        window = Window()
        window.receive(limits.INITIAL_CREDIT)
        self.assertRaises(ProtocolBroken, window.receive, 1)
        self.assertEqual(window.consume(limits.INITIAL_CREDIT), limits.INITIAL_CREDIT)
        window.receive(limits.INITIAL_CREDIT)
        self.assertRaises(ProtocolBroken, window.receive, 1)

    def test_grants_in_halves(self) -> None:
        """Nothing is granted until half the window is dealt with, and then all that was."""
        window = Window(10)
        window.receive(10)
        self.assertEqual([window.consume(length) for length in (1, 3, 1, 4, 1)], [0, 0, 5, 0, 5])

    @given(
        st.integers(2, 64),
        st.lists(st.tuples(st.booleans(), st.integers(1, 32)), max_size=80),
    )
    def test_both_sides_together(self, size: int, steps: list[tuple[bool, int]]) -> None:
        """In any order of sending and consuming, the sides agree and never hold over a window."""
        allowance, window = Allowance(size), Window(size)
        held = owed = 0
        for sending, length in steps:
            if sending:
                length = min(length, allowance.available)  # noqa: PLW2901
                allowance.spend(length)
                window.receive(length)
                held += length
            else:
                length = min(length, held)  # noqa: PLW2901
                granted = window.consume(length)
                held -= length
                owed += length - granted
                if granted:
                    allowance.grant(granted)
            self.assertEqual(allowance.available + held + owed, size)
            self.assertTrue(0 <= held <= size)
            self.assertTrue(0 <= owed * 2 < size, "credit is kept back for half a window at most")

    @given(st.integers(2, 64), st.integers(1, 1000))
    def test_never_stands_still(self, size: int, total: int) -> None:
        """A sender whose packets are at most half a window gets everything through."""
        allowance, window, packet = Allowance(size), Window(size), size // 2
        left = total
        while left:
            length = min(packet, left)
            allowance.spend(length)  # raises if the sender has to wait for credit that can't come
            window.receive(length)
            granted = window.consume(length)
            if granted:
                allowance.grant(granted)
            left -= length
        self.assertEqual(left, 0)

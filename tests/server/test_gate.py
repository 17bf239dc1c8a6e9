"""The gate: what it answers for the store, and that it stops nobody whom the store would let in."""

import attrs
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import Code
from anoncloud.server.account_contract import Attempt
from anoncloud.server.delays import Kind
from anoncloud.server.entering import TooSoon, too_soon
from anoncloud.server.gate import KEPT, MOST, Gate

NOW = 1_000_000.25
GUESS, PHONE = b"a guess", b"phone"
HERE = Attempt("ada", GUESS, "192.0.2.1", NOW)
THERE = attrs.evolve(HERE, network="192.0.2.2")
ACCOUNT, NETWORK, ALL = (  # each of them held back alone
    {one: 5_000 * (one is kind) for one in Kind} for kind in (Kind.ACCOUNT, Kind.NETWORK, Kind.ALL)
)


def told(waits: dict[Kind, int]) -> TooSoon:
    """Make what a store says."""
    return too_soon(waits, frozenset({PHONE}))


class GateTests(SynchronousTestCase):
    """Attempts after one that was refused."""

    def stopped(self, gate: Gate, attempt: Attempt, late: float = 0.0) -> int:
        """Give for how many milliseconds *gate* stops an attempt, 0 if it does not."""
        refusal = gate.held(attrs.evolve(attempt, now=attempt.now + late))
        if refusal is None or attempt.key in refusal.passing:
            return 0
        self.assertEqual(refusal.code, Code.TOO_SOON)
        return max(refusal.waits.values())

    def noted(self, waits: dict[Kind, int]) -> Gate:
        """Give a gate that was told *waits* of an attempt from here."""
        gate = Gate()
        self.assertEqual(self.stopped(gate, HERE), 0)
        gate.note(HERE, told(waits))
        return gate

    def test_account(self) -> None:
        """Other guesses at the account are stopped, wherever they come from; other names not."""
        gate = self.noted(ACCOUNT)
        self.assertEqual(self.stopped(gate, HERE), 5_000)
        self.assertEqual(self.stopped(gate, attrs.evolve(THERE, key=b"another")), 5_000)
        self.assertEqual(self.stopped(gate, attrs.evolve(HERE, network="")), 5_000)
        self.assertEqual(self.stopped(gate, attrs.evolve(HERE, name="bob")), 0)
        self.assertEqual(self.stopped(gate, HERE, 0.9), 4_100)

    def test_network(self) -> None:
        """The network is stopped; another is not, nor a name whose devices are not known."""
        gate = self.noted(NETWORK)
        self.assertEqual(self.stopped(gate, HERE), 5_000)
        self.assertEqual(self.stopped(gate, THERE), 0)
        self.assertEqual(self.stopped(gate, attrs.evolve(HERE, name="bob")), 0)
        self.assertEqual(gate.network("192.0.2.1", NOW), 5_000)
        self.assertEqual(gate.network("192.0.2.2", NOW), 0)
        gate.note(attrs.evolve(THERE, name="bob"), told(ACCOUNT))
        self.assertEqual(self.stopped(gate, attrs.evolve(HERE, name="bob")), 5_000)

    def test_all(self) -> None:
        """When all are held back, an account whose devices are known is."""
        gate = self.noted(ALL)
        self.assertEqual(self.stopped(gate, THERE), 5_000)
        self.assertEqual(self.stopped(gate, attrs.evolve(HERE, name="bob")), 0)

    def test_known_keys_pass(self) -> None:
        """A device is never stopped, and a new one is known as soon as it is enrolled here."""
        gate = self.noted(dict.fromkeys(Kind, 5_000))
        self.assertEqual(self.stopped(gate, attrs.evolve(HERE, key=PHONE)), 0)
        self.assertEqual(self.stopped(gate, HERE), 5_000)
        gate.forget("bob")
        self.assertEqual(self.stopped(gate, HERE), 5_000)
        gate.forget("ada")
        gate.forget("ada")
        self.assertEqual(self.stopped(gate, HERE), 0)

    def test_not_for_long(self) -> None:
        """What was told is asked again after a second, and when a clock was set back."""
        gate = self.noted(dict.fromkeys(Kind, 600_000))
        gate.note_network("192.0.2.2", 600_000, NOW)
        for late in (KEPT, 10 * KEPT, -0.001):
            self.assertEqual(self.stopped(gate, HERE, late), 0)
            self.assertEqual(gate.network("192.0.2.2", NOW + late), 0)
        self.assertEqual(self.stopped(gate, HERE, KEPT - 0.25), 599_250)

    def test_what_is_over(self) -> None:
        """A wait that is over stops nobody, and a later word replaces an earlier one."""
        gate = self.noted({kind: 300 * (kind is Kind.ACCOUNT) for kind in Kind})
        self.assertEqual([self.stopped(gate, HERE, late) for late in (0.25, 0.3, 0.5)], [50, 0, 0])
        gate.note_network("192.0.2.1", 900, NOW)
        gate.note_network("192.0.2.1", 0, NOW)
        self.assertEqual(gate.network("192.0.2.1", NOW), 0)

    def test_room(self) -> None:
        """It remembers so much, and no more, whatever comes."""
        gate = Gate()
        for number in range(2 * MOST + 10):
            name = f"guest {number}"
            gate.note(Attempt(name, GUESS, name, NOW), told(ACCOUNT))
            self.assertEqual(self.stopped(gate, Attempt(name, GUESS, name, NOW)), 5_000)
            gate.note_network(f"network {number}", 5_000, NOW)
        self.assertLess(len(gate._held), MOST + 4)
        self.assertLess(len(gate._passing), MOST + 1)

    @given(st.integers(0, 10_000), st.floats(0, 10), st.floats(0, 1, exclude_max=True))
    def test_never_longer_than_the_store(self, wait: int, begun: float, late: float) -> None:
        """When the store's wait is over, by its clock of milliseconds, so is the gate's."""
        attempt = attrs.evolve(HERE, now=begun)
        gate = Gate()
        waits = {Kind.ACCOUNT: wait, Kind.NETWORK: 0, Kind.ALL: 0} if wait else ALL
        gate.note(attempt, told(waits))
        left = max(int(begun * 1000) + max(waits.values()) - int((begun + late) * 1000), 0)
        if begun + late < begun + KEPT:
            self.assertEqual(self.stopped(gate, attempt, late), left)

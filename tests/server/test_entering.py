"""Who may log in when, against a model of what docs/protocol.rst section 5.10 says.

The model keeps the moments of all failures, and reckons from them; it has neither rows nor waits.
"""

import sqlite3
from importlib.resources import files
from itertools import pairwise
from typing import Any

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import Code, Refused
from anoncloud.ids import DriveId
from anoncloud.server import entering
from anoncloud.server.account_contract import Access, Account, Attempt
from anoncloud.server.delays import Bucket, MemoryRows, Schedules
from anoncloud.server.entering import Known, decide
from anoncloud.server.stores.delays import SqlDelays

DAY = 86_400.0
RIGHT, PHONE, RECOVERY, GUESS = b"right", b"phone", b"recovery", b"guess"
MOST, PERIOD = 6, 60.0
SCHEDULES = attrs.evolve(Schedules(), everyone=Bucket(MOST, int(PERIOD * 1000)))
"""As they are, but for all together, whose bound would never be reached here."""
KNOWN = Known(Account("ada", DriveId(bytes(16))), RIGHT, RECOVERY, frozenset({PHONE}))

gaps = st.sampled_from(
    [0.0] * 8 + [0.001, 1.0, 1.0, 4.999, 5.0, 5.0, 10.0, 15.0, 40.0, 320.0, 600.0, DAY]
)
tries = st.tuples(
    gaps,
    st.sampled_from(["ada", "ada", "eve"]),
    st.sampled_from([GUESS, GUESS, GUESS, RIGHT, PHONE, RECOVERY]),
    st.sampled_from(["", "192.0.2.1", "192.0.2.2"]),
)
faults = st.tuples(gaps, st.sampled_from(["", "192.0.2.1"]), st.sampled_from([1, 2, 5]))
names = st.integers(0, 99).map("guest {}".format)
strangers = st.tuples(st.sampled_from([0.0, 1.0, 4.999, 5.0]), names, st.just(GUESS), st.just(""))
steps = st.lists(st.one_of(tries, tries, tries, strangers, faults), min_size=50, max_size=80)


@attrs.define
class Model:
    """The failures of each name and network, and of all, as a list of moments each."""

    failures: dict[str, list[float]] = attrs.Factory(dict)
    everyone: list[float] = attrs.Factory(list)

    def wait(self, of: str, free: int, first: float, now: float) -> float:
        """Give the wait that is left; failures that are a day behind are let go."""
        kept = self.failures.get(of, [])
        if kept and now - kept[-1] >= DAY:
            kept.clear()
        if len(kept) <= free:
            return 0.0
        wait = first
        for _ in kept[free + 1 :]:
            wait = min(2 * wait, 600.0)
        return max(kept[-1] + wait - now, 0.0)

    def crowded(self, now: float) -> bool:
        """Tell whether all together have as many as there may be: each runs out after the other."""
        out = 0.0
        for moment in self.everyone:
            out = max(out, moment) + PERIOD / MOST
        return out + PERIOD / MOST - now > PERIOD

    def held(self, name: str, network: str, now: float) -> bool:
        """Tell whether an attempt is not evaluated."""
        of_network = self.wait(network, 2, 15.0, now) if network else 0.0
        return bool(of_network or self.wait(name, 3, 5.0, now) or self.crowded(now))

    def attempt(self, name: str, key: bytes, network: str, now: float) -> Access | Code:
        """Say what has to come of an attempt."""
        passing = {PHONE: Access.DEVICE, RECOVERY: Access.RECOVERY}
        if name == "ada" and key in passing:
            return passing[key]
        if self.held(name, network, now):
            return Code.TOO_SOON
        if (name, key) == ("ada", RIGHT):
            self.failures.pop(name, None)
            return Access.OWNER
        self.everyone.append(now)
        for of in filter(None, (name, network)):
            self.failures.setdefault(of, []).append(now)
        return Code.LOGIN

    def fault(self, network: str, weight: int, now: float) -> None:
        """Count faults of a network, which counts while it is not held back."""
        if network and not self.wait(network, 2, 15.0, now):
            self.failures.setdefault(network, []).extend([now] * weight)


class ModelTests(SynchronousTestCase):
    """Any attempts and faults, one after the other."""

    def check(self, rows: Any, steps: list[Any]) -> None:
        """Do all *steps*, and compare each with the model."""
        model, now = Model(), 1_700_000_000.0
        for gap, *step in steps:
            now = round(now + gap, 3)
            if len(step) == 2:
                entering.penalise(rows, SCHEDULES, *step, now)
                model.fault(*step, now)
            else:
                name, key, network = step
                known = KNOWN if name == "ada" else Known()
                outcome = decide(rows, SCHEDULES, Attempt(name, key, network, now), known)
                is_refused = isinstance(outcome, Refused)
                got = outcome.code if is_refused else outcome.access
                self.assertEqual(got, model.attempt(name, key, network, now), (now, step))
                if is_refused and outcome.code is Code.TOO_SOON:
                    self.assertTrue(0 < max(outcome.waits.values()) <= 600_000)

    @given(steps)
    def test_in_memory(self, steps: list[Any]) -> None:
        """Rows in memory lead to what the document says."""
        self.check(MemoryRows(), steps)

    @settings(max_examples=25)
    @given(steps, st.booleans())
    def test_in_sql(self, steps: list[Any], keep_addresses: bool) -> None:
        """Rows in SQL do so too, with addresses and without."""
        database = sqlite3.connect(":memory:")
        try:
            for name in ("001.sql", "002.sql"):
                script = files("anoncloud.server.stores") / "schema" / name
                database.executescript(script.read_text())
            delays = SqlDelays(keep_addresses=keep_addresses)
            self.check(delays.rows(database.cursor()), steps)
        finally:
            database.close()

    @given(st.lists(gaps, min_size=50, max_size=100))
    def test_guesses_at_one_account(self, waits: list[float]) -> None:
        """However guesses are spread over time and networks, no more are evaluated than allowed."""
        rows, now, evaluated = MemoryRows(), 1_700_000_000.0, []
        for number, gap in enumerate(waits):
            now = round(now + gap, 3)
            attempt = Attempt("ada", b"%d" % number, f"192.0.2.{number % 100}", now)
            if decide(rows, Schedules(), attempt, KNOWN).code is Code.LOGIN:
                evaluated.append(now)
        count = 0
        for before, moment in pairwise(evaluated):
            apart = round(moment - before, 3)
            count = 0 if apart >= DAY else count + 1  # those before it in its run
            if count > 3:
                self.assertGreaterEqual(apart, min(5 * 2 ** (count - 4), 600))


class WordTests(SynchronousTestCase):
    """What is told to who must wait."""

    def test_too_soon(self) -> None:
        """It says how long, and both ways round."""
        rows = MemoryRows()
        for _ in range(4):
            decide(rows, Schedules(), Attempt("eve", GUESS, "", 0.0), Known())
        refusal = decide(rows, Schedules(), Attempt("eve", GUESS, "", 0.5), Known())
        self.assertEqual(refusal.message, "too many logins were refused; try again in 5 seconds")
        self.assertIn("a code from a device", refusal.hint)
        self.assertIn("the recovery key", refusal.hint)
        self.assertEqual(refusal.exit_code, 8)

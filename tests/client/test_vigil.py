"""Whether the server is still there: what is asked of it when, and when it is given up."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.vigil import Verdict, Vigil
from anoncloud.limits import ANSWER_TIMEOUT, KEEPALIVE, SILENCE_TIMEOUT

WELL, ASK, GONE = Verdict.WELL, Verdict.ASK, Verdict.GONE


class VigilTests(SynchronousTestCase):
    """Looks at a connection, KEEPALIVE seconds apart."""

    def setUp(self) -> None:
        self.vigil = Vigil()
        self.pings: list[int] = []
        self.sent = 100
        self.assertEqual(self.look(), WELL)

    def look(self, *, owed: int = 0, is_uploading: bool = False) -> Verdict:
        """Look; what is asked for is sent."""
        verdict = self.vigil.look(owed=owed + len(self.pings), is_uploading=is_uploading)
        if verdict is ASK:
            self.sent += 1
            self.pings.append(self.sent)
            self.vigil.ping(self.sent)
            self.vigil.speak()
        return verdict

    def answer_pings(self) -> None:
        """Let the server answer the Pings, and nothing else."""
        while self.pings:
            self.vigil.progress(self.pings.pop())
            self.vigil.hear()

    def looks(self, most: float, *, owed: int = 0, is_uploading: bool = False) -> list[Verdict]:
        """Look for *most* seconds, while the server answers Pings."""
        seen = []
        for _ in range(round(most / KEEPALIVE)):
            seen.append(self.look(owed=owed, is_uploading=is_uploading))
            self.answer_pings()
        return seen

    def test_silence(self) -> None:
        """A server that says nothing is asked once, and given up after SILENCE_TIMEOUT."""
        silent = round(SILENCE_TIMEOUT / KEEPALIVE)
        seen = [self.look() for _ in range(silent)]
        self.assertEqual(seen, [ASK, *[WELL] * (silent - 2), GONE])

    def test_busy_once(self) -> None:
        """One look that comes late, because this end was busy, gives nothing up."""
        self.assertEqual([self.look(), self.look()], [ASK, WELL])
        self.vigil.hear()
        self.assertNotIn(GONE, [self.look(), self.look()])

    def test_idle(self) -> None:
        """A server that answers is asked every other time, for as long as one likes."""
        self.assertEqual(self.looks(10 * ANSWER_TIMEOUT), [ASK, WELL] * 40)

    def test_only_heard(self) -> None:
        """While much comes and nothing is said the server is told that this end is there."""
        seen = []
        for _ in range(6):
            self.vigil.hear()
            self.vigil.progress()
            seen.append(self.look())
            self.answer_pings()
        self.assertEqual(seen, [ASK, WELL] * 3)

    def test_busy(self) -> None:
        """Where both ends talk nothing is asked."""
        for _ in range(20):
            self.vigil.hear()
            self.vigil.speak()
            self.assertEqual(self.look(), WELL)

    def test_stall(self) -> None:
        """A server that answers Pings and not what it was asked is given up, too."""
        seen = self.looks(ANSWER_TIMEOUT, owed=1)
        self.assertIs(seen.pop(), GONE)
        self.assertNotIn(GONE, seen)

    def test_progress(self) -> None:
        """Whatever else comes, or is taken, is a reason to wait on."""
        for step in (self.vigil.progress, lambda: self.vigil.hear(is_part=True)):
            self.assertNotIn(GONE, self.looks(ANSWER_TIMEOUT - KEEPALIVE, owed=1))
            step()
        self.assertNotIn(GONE, self.looks(ANSWER_TIMEOUT - KEEPALIVE, owed=1))

    def test_uploading(self) -> None:
        """While it uploads, a client waits longer: its Ping waits behind other bytes."""
        patient = round(ANSWER_TIMEOUT / KEEPALIVE)
        seen = [self.look(owed=1, is_uploading=True) for _ in range(patient)]
        self.assertEqual(seen, [ASK, *[WELL] * (patient - 2), GONE])

    def test_holding(self) -> None:
        """An upload that waits for its pace waits for nobody else."""
        with self.vigil.holding():
            self.assertNotIn(GONE, self.looks(3 * ANSWER_TIMEOUT, owed=1, is_uploading=True))
        self.assertIn(GONE, self.looks(ANSWER_TIMEOUT, owed=1, is_uploading=True))

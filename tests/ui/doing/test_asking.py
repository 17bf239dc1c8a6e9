"""What a copy asks: one question at a time, answers that hold on, and questions taken away."""

from pathlib import Path

from twisted.internet.defer import CancelledError, Deferred
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.transfers.policies import LEFT, Clash, Decision, Existing, Seen, Settled
from anoncloud.ui import transfer_effects as effects
from anoncloud.ui.doing import asking
from anoncloud.ui.doing.transfers import AT_ONCE
from anoncloud.ui.events import Candidate, Conflict, ConflictOver, Progress, TransfersChanged
from anoncloud.ui.transfer_effects import AnswerConflict
from tests.support.desks import RememberingDesk

STORE, BESIDE = Settled(Decision.STORE), Settled(Decision.BESIDE)
OVERWRITE, BOTH, SKIP, NEWER, RENAME, GIVE_UP = (
    effects.Decision.OVERWRITE,
    effects.Decision.BOTH,
    effects.Decision.SKIP,
    effects.Decision.NEWER,
    effects.Decision.RENAME,
    effects.Decision.GIVE_UP,
)


def clash(name: str, ours: int = 2, theirs: int = 1) -> Clash:
    """Make a clash of files changed at these times."""
    return Clash(f"/{name}", name.encode(), Seen(10, ours), Seen(20, theirs))


class AskingCase(SynchronousTestCase):
    def setUp(self):
        self.desk = RememberingDesk(Path(self.mktemp()))
        self.asking = self.desk.queue.asking()
        self.policy = self.asking.policy(into_drive=True)

    def settle(self, *clashes, policy=None):
        """Begin to settle clashes, each for itself."""
        policy = policy or self.policy
        return [Deferred.fromCoroutine(policy.settle(one)) for one in clashes]

    def answer(self, decision, name=None, *, for_all=False):
        """Answer the open question, which stands on the screen."""
        number = self.open()[-1].number
        effect = AnswerConflict(number, decision, for_all, name)
        self.successResultOf(Deferred.fromCoroutine(asking.answer(self.desk, effect)))

    def open(self):
        """Give the questions that stand on the screen."""
        standing = []
        for event in self.desk.told:
            if isinstance(event, Conflict):
                standing.append(event)
            elif isinstance(event, ConflictOver):
                standing = [one for one in standing if one.number != event.number]
        return standing

    def shown(self):
        return [one.path for one in self.open()]


class AnswerTests(AskingCase):
    def test_question(self):
        """Both files are told of, with where the new one goes."""
        self.settle(clash("a"))
        (asked,) = self.open()
        self.assertEqual((asked.path, asked.name), ("/a", b"a"))
        self.assertEqual((asked.ours, asked.theirs), (Candidate(10, 2), Candidate(20, 1)))
        self.assertTrue(asked.into_drive)
        self.assertIs(self.policy.existing, Existing.ASK)

    def test_each(self):
        for decision, older, settled in (
            (OVERWRITE, False, STORE),
            (BOTH, False, BESIDE),
            (SKIP, False, LEFT),
            (NEWER, False, STORE),
            (NEWER, True, LEFT),
        ):
            (one,) = self.settle(clash(f"{decision} {older}", theirs=3 if older else 1))
            self.answer(decision)
            self.assertEqual(self.successResultOf(one), settled)
        self.assertEqual(self.shown(), [])

    def test_renamed(self):
        (one,) = self.settle(clash("a"))
        self.answer(RENAME, b"b")
        self.assertEqual(self.successResultOf(one), Settled(Decision.BESIDE, b"b"))

    def test_renamed_in_a_circle(self):
        """Who gives a name that leads back is asked again, not answered by what was no good."""
        for name in (b"b", b"a", b"c"):
            settling = self.settle(clash("b" if name == b"a" else "a"))
            self.answer(RENAME, name)
            self.assertEqual(self.successResultOf(settling[0]).name, name)

    def test_unknown(self):
        """An answer that comes too late is harmless."""
        effect = AnswerConflict(9, OVERWRITE, for_all=False)
        self.successResultOf(Deferred.fromCoroutine(asking.answer(self.desk, effect)))
        self.assertEqual(self.desk.told, [])


class ForAllTests(AskingCase):
    def test_rest(self):
        """It holds for all that follow, each by its own times, and for all that wait."""
        first, waiting = self.settle(clash("a"), clash("b", theirs=9))
        self.assertEqual(self.shown(), ["/a"])
        self.answer(NEWER, for_all=True)
        self.assertEqual(self.successResultOf(first), STORE)
        self.assertEqual(self.successResultOf(waiting), LEFT)
        (other,) = self.settle(clash("c"), policy=self.asking.policy(into_drive=True))
        self.assertEqual(self.successResultOf(other), STORE)
        self.assertEqual(len(self.desk.heard(Conflict)), 1)

    def test_not_for_another_copy(self):
        self.settle(clash("a"))
        self.answer(OVERWRITE, for_all=True)
        self.settle(clash("b"), policy=self.desk.queue.asking().policy(into_drive=True))
        self.assertEqual(self.shown(), ["/b"])

    def test_one_at_a_time(self):
        """One question stands; the next comes when it is answered."""
        self.settle(clash("a"), clash("b"))
        self.assertEqual(self.shown(), ["/a"])
        self.answer(OVERWRITE)
        self.assertEqual(self.shown(), ["/b"])

    def test_others_get_their_turn(self):
        """Very many answers that need no question don't hold up the reactor."""
        self.settle(clash("a"))
        self.answer(SKIP, for_all=True)

        async def all_of_them():
            for number in range(asking.AT_ONCE + 5):
                await self.policy.settle(clash(f"{number}"))

        done = Deferred.fromCoroutine(all_of_them())
        self.assertNoResult(done)
        self.desk.clock.advance(0)
        self.successResultOf(done)


class AgainTests(AskingCase):
    """A transfer that begins once more asks nothing that was answered."""

    def test_known(self):
        for decision, name, settled in (
            (SKIP, None, LEFT),
            (RENAME, b"b", Settled(Decision.BESIDE, b"b")),
        ):
            one = clash(f"{decision}")
            self.settle(one)
            self.answer(decision, name)
            (again,) = self.settle(one, policy=self.asking.policy(into_drive=True))
            self.assertEqual(self.successResultOf(again), settled)

    def test_changed_since(self):
        """What is another file by now is asked about again."""
        self.settle(clash("a"))
        self.answer(OVERWRITE)
        self.settle(clash("a", theirs=7), policy=self.asking.policy(into_drive=True))
        self.assertEqual(self.shown(), ["/a"])


class EndTests(AskingCase):
    def add(self, *names):
        """Put transfers of one copy into the queue, each of which asks about one file."""
        self.settled = []

        def work_for(name):
            async def work(transfer):
                policy = self.asking.policy(into_drive=True, transfer=transfer)
                self.settled.append(await policy.settle(clash(name)))

            return work

        for name in names:
            self.desk.queue.add(f"up: {name}", work_for(name), asking=self.asking)

    def lines(self):
        self.desk.queue.tell()
        return self.desk.heard(TransfersChanged)[-1].transfers

    def test_told(self):
        """The list of transfers tells which one waits for an answer."""
        self.add("a", "b")
        self.assertEqual([line.error for line in self.lines()], ["waits for an answer", ""])
        self.answer(SKIP, for_all=True)
        self.assertEqual([line.error for line in self.lines()], ["", ""])
        self.assertEqual(self.settled, [LEFT, LEFT])

    def test_in_nobodys_way(self):
        """Those that wait for an answer take no place from others."""
        for number in range(AT_ONCE):
            self.asking = self.desk.queue.asking()
            self.add(f"{number}")
        running = Deferred()

        async def work(transfer):
            del transfer
            await running

        self.desk.queue.add("up: other", work)
        self.desk.clock.advance(0)
        self.assertEqual({line.state for line in self.lines()}, {Progress.RUNNING})
        self.assertEqual(self.shown(), [f"/{number}" for number in range(AT_ONCE)])
        running.callback(None)
        self.assertIs(self.lines()[-1].state, Progress.DONE)

    def test_rest_of_the_copy(self):
        """What may ask, too, does not begin before the answer, which may be for it as well."""
        self.add("a", "b", "c")
        self.desk.clock.advance(0)
        states = [line.state for line in self.lines()]
        self.assertEqual(states, [Progress.RUNNING, Progress.WAITING, Progress.WAITING])
        self.answer(SKIP, for_all=True)
        self.desk.clock.advance(0)
        self.assertEqual({line.state for line in self.lines()}, {Progress.DONE})
        self.assertEqual(self.settled, [LEFT] * 3)

    def test_cancelled(self):
        """The question goes with its transfer; the next one is asked."""
        self.add("a", "b")
        self.desk.queue.cancel(effects.CancelTransfer(1))
        self.assertEqual(self.shown(), ["/b"])
        self.desk.queue.cancel(effects.CancelTransfer(2))
        self.assertEqual((self.shown(), self.settled), ([], []))

    def test_paused(self):
        """What is held up takes its question away, and asks again when it goes on."""
        self.add("a")
        self.desk.queue.pause(effects.PauseTransfer(1))
        self.assertEqual(self.shown(), [])
        self.desk.queue.resume(effects.ResumeTransfer(1))
        self.assertEqual(self.shown(), ["/a"])

    def test_stopped(self):
        """At the end nothing is decided."""
        self.add("a", "b")
        self.desk.queue.stop()
        self.assertEqual((self.shown(), self.settled), ([], []))

    def test_given_up(self):
        """The whole copy is given up, what waits for its place, too; what is done stays listed."""
        self.add("a", "b", "c", "d", "e")
        self.answer(SKIP)
        self.answer(GIVE_UP)
        self.assertEqual((self.shown(), self.settled), ([], [LEFT]))
        self.assertEqual([line.title for line in self.lines()], ["up: a"])

    def test_given_up_without_transfers(self):
        (one,) = self.settle(clash("a"))
        self.answer(GIVE_UP)
        self.failureResultOf(one, CancelledError)
        self.assertEqual(self.shown(), [])

"""Transfers that are held up, that lose their connection, and that the next start carries on."""

from twisted.internet.defer import CancelledError, Deferred

from anoncloud.client.interrupted import Interrupted
from anoncloud.client.threads import finishing
from anoncloud.errors import Unreachable, UsageError
from anoncloud.ui import transfer_effects as effects
from anoncloud.ui.doing.transfers import AGAIN, AT_ONCE
from anoncloud.ui.events import Told
from tests.ui.doing.test_transfers import DONE, PAUSED, RUNNING, WAITING, QueueCase

JOB = Interrupted(up=True, local=b"/a", remote=(), names=((b"a", b"a"),), moving=False)


class HeldTests(QueueCase):
    def pause(self, number):
        self.queue.pause(effects.PauseTransfer(number))

    def resume(self, number):
        self.queue.resume(effects.ResumeTransfer(number))

    def test_others_get_the_place(self):
        """What is held up is stopped, the next begins, and it goes on when there is room."""
        self.add(AT_ONCE + 1)
        self.pause(1)
        self.assertEqual(self.states(), [PAUSED] + [RUNNING] * AT_ONCE)
        self.resume(1)
        self.assertEqual(self.states(), [WAITING] + [RUNNING] * AT_ONCE)
        self.end(1)
        self.assertEqual(self.states(), [RUNNING, DONE, RUNNING, RUNNING])
        self.assertEqual(len(self.work), AT_ONCE + 2)
        self.assertEqual([told.text for told in self.desk.heard(Told)], ["done: up: file"])

    def test_before_it_begins(self):
        self.add(AT_ONCE + 1)
        self.pause(AT_ONCE + 1)
        self.end(0)
        self.assertEqual(self.states(), [DONE, RUNNING, RUNNING, PAUSED])
        self.assertEqual(len(self.work), AT_ONCE)

    def test_wanted_before_it_has_stopped(self):
        """It begins anew only when what went before has ended."""
        stopping = []

        async def work(transfer):
            del transfer
            stopping.append(Deferred())
            try:
                await Deferred()
            finally:
                await stopping[-1]

        self.queue.add("up: slow", work)
        self.pause(1)
        self.resume(1)
        self.assertEqual((self.states(), len(stopping)), ([WAITING], 1))
        stopping[0].callback(None)
        self.assertEqual((self.states(), len(stopping)), ([RUNNING], 2))
        self.queue.stop()
        stopping[1].callback(None)

    def test_done_while_it_stops(self):
        """What was done before it could be stopped is done."""

        async def work(transfer):
            del transfer
            waiting = Deferred(lambda one: one.callback(None))
            await waiting

        self.queue.add("up: quick", work)
        self.pause(1)
        self.assertEqual(self.states(), [DONE])

    def test_steady(self):
        """What can't be stopped halfway is not held up, and says so."""

        async def work(transfer):
            transfer.steady = True
            await Deferred()

        self.queue.add("copy: file", work)
        error = self.assertRaises(UsageError, self.pause, 1)
        self.assertTrue(error.hint)
        self.assertEqual(self.states(), [RUNNING])

    def test_still_under_way(self):
        """What was held up and can't stop at once says so, until it has."""
        stopping = Deferred()

        async def work(transfer):
            del transfer
            try:
                await Deferred()
            except CancelledError:
                await stopping
                raise

        self.queue.add("up: file", work)
        self.pause(1)
        self.assertEqual(
            (self.states(), self.lines()[0].error), ([PAUSED], "sends what is under way")
        )
        stopping.callback(None)
        self.assertEqual((self.states(), self.lines()[0].error), ([PAUSED], ""))

    def test_finishing(self):
        """What is made to count at this moment is not held up, and says that it is finishing."""
        counts = Deferred()

        async def work(transfer):
            with finishing(transfer):
                await counts
            await Deferred()

        self.queue.add("up: file", work)
        self.assertEqual(self.lines()[0].error, "finishing")
        error = self.assertRaises(UsageError, self.pause, 1)
        self.assertIn("finishing", error.message)
        self.assertEqual(self.states(), [RUNNING])
        counts.callback(None)
        self.assertEqual(self.lines()[0].error, "")
        self.pause(1)
        self.assertEqual(self.states(), [PAUSED])

    def test_counts_anew(self):
        """How far it was stays in sight until it goes on."""
        self.add()
        self.work[0][0].expect(1, 100)
        self.work[0][0](60)
        self.pause(1)
        self.assertEqual((self.lines()[0].done, self.lines()[0].rate), (60, 0.0))
        self.resume(1)
        self.assertEqual((self.lines()[0].done, self.lines()[0].total), (0, None))

    def test_given_up(self):
        """Whoever waits for one learns that it was given up: held, waiting, or under way."""
        self.add(AT_ONCE + 1)
        self.pause(2)
        for number in (1, 2, AT_ONCE + 1):
            transfer = self.queue._find(number)
            self.queue.cancel(effects.CancelTransfer(number))
            self.successResultOf(transfer.over)
            self.assertIn("given up", transfer.errors[0].message)
            self.assertTrue(transfer.errors[0].hint)
        self.assertEqual(self.states(), [RUNNING])


class LineTests(QueueCase):
    def test_goes_on_by_itself(self):
        """What could not reach the server says why, waits, and tries again."""
        self.add()
        self.end(0, Unreachable("no server", "look at the network"))
        self.assertEqual(self.states(), [WAITING])
        self.assertIn("no server", self.lines()[0].error)
        self.desk.clock.advance(AGAIN)
        self.assertEqual((self.states(), self.lines()[0].error), ([RUNNING], ""))
        self.end(1)
        self.assertEqual(self.states(), [DONE])

    def test_not_after_the_end(self):
        self.add()
        self.end(0, Unreachable("no server", "look at the network"))
        self.queue.stop()
        self.desk.clock.advance(AGAIN)
        self.assertEqual(len(self.work), 1)


class JobTests(QueueCase):
    def test_what_is_open(self):
        """The next start gets what runs, waits and is held, unless it has no job."""

        async def work(transfer):
            del transfer
            await Deferred()

        for at in range(AT_ONCE + 2):
            self.queue.add("up: file", work, job=None if at == 1 else JOB)
        self.queue.pause(effects.PauseTransfer(1))
        self.queue.cancel(effects.CancelTransfer(3))
        self.assertEqual(self.queue.jobs, [JOB] * AT_ONCE)
        self.assertEqual([line.lasting for line in self.lines()], [True, False, True, True])

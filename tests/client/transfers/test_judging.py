"""Files on their way into a drive in which their places are taken."""

from twisted.internet.defer import Deferred

from anoncloud.client.transfers.judging import Judge
from anoncloud.client.transfers.placing import Placer
from anoncloud.client.transfers.policies import Policy, Seen
from anoncloud.errors import Exists
from tests.support.client import in_thread
from tests.support.client_arranged import ArrangedTestCase, content
from tests.support.client_clashes import BESIDE, LEAVE, STORE, Answerer, called
from tests.support.client_files import policy

A, B = (b"a",), (b"b",)
NEW = Seen(5, 7)


class JudgingCase(ArrangedTestCase):
    """A drive that has a file "a"; "the new one" is to go there."""

    def setUp(self) -> None:
        super().setUp()
        self.put("/a", 1)

    def judge(self, terms: Policy, *, by_content: bool = False) -> Judge:
        return Judge(self.drive, Placer(self.drive), terms, by_content)

    def place(self, judge: Judge, target=A, seen=NEW):
        """Give where a file goes, and whether that is as another version; None if it does not."""
        wanted = self.run_now(judge.where(target, seen, parents=False))
        return wanted and (wanted.target, wanted.expected is not None)

    def settle(self, judge: Judge, *targets) -> None:
        self.run_now(judge.settle([(target, NEW) for target in targets], in_thread))

    def look(self, number: int) -> Seen:
        """Give what the content of that number looks like."""
        return Seen(content(number).size, content(number).modified)


class PlaceTests(JudgingCase):
    def test_free(self):
        asked = Answerer()
        self.assertEqual(self.place(self.judge(asked.policy), B), (B, False))
        self.assertEqual(asked.asked, [])

    def test_the_same(self):
        """What looks the same stays out without a question, unless contents are compared."""
        asked = Answerer(STORE)
        judge = self.judge(asked.policy)
        self.assertIsNone(self.place(judge, seen=self.look(1)))
        self.assertEqual((asked.asked, judge.left), ([], []))
        judge = self.judge(asked.policy, by_content=True)
        self.assertEqual(self.place(judge, seen=self.look(1)), (A, True))

    def test_answers(self):
        for answer, expected in (
            (STORE, (A, True)),
            (LEAVE, None),
            (BESIDE, (A, False)),
            (called(b"b"), (B, False)),
        ):
            asked = Answerer(answer)
            judge = self.judge(asked.policy)
            self.assertEqual(self.place(judge), expected)
            (clash,) = asked.asked
            self.assertEqual((clash.shown, clash.name), ("/a", b"a"))
            self.assertEqual((clash.ours, clash.theirs), (NEW, self.look(1)))
            self.assertEqual(judge.left, [A] if answer is LEAVE else [])

    def test_left_under_another_name(self):
        """What stays out because its other name is taken, too, is known by its own place."""
        self.put("/b", 2)
        judge = self.judge(Answerer(called(b"b"), LEAVE).policy)
        self.assertIsNone(self.place(judge))
        self.assertEqual(judge.left, [A])

    def test_refused(self):
        error = self.fails(Exists, self.judge(policy("fail")).where(A, NEW, parents=False))
        self.assertTrue(error.hint)

    def test_beside_once(self):
        """What went beside before does not go there once more."""
        self.put("/a (copy)", 2)
        judge = self.judge(Answerer(BESIDE, BESIDE).policy)
        self.assertIsNone(self.place(judge, seen=self.look(2)))
        self.assertEqual(self.place(judge), (A, False))


class SettleTests(JudgingCase):
    def test_before(self):
        """All is asked before the first file goes, and nothing is asked twice."""
        self.put("/b", 2)
        asked = Answerer(STORE, LEAVE)
        judge = self.judge(asked.policy)
        self.settle(judge, A, B, (b"free",), (b"a", b"below a file"))
        self.assertEqual(asked.paths, ["/a", "/b"])
        self.assertEqual([self.place(judge), self.place(judge, B)], [(A, True), None])
        self.assertEqual(len(asked.asked), 2)

    def test_same_place(self):
        """Each of two files that go to one place has its own answer."""
        asked, other = Answerer(LEAVE, STORE), Seen(6, 8)
        judge = self.judge(asked.policy)
        self.run_now(judge.settle([(A, NEW), (A, other)], in_thread))
        places = [self.place(judge), self.place(judge, seen=other)]
        self.assertEqual((places, len(asked.asked)), ([None, (A, True)], 2))

    def test_nobody_is_asked(self):
        """Where a policy decides alone, nothing is looked at beforehand."""
        judge = self.judge(policy("replace"))
        self.settle(judge, A)
        self.assertEqual(self.place(judge), (A, True))

    def test_chosen_name_is_taken(self):
        self.put("/b", 2)
        asked = Answerer(called(b"b"), called(b"c"))
        judge = self.judge(asked.policy)
        self.settle(judge, A)
        self.assertEqual(asked.paths, ["/a", "/b"])
        self.assertEqual(self.place(judge), ((b"c",), False))

    def test_changed_since(self):
        """If another file is there by then, they are asked again."""
        asked = Answerer(STORE, LEAVE)
        judge = self.judge(asked.policy)
        self.settle(judge, A)
        self.put("/a", 3)
        self.assertIsNone(self.place(judge))
        self.assertEqual([clash.theirs for clash in asked.asked], [self.look(1), self.look(3)])

    def test_changed_while_asked(self):
        """An answer counts for what was shown: the version that came meanwhile is not expected."""
        asked = Answerer(STORE)
        asked.gate = gate = Deferred()
        judge = self.judge(asked.policy)
        coming = Deferred.fromCoroutine(judge.where(A, NEW, parents=False))
        before = self.node("/a").packed
        self.put("/a", 3)
        gate.callback(None)
        self.assertEqual(self.successResultOf(coming).expected.packed, before)

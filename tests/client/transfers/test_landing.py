"""Files on their way to a local disk on which their places are taken."""

import os
from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.transfers.landing import Landing, Plan
from anoncloud.client.transfers.policies import Seen
from anoncloud.errors import Exists
from tests.support.client import in_thread
from tests.support.client_arranged import content
from tests.support.client_clashes import BESIDE, LEAVE, STORE, Answerer, called
from tests.support.client_files import policy

VERSION = content(3)
"""100 bytes, changed in second 3."""


class LandingCase(SynchronousTestCase):
    def setUp(self):
        self.top = Path(self.mktemp())
        self.top.mkdir()
        self.place = self.write("a", b"there", 1)
        self.complaints = []
        self.plan = Plan()

    def write(self, name, what, seconds):
        path = self.top / name
        path.write_bytes(what)
        os.utime(path, (seconds, seconds))
        return path

    def land(self, terms, name="a", *, always=False):
        """Settle where the version goes as *name*; give the names of what comes, and how."""
        self.landing = Landing(terms, always, self.complaints.append)
        self.plan = Plan()
        self.landing.sort(self.plan, VERSION, str(self.top / name))
        settling = Deferred.fromCoroutine(self.landing.settle(self.plan, in_thread))
        if settling.called:
            self.successResultOf(settling)
        return self.coming()

    def coming(self):
        wishes = [*self.plan.short, *self.plan.long]
        return [(Path(wish.path).name, wish.overwrite) for wish in wishes]


class SortTests(LandingCase):
    def test_free(self):
        asked = Answerer()
        self.assertEqual(self.land(asked.policy, "free"), [("free", False)])
        self.assertEqual(asked.asked, [])

    def test_the_same(self):
        self.write("a", bytes(100), 3)
        asked = Answerer(STORE)
        self.assertEqual(self.land(asked.policy), [])
        self.assertEqual((asked.asked, self.landing.unchanged), ([], 1))
        self.assertEqual(self.land(asked.policy, always=True), [("a", True)])

    def test_folder(self):
        """A folder is never replaced; what is stored beside anything passes it."""
        (self.top / "folder").mkdir()
        for terms in (Answerer().policy, policy("replace"), policy("newer"), policy("fail")):
            error = self.assertRaises(Exists, self.land, terms, "folder")
            self.assertIn("folder", error.message)
            self.assertTrue(error.hint)
        self.assertEqual(self.land(policy("rename"), "folder"), [("folder (copy)", False)])
        self.assertEqual(self.land(policy("skip"), "folder"), [])


class SettleTests(LandingCase):
    def test_answers(self):
        for answer, expected in (
            (STORE, [("a", True)]),
            (LEAVE, []),
            (BESIDE, [("a (copy)", False)]),
            (called(b"\xff"), [("\udcff", False)]),
        ):
            asked = Answerer(answer)
            self.assertEqual(self.land(asked.policy), expected)
            (clash,) = asked.asked
            self.assertEqual(clash.name, b"a")
            self.assertEqual((clash.ours, clash.theirs), (Seen(100, 3 * 10**9), Seen(5, 10**9)))

    def test_refused(self):
        self.assertEqual(self.land(policy("fail")), [])
        self.assertEqual([type(error) for error in self.complaints], [Exists])

    def test_beside_once(self):
        self.write("a (copy)", bytes(100), 3)
        self.assertEqual(self.land(Answerer(BESIDE).policy), [])
        self.assertEqual(self.landing.unchanged, 1)
        self.write("a (copy)", b"something else", 3)
        self.assertEqual(self.land(Answerer(BESIDE).policy), [("a (copy 2)", False)])

    def test_chosen_name_is_taken(self):
        self.write("b", b"there, too", 2)
        asked = Answerer(called(b"b"), STORE)
        self.assertEqual(self.land(asked.policy), [("b", True)])
        self.assertEqual([clash.name for clash in asked.asked], [b"a", b"b"])

    def test_changed_while_asked(self):
        """What is another file by the time of the answer is asked about again."""
        asked = Answerer(STORE, LEAVE)
        asked.gate = gate = Deferred()
        self.assertEqual(self.land(asked.policy), [])
        self.write("a", b"changed", 9)
        gate.callback(None)
        self.assertEqual([clash.theirs.size for clash in asked.asked], [5, 7])
        self.assertEqual(self.coming(), [])

    def test_gone_while_asked(self):
        asked = Answerer(STORE)
        asked.gate = gate = Deferred()
        self.land(asked.policy)
        self.place.unlink()
        gate.callback(None)
        self.assertEqual(self.coming(), [("a", True)])

    def test_in_order(self):
        """They are asked in the order of their places."""
        asked = Answerer(LEAVE, LEAVE, LEAVE)
        landing = Landing(asked.policy, False, self.fail)
        for name in ("c", "b", "a"):
            self.write(name, b"there", 1)
            landing.sort(self.plan, VERSION, str(self.top / name))
        self.successResultOf(Deferred.fromCoroutine(landing.settle(self.plan, in_thread)))
        self.assertEqual([clash.name for clash in asked.asked], [b"a", b"b", b"c"])

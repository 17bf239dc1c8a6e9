"""Commits that meet others and cuts: each change is done once, or not at all."""

from typing import Any

from twisted.internet.defer import Deferred

from anoncloud.client import drive as drives
from anoncloud.client.tree import changes
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.planning import free_name
from anoncloud.errors import (
    Code,
    ConnectionCut,
    Exists,
    NotFound,
    Refused,
)
from anoncloud.ids import ROOT
from anoncloud.wire import messages
from tests.support.client import CUT, Fault, MemoryPeer
from tests.support.client_commits import CommitTestCase


class ConcurrentTests(CommitTestCase):
    """Somebody else was faster."""

    def before(self, change: Any, peer: MemoryPeer | None = None) -> None:
        """Let the other device make a change just before this one's commit."""
        (peer or self.peer).before_commit.append(change)

    def test_replanned(self) -> None:
        """A plan is made again on what is there then; both changes are in the drive."""
        self.before(lambda: self.two.make_folder((b"theirs",)))
        self.before(lambda: self.two.make_folder((b"theirs too",)))
        self.make(self.one, b"mine")
        self.assertEqual(self.peer.commits(), 2)
        self.same(b"mine", b"theirs", b"theirs too")

    def test_plan_that_fits_no_more(self) -> None:
        """A plan that breaks a rule on what is there then fails, and changes nothing."""
        self.before(lambda: self.two.make_folder((b"name",)))
        self.fails(Exists, self.one.make_folder((b"name",)))
        self.same(b"name")
        self.before(lambda: self.two.trash((b"name",)))
        self.fails(NotFound, self.one.move((b"name",), (b"other",)))
        self.same()

    def test_plan_that_looks_again(self) -> None:
        """A plan that asks for a free name gets one that is free then."""

        def plan(draft: Draft) -> None:
            name = free_name(draft, ROOT, b"name", b"conflict")
            draft.add(changes.MakeFolder(draft.new_node(), ROOT, name, 0, 0))

        self.before(lambda: self.two.change(plan))
        self.run_now(self.one.change(plan))
        self.same(b"name", b"name (conflict)")

    def test_nothing_left_to_do(self) -> None:
        """A plan that finds its work done is done."""
        self.before(lambda: self.two.make_folder((b"a", b"b"), parents=True))
        self.run_now(self.one.make_folder((b"a", b"b"), parents=True))
        self.same(b"a")
        self.assertEqual(len(self.store.journal), 1)

    def test_too_busy(self) -> None:
        """A drive where others are always faster is given up on, in words."""
        self.patch(drives, "MAX_TRIES", 3)
        for number in range(4):
            self.before(lambda number=number: self.two.make_folder((b"%d" % number,)))
        self.peer.one_each = True
        error = self.fails(Refused, self.one.make_folder((b"mine",)))
        self.assertIs(error.code, Code.HEAD_MOVED)
        self.assertEqual(self.peer.commits(), 3)
        self.same(b"0", b"1", b"2")

    def test_one_at_a_time(self) -> None:
        """Two changes of one device, begun at once, are two records."""
        self.before(self.one_more)
        self.make(self.one, b"first")
        self.successResultOf(self.second)
        self.same(b"first", b"second")

    async def one_more(self) -> None:
        """Begin a second change of the same device while its first is under way."""
        self.second = Deferred.fromCoroutine(self.one.make_folder((b"second",)))
        self.assertNoResult(self.second)


class CutTests(CommitTestCase):
    """The connection is cut in the middle of a commit."""

    def test_cut_before(self) -> None:
        """A commit that was not done is made again."""
        self.fault(Fault.CUT_BEFORE, Fault.CUT_BEFORE)
        self.make(self.one, b"mine")
        self.same(b"mine")

    def test_cut_after(self) -> None:
        """A commit that was done is not made twice."""
        self.fault(Fault.CUT_AFTER)
        self.make(self.one, b"mine")
        self.assertEqual(self.peer.commits(), 1)
        self.same(b"mine")

    def test_late(self) -> None:
        """A commit that is done after all, when it had been given up, is known again."""
        self.fault(Fault.LATE)
        self.make(self.one, b"mine")
        self.same(b"mine")

    def test_late_twice(self) -> None:
        """So is one that was sent several times, and comes several times."""
        self.fault(Fault.LATE, Fault.LATE, Fault.CUT_AFTER)
        self.make(self.one, b"mine")
        self.same(b"mine")

    def test_cut_and_somebody_else(self) -> None:
        """A cut commit that somebody else forestalled is planned again."""
        self.peer.before_commit.append(lambda: self.two.make_folder((b"theirs",)))
        self.fault(Fault.CUT_BEFORE)
        self.make(self.one, b"mine")
        self.same(b"mine", b"theirs")

    def test_done_and_somebody_else_behind_it(self) -> None:
        """A cut commit that was done is found also if others have gone on since."""

        async def cut_after(_: messages.Answers) -> None:
            await self.two.catch_up()
            await self.two.make_folder((b"theirs",))

        def done(answer: messages.Answers) -> messages.Answers:
            self.run_now(cut_after(answer))
            raise ConnectionCut(CUT)

        self.fault(done)
        self.make(self.one, b"mine")
        self.assertEqual(self.peer.commits(), 1)
        self.same(b"mine", b"theirs")

    def test_always_cut(self) -> None:
        """A connection that is cut every time is given up on, and the change with it."""
        self.patch(drives, "MAX_TRIES", 4)
        self.fault(*[Fault.CUT_BEFORE] * 9)
        self.fails(ConnectionCut, self.one.make_folder((b"mine",)))
        self.peer.faults.clear()
        self.same()

    def test_any_row_of_faults(self) -> None:
        """Whatever happens to three commits of each device, each change is done once."""
        kinds = [None, *Fault]
        expected: list[bytes] = []
        for number, (first, second) in enumerate((a, b) for a in kinds for b in kinds):
            self.fault(*[fault for fault in (first, second) if fault])
            self.fault(*[fault for fault in (second, first) if fault], peer=self.other_peer)
            mine, theirs = b"%02d mine" % number, b"%02d theirs" % number
            self.peer.before_commit.append(lambda theirs=theirs: self.two.make_folder((theirs,)))
            self.make(self.one, mine)
            expected += [mine, theirs]
        self.peer.faults.clear()
        self.other_peer.faults.clear()
        self.same(*expected)

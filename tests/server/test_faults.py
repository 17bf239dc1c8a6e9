"""Whatever call of the system fails, and whenever: nothing that was acknowledged is lost.

A story of uploads, commits, reads and removals is told again and again over a real folder and a
real database, each time with the next call failing, until one goes by without a fault. Each time
the peer is told what is wrong, what was refused succeeds as soon as the fault is gone, without a
restart; and all that was acknowledged is there, before and after the stores are opened anew.
"""

import errno
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from hashlib import shake_256
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from anoncloud.errors import Code, Refused
from anoncloud.limits import SMALL_BLOB
from anoncloud.server.contracts import Head
from anoncloud.server.stores.folder import file_name
from anoncloud.wire import messages
from anoncloud.wire.records import genesis_hash, record_hash
from tests.support.faults import CALLS, Disk, Faults
from tests.support.server import ADA, Peer, ServerTestCase, blob_name, record

LATER = 2 * 24 * 3600


def content(number: int) -> bytes:
    """Make the bytes of a blob."""
    return shake_256(b"%d" % number).digest(64) * (SMALL_BLOB // 64)


class Story:
    """What one client does, and what it was told to be done."""

    def __init__(self, case: "FaultTests", disk: Disk) -> None:
        self.case = case
        self.disk = disk
        self.peer = Peer(disk.house, disk.clock)
        case.assertIsInstance(self.peer.ask(messages.LogIn, *ADA.log_in()), messages.LoggedIn)
        self.head = Head(0, genesis_hash(ADA.drive))
        self.staged: set[int] = set()
        self.kept: set[int] = set()
        self.records: list[bytes] = []

    def ask(self, kind: Any, *fields: Any, bulk: bytes = b"") -> bool:
        """Ask; whether it was done. A refusal is to say what is wrong, and what to do."""
        number = self.peer.begin(kind, *fields)
        if bulk:
            for at in range(0, len(bulk), SMALL_BLOB // 4):
                self.peer.deliver(number, bulk[at : at + SMALL_BLOB // 4])
        (answer,) = self.peer.answers(number)
        if isinstance(answer, messages.Refusal):
            self.case.check_refusal(answer, self.disk.faults)
            return False
        return True

    def stage(self, number: int) -> bool:
        """Upload a blob."""
        done = self.ask(
            messages.StageBlob, ADA.drive, blob_name(number), SMALL_BLOB, bulk=content(number)
        )
        if done:
            self.staged.add(number)
        return done

    def commit(self, adds: int, drops: int | None = None) -> bool:
        """Commit a record; one that may be committed, though it was refused, is looked for."""
        dropped = () if drops is None else (blob_name(drops),)
        made = record(ADA.drive, self.head, (blob_name(adds),), dropped)
        if not self.ask(messages.Commit, made):
            return False
        self.head = Head(self.head.number + 1, record_hash(made))
        self.records.append(made)
        self.staged.discard(adds)
        self.kept.add(adds)
        self.kept.discard(drops or 0)
        return True

    def read(self, number: int) -> bool:
        """Read a blob."""
        before = self.peer._number
        done = self.ask(messages.ReadBlob, ADA.drive, blob_name(number), 0, SMALL_BLOB, SMALL_BLOB)
        if done:
            self.case.assertEqual(self.peer.bulk[before + 1], content(number))
        return done

    def unstage(self, number: int) -> bool:
        """Take a blob back; from now on nobody counts on it."""
        self.staged.discard(number)
        return self.ask(messages.Unstage, ADA.drive, (blob_name(number),))

    def collect(self) -> bool:
        """Let the collector make a round, as it does every ten minutes."""
        self.disk.clock.advance(600)
        collecting = Deferred.fromCoroutine(self.disk.collector.collect())
        outcome = self.case.successResultOf(collecting.addErrback(lambda why: why.trap(Refused)))
        return isinstance(outcome, int)

    def steps(self) -> list[Callable[[], bool]]:
        """Give the story, whose steps need each other in this order."""
        return [
            lambda: self.stage(1),
            lambda: self.commit(1),
            lambda: self.stage(2),
            lambda: self.stage(3),
            lambda: self.read(1),
            lambda: self.commit(2, drops=1),
            lambda: self.unstage(3),
            lambda: self.read(2),
            lambda: self.stage(4),
            self.collect,
        ]


class FaultTests(ServerTestCase):
    """The story, over and over."""

    def setUp(self) -> None:
        super().setUp()
        # In memory where there is such a place: hundreds of stories sync thousands of times.
        memory = Path("/dev/shm")
        self.place = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
        self.addCleanup(shutil.rmtree, self.place)
        self.made = self.place / "made"
        disk = Disk(self.made, Clock())
        self.now(disk.house.accounts.register(ADA.new_account(), None, 0, 0))
        disk.database.close()

    def check_refusal(self, refusal: messages.Refusal, faults: Faults | None) -> None:
        """See that a refusal is said in words that fit the fault."""
        self.assertTrue(faults is not None and faults.struck, refusal)
        self.assertTrue(refusal.hint)
        self.assertNotIn("the server has a fault", refusal.sentence)
        if faults is not None and faults.error == errno.ENOSPC:
            self.assertEqual((refusal.code, refusal.sentence), (11, "the server's disk is full"))
        else:
            self.assertEqual(Code(refusal.code), Code.UNAVAILABLE)

    def tell(self, number: int, faults: Faults) -> bool:
        """Tell the story once; whether a fault struck."""
        folder = self.place / f"{number}"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.made, folder)
        disk = Disk(folder, Clock())
        story = Story(self, disk)
        disk.faults = faults
        refused = 0
        for step in story.steps():
            with faults.at_work():
                done = step()
            if not done:
                refused += 1
                self.check(story, f"{number}: {faults.struck}")
                if faults.lasting:
                    disk.faults, faults = None, Faults(0)
                done = step()
            self.assertTrue(done, f"{number}: {faults.struck} lasts")
        self.check(story, f"{number}, at the end: {faults.struck}")
        disk.reopen()
        self.check(story, f"{number}, opened anew: {faults.struck}")
        self.check_clean(story)
        disk.database.close()
        self.flushLoggedErrors(Refused)  # for the owner, of what nobody waits for
        return bool(faults.struck or refused)

    def check(self, story: Story, when: str) -> None:
        """See that all is there that was acknowledged."""
        faults, story.disk.faults = story.disk.faults, None
        house = story.disk.house
        for number in story.staged | story.kept:
            self.assertEqual(
                self.now(house.journal.holds(ADA.drive, blob_name(number))), SMALL_BLOB
            )
            read = self.now(house.blobs.read(blob_name(number), 0, SMALL_BLOB))
            self.assertEqual(read, content(number), when)
        found, head = self.now(house.journal.read(ADA.drive, 0, 10**6))
        self.assertEqual(found[: len(story.records)], story.records, when)
        self.assertEqual(head, len(found))
        story.disk.faults = faults

    def check_clean(self, story: Story) -> None:
        """See that the collector leaves what is wanted, and nothing else."""
        disk = story.disk
        disk.faults = None
        disk.clock.advance(LATER)
        with Faults(0).at_work():
            self.now(disk.collector.collect())
        wanted = {disk.folder / "blobs" / file_name(blob_name(number)) for number in story.kept}
        self.assertEqual(set(disk.files()), wanted)

    def tell_all(self, make: Callable[[int], Faults], least: int) -> None:
        """Tell the story with the first call failing, the second, and so on, until none does."""
        number = 1
        while self.tell(number, make(number)):
            number += 1
        self.assertGreater(number, least)

    def test_once(self) -> None:
        """Any one call to the disk fails once; each kind of them does at some time."""
        faults: list[Faults] = []

        def make(nth: int) -> Faults:
            faults.append(Faults(nth, errno.EIO))
            return faults[-1]

        self.tell_all(make, 50)
        struck = {name for each in faults for name in each.struck}
        self.assertEqual(set(CALLS) - struck - {"pread", "preadv"}, set())
        self.assertTrue(struck & {"pread", "preadv"})

    def test_full(self) -> None:
        """From any write on the disk is full, until somebody makes room."""
        picks = ("open", "pwrite", "fdatasync", "fsync", "mkdir")
        self.tell_all(lambda nth: Faults(nth, errno.ENOSPC, lasting=True, picks=picks), 30)

    def test_no_files_left(self) -> None:
        """From any time on there is no descriptor left, until some are given back."""
        self.tell_all(lambda nth: Faults(nth, errno.EMFILE, lasting=True, picks=("open",)), 10)

    def test_short_writes(self) -> None:
        """Any one write takes half of what it is given: nobody notices."""
        self.tell_all(lambda nth: Faults(nth, None, picks=("pwrite",)), 3)

    def test_database(self) -> None:
        """Any one transaction fails before it begins, or once it is done and nobody is told."""
        for picks in (("begin",), ("commit",)):
            for error in (errno.EIO, errno.ENOSPC):
                self.tell_all(partial(Faults, error=error, picks=picks), 8)

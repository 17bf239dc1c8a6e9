"""Uploads and downloads of the queue: held up and carried on, also by the next start."""

import attrs
from twisted.internet.defer import Deferred

from anoncloud.errors import NotFound
from anoncloud.limits import BULK_BLOB, MIB
from anoncloud.ui import transfer_effects as effects
from anoncloud.ui.doing import carrying, copying
from anoncloud.ui.doing.transfers import Queue
from anoncloud.ui.effects import CopyThere, MoveThere
from anoncloud.ui.events import Progress, Told, TransfersChanged
from anoncloud.ui.places import Local, Remote
from tests.support.client import KEYRING
from tests.support.client_files import LATER, noise
from tests.support.open_desks import OpenDeskTestCase


class Known:
    """Who is logged in."""

    keyring = KEYRING


class CopyingCase(OpenDeskTestCase):
    def setUp(self):
        super().setUp()
        self.desk.following.known = Known()
        self.desk.following.account = object()
        clock = self.desk.here.clock
        self.desk.here = attrs.evolve(self.desk.here, clock=lambda: clock() + LATER)
        self.patch(carrying, "KEPT", LATER)  # files have times of their own
        self.staged = 0
        self.gate = None
        self.stage = self.peer.stage
        self.patch(self.peer, "stage", self.stage_slowly)

    async def stage_slowly(self, drive, blob, sent):
        """Take blobs; from the third on only once the gate, if there is one, is open."""
        if self.gate is not None and self.staged >= 2:
            await self.gate
        self.staged += 1
        await self.stage(drive, blob, sent)

    def states(self):
        self.desk.queue.tell()
        return [line.state for line in self.desk.heard(TransfersChanged)[-1].transfers]

    def copy_up(self, *names, kind=CopyThere):
        work = copying.copy_there if kind is CopyThere else copying.move_there
        self.do(work, kind(self.here, tuple(map(str.encode, names)), Remote(())))

    def content(self, name):
        return self.read(self.file(name).version)


class CopyingTests(CopyingCase):
    def test_up_and_down(self):
        content = noise(MIB)
        path = self.write("file", content)
        self.copy_up("file")
        self.assertEqual(self.states(), [Progress.DONE])
        path.unlink()
        self.do(copying.copy_there, CopyThere(Remote(()), (b"file",), self.here))
        self.assertEqual(path.read_bytes(), content)

    def test_moved(self):
        """A move removes what it has stored."""
        path = self.write("file", b"content")
        self.copy_up("file", kind=MoveThere)
        self.assertEqual(self.states(), [Progress.DONE])
        self.assertFalse(path.exists())
        self.assertEqual(self.content("file"), b"content")


class SeveralTests(CopyingCase):
    """All that was marked is one transfer."""

    def setUp(self):
        super().setUp()
        self.paths = {name: self.write(name, name.encode() * 9) for name in ("a", "b", "c", "d/e")}
        self.marked = ("a", "b", "c", "d")

    def titles(self):
        self.desk.queue.tell()
        return [line.title for line in self.desk.heard(TransfersChanged)[-1].transfers]

    def test_one_blob(self):
        """Four small things that were marked take one blob and one entry of the list."""
        self.copy_up(*self.marked)
        self.assertEqual(self.states(), [Progress.DONE])
        self.assertEqual(self.titles(), ["up: 4 entries to drive:/"])
        self.assertEqual(len(self.store.blobs), 1)
        for name, path in self.paths.items():
            node = self.drive.stat(tuple(name.encode().split(b"/")))
            self.assertEqual(self.read(node.version), path.read_bytes())

    def test_one_download(self):
        self.copy_up(*self.marked)
        (self.top / "to").mkdir()
        marked = tuple(map(str.encode, self.marked))
        target = Local(self.here.path + "/to")
        self.do(copying.copy_there, CopyThere(Remote(()), marked, target))
        self.assertEqual(len(self.titles()), 2)
        for name, path in self.paths.items():
            self.assertEqual((self.top / "to" / name).read_bytes(), path.read_bytes())

    def test_moved(self):
        """A move removes all of them, on either side."""
        self.copy_up(*self.marked, kind=MoveThere)
        self.assertEqual(list(self.top.iterdir()), [])
        marked = tuple(map(str.encode, self.marked))
        self.do(copying.move_there, MoveThere(Remote(()), marked, self.here))
        self.assertEqual(self.drive.entries(()), [])
        self.assertEqual({path.read_bytes() for path in self.paths.values()},
                         {name.encode() * 9 for name in self.paths})  # fmt: skip

    def test_one_is_gone(self):
        """What can't be read is told; the others go, and a move removes nothing before all is."""
        self.paths["b"].unlink()
        self.copy_up(*self.marked, kind=MoveThere)
        self.assertEqual(self.states(), [Progress.FAILED])
        self.assertEqual(self.content("c"), b"ccccccccc")
        self.assertTrue(self.paths["c"].exists())
        self.write("b", b"back again")
        self.desk.queue.retry(effects.RetryTransfer(1))
        self.assertEqual(self.states(), [Progress.DONE])
        self.assertEqual(self.content("b"), b"back again")
        self.assertEqual(list(self.top.iterdir()), [])

    def test_carried_on(self):
        """The next start takes all of it on as one again."""
        self.write("long", noise(4 * BULK_BLOB))
        self.gate = Deferred()
        self.copy_up("long", *self.marked)
        carrying.keep(self.desk)
        self.desk.queue.stop()
        self.gate = None
        self.desk.queue = Queue(self.desk)
        self.successResultOf(Deferred.fromCoroutine(carrying.carry_on(self.desk)))
        self.assertEqual(self.titles(), ["up: 5 entries to drive:/"])
        self.assertEqual(self.states(), [Progress.DONE])
        self.assertEqual(self.content("a"), b"aaaaaaaaa")


class CarriedOnTests(CopyingCase):
    def setUp(self):
        super().setUp()
        self.whole = noise(4 * BULK_BLOB)
        self.write("file", self.whole)
        self.write("small", b"x")
        self.gate = Deferred()
        self.copy_up("file")
        self.assertEqual((self.states(), self.staged), ([Progress.RUNNING], 2))

    def test_held(self):
        """What is held up goes on from where it was, though another upload ended meanwhile."""
        self.desk.queue.pause(effects.PauseTransfer(1))
        self.gate = None
        self.copy_up("small")
        self.assertEqual(self.states(), [Progress.PAUSED, Progress.DONE])
        self.assertRaises(NotFound, self.file, "file")
        before = self.staged
        self.desk.queue.resume(effects.ResumeTransfer(1))
        self.assertEqual(self.states(), [Progress.DONE, Progress.DONE])
        self.assertEqual(self.content("file"), self.whole)
        self.assertLessEqual(self.staged - before, 3)

    def test_next_start(self):
        """The end keeps what was under way, sealed; the next start carries it on, once."""
        carrying.keep(self.desk)
        self.desk.queue.stop()
        self.gate, before = None, self.staged
        self.desk.queue = Queue(self.desk)
        self.successResultOf(Deferred.fromCoroutine(carrying.carry_on(self.desk)))
        self.assertEqual(self.states(), [Progress.DONE])
        self.assertEqual(self.content("file"), self.whole)
        self.assertLessEqual(self.staged - before, 3)
        self.assertIn(
            "1 transfer carries on from last time", [one.text for one in self.desk.heard(Told)]
        )
        self.desk.queue = Queue(self.desk)
        self.successResultOf(Deferred.fromCoroutine(carrying.carry_on(self.desk)))
        self.assertFalse(self.desk.queue.active)

    def test_given_up_for_good(self):
        """Nothing is kept of what was given up."""
        self.desk.queue.cancel(effects.CancelTransfer(1))
        carrying.keep(self.desk)
        self.desk.queue = Queue(self.desk)
        self.successResultOf(Deferred.fromCoroutine(carrying.carry_on(self.desk)))
        self.assertEqual(self.desk.queue.jobs, [])

    def test_old_lists(self):
        """What was left too long ago to be believed is removed, with its folder."""
        self.desk.queue.cancel(effects.CancelTransfer(1))
        folder = self.desk.here.profile.cache(KEYRING.drive).unfinished
        self.assertEqual(len(list(folder.iterdir())), 1)
        self.patch(carrying, "KEPT", 0)
        self.gate = None
        self.copy_up("small")
        self.assertEqual(self.content("small"), b"x")
        self.assertEqual(list(folder.glob("*/*")), [])

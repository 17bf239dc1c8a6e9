"""The drive as it was: folded again, proven to be this history, its content found where it is."""

from itertools import pairwise

from msgspec import structs

from anoncloud.client import history
from anoncloud.client.arranging import remove
from anoncloud.client.epochs import new_epoch
from anoncloud.client.tree import changes
from anoncloud.client.tree.draft import Draft
from anoncloud.crypto.packing import Extent
from anoncloud.errors import Forked, NotFound, Refused, Tampered
from anoncloud.ids import ROOT
from anoncloud.wire import messages
from tests.support.client import Store
from tests.support.client_arranged import ArrangedTestCase, content
from tests.support.client_model import held
from tests.support.client_samples import blob


class AtTests(ArrangedTestCase):
    """history.at."""

    def at(self, moment: int) -> list[str]:
        """List the drive as it was."""
        return self.shown(self.run_now(history.at(self.drive, moment)))

    def fill(self) -> list[tuple[int, list[str]]]:
        """Do all kinds of things; give the time and the drive after each."""
        seen = [(self.mkdir("/a/b"), self.shown())]
        seen.append((self.put("/a/b/f", 1), self.shown()))
        seen.append((self.put("/a/b/f", 2), self.shown()))
        seen.append((self.link("/a/l"), self.shown()))
        self.run_now(self.drive.move((b"a", b"b"), (b"c",)))
        seen.append((self.clock.now, self.shown()))
        self.run_now(self.drive.trash((b"a",)))
        seen.append((self.clock.now, self.shown()))
        return seen

    def test_every_moment(self) -> None:
        """At each moment the drive is what it was then, between two moments as after the first."""
        seen = self.fill()
        for moment, listed in seen:
            self.assertEqual(self.at(moment), listed)
        for (_, before), (moment, _) in pairwise(seen):
            self.assertEqual(self.at(moment - 1), before)
        self.assertEqual(self.at(2**62), seen[-1][1])

    def test_over_epochs(self) -> None:
        """So it is over new drive keys: each record opens by the key of its own time."""
        seen = []
        for number in range(3):
            seen.append((self.mkdir(f"/{number}"), self.shown()))

            def plan(draft: Draft) -> None:
                draft.add(new_epoch(self.drive.journal.keyring, draft, self.drive.entropy))

            self.run_now(self.drive.change(plan))
        for moment, listed in seen:
            self.assertEqual(self.at(moment), listed)
        self.assertEqual(self.drive.journal.epoch, 3)

    def test_whole_tree(self) -> None:
        """The newest moment is the tree itself: trash, blobs and all, but another object."""
        self.fill()
        tree = self.run_now(history.at(self.drive, self.clock.now))
        self.assertIsNot(tree, self.drive.tree)
        self.assertEqual(held(tree), held(self.drive.tree))

    def test_too_early(self) -> None:
        """Before its first record there was no drive."""
        seen = self.fill()
        self.fails(NotFound, history.at(self.drive, seen[0][0] - 1))

    def test_no_records(self) -> None:
        """A drive without records was always empty."""
        self.store = Store()
        self.drive, _ = self.open()
        self.assertEqual(self.at(1), [])

    def test_a_clock_that_went_back(self) -> None:
        """What was recorded after the first later record does not count."""
        first = self.put("/a", 1)
        self.clock.now += 1000
        self.put("/b", 2)
        self.clock.now = first
        self.put("/c", 3)
        self.assertEqual(self.at(first + 500), ["/a 1"])

    def test_from_a_checkpoint(self) -> None:
        """A checkpoint spares reading what lies before it, if it is not from a later time."""
        folder = self.mktemp()
        self.drive, self.peer = self.open(b"third", folder)
        for number in range(1, 39):
            moment = self.put(f"/{number}", number)
        self.drive.journal._tail = 2**20
        self.drive.journal.close()
        expected = self.shown()
        later = self.put("/1", 39)
        self.peer.asked.clear()
        self.assertEqual(self.at(moment), expected)
        self.assertEqual(len(self.peer.asked), 1)
        self.peer.asked.clear()
        self.assertEqual(len(self.at(moment - 1)), 37)
        self.assertGreater(len(self.peer.asked), 5)
        self.assertEqual(self.at(later)[0], "/1 39")

    def test_the_cache_is_only_read(self) -> None:
        """Looking back changes neither the drive nor what is kept of it."""
        seen = self.fill()
        before = held(self.drive.tree), self.drive.journal.head, self.drive.journal.newest
        self.at(seen[1][0])
        after = held(self.drive.tree), self.drive.journal.head, self.drive.journal.newest
        self.assertEqual(after, before)

    def test_another_history(self) -> None:
        """A server that shows another history, or less of it, is named."""
        moment = self.fill()[1][0]
        mine, good = self.store, list(self.store.journal)
        self.store = Store()
        forger, _ = self.open(b"evil")
        for number in range(len(good)):
            self.run_now(forger.make_folder((b"%d" % number,)))
        for shown in (self.store.journal, good[:-1], [good[1], *good]):
            mine.journal = list(shown)
            self.fails(Forked, history.at(self.drive, moment))
        mine.journal = good
        self.assertEqual(len(self.at(moment)), 3)

    def test_after_the_moment(self) -> None:
        """Records after the moment are still held against what this device knows."""
        moment = self.fill()[0][0]
        last = bytearray(self.store.journal[-1])
        last[-1] ^= 1
        self.store.journal[-1] = bytes(last)
        self.fails(Forked, history.at(self.drive, moment))

    def test_damage(self) -> None:
        """A record that is no record is named; a refusal is passed on."""
        moment = self.fill()[1][0]
        self.store.journal[0] = b"\x00\x00\x00\x01"
        self.fails(Tampered, history.at(self.drive, moment))
        self.peer.faults[messages.ReadJournal] = [Refused(8, "no")]
        self.fails(Refused, history.at(self.drive, moment))


class RecoverTests(ArrangedTestCase):
    """history.recover."""

    def test_nothing_to_do(self) -> None:
        """What still lies where it lay is left as it is."""
        moment = self.put("/f", 1)
        self.put("/f", 2)
        past = self.run_now(history.at(self.drive, moment))
        before = held(past)
        self.assertEqual(history.recover(past, self.drive.tree, ROOT), [])
        self.assertEqual(held(past), before)

    def test_trashed(self) -> None:
        """What lies in the trash now can be had."""
        moment = self.put("/a/f", 1)
        self.run_now(self.drive.trash((b"a",)))
        past = self.run_now(history.at(self.drive, moment))
        self.assertEqual(history.recover(past, self.drive.tree, ROOT), [])

    def test_purged(self) -> None:
        """What was removed for good is told, below the node that is asked for."""
        self.put("/a/f", 1)
        self.put("/a/g", 2)
        moment = self.put("/b", 3)
        self.run_now(remove(self.drive, [self.node("/a/f"), self.node("/b")], forever=True))
        past = self.run_now(history.at(self.drive, moment))
        top = self.node("/a", past).node
        lost = history.recover(past, self.drive.tree, top)
        self.assertEqual([file.name for file in lost], [b"f"])
        self.assertEqual(len(history.recover(past, self.drive.tree, ROOT)), 2)

    def test_relocated(self) -> None:
        """Content that lies elsewhere since is found there, also if only a copy of it is left."""
        moment = self.put("/f", 1)
        self.put("/copy", 1)
        streams = content(1).streams
        there = (Extent(blob(9), 0, streams[0].extents[0].length),)
        for path in ("/f", "/copy"):
            node = self.node(path).node
            self.change(
                lambda draft, node=node: draft.add(
                    changes.Relocate(node, streams[0].key, there, ())
                )
            )
        self.run_now(remove(self.drive, [self.node("/f")], forever=True))
        self.assertNotIn(blob(1), self.store.blobs)
        past = self.run_now(history.at(self.drive, moment))
        self.assertEqual(history.recover(past, self.drive.tree, ROOT), [])
        moved = structs.replace(streams[0], extents=there)
        self.assertEqual(self.node("/f", past).version.streams, (moved,))

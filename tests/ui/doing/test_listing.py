"""Lists filled from the drive and the disk: versions, finds, sizes, moments, details."""

import attrs
from twisted.internet.defer import Deferred

from anoncloud.client.tree.changes import SetOptions
from anoncloud.errors import Exists, LocalFileError, NotFound
from anoncloud.ui.doing import listing, looking, versions
from anoncloud.ui.effects import DetailsOf, FindAll, HistoryOf, MeasureThem, Side
from anoncloud.ui.entries import Entry, Kind
from anoncloud.ui.events import Heard, LocalChanged, Told
from anoncloud.ui.looking_effects import GetVersion, Leave, PickMoment, RestoreVersion
from anoncloud.ui.model import Explorer
from anoncloud.ui.pane import Pane
from anoncloud.ui.places import Local, Past, Remote, Trash
from anoncloud.ui.viewing import finds, moments, usage
from anoncloud.wire import messages
from tests.support.looking import text_of
from tests.support.open_desks import OpenDeskTestCase


class ListingCase(OpenDeskTestCase):
    def texts(self):
        return [item.text for item in self.layer.items]

    def leave_when_heard(self):
        """Let the layer be closed as soon as something is said to it."""
        tell, desk = self.desk.tell, self.desk

        def told(event):
            tell(event)
            if isinstance(event, Heard):
                desk.looks.leave(event.number)

        desk.tell = told


class VersionTests(ListingCase):
    def setUp(self):
        super().setUp()
        self.put(f=b"first")
        self.put(f=b"second")
        self.do(listing.history_of, HistoryOf((b"f",)))
        self.first = self.layer.items[1].subject

    def test_listed(self):
        self.assertEqual(self.texts(), ["2 the newest", "1"])

    def test_no_file(self):
        self.run_now(self.drive.make_folder((b"d",)))
        self.assertTrue(self.refused(Exists, listing.history_of, HistoryOf((b"d",))).hint)
        self.refused(NotFound, listing.history_of, HistoryOf((b"gone",)))

    def test_restored(self):
        """An older version becomes the newest, and none is lost."""
        self.do(versions.restore_version, RestoreVersion(self.first))
        self.assertEqual(self.content("f"), b"first")
        self.assertEqual(len(self.file("f").versions), 3)
        self.assertIn("version 1", self.desk.heard(Told)[0].text)

    def test_brought_down(self):
        """Beside what has its name there."""
        self.write("f", b"mine")
        panes = (Pane(Remote(())), Pane(self.here))
        self.desk.state_now = Explorer(panes=panes, active=Side.LEFT)
        self.do(versions.get_version, GetVersion(self.first))
        self.desk.clock.advance(1)
        found = {path.name: path.read_bytes() for path in self.top.iterdir()}
        self.assertEqual(found.pop("f"), b"mine")
        self.assertEqual(list(found.values()), [b"first"])
        self.assertIn(LocalChanged(self.here.path), self.desk.told)

    def test_brought_nowhere(self):
        self.desk.state_now = Explorer(panes=(Pane(Remote(())), Pane(Trash())))
        effect = GetVersion(self.first)
        self.assertTrue(self.refused(Exception, versions.get_version, effect).hint)

    def test_gone(self):
        self.purge(self.file("f"))
        self.refused(NotFound, versions.restore_version, RestoreVersion(self.first))
        self.refused(NotFound, versions.get_version, GetVersion(self.first))


class FindTests(ListingCase):
    def setUp(self):
        super().setUp()
        self.put(file1=b"1", file10=b"1234", other=b"")

    def test_found(self):
        self.do(listing.find_all, FindAll("file"))
        self.assertEqual(self.texts(), ["/file1", "/file10"])
        self.assertEqual(self.layer.note, "2 things")
        self.assertEqual(self.layer.items[1].cells[1], "4")

    def test_nothing(self):
        self.do(listing.find_all, FindAll("nowhere"))
        self.assertEqual((self.texts(), self.layer.note), ([], "0 things"))

    def test_too_many(self):
        self.patch(finds, "MOST", 2)
        self.do(listing.find_all, FindAll("*"))
        self.assertEqual(len(self.texts()), 2)
        self.assertIn("the first 2", self.layer.note)

    def test_told_now_and_then(self):
        """What is found in between is listed at once, and then not again at every step."""
        self.patch(finds, "STEP", 1)
        self.do(listing.find_all, FindAll("file"))
        self.assertEqual([len(said.items) for said in self.said()], [1, 2])

    def test_left(self):
        self.patch(finds, "STEP", 1)
        self.leave_when_heard()
        self.do(listing.find_all, FindAll("*"))
        self.assertEqual(len(self.said()), 1)


class MeasureTests(ListingCase):
    def setUp(self):
        super().setUp()
        self.write("d/e/f", b"x" * 3000)
        self.write("d/g", b"x" * 1000)
        self.write("h", b"x" * 500)
        (self.top / "link").symlink_to("d")

    def test_local(self):
        self.do(listing.measure_them, MeasureThem(self.here))
        self.assertEqual(self.texts(), ["d/", "h", "link"])
        self.assertEqual(self.layer.items[0].cells, ("", "2", "######### ", "3.9K"))
        self.assertIn("4.4 KiB", self.layer.note)
        self.assertNotIn("measuring", self.layer.note)

    def test_drive(self):
        self.store_folder(target=(b"top",))
        place = Remote((b"top",))
        self.do(listing.measure_them, MeasureThem(place))
        self.assertEqual(self.texts(), ["d/", "h", "link"])
        self.assertEqual(self.layer.items[0].cells[-1], "3.9K")
        self.do(listing.measure_them, MeasureThem(Remote(()), b"top"))
        self.assertEqual(self.texts(), ["top/"])

    def test_as_it_becomes_known(self):
        """What takes long shows how far it is; who leaves it ends it."""
        self.patch(usage, "STEP", 1)
        self.patch(listing.measuring, "TOLD_EVERY", 0)
        self.store_folder(target=(b"top",))
        self.do(listing.measure_them, MeasureThem(Remote(())))
        self.assertGreater(len(self.said()), 3)
        self.assertIn("measuring", self.said()[0].note)
        self.leave_when_heard()
        self.desk.told.clear()
        self.do(listing.measure_them, MeasureThem(Remote(())))
        self.assertEqual(len(self.said()), 1)

    def test_local_left(self):
        for name in ("i/x", "j/x"):
            self.write(name, b"")
        self.leave_when_heard()
        self.do(listing.measure_them, MeasureThem(self.here))
        self.assertEqual(len(self.said()), 1)

    def test_trouble(self):
        self.do(listing.measure_them, MeasureThem(Local("/nowhere at all")))
        self.assertIn("nowhere at all", self.layer.note)
        self.do(listing.measure_them, MeasureThem(Remote((b"gone",))))
        self.assertIn("gone", self.layer.note)
        self.put(f=b"")
        self.do(listing.measure_them, MeasureThem(Remote((b"f",))))
        self.assertIn("not a folder", self.layer.note)
        self.assertTrue(self.refused(Exists, listing.measure_them, MeasureThem(Trash())).hint)


class MomentTests(ListingCase):
    def test_listed(self):
        """The newest first; each leads to the drive as it was after it."""
        self.put(f=b"1")
        moment = self.clock.now
        self.run_now(self.drive.trash((b"f",)))
        self.run_now(self.drive.change(lambda draft: draft.add(SetOptions(compress=True))))
        self.do(listing.pick_moment, PickMoment(()))
        self.assertEqual(self.texts(), ["set options", "put into the trash /f", "stored /f"])
        effect = self.layer.press("end").layer.press("enter").effects[0]
        self.assertEqual(effect.place, Past(1, moment, ()))
        tree = self.run_now(listing.tree_of(self.desk, effect.place))
        self.assertEqual([node.name for node in tree.nodes.values() if node.name == b"f"], [b"f"])

    def test_from_a_checkpoint(self):
        """Of a long journal only what lies behind the newest checkpoint is read."""
        self.patch(moments, "NEAR", 3)
        folder = self.mktemp()
        self.drive, self.peer = self.open(b"two", folder)
        self.desk.following.drive = self.drive
        for number in range(5):
            self.put(**{f"f{number}": b""})
        self.drive.journal._tail = 2**20
        self.drive.journal.close()
        self.put(last=b"")
        self.peer.asked.clear()
        self.do(listing.pick_moment, PickMoment(()))
        self.assertEqual(self.texts(), ["stored /last"])
        self.assertIn("1 of 6", self.layer.note)
        self.assertEqual(len(self.peer.asked), 1)

    def test_another_history(self):
        self.put(f=b"1")
        self.store.journal[0] = bytes(reversed(self.store.journal[0]))
        self.do(listing.pick_moment, PickMoment(()))
        self.assertTrue(self.layer.note)
        self.assertEqual(self.texts(), [])
        asked = [one for one in self.peer.asked if isinstance(one, messages.ReadJournal)]
        self.assertTrue(asked)


class DetailsTests(ListingCase):
    def shown(self):
        return "\n".join(text_of(self.layer.view(100, 60)))

    def test_drive(self):
        self.put(f=b"1234")
        entry, moment = self.entry("f"), self.clock.now
        for place in (Remote(()), Past(1, moment, ())):
            self.do(listing.details_of, DetailsOf(place, entry))
            self.assertIn("4 bytes", self.shown())
        self.run_now(self.drive.trash((b"f",)))
        self.do(listing.details_of, DetailsOf(Trash(), entry))
        self.assertIn("trashed", self.shown())

    def test_local(self):
        self.write("f", b"1234")
        self.do(listing.details_of, DetailsOf(self.here, Entry(b"f", Kind.FILE, 4, 0)))
        self.assertIn("4 bytes", self.shown())
        gone = DetailsOf(self.here, Entry(b"gone", Kind.FILE, 4, 0))
        self.refused(LocalFileError, listing.details_of, gone)

    def test_folder(self):
        """A folder tells what is in it, and how much lies below once it is known; here or there."""
        self.write("d/e/f", b"x" * 3000)
        self.write("d/g", b"x" * 1000)
        self.store_folder(target=(b"top",))
        entry = Entry(b"d", Kind.FOLDER, -1, 0)
        for place in (self.here, Remote((b"top",))):
            self.do(listing.details_of, DetailsOf(place, entry))
            self.assertIn("2 entries", self.shown())
            self.assertIn("2 files, 3.9 KiB", self.shown())
            self.assertNotIn("measuring", self.shown())
            self.assertNotIn("inode", self.shown())

    def test_folder_closed(self):
        """It is measured in a thread, which ends when the layer is closed; nothing is told then."""
        self.write("d/f", b"x")
        waiting = []

        def in_thread(function, *arguments):
            done = Deferred()
            waiting.append((function, arguments, done))
            return done

        def go_on():
            function, arguments, done = waiting.pop(0)
            done.callback(function(*arguments))

        self.desk.here = attrs.evolve(self.desk.here, in_thread=in_thread)
        effect = DetailsOf(self.here, Entry(b"d", Kind.FOLDER, -1, 0))
        running = Deferred.fromCoroutine(listing.details_of(self.desk, effect))
        go_on()
        go_on()
        self.assertIn("measuring", self.shown())
        answer = self.layer.press("esc")
        self.assertIsNone(answer.layer)
        (leave,) = answer.effects
        self.successResultOf(Deferred.fromCoroutine(looking.leave(self.desk, leave)))
        go_on()
        self.successResultOf(running)
        self.assertEqual(self.said(), [])

    def test_gone(self):
        effect = DetailsOf(Remote(()), Entry(b"gone", Kind.FILE, 4, 0))
        self.refused(NotFound, listing.details_of, effect)


class LeaveTests(ListingCase):
    def test_left(self):
        self.do(listing.measure_them, MeasureThem(self.here))
        number = self.layer.number
        self.do(looking.leave, Leave(number))
        self.assertIsNone(self.desk.looks.get(number))

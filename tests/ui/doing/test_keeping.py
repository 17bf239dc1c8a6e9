"""What is kept from one start to the next, and what is said of files that make no sense."""

from pathlib import Path

from twisted.internet.defer import Deferred

from anoncloud.errors import LocalFileError, UsageError
from anoncloud.limits import KIB
from anoncloud.ui.bookmarks import Bookmarks
from anoncloud.ui.doing import carrying, keeping, transfers
from anoncloud.ui.doing.transfers import Queue
from anoncloud.ui.effects import Remember
from anoncloud.ui.events import Told, TransfersChanged
from anoncloud.ui.places import Local, Remote
from anoncloud.ui.transfer_effects import SetLimit
from tests.support.open_desks import OpenDeskTestCase
from tests.ui.doing.test_copying import Known

HOME = "/home/ann"


class KeepingCase(OpenDeskTestCase):
    def setUp(self):
        super().setUp()
        self.desk.following.known = Known()
        self.folder = self.desk.here.profile.folder

    def remember(self, bookmarks):
        self.do(keeping.remember, Remember(bookmarks))


class BookmarksTests(KeepingCase):
    def test_kept(self):
        """Bookmarks and recent places come back, but for those that no line of text can hold."""
        made = Bookmarks((("a", Local("/srv/\u00fc")),)).with_recent(Remote((b"lately",)))
        self.remember(made.with_named("b", Remote((b"\xff\n", b"x"))))
        self.assertEqual(keeping.bookmarks(self.folder, HOME), made)
        self.remember(Bookmarks())
        self.assertEqual(keeping.bookmarks(self.folder, HOME), Bookmarks())

    def test_none_yet(self):
        self.assertEqual(keeping.bookmarks(Path(self.mktemp()), HOME), Bookmarks())

    def test_no_sense(self):
        self.folder.mkdir()
        (self.folder / keeping.BOOKMARKS).write_text("what is this\n")
        error = self.assertRaises(UsageError, keeping.bookmarks, self.folder, HOME)
        self.assertTrue(error.hint)

    def test_no_place_for_it(self):
        """A state folder that can't be made is told with what to do."""
        self.folder.write_bytes(b"a file")
        error = self.refused(LocalFileError, keeping.remember, Remember(Bookmarks()))
        self.assertIn(str(self.folder), error.message)
        self.assertTrue(error.hint)

    def test_unreadable(self):
        (self.folder / keeping.BOOKMARKS).mkdir(parents=True)
        error = self.assertRaises(LocalFileError, keeping.bookmarks, self.folder, HOME)
        self.assertTrue(error.hint)


class KeymapTests(KeepingCase):
    def test_usual(self):
        self.assertEqual(keeping.keymap(self.folder).action("f5"), "copy")

    def test_of_the_user(self):
        self.folder.mkdir()
        (self.folder / keeping.KEYS).write_text('[keys]\ncopy = "y"\n')
        self.assertEqual(keeping.keymap(self.folder).action("y"), "copy")

    def test_no_sense(self):
        self.folder.mkdir()
        (self.folder / keeping.KEYS).write_text("[keys\n")
        error = self.assertRaises(UsageError, keeping.keymap, self.folder)
        self.assertTrue(error.hint)


class LimitTests(KeepingCase):
    def set(self, rate):
        self.do(transfers.limit, SetLimit(rate))

    def next_start(self):
        """Give the limit that the next start has."""
        self.desk.queue = Queue(self.desk)
        self.peer.pace = None
        self.successResultOf(Deferred.fromCoroutine(carrying.carry_on(self.desk)))
        told = self.desk.heard(TransfersChanged)
        limit = told[-1].limit if told else None
        self.assertEqual(self.peer.pace is None, limit is None)
        return limit

    def test_kept(self):
        self.set(100 * KIB)
        self.assertEqual(self.next_start(), 100 * KIB)

    def test_lifted(self):
        self.set(100 * KIB)
        self.set(None)
        self.assertIsNone(keeping.limit(self.folder))
        self.assertIsNone(self.next_start())

    def test_none_yet(self):
        self.assertIsNone(self.next_start())

    def test_refused(self):
        """A limit that is too small to be one is not kept."""
        self.set(100 * KIB)
        self.refused(UsageError, transfers.limit, SetLimit(1))
        self.assertEqual(keeping.limit(self.folder), 100 * KIB)

    def test_no_sense(self):
        """It is told, and counts for nothing."""
        self.folder.mkdir()
        for text in ("fast\n", "-5\n", "٣\n", "1\n"):
            (self.folder / keeping.LIMIT).write_text(text)
            self.assertIsNone(self.next_start())
            self.assertTrue(self.desk.heard(Told)[-1].hint, text)

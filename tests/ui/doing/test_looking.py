"""Files opened to be looked at: ranges, searches, every place that a file can be in."""

import os
from pathlib import Path

from anoncloud.errors import Exists, LocalFileError, NotFound, Refused
from anoncloud.ui.doing import looking
from anoncloud.ui.effects import View
from anoncloud.ui.entries import Entry, Kind
from anoncloud.ui.events import Heard
from anoncloud.ui.looking_effects import (
    How,
    Leave,
    Look,
    Named,
    ReadRange,
    Search,
    StopSearch,
    Stored,
)
from anoncloud.ui.places import Past, Remote, Trash
from anoncloud.ui.viewing import said
from anoncloud.ui.viewing.viewer import Viewer
from anoncloud.ui.viewing.window import CHUNK
from anoncloud.wire import messages
from tests.support.open_desks import LookingTestCase

ROOT = Remote(())
LINES = b"".join(b"line %06d\n" % number for number in range(20_000))


class OpenTests(LookingTestCase):
    def test_drive(self):
        """A file of the drive: its first piece comes, and no more."""
        self.put(f=LINES)
        self.do(looking.view, View(ROOT, self.entry("f")))
        self.assertIsInstance(self.layer, Viewer)
        self.assertEqual(self.body()[0], "line 000000")
        self.assertEqual(len(self.peer.readings), 1)

    def test_local(self):
        self.look(self.here, self.local("f", b"here\n"))
        self.assertEqual(self.body()[0], "here")

    def test_any_name(self):
        name = os.fsdecode(b"\xff\x1b[31m")
        self.write(name, b"text")
        self.look(self.here, Entry(b"\xff\x1b[31m", Kind.FILE, 4, 0))
        self.assertIn("\\xff\\x1b[31m", self.layer.title)

    def test_empty(self):
        self.put(f=b"")
        self.look(ROOT, self.entry("f"))
        self.assertEqual(self.layer.window.size, 0)

    def test_trash(self):
        self.put(f=b"thrown away")
        entry = self.entry("f")
        self.run_now(self.drive.trash((b"f",)))
        self.look(Trash(), entry)
        self.assertEqual(self.body()[0], "thrown away")

    def test_past(self):
        """What a file was, though it has another content now, or is gone."""
        self.put(f=b"then")
        entry, moment = self.entry("f"), self.clock.now
        self.put(f=b"now")
        self.run_now(self.drive.trash((b"f",)))
        self.look(Past(1, moment, ()), entry)
        self.assertEqual(self.body()[0], "then")

    def test_past_removed_for_good(self):
        self.put(f=b"then")
        entry, moment = self.entry("f"), self.clock.now
        self.purge(self.file("f"))
        effect = Look(Named(Past(1, moment, ()), entry))
        self.assertTrue(self.refused(NotFound, looking.look, effect).hint)

    def test_version(self):
        self.put(f=b"first")
        self.put(f=b"second")
        file = self.file("f")
        node, first = file.node.to_bytes(8, "big"), file.versions[0].stored
        self.do(looking.look, Look(Stored(node, 1, b"f", first)))
        self.assertEqual(self.body()[0], "first")
        self.assertIn("version 1", self.layer.title)
        self.refused(NotFound, looking.look, Look(Stored(node, 1, b"f", 5)))
        self.refused(NotFound, looking.look, Look(Stored(bytes(8), 1, b"f", first)))

    def test_what_is_no_file(self):
        self.run_now(self.drive.make_folder((b"d",)))
        folder = Entry(b"d", Kind.FOLDER, -1, 0)
        self.assertTrue(self.refused(Exists, looking.look, Look(Named(ROOT, folder))).hint)
        gone = Entry(b"gone", Kind.FILE, 1, 0)
        self.refused(NotFound, looking.look, Look(Named(ROOT, gone)))
        self.refused(LocalFileError, looking.look, Look(Named(self.here, gone)))
        os.mkfifo(self.top / "pipe")
        pipe = Entry(b"pipe", Kind.OTHER, 0, 0)
        self.refused(LocalFileError, looking.look, Look(Named(self.here, pipe)))

    def test_as_what(self):
        """By what is in it, or as one asks."""
        entry = self.local("f", b"\x7fELF\0\0")
        self.look(self.here, entry)
        self.assertTrue(self.layer.is_hex)
        self.look(self.here, entry, How.TEXT)
        self.assertFalse(self.layer.is_hex)
        self.look(self.here, self.local("t", b"text"), How.HEX)
        self.assertTrue(self.layer.is_hex)

    def test_refused(self):
        """If the first bytes can't be had, nothing is shown and nothing stays open."""
        self.put(f=LINES)
        self.peer.faults[messages.ReadBlob] = [Refused(8, "no")]
        self.refused(Refused, looking.look, Look(Named(ROOT, self.entry("f"))))
        self.assertEqual(self.desk.told, [])


class RangeTests(LookingTestCase):
    def setUp(self):
        super().setUp()
        self.put(f=LINES)
        self.look(ROOT, self.entry("f"))
        self.number = self.layer.number

    def test_read(self):
        self.do(looking.read_range, ReadRange(self.number, CHUNK, CHUNK))
        self.assertEqual(self.said(), [said.Bytes(CHUNK, LINES[CHUNK : 2 * CHUNK])])

    def test_trouble(self):
        self.peer.damage = lambda _, content: bytes(len(content))
        self.do(looking.read_range, ReadRange(self.number, CHUNK, CHUNK))
        (told,) = self.said()
        self.assertIsInstance(told, said.Unread)
        self.assertTrue(told.message)

    def test_left(self):
        """A viewer that is closed gets nothing."""
        self.do(looking.leave, Leave(self.number))
        self.do(looking.leave, Leave(self.number))
        for work, effect in (
            (looking.read_range, ReadRange(self.number, 0, 10)),
            (looking.search, Search(self.number, b"x", 0)),
            (looking.stop_search, StopSearch(self.number)),
        ):
            self.do(work, effect)
        self.assertEqual(self.desk.heard(Heard), [])

    def test_a_local_file_that_shrinks(self):
        entry = self.local("s", LINES)
        self.look(self.here, entry)
        os.truncate(self.top / "s", 10)
        self.do(looking.read_range, ReadRange(self.layer.number, CHUNK, 10))
        self.assertIn("shorter", self.said()[0].message)

    def test_local_files_are_closed(self):
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(5):
            self.look(self.here, self.local("s", LINES))
            self.do(looking.leave, Leave(self.layer.number))
        self.assertEqual(len(list(Path("/proc/self/fd").iterdir())), before)


class SearchTests(LookingTestCase):
    def setUp(self):
        super().setUp()
        self.patch(looking, "SEARCHED", 50_000)
        self.put(f=LINES)
        self.look(ROOT, self.entry("f"))
        self.number = self.layer.number

    def search(self, pattern, offset, **how):
        self.desk.told.clear()
        self.do(looking.search, Search(self.number, pattern, offset, **how))
        return self.said()[-1]

    def test_both_ways(self):
        at = LINES.index(b"line 015000")
        self.assertEqual(self.search(b"line 015000", 0), said.Found(at, 11))
        self.assertEqual(self.search(b"line 015", at + 1), said.Found(at + 12, 8))
        self.assertEqual(self.search(b"line 015", at, backwards=True), said.NotFound())
        self.assertEqual(self.search(b"line 014", at, backwards=True), said.Found(at - 12, 8))
        self.assertEqual(self.search(b"line 000000", at, backwards=True), said.Found(0, 11))
        self.assertEqual(self.search(b"line 000000", 1), said.NotFound())

    def test_case(self):
        self.assertEqual(self.search(b"LINE 000002", 0), said.NotFound())
        self.assertEqual(self.search(b"LINE 000002", 0, any_case=True), said.Found(24, 11))

    def test_no_pattern_language(self):
        self.assertEqual(self.search(b"line .", 0), said.NotFound())

    def test_across_steps(self):
        """What lies across the edge of a step is found, wherever that is, both ways."""
        for edge in (50_000, 100_000):
            for back in range(11):
                at = edge - back
                pattern = LINES[at : at + 12]
                self.assertEqual(self.search(pattern, at), said.Found(at, 12))
                found = self.search(pattern, at + 1, backwards=True)
                self.assertEqual(found, said.Found(at, 12))

    def test_how_far(self):
        self.search(b"nothing", 0)
        offsets = [one.offset for one in self.said() if isinstance(one, said.Searching)]
        self.assertEqual(offsets, [50_000, 100_000, 150_000, 200_000, 240_000])

    def test_stopped(self):
        """A search that is stopped, or left for another one, says nothing more."""
        tell = self.desk.tell
        for stop in (
            lambda: self.do(looking.stop_search, StopSearch(self.number)),
            lambda: self.do(looking.leave, Leave(self.number)),
        ):
            self.desk.told.clear()

            def told(event, stop=stop):
                tell(event)
                if isinstance(event.said, said.Searching):
                    stop()

            self.desk.tell = told
            self.do(looking.search, Search(self.number, b"nothing", 0))
            self.assertEqual(len(self.said()), 1)

    def test_trouble(self):
        self.peer.faults[messages.ReadBlob] = [Refused(8, "no more of it")]
        self.assertIn("no more of it", self.search(b"x", 0).message)

    def test_another_content(self):
        """A viewer goes on with the version that it was opened with."""
        self.put(f=b"new")
        self.assertIsInstance(self.search(b"line 000005", 0), said.Found)

"""Archives and pictures looked at: a few ranges, and a process that can do no harm."""

import bz2
import io
import tarfile

from anoncloud.ui.doing import pictures
from anoncloud.ui.events import Heard
from anoncloud.ui.places import Remote
from anoncloud.ui.viewing.picture import Picture
from anoncloud.ui.viewing.table import Table
from anoncloud.ui.viewing.window import CHUNK
from tests.support.client_files import noise
from tests.support.open_desks import LookingTestCase

ROOT = Remote(())


class ArchiveTests(LookingTestCase):
    def archive(self):
        made = io.BytesIO()
        with tarfile.open(fileobj=made, mode="w") as archive:
            for number in range(3):
                info = tarfile.TarInfo(f"file {number}")
                info.size = 5 * CHUNK
                archive.addfile(info, io.BytesIO(noise(info.size, number)))
        return made.getvalue()

    def test_listed(self):
        """From a few ranges of it."""
        self.put(f=self.archive())
        self.look(ROOT, self.entry("f"))
        self.assertIsInstance(self.layer, Table)
        self.assertEqual([item.text for item in self.layer.items], [f"file {n}" for n in range(3)])
        self.assertIn("3 entries", self.layer.note)
        self.assertLess(sum(one.length for one in self.peer.readings), 10 * CHUNK)

    def test_packed(self):
        self.look(self.here, self.local("f", bz2.compress(self.archive())))
        self.assertEqual(len(self.layer.items), 3)

    def test_left(self):
        """Once it is left no more of it comes."""
        self.put(f=self.archive())
        tell, desk = self.desk.tell, self.desk

        def told(event):
            tell(event)
            if isinstance(event, Heard):
                desk.looks.leave(event.number)

        desk.tell = told
        self.look(ROOT, self.entry("f"))
        self.assertEqual(len(self.peer.readings), 2)

    def test_trouble(self):
        self.put(f=self.archive())
        answers = iter([False, True])
        self.peer.damage = lambda _, content: (
            bytes(len(content)) if next(answers, True) else content
        )
        self.look(ROOT, self.entry("f"))
        self.assertEqual(len(self.layer.items), 1)
        self.assertIn("segment", self.layer.note)


class PictureTests(LookingTestCase):
    def setUp(self):
        super().setUp()
        self.spawned = []
        self.desk.clock.spawnProcess = self.spawn

    def spawn(self, painter, program, words, env, path):
        self.spawned.append(words)

    def test_too_large(self):
        self.patch(pictures, "MOST", 10)
        self.look(self.here, self.local("p", b"\x89PNG\r\n\x1a\n" + bytes(100)))
        self.assertIsInstance(self.layer, Picture)
        self.assertIn("too large", self.layer.said)
        self.assertEqual(self.spawned, [])

    def test_not_read(self):
        self.put(p=b"\x89PNG\r\n\x1a\n" + noise(2 * CHUNK))
        answers = iter([False, True])
        self.peer.damage = lambda _, content: (
            bytes(len(content)) if next(answers, True) else content
        )
        self.look(ROOT, self.entry("p"))
        self.assertIn("segment", self.layer.said)

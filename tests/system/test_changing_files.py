"""Local files that something happens to while they are stored: docs/commands.rst section 7."""

import os
import shutil
import threading
import time
from collections.abc import Callable

from anoncloud.client.transfers.laying import BLOBS_UNDER_WAY
from anoncloud.limits import BULK_BLOB, KIB, MIB
from tests.support.processes import Done
from tests.system.test_local_files import LOCAL_FILE, LocalFilesTestCase

LONG = (BLOBS_UNDER_WAY + 4) * BULK_BLOB
SLOW = ("--limit", "32MiB/s")
"""So long, and so slow, that something can happen to a file while it is read."""


class ChangingTests(LocalFilesTestCase):
    """Files that change, grow, shrink or vanish."""

    def meanwhile(self, happen: Callable[[], object]) -> Done:
        """Store *here*, whose first file is large; let something happen in the middle of it."""
        self.file("here/a large", os.urandom(LONG))
        self.file("here/z good", b"good")
        running = self.ada.start("--json", "put", "-r", "-p", *SLOW, self.here, "/up/")
        due = self.proxy.passed + 2 * MIB
        while self.proxy.passed < due and running.process.poll() is None:
            time.sleep(0.005)
        self.assertIsNone(running.process.poll())
        happen()
        return running.wait()

    def append(self) -> None:
        with (self.here / "a large").open("ab") as file:
            file.write(b"more")

    def refused(self, happen: Callable[[], object]) -> None:
        """See that the large file is told and not stored, and the other one is."""
        done = self.meanwhile(happen)
        self.assertEqual(done.code, LOCAL_FILE, done.err)
        self.assertIn("/a large: it changed while it was read", done.err)
        self.assertEqual(self.listed(), {"z good"})
        self.put()
        self.get()
        self.assert_same()

    def test_growing(self) -> None:
        """A file that grows is told, and stored when nothing writes to it any more."""
        self.refused(self.append)

    def test_shrinking(self) -> None:
        """So is one that shrinks."""
        self.refused(lambda: os.truncate(self.here / "a large", LONG - MIB))

    def test_written_to(self) -> None:
        """So is one that is written to, though its length stays."""

        def write() -> None:
            with (self.here / "a large").open("r+b") as file:
                file.write(b"other")

        self.refused(write)

    def test_vanishing(self) -> None:
        """A file that loses its name in the middle is stored whole; one before its turn is told."""

        def vanish() -> None:
            shutil.copyfile(self.here / "a large", self.folder / "kept")
            (self.here / "a large").unlink()

        done = self.meanwhile(vanish)
        self.assertEqual(done.code, 0, done.err)
        self.ada.do("get", "/up/here/a large", self.back / "large")
        self.assertEqual((self.back / "large").read_bytes(), (self.folder / "kept").read_bytes())

    def test_vanishing_before(self) -> None:
        """One that is gone before its turn is told by name, and the others are stored."""
        self.file("here/b", bytes(2 * MIB))
        done = self.meanwhile((self.here / "b").unlink)
        self.assertEqual(done.code, LOCAL_FILE, done.err)
        self.assertIn("/b: No such file or directory", done.err)
        self.assertEqual(self.listed(), {"a large", "z good"})

    def test_becoming_a_link(self) -> None:
        """A file that becomes a link before its turn is told, not followed."""
        secret = self.file("outside/secret", bytes(2 * MIB))
        self.file("here/b", bytes(2 * MIB))

        def become() -> None:
            (self.here / "b").unlink()
            (self.here / "b").symlink_to(secret)

        done = self.meanwhile(become)
        self.assertEqual(done.code, LOCAL_FILE, done.err)
        self.assertEqual(self.listed(), {"a large", "z good"})

    def test_busy_folder(self) -> None:
        """While programs work in a folder, what is stored is always one state of a file."""
        stop = threading.Event()
        letters = "abcdefgh"

        def write() -> None:
            number = 0
            while not stop.is_set():
                number += 1
                letter = letters[number % len(letters)]
                path = self.here / f"f{number % 40}"
                aside = self.here / f".aside{number % 3}"
                aside.write_text(letter * (50 * KIB))
                aside.replace(path)
                if not number % 7:
                    path.unlink()

        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        try:
            for _ in range(3):
                done = self.ada.run("put", "-r", "-p", "--exclude", ".aside*", self.here, "/up/")
                self.assertIn(done.code, {0, LOCAL_FILE}, done.err)
        finally:
            stop.set()
            writer.join()
        self.get()
        names = list((self.back / "here").iterdir())
        self.assertTrue(names)
        for path in names:
            content = path.read_text()
            self.assertEqual((len(content), len(set(content))), (50 * KIB, 1), path)

"""What an export saves where the server shows another history, or has lost blobs."""

import json
from pathlib import Path
from typing import Any

from anoncloud.client import devices, journal
from anoncloud.client.owning import own
from anoncloud.client.salvage import Salvaged, salvage
from anoncloud.errors import Exists, RolledBack
from tests.evil.histories import HistoriesTestCase
from tests.evil.house import PASSPHRASE
from tests.support.client_keeping import silent


class SalvageTests(HistoriesTestCase):
    """What is saved by an export."""

    def setUp(self) -> None:
        super().setUp()
        self.put(self.laptop, "letter.txt", b"Dear Bob\n")
        self.put(self.laptop, "gone.txt", b"Dear Eve\n")
        opened = self.resume(self.laptop)
        self.now(opened.drive.trash((b"gone.txt",)))
        self.now(opened.close())

    def listing(self, made: Salvaged) -> list[Any]:
        """Read the listing."""
        lines = (made.folder / "listing.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def check(self, made: Salvaged) -> None:
        """See that all that the laptop knows is there."""
        paths = sorted(one["path"] for one in self.listing(made))
        self.assertEqual(paths, ["/both", "/early", "/gone.txt", "/letter.txt", "/lost"])
        self.assertEqual((made.folder / "files/letter.txt").read_bytes(), b"Dear Bob\n")
        self.assertEqual((made.folder / "trash/1/gone.txt").read_bytes(), b"Dear Eve\n")
        self.assertEqual((made.missing, made.saved, made.entries), ([], 2, 5))

    def test_rolled_back(self) -> None:
        """All that the device knows is saved, and the report says what was wrong."""
        self.roll_back()
        seen = self.memory(self.laptop)
        made = self.save(self.laptop)
        self.check(made)
        report = (made.folder / "report.txt").read_text()
        self.assertIn("Wrong: the server shows a journal of", report)
        self.assertIn(seen.hash[:8].hex(), report)
        self.assertEqual(self.memory(self.laptop), seen)

    def test_forked(self) -> None:
        """The same where the server shows another history."""
        self.fork()
        made = self.save(self.laptop)
        self.check(made)
        self.assertIn("another history", (made.folder / "report.txt").read_text())

    def test_after_a_try_with_the_kit(self) -> None:
        """Who comes with the kit meanwhile, whose keyring is an older one, loses nothing by it."""
        before = self.records()
        self.patch(journal, "CHECKPOINT_TAIL", 0)
        opened = self.resume(self.laptop)
        self.now(devices.revoke(opened.drive, []))
        self.now(opened.drive.make_folder((b"lost",)))
        self.now(opened.close())
        self.show(before)
        self.assertIsInstance(self.fault(own(self.laptop, self.kit, PASSPHRASE)), RolledBack)
        self.check(self.save(self.laptop))

    def test_lost(self) -> None:
        """A blob that the server has lost is named as missing; nothing stands in its place."""
        self.change(self.laptop, "lost")
        self.house.rooms.blobs.bytes.clear()
        made = self.save(self.laptop)
        self.assertEqual(made.missing, ["/letter.txt", "/gone.txt"])
        self.assertFalse((made.folder / "files/letter.txt").exists())
        self.assertIn("Not here: /letter.txt", (made.folder / "report.txt").read_text())

    def test_away(self) -> None:
        """Without a server there is the listing."""
        self.house.is_away = True
        made = self.save(self.laptop)
        self.assertEqual((made.saved, len(self.listing(made))), (0, 4))
        self.assertEqual(made.missing, ["/letter.txt", "/gone.txt"])

    def test_never_overwrites(self) -> None:
        """A folder with anything in it is refused, and stays as it is."""
        folder = Path(self.mktemp())
        folder.mkdir()
        (folder / "listing.jsonl").write_text("mine")
        self.assertIsInstance(self.fault(salvage(self.laptop, folder, silent)), Exists)
        self.assertEqual([path.name for path in folder.iterdir()], ["listing.jsonl"])
        self.assertEqual((folder / "listing.jsonl").read_text(), "mine")

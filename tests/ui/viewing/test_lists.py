"""What is listed: versions, finds, sizes, moments, details; as items and as effects of keys."""

import os
from pathlib import Path

from anoncloud.client.arranging import copy
from anoncloud.client.transfers.policies import Existing, Policy
from anoncloud.client.tree import changes
from anoncloud.client.tree.changes import Change
from anoncloud.ids import ROOT
from anoncloud.ui import amounts
from anoncloud.ui.effects import DetailsOf, MeasureThem
from anoncloud.ui.entries import Entry, Kind
from anoncloud.ui.looking_effects import GetVersion, GoThere, Look, Named, RestoreVersion, Stored
from anoncloud.ui.places import Local, Past, Remote
from anoncloud.ui.viewing import details, finds, moments, usage, versions
from tests.support.client_arranged import ArrangedTestCase
from tests.support.looking import text_of

UTC = amounts.utc


class VersionsTests(ArrangedTestCase):
    def setUp(self):
        super().setUp()
        for number in (1, 2, 1):
            self.put("/f", number)
        self.file = self.node("/f")
        self.table = versions.history(3, self.file, UTC)

    def test_listed(self):
        """The newest first; what an older one holds already takes no space."""
        kept = self.file.versions
        node = self.file.node.to_bytes(8, "big")
        self.assertEqual(
            [item.subject for item in self.table.items],
            [Stored(node, number, b"f", kept[number - 1].stored) for number in (3, 2, 1)],
        )
        spaces = [item.cells[0] for item in self.table.items]
        self.assertEqual(spaces[0], "0")
        self.assertEqual(spaces[1], spaces[2])
        seen = text_of(self.table.view(100, 10))
        self.assertIn("3 the newest", seen[2])

    def test_keys(self):
        table = self.table.press("down").layer
        stored = table.items[1].subject
        for key, effect in (
            ("enter", Look(stored)),
            ("v", Look(stored)),
            ("c", GetVersion(stored)),
            ("R", RestoreVersion(stored)),
        ):
            self.assertEqual(table.press(key).effects[-1], effect)


class FindsTests(ArrangedTestCase):
    def setUp(self):
        super().setUp()
        for path in ("/a/file10", "/a/file9", "/b/File", "/b/other", "/gone/file", "/top/file"):
            self.put(path)
        self.run_now(self.drive.trash((b"gone",)))
        self.run_now(self.drive.trash((b"top", b"file")))

    def found(self, pattern):
        steps = finds.matches(self.drive.tree, pattern)
        return sorted(node.name for step in steps for node in step)

    def test_found(self):
        """By a part of the name or a pattern, case aside; nothing of the trash, not the root."""
        self.assertEqual(self.found("file"), [b"File", b"file10", b"file9"])
        self.assertEqual(self.found("file?"), [b"file9"])
        self.assertEqual(self.found("a"), [b"a"])
        self.assertEqual(
            self.found("*"), [b"File", b"a", b"b", b"file10", b"file9", b"other", b"top"]
        )
        self.assertEqual(self.found("nothing"), [])

    def test_in_steps(self):
        self.patch(finds, "STEP", 2)
        steps = list(finds.matches(self.drive.tree, "file"))
        self.assertGreater(len(steps), 4)
        self.assertEqual(len([node for step in steps for node in step]), 3)

    def test_changed_meanwhile(self):
        """What is removed between two steps is not listed."""
        self.patch(finds, "STEP", 1)
        steps = finds.matches(self.drive.tree, "file9")
        next(steps)
        self.run_now(self.drive.trash((b"a",)))
        self.assertEqual([node for step in steps for node in step], [])

    def test_items(self):
        entry = Entry(b"file9", Kind.FILE, 2048, 0)
        folder = Entry(b"d", Kind.FOLDER, -1, 0)
        found = [((b"a", b"file10"), entry), ((b"a", b"d"), folder), ((b"a", b"file9"), entry)]
        items = finds.items_of(found, UTC)
        self.assertEqual([item.text for item in items], ["/a/d/", "/a/file9", "/a/file10"])
        self.assertEqual(items[1].cells, ("1970-01-01 00:00", "2.0K"))
        self.assertEqual(items[0].cells[1], "")
        table = finds.finds(1, "f*\x1b").with_items(items)
        self.assertIn("f*\\x1b", table.title)
        place = Remote((b"a",))
        self.assertEqual(table.press("enter").effects[-1], GoThere(place, b"d"))
        self.assertEqual(table.press("i").effects, (DetailsOf(place, folder),))
        self.assertEqual(table.press("v").effects, ())
        table = table.press("down").layer
        self.assertEqual(table.press("v").effects, (Look(Named(place, entry)),))

    def test_note(self):
        self.assertEqual(finds.note(1, done=True), "1 thing")
        self.assertIn("looking", finds.note(2, done=False))
        self.assertIn("5,000", finds.note(finds.MOST, done=True))


class UsageTests(ArrangedTestCase):
    def setUp(self):
        super().setUp()
        for path, number in (("/a/x", 1), ("/a/b/y", 2), ("/f", 3), ("/f", 4), ("/f", 3)):
            self.put(path, number)
        self.link("/l")
        self.mkdir("/empty")

    def measured(self):
        *_, last = usage.measure(self.drive.tree, ROOT)
        return {one.name: (one.size, one.files, one.older > 0) for one in last.values()}

    def test_measured(self):
        """What lies below each; a stream that a newer version has is not older."""
        self.assertEqual(
            self.measured(),
            {
                b"a": (200, 2, False),
                b"f": (100, 1, True),
                b"l": (0, 0, False),
                b"empty": (0, 0, False),
            },
        )

    def test_older_once(self):
        """What a copy of a file shares with it is counted once."""
        *_, before = usage.measure(self.drive.tree, ROOT)
        self.run_now(copy(self.drive, [(b"f",)], (b"copy",), Policy(Existing.FAIL)))
        *_, after = usage.measure(self.drive.tree, ROOT)
        self.assertEqual(
            sum(one.older for one in after.values()), sum(one.older for one in before.values())
        )

    def test_in_steps(self):
        """It goes on though the drive changes between two steps."""
        self.patch(usage, "STEP", 1)
        steps = usage.measure(self.drive.tree, ROOT)
        next(steps)
        self.run_now(self.drive.trash((b"a", b"b")))
        self.put("/new", 5)
        *_, last = steps
        self.assertNotIn(b"new", {one.name for one in last.values()})

    def test_listed(self):
        *_, last = usage.measure(self.drive.tree, ROOT)
        items = usage.items_of(last.values())
        self.assertEqual([item.text for item in items], ["a/", "f", "empty/", "l"])
        self.assertEqual(items[0].cells, ("", "2", "#######   ", "200"))
        self.assertIn("300 B in", usage.note(last.values(), done=True))
        self.assertIn("older", usage.note(last.values(), done=True))
        self.assertIn("measuring", usage.note(last.values(), done=False))

    def test_walked(self):
        """Into a folder and out again; the cursor waits for the folder that was left."""
        *_, last = usage.measure(self.drive.tree, ROOT)
        table = usage.usage(1, Remote(()), None).with_items(usage.items_of(last.values()))
        self.assertEqual(table.press("enter").effects[-1], MeasureThem(Remote((b"a",))))
        self.assertIsNone(table.press("enter").layer)
        self.assertEqual(table.press("o").effects[-1], GoThere(Remote(()), b"a"))
        self.assertIsNotNone(table.press("left").layer)
        self.assertEqual(table.press("down").layer.press("enter").effects, ())
        below = usage.usage(2, Remote((b"empty",)), None)
        self.assertEqual(below.press("left").effects[-1], MeasureThem(Remote(()), b"empty"))
        back = usage.usage(3, Remote(()), b"empty").with_items(usage.items_of(last.values()))
        self.assertEqual(back.item.text, "empty/")
        local = usage.usage(4, Local("/a/b"), None)
        self.assertEqual(local.press("h").effects[-1], MeasureThem(Local("/a"), b"b"))


class MomentsTests(ArrangedTestCase):
    def said(self, *operations):
        return moments.said(self.drive.tree, Change(1, operations))

    def test_said(self):
        self.put("/a/f")
        node = self.node("/a/f").node
        folder = self.node("/a").node
        self.assertEqual(self.said(changes.Trash(node)), "put into the trash /a/f")
        self.assertEqual(
            self.said(changes.Trash(node), changes.Trash(folder)),
            "put into the trash /a/f and 1 more",
        )
        self.assertEqual(
            self.said(changes.MakeFolder(folder, 0, b"a", 0, 0), changes.Trash(node)),
            "put into the trash /a/f, and other things",
        )
        self.assertEqual(self.said(changes.Purge(12345)), "removed for good something that is gone")
        self.assertEqual(self.said(changes.SetOptions(compress=True)), "set options")
        self.assertEqual(self.said(), "nothing")

    def test_every_operation(self):
        """Each operation that there is has words."""
        kinds = set(changes.Operations.__args__)
        self.assertEqual(set(moments._DID), kinds)
        made = self.said(changes.NewEpoch(1, bytes(48), ()))
        self.assertEqual(made, "began a new key")

    def test_listed(self):
        found = [moments.Moment(1, 5_000_000, "made /a"), moments.Moment(2, 65_000_000, "made /b")]
        table = moments.moments(1, (b"a",)).with_items(moments.items_of(found, UTC))
        self.assertEqual([item.cells[0] for item in table.items], ["2", "1"])
        self.assertEqual(table.items[0].cells[1], "1970-01-01 00:01")
        place = Past(2, 65_000_000, (b"a",))
        self.assertEqual(table.press("enter").effects, (GoThere(place),))
        self.assertNotIn("of", moments.note(found, 2).split("times")[0])
        self.assertIn("2 of 9 records", moments.note(found, 9))


class DetailsTests(ArrangedTestCase):
    def facts(self, path):
        node = self.node(path)
        made = details.of_node(self.drive.tree, (path[1:].encode(),), node, UTC)
        return [fact[0] for fact in made], dict(made)

    def test_file(self):
        for number in (1, 2):
            self.put("/f", number)
        labels, facts = self.facts("/f")
        self.assertEqual(facts["path"], "/f")
        self.assertEqual(facts["size"], "100 bytes (100 B)")
        self.assertTrue(facts["versions"].startswith("2, since 2023-"))
        self.assertIn("  blob", labels)
        self.assertIn("116 bytes at 0", facts["  blob"])

    def test_folder_and_link(self):
        self.put("/d/f")
        self.link("/l", b"to\x07")
        self.assertEqual(self.facts("/d")[1]["holds"], "1 entry")
        self.assertEqual(self.facts("/l")[1]["leads to"], "to\\x07")

    def test_trashed(self):
        self.put("/f")
        node = self.node("/f")
        self.run_now(self.drive.trash((b"f",)))
        trashed = self.drive.tree.node(node.node)
        made = dict(details.of_node(self.drive.tree, (b"f",), trashed, UTC))
        self.assertTrue(made["trashed"].startswith("2023-"))

    def test_local(self):
        path = self.mktemp()
        Path(path).write_bytes(b"1234")
        made = dict(details.of_local(b"/x/\xff", os.lstat(path), UTC))
        self.assertEqual(made["path"], "/x/\\xff")
        self.assertEqual(made["bytes"], "1: ff")
        self.assertEqual(made["size"], "4 bytes (4 B)")
        self.assertTrue(made["mode"].startswith("-rw"))

    def test_shown(self):
        layer = details.message(b"\x1b", [("label", "text"), ("heading", "")])
        seen = text_of(layer.view(80, 20))
        self.assertIn("\\x1b", seen[0])
        self.assertTrue(any("label         text" in row for row in seen))

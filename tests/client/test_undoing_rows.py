"""Undo and redo again and again: further and further back, and forth."""

import contextlib
from pathlib import Path
from random import Random
from typing import Any

from anoncloud.client.arranging import copy, move, remove
from anoncloud.client.transfers.policies import Existing, Policy
from anoncloud.client.tree.names import parse_path
from anoncloud.client.undone import Undone
from anoncloud.errors import LocalError, NotFound
from tests.support.client_undoing import UndoTestCase


class RowTests(UndoTestCase):
    """Several undos."""

    def fill(self) -> list[list[str]]:
        """Do a few things; give the drive before each, and after the last."""
        seen = [self.shown()]
        for step in (
            lambda: self.put("/a/f", 1),
            lambda: self.put("/a/f", 2),
            lambda: self.run_now(self.drive.move((b"a",), (b"b",))),
            lambda: self.run_now(copy(self.drive, [(b"b",)], (b"c",), Policy(Existing.FAIL))),
            lambda: self.run_now(remove(self.drive, [self.node("/b/f")])),
        ):
            step()
            seen.append(self.shown())
        return seen

    def test_further_back(self) -> None:
        """Undo again and again walks back to the beginning; redo walks forth again."""
        seen = self.fill()
        for before in seen[-2::-1]:
            self.undo()
            self.assertEqual(self.shown(), before)
        self.refused(NotFound, "no records")
        for after in seen[1:]:
            self.undo(redo=True)
            self.assertEqual(self.shown(), after)
        self.refused(NotFound, "no undos", redo=True)
        for before in seen[-2::-1]:
            self.undo()
            self.assertEqual(self.shown(), before)
        self.same_elsewhere()

    def test_count(self) -> None:
        """Several records are taken back by one, and that one is redone whole."""
        seen = self.fill()
        before = self.peer.commits()
        self.undo(3)
        self.assertEqual((self.shown(), self.peer.commits()), (seen[-4], before + 1))
        self.undo(2)
        self.assertEqual(self.shown(), seen[0])
        self.undo(2, redo=True)
        self.assertEqual(self.shown(), seen[-1])
        self.refused(NotFound, "only 5", count=6)

    def test_a_new_change_ends_redo(self) -> None:
        """After something else was done there is nothing to redo; undo goes on from there."""
        seen = self.fill()
        self.undo(2)
        self.put("/new", 7)
        self.refused(NotFound, redo=True)
        self.undo()
        self.undo()
        self.assertEqual(self.shown(), seen[-4])

    def test_the_opposite_by_hand(self) -> None:
        """What the user took back by hand is no undo: undo takes that back."""
        self.mkdir("/a")
        self.run_now(self.drive.trash((b"a",)))
        self.undo()
        self.assertEqual(self.shown(), ["/a/"])

    def test_without_memory(self) -> None:
        """A device that does not know of an undo takes the undo back."""
        seen = self.fill()
        self.undo()
        self.undone = Undone(Path(self.mktemp()))
        self.undo()
        self.assertEqual(self.shown(), seen[-1])

    def test_memory_lasts(self) -> None:
        """The next program on this device walks on."""
        seen = self.fill()
        path = Path(self.mktemp())
        for before in seen[-2:-4:-1]:
            self.undone = Undone(path)
            self.undo()
            self.assertEqual(self.shown(), before)

    def test_from_a_checkpoint(self) -> None:
        """Only what lies behind the checkpoint is read, unless it is not enough."""
        self.drive, self.peer = self.open(b"third", self.mktemp())
        for number in range(1, 30):
            self.put(f"/{number}", number)
        self.drive.journal._tail = 2**20
        self.drive.journal.close()
        self.put("/new", 30)
        self.peer.asked.clear()
        self.undo()
        self.assertEqual((len(self.peer.asked), len(self.shown())), (3, 29))
        self.undo()
        self.assertGreater(len(self.peer.asked), 10)
        self.assertEqual(len(self.shown()), 28)
        self.same_elsewhere()

    def test_any_row(self) -> None:
        """Whatever was done, taking all of it back leaves the drive as it was at each step."""
        for seed in range(20):
            self.setUp()
            self.random_row(Random(seed))

    def random_row(self, random: Random) -> None:
        """Do random things; take them back one by one, do them again, and take them all back."""
        seen = [self.shown()]
        names = ["/a", "/b", "/a/c", "/a/c/d", "/b/e"]
        while len(seen) < 12:
            one, other = random.choice(names), random.choice(names)
            records = len(self.store.journal)
            with contextlib.suppress(LocalError):
                self.random_step(random, one, other)
            if len(self.store.journal) > records:
                seen.append(self.shown())
        for before in seen[-2::-1]:
            self.undo()
            self.assertEqual(self.shown(), before)
        for after in seen[1:]:
            self.undo(redo=True)
            self.assertEqual(self.shown(), after)
        self.undo(len(seen) - 1)
        self.assertEqual(self.shown(), seen[0])
        self.same_elsewhere()

    def random_step(self, random: Random, one: str, other: str) -> None:
        """Do one thing, or raise what refuses it."""
        path, there = parse_path(one.encode()), parse_path(other.encode())
        step = random.choice(["put", "put", "mkdir", "move", "trash", "restore", "copy"])
        if step == "put":
            self.try_now(self.drive.change(self.putting(one, random.randrange(1, 30))))
        elif step == "restore" and self.drive.tree.trash:
            node = random.choice(sorted(self.drive.tree.trash))
            self.try_now(self.drive.restore(node))
        elif step == "mkdir":
            self.try_now(self.drive.make_folder(path))
        elif step == "move":
            self.try_now(move(self.drive, [path], there))
        elif step == "trash":
            self.try_now(remove(self.drive, [self.node(one)]))
        elif step == "copy":
            self.try_now(copy(self.drive, [path], there, Policy(Existing.REPLACE)))

    def try_now(self, coroutine: Any) -> None:
        """Run what may be refused."""
        with contextlib.suppress(StopIteration):
            self.fail(f"it waits for {coroutine.send(None)}")

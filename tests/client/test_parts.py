"""Work divided into records: as few as hold it, in order, tried before it is begun."""

from collections.abc import Iterator

from anoncloud.client import parts
from anoncloud.client.parts import Step, blobs_of, change_in_parts, purging, trashing
from anoncloud.client.tree import changes
from anoncloud.client.tree.draft import Draft
from anoncloud.errors import Exists, NotFound
from tests.support.client_arranged import ArrangedTestCase
from tests.support.client_samples import blob


def making(name: bytes) -> Step:
    """Make the step that makes a folder in the root."""

    def step(draft: Draft) -> Iterator[changes.Operations]:
        yield changes.MakeFolder(draft.new_node(), 0, name, 0, 0o700)

    return step


class PartsTests(ArrangedTestCase):
    """change_in_parts, purging."""

    def test_one_record(self) -> None:
        """What fits into one record is one."""
        made = self.run_now(change_in_parts(self.drive, [making(b"%d" % n) for n in range(50)]))
        self.assertEqual((made, len(self.store.journal), len(self.shown())), (1, 1, 50))

    def test_nothing(self) -> None:
        """No steps make no record, and neither do steps without operations."""
        self.assertEqual(self.run_now(change_in_parts(self.drive, [])), 0)
        self.run_now(change_in_parts(self.drive, [lambda _: ()]))
        self.assertEqual(self.store.journal, [])

    def test_several_records(self) -> None:
        """A record takes what fits; a step that is too long alone has one of its own."""
        self.patch(parts, "PART_BYTES", 100)
        names = [b"%d" % n * size for n, size in enumerate((20, 20, 20, 200, 20, 20, 20))]
        made = self.run_now(change_in_parts(self.drive, [making(name) for name in names]))
        self.assertEqual((made, len(self.store.journal)), (5, 5))
        self.assertEqual(len(self.shown()), 7)
        self.same_elsewhere()

    def test_a_step_is_never_divided(self) -> None:
        """The operations of a step stay together, and each sees the one before."""
        self.patch(parts, "PART_BYTES", 40)

        def step(name: bytes) -> Step:
            def made(draft: Draft) -> Iterator[changes.Operations]:
                node = draft.new_node()
                yield changes.MakeFolder(node, 0, b"common", 0, 0o700)
                yield changes.Move(node, 0, name)

            return made

        self.run_now(change_in_parts(self.drive, [step(b"one"), step(b"two"), step(b"three")]))
        self.assertEqual(self.shown(), ["/one/", "/three/", "/two/"])
        self.assertEqual(len(self.store.journal), 3)

    def test_tried_before(self) -> None:
        """If a late step is refused, nothing is done, not even the records before it."""
        self.patch(parts, "PART_BYTES", 20)
        steps = [making(b"a"), making(b"b"), making(b"a")]
        self.fails(Exists, change_in_parts(self.drive, steps))
        self.assertEqual((self.store.journal, self.shown()), ([], []))

    def test_refused_in_between(self) -> None:
        """What another device does between two records can stop the rest."""
        self.put("/f")
        node = self.node("/f").node
        other, _ = self.open(b"other")
        self.patch(parts, "PART_BYTES", 5)

        async def first() -> None:
            self.peer.before_commit.append(between)

        async def between() -> None:
            await other.trash((b"f",))

        self.peer.before_commit.append(first)
        self.fails(NotFound, change_in_parts(self.drive, [making(b"a"), trashing(node)]))
        self.assertEqual(self.shown(), ["/a/"])

    def test_blobs(self) -> None:
        """The blobs of all versions below a node are found once each."""
        self.put("/a/f", 1)
        self.put("/a/f", 2)
        self.put("/a/b/g", 2)
        self.put("/h", 3)
        found = blobs_of(self.drive.tree, self.node("/a").node)
        self.assertEqual(found, {blob(1), blob(2)})

    def test_purging(self) -> None:
        """What drops few blobs is one step; a folder of many is taken apart, as deep as needed."""
        for number in range(9):
            self.put(f"/a/{number % 3}/{number}", number)
        node = self.node("/a").node
        self.assertEqual(len(list(purging(self.drive.tree, node))), 1)
        self.patch(parts, "PART_BLOBS", 3)
        self.assertEqual(len(list(purging(self.drive.tree, node))), 7)
        self.patch(parts, "PART_BLOBS", 2)
        self.assertEqual(len(list(purging(self.drive.tree, node))), 25)

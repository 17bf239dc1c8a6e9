"""Drafts and trees against a plain model of the rules, over random sequences of operations."""

from collections import Counter
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.tree import changes, rules
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.rules import apply
from anoncloud.client.tree.tree import Tree
from anoncloud.crypto.packing import Extent
from anoncloud.errors import LocalError
from tests.support import client_model
from tests.support.client_model import Model, affairs_of, held, seen, seen_of_model
from tests.support.client_samples import LONG, PIECED, SHORT, blob, version
from tests.support.entropy import counting

NUMBERS = range(12)
"""The root and a few nodes, so that operations meet."""
NAMES = (b"a", b"b", b"c", b"d", b"..")
VERSIONS = (SHORT, PIECED, version(LONG), structs.replace(SHORT, mode=0))
KEYS = (b"1" * 32, b"2" * 32)
NEVER_REFUSED = {"EnrolDevice", "SetOptions", "NewAccountKeys", "NoteServer"}
"""Operations that a tree with few devices always takes."""
PLACES = ((), (Extent(blob(0), 0, 1),), (Extent(blob(6), 0, 1), Extent(blob(7), 0, 1)))

node, name = st.integers(1, NUMBERS[-1]), st.sampled_from(NAMES)
parent = st.sampled_from([0, 0, 1, 2, 3, 4])
time, mode, key = st.integers(-5, 5), st.integers(0, 7), st.sampled_from(KEYS)
event = st.sampled_from(changes.KeyEvent)
held_version, place = st.sampled_from(VERSIONS), st.sampled_from(PLACES)
operations = st.one_of(
    st.builds(changes.MakeFolder, node, parent, name, time, mode),
    st.builds(changes.PutFile, node, parent, name, held_version),
    st.builds(changes.PutVersion, node, held_version),
    st.builds(changes.Move, node, parent, name),
    st.builds(changes.Trash, node),
    st.builds(changes.Restore, node, parent, name),
    st.builds(changes.Purge, node),
    st.builds(changes.EnrolDevice, key, key, name),
    st.builds(changes.RevokeDevice, key),
    st.builds(changes.MakeLink, node, parent, name, st.just(b"target"), time),
    st.builds(changes.SetAttributes, node, time, mode),
    st.builds(changes.ForgetVersions, node, st.integers(1, 3)),
    st.builds(changes.Relocate, node, st.just(LONG.key), place, place),
    st.builds(changes.SetOptions, st.booleans()),
    st.builds(changes.RenameDevice, key, name),
    st.builds(changes.NewEpoch, st.integers(1, 3), key, st.just(())),
    st.builds(changes.NewAccountKeys, key, key, key),
    st.builds(changes.NoteKeys, event, st.integers(1, 3), st.integers(1, 3)),
    st.builds(changes.NoteServer, key, key, key),
    st.builds(changes.AcceptHistory, key, st.integers(0, 1), key, st.integers(0, 1), key),
)
"""Operations on few nodes, names, keys and blobs."""


def any_operation(random: Random, model: Model) -> Any:
    """Draw an operation, of a node that is there more often than not."""
    files = [number for number, thing in model.things.items() if thing.kind == "file"]
    one = random.choice([*NUMBERS[1:], *model.things, *files * 3])
    other = random.choice([0, 0, 0, 1, 2, 3, 4])
    called, held_there = random.choice(NAMES), random.choice(VERSIONS)
    return random.choice(
        [
            changes.MakeFolder(one, other, called, random.randrange(9), 7),
            changes.PutFile(one, other, called, held_there),
            changes.PutVersion(one, held_there),
            changes.PutVersion(one, held_there),
            changes.Move(one, other, called),
            changes.Trash(one),
            changes.Restore(one, other, called),
            changes.Restore(one, other, called),
            changes.Purge(one),
            changes.EnrolDevice(random.choice(KEYS), random.choice(KEYS), called),
            changes.RevokeDevice(random.choice(KEYS)),
            changes.MakeLink(one, other, called, b"target", 1),
            changes.SetAttributes(one, random.randrange(9), 6),
            changes.ForgetVersions(one, random.randrange(1, 3)),
            changes.ForgetVersions(one, 1),
            changes.Relocate(one, LONG.key, random.choice(PLACES), random.choice(PLACES)),
            changes.SetOptions(random.random() < 0.5),
            changes.RenameDevice(random.choice(KEYS), called),
            changes.NewEpoch(model.epoch + random.randrange(2), KEYS[0], ()),
            changes.NewAccountKeys(random.choice(KEYS), random.choice(KEYS), b"s" * 64),
            changes.NoteKeys(random.choice(list(changes.KeyEvent)), *any_cost(random, model)),
            changes.NoteServer(random.choice(KEYS), random.choice(KEYS), b"s" * 64),
            any_acceptance(random),
        ]
    )


def any_acceptance(random: Random) -> changes.AcceptHistory:
    """Draw an accepted history, which now and then is the one that was seen."""
    seen, accepted = random.randrange(2), random.randrange(2)
    hashes = random.choice(KEYS), random.choice(KEYS)
    return changes.AcceptHistory(KEYS[0], seen, hashes[0], accepted, hashes[1])


def any_cost(random: Random, model: Model) -> tuple[int, int]:
    """Draw a cost that is noted already, or near to one."""
    passes, memory = model.cost
    return max(passes + random.randrange(-1, 2), 1), max(memory + random.randrange(-1, 2), 1)


def any_of_folders(random: Random) -> Any:
    """Draw an operation on one of a few folders."""
    one, other, called = random.randrange(1, 6), random.randrange(6), random.choice(NAMES[:4])
    return random.choice(
        [
            changes.MakeFolder(one, other, called, 0, 7),
            changes.MakeFolder(one, other, called, 0, 7),
            changes.Move(one, other, called),
            changes.Move(one, other, called),
            changes.Trash(one),
            changes.Restore(one, other, called),
            changes.Restore(one, other, called),
        ]
    )


class ModelTests(SynchronousTestCase):
    """Two trees, one by drafts and one by folding, and the model beside them."""

    def setUp(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Begin with empty drives."""
        self.tree, self.folded, self.model = Tree(), Tree(), Model()
        self.outcomes: Counter[tuple[str, bool]] = Counter()

    def try_one(self, draft: Draft, operation: Any) -> None:
        """Try an operation on draft and model: both take it, or neither, which changes nothing."""
        before = seen(draft, NUMBERS, NAMES), draft.adds, draft.drops, draft.change()
        taken = self.model.take(operation, draft.time)
        self.outcomes[type(operation).__name__, taken] += 1
        if taken:
            draft.add(operation)
        else:
            self.assertRaises(LocalError, draft.add, operation)
            after = seen(draft, NUMBERS, NAMES), draft.adds, draft.drops, draft.change()
            self.assertEqual(after, before, operation)

    def commit(self, wanted: list[Any], when: int) -> None:
        """Make a change out of what is taken of *wanted*, and see that all sides agree on it."""
        before, untouched = self.model.blobs(), held(self.tree)
        draft = Draft(self.tree, when, counting())
        for operation in wanted:
            self.try_one(draft, operation)
        self.assertEqual(held(self.tree), untouched)
        self.assertEqual(seen(draft, NUMBERS, NAMES), seen_of_model(self.model, NUMBERS, NAMES))
        self.assertEqual(affairs_of(draft), self.model.affairs())
        self.assertEqual({device.key for device in draft.devices()}, set(self.model.devices))
        after = self.model.blobs()
        self.assertEqual(sorted(draft.adds), sorted(after.keys() - before.keys()))
        self.assertEqual(sorted(draft.drops), sorted(before.keys() - after.keys()))
        for operation in draft.change().operations:
            apply(self.folded, operation, when)
        draft.settle()
        self.assertEqual(held(self.tree), held(self.folded))
        self.check_tree()

    def check_tree(self) -> None:
        """See that the tree is what the model is."""
        model = self.model
        self.assertEqual(seen(self.tree, NUMBERS, NAMES), seen_of_model(model, NUMBERS, NAMES))
        self.assertEqual(self.tree.blobs, dict(model.blobs()))
        self.assertEqual(
            self.tree.trash, {number for number, thing in model.things.items() if thing.trashed}
        )
        self.assertEqual(
            {
                device.key: (device.agreement, device.name, device.enrolled)
                for device in self.tree.devices.values()
            },
            model.devices,
        )
        self.assertEqual(affairs_of(self.tree), model.affairs())

    @given(st.lists(st.tuples(st.lists(operations, max_size=8), st.integers(-2, 9)), max_size=6))
    def test_any_sequence(self, committed: list[tuple[list[Any], int]]) -> None:
        """Whatever is done, draft, settled tree, folded tree and model are one drive."""
        self.begin()
        for wanted, when in committed:
            self.commit(wanted, when)

    def test_long_sequences(self) -> None:
        """The same for long rows, in which every operation is taken often, and refused often."""
        outcomes: Counter[tuple[str, bool]] = Counter()
        for seed in range(20):
            random = Random(seed)
            self.begin()
            for when in range(40):
                self.commit(
                    [any_operation(random, self.model) for _ in range(random.randrange(1, 14))],
                    when,
                )
            outcomes += self.outcomes
        kinds = {kind.__name__ for kind in changes.Operation.__subclasses__()}
        for kind in kinds:
            self.assertGreater(outcomes[kind, True], 10, kind)
            if kind not in NEVER_REFUSED:
                self.assertGreater(outcomes[kind, False], 10, kind)

    def test_shallow(self) -> None:
        """The same of folders alone, where their depth is often in the way."""
        for module in (rules, client_model):
            self.patch(module, "MAX_DEPTH", 3)
        outcomes: Counter[tuple[str, bool]] = Counter()
        for seed in range(10):
            random = Random(seed)
            self.begin()
            for when in range(40):
                self.commit([any_of_folders(random) for _ in range(random.randrange(1, 8))], when)
            outcomes += self.outcomes
        for kind in (changes.MakeFolder, changes.Move, changes.Restore):
            for taken in (True, False):
                self.assertGreater(outcomes[kind.__name__, taken], 20)

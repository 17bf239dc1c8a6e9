"""What takes a change back: in reverse order, from what was there before each operation."""

from msgspec import convert, structs

from anoncloud.client.inverses import _ACTIONS, PASSED_OVER, Did, inverses
from anoncloud.client.tree import changes
from anoncloud.client.tree.changes import Change
from anoncloud.client.tree.draft import Draft
from anoncloud.errors import Exists, NotFound
from anoncloud.ids import ROOT
from tests.support.client_arranged import ArrangedTestCase, content


class InverseTests(ArrangedTestCase):
    """inverses, Inverse."""

    def setUp(self) -> None:
        super().setUp()
        self.put("/a/f", 1)
        self.a, self.f = self.node("/a").node, self.node("/a/f").node

    def draft(self) -> Draft:
        """Begin a change."""
        return Draft(self.drive.tree, self.clock(), self.drive.entropy)

    def inverse(self, *operations: changes.Operations) -> list[Did]:
        """Do something and take it back in one draft; see that nothing is left of it."""
        draft = self.draft()
        steps = inverses(draft, Change(draft.time, operations))
        did = [step.take_back(draft) for step in steps]
        for node in (self.a, self.f):
            self.assertEqual(draft.node(node), self.drive.tree.node(node))
        return did

    def test_reverse_order(self) -> None:
        """The last operation is taken back first."""
        did = self.inverse(
            changes.Move(self.f, ROOT, b"g"),
            changes.Trash(self.a),
            changes.Move(self.f, ROOT, b"h"),
        )
        self.assertEqual(
            did,
            [
                Did("moved", (b"g",), (b"h",)),
                Did("restored", (b"a",), (b"a",)),
                Did("moved", (b"a", b"f"), (b"g",)),
            ],
        )

    def test_of_one_thing(self) -> None:
        """What happened several times to one thing is taken back step by step."""
        did = self.inverse(
            changes.Trash(self.f),
            changes.Restore(self.f, ROOT, b"g"),
            changes.SetAttributes(self.f, 5, 0o600),
            changes.Move(self.f, ROOT, b"h"),
        )
        actions = [one.action for one in did]
        self.assertEqual(actions, ["moved", "attributes", "trashed", "restored"])

    def test_the_draft_goes_on(self) -> None:
        """When the inverses are known, the draft is the drive after the change."""
        draft = self.draft()
        inverses(draft, Change(draft.time, (changes.Move(self.a, ROOT, b"b"),)))
        self.assertEqual(draft.child(ROOT, b"b"), self.a)

    def test_new_things(self) -> None:
        """What was made knows what it was made in."""
        draft = self.draft()
        made = (
            changes.MakeFolder(901, ROOT, b"new", 0, 0o700),
            changes.PutFile(902, 901, b"file", content(2)),
            changes.MakeLink(903, self.a, b"link", b"target", 0),
        )
        steps = inverses(draft, Change(draft.time, made))
        new = {step.new for step in steps}
        self.assertEqual(new, {901, 902, 903})
        self.assertEqual([step.goes_with(new) for step in steps], [False, True, False])

    def test_without_an_effect(self) -> None:
        """Where content lies is no matter of undo."""
        stream = content(1).streams[0]
        draft = self.draft()
        moved = changes.Relocate(self.f, stream.key, stream.extents, ())
        self.assertEqual(inverses(draft, Change(draft.time, (moved,))), [])

    def test_refusals(self) -> None:
        """What has no inverse is named, with names escaped."""
        self.put("/a/f", 2)
        self.put("/a\n", 3)
        other = self.node("/a\n").node
        for operations, words in (
            ((changes.Trash(self.f), changes.Purge(self.f)), "it removed /a/f for good"),
            ((changes.Trash(other), changes.Purge(other)), "it removed /a\\x0a for good"),
            ((changes.ForgetVersions(self.f, 1),), "it forgot earlier versions of /a/f"),
        ):
            draft = self.draft()
            error = self.assertRaises(Exists, inverses, draft, Change(draft.time, operations))
            self.assertIn(words, str(error))

    def test_an_earlier_version_that_is_gone(self) -> None:
        """A version that was forgotten meanwhile can't come back."""
        draft = self.draft()
        (step,) = inverses(draft, Change(draft.time, (changes.PutVersion(self.f, content(2)),)))
        draft.add(changes.ForgetVersions(self.f, 1))
        error = self.assertRaises(NotFound, step.take_back, draft)
        self.assertIn("/a/f", str(error))

    def test_unknown(self) -> None:
        """An operation that undo has no opposite for is refused, unless it concerns no file."""
        known = {*_ACTIONS, *PASSED_OVER}
        for kind in changes.Operation.__subclasses__():
            if kind in known:
                continue
            operation = convert(self.least(kind), kind)
            draft = self.draft()
            error = self.assertRaises(Exists, inverses, draft, Change(draft.time, (operation,)))
            self.assertIn("no further back", str(error))

    def least(self, kind: type[changes.Operation]) -> list[object]:
        """Make up an operation of *kind*."""
        made: list[object] = [kind.__struct_config__.tag]
        values = {int: self.f, bytes: b"k" * 32, bool: True}
        for field in structs.fields(kind):
            real = getattr(field.type, "__origin__", field.type)
            made.append(
                1 if field.name == "count" else values[getattr(real, "__supertype__", real)]
            )
        return made

"""Checkpoints: a tree comes back as it was, or nothing does."""

import attrs
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client import checkpoint
from anoncloud.client.cache import Head
from anoncloud.client.checkpoint import Checkpoint, Place, open_checkpoint, seal_checkpoint
from anoncloud.client.keyring import Keyring
from anoncloud.client.tree.affairs import Affairs, Device
from anoncloud.client.tree.nodes import Node
from anoncloud.client.tree.tree import Tree
from anoncloud.crypto import boxes
from anoncloud.crypto.derive import Purpose, derive
from anoncloud.crypto.keys import DriveKey, SealingKey
from anoncloud.errors import Tampered
from tests.support.client_model import held
from tests.support.client_samples import DRIVE, SAMPLE_KEYRING
from tests.support.client_strategies import all_affairs, devices, nodes, times
from tests.support.damage import cuts, flip
from tests.support.entropy import counting, replaying
from tests.support.strategies import hashes, identifiers, numbers
from tests.support.vectors import load
from tests.vectors.client import sample_journal


class CheckpointTests(SynchronousTestCase):
    """Sealed and opened."""

    def test_frozen(self) -> None:
        """The samples are sealed as recorded, and give the same trees again."""
        vectors = load("checkpoint")
        nonce = bytes.fromhex(vectors["nonce"])
        for vector in vectors["checkpoints"]:
            made = sample_journal(vector["number"])[1]
            self.assertEqual(
                (made.head.hash.hex(), made.newest), (vector["hash"], vector["newest"])
            )
            sealed = seal_checkpoint(SAMPLE_KEYRING, made, replaying(nonce))
            self.assertEqual(sealed.hex(), vector["sealed"])
            opened = open_checkpoint(SAMPLE_KEYRING, sealed)
            self.assertEqual(held(opened.tree), held(made.tree))
            self.assertEqual((opened.head, opened.newest), (made.head, made.newest))

    def test_read_in_parts(self) -> None:
        """However many nodes are read in one go, all are there."""
        made = sample_journal(5)[1]
        sealed = seal_checkpoint(SAMPLE_KEYRING, made, counting())
        for at_once in (1, 2, 3, 1000):
            self.patch(checkpoint, "_AT_ONCE", at_once)
            self.assertEqual(held(open_checkpoint(SAMPLE_KEYRING, sealed).tree), held(made.tree))

    def test_samples_hold_every_kind(self) -> None:
        """The recorded trees hold folders, files, links, trash, blobs and devices."""
        tree = sample_journal(4)[1].tree
        self.assertEqual(
            {type(node).__name__ for node in tree.nodes.values()}, {"Folder", "File", "Link"}
        )
        self.assertTrue(tree.blobs and tree.devices)
        self.assertTrue(sample_journal(5)[1].tree.trash)

    @given(
        st.lists(nodes, max_size=6, unique_by=(lambda n: n.node, lambda n: (n.parent, n.name))),
        st.dictionaries(identifiers, st.integers(1, 2**40), max_size=4),
        st.lists(devices, max_size=3),
        all_affairs,
        st.builds(Head, numbers, hashes),
        times,
    )
    def test_round_trip(
        self,
        planted: list[Node],
        blobs: dict[bytes, int],
        enrolled: list[Device],
        affairs: Affairs,
        head: Head,
        newest: int,
    ) -> None:
        """Any tree comes back; counts, devices and all that is known beside included."""
        tree = Tree()
        tree.plant(planted)
        tree.blobs.update(blobs)  # type: ignore[arg-type]
        for device in enrolled:
            tree.enrol(device)
        tree.arrange(affairs)
        sealed = seal_checkpoint(SAMPLE_KEYRING, Checkpoint(tree, head, newest), counting())
        opened = open_checkpoint(SAMPLE_KEYRING, sealed)
        self.assertEqual(held(opened.tree), held(tree))
        self.assertEqual((opened.head, opened.newest), (head, newest))


class TamperedTests(SynchronousTestCase):
    """What does not open."""

    def setUp(self) -> None:
        self.made = sample_journal(4)[1]
        self.sealed = seal_checkpoint(SAMPLE_KEYRING, self.made, counting())

    def refused(self, sealed: bytes, keyring: Keyring = SAMPLE_KEYRING) -> None:
        """See that a checkpoint is refused."""
        self.assertRaises(Tampered, open_checkpoint, keyring, sealed)

    def test_flipped_and_cut(self) -> None:
        """A changed bit anywhere, and any cut, is refused."""
        for at in range(len(self.sealed)):
            self.refused(flip(self.sealed, at * 8 + at % 8))
        for cut in cuts(self.sealed):
            self.refused(cut)
        self.refused(self.sealed + b"\x00")

    def test_another_drive(self) -> None:
        """A checkpoint of another drive, or of an epoch that is not known, is refused."""
        self.refused(self.sealed, attrs.evolve(SAMPLE_KEYRING, drive=b"e" * 16))
        self.refused(self.sealed, attrs.evolve(SAMPLE_KEYRING, epochs=SAMPLE_KEYRING.epochs[:1]))
        self.refused(self.sealed, attrs.evolve(SAMPLE_KEYRING, epochs=(DriveKey(b"o" * 32),) * 2))

    def test_another_point(self) -> None:
        """A box stands for one record of one history."""
        place, box = msgpack.decode(self.sealed)
        for at, other in ((2, 0), (3, 5), (4, b"x" * 32), (0, 2)):
            fields = msgpack.decode(place)
            fields[at] = other
            self.refused(msgpack.encode([msgpack.encode(fields), box]))

    def test_content_is_checked(self) -> None:
        """A content of another shape is refused, even if it is sealed as it should be."""
        place = msgpack.encode(Place(1, DRIVE, 1, 1, bytes(32)))
        key = derive(SAMPLE_KEYRING.epochs[1], Purpose.CHECKPOINT, SealingKey, DRIVE)

        def sealed(content: object) -> bytes:
            bound = b"anoncloud 1 checkpoint" + place
            return msgpack.encode(
                [place, boxes.seal(key, msgpack.encode(content), bound, counting())]
            )

        good = [False, 1, 0, 0, None, None, []]
        open_checkpoint(SAMPLE_KEYRING, sealed([0, [], {}, [], good]))
        for content in (
            [0, [], {}],
            [0, [], {}, []],
            [0, [], {}, [], False],
            [0, [], {}, [], good, 0],
            [0, [], {}, [], [*good, 0]],
            [0, [], {}, [], [0, *good[1:]]],
            [0, [], {}, [], [False, 0, *good[2:]]],
            [0, [], {}, [], [False, 2, *good[2:]]],
            [0, [], {}, [], [*good[:6], [[6, 0]]]],
            [0, [], {}, [[bytes(32), bytes(31), b"n", 0]], good],
            [0, [[9, 1, 0, b"n", 0]], {}, [], good],
            [0, [[1, 1, 0, b"", 0, 0, 0]], {}, [], good],
            [0, [], {"blob": 1}, [], good],
            [0.5, [], {}, [], good],
            {},
        ):
            self.refused(sealed(content))

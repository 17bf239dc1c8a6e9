"""Compaction of random drives: every version reads back, and blobs are counted right."""

from random import Random
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from anoncloud.client.transfers import compacting
from anoncloud.client.tree import changes
from anoncloud.client.tree.nodes import File
from anoncloud.ids import ROOT
from anoncloud.limits import MIB
from tests.client.transfers.test_compacting import CompactingTestCase

SIZES = (0, 1, 3000, 70_000, 200_000, MIB, 1_500_000)
"""From one segment to several, and with a list of fingerprints from 1 MiB on."""

steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.lists(st.sampled_from(SIZES), min_size=1, max_size=6)),
        st.tuples(st.just("purge"), st.integers(0, 99)),
        st.tuples(st.just("copy"), st.integers(0, 99)),
        st.tuples(st.just("trash"), st.integers(0, 99)),
        st.tuples(st.just("again"), st.integers(0, 99)),
    ),
    min_size=2,
    max_size=12,
)


class AnyDriveTests(CompactingTestCase):
    """Random drives."""

    @settings(max_examples=25, deadline=None)
    @given(steps, st.integers(1, 100), st.sampled_from([0, 500, 3000]))
    def test_everything_reads_back(
        self, done: list[tuple[str, object]], threshold: int, record: int
    ) -> None:
        """After puts, copies, trashings and purges, every version is what it was before."""
        self.setUp()
        drawn = Random(threshold)
        for number, (what, much) in enumerate(done):
            files = [node for node in self.drive.entries(()) if isinstance(node, File)]
            if what == "put":
                self.put(
                    **{f"{number}_{each}": drawn.randbytes(size) for each, size in enumerate(much)}
                )
            elif files:
                self.change_one(what, files[much % len(files)], drawn)
        contents, before = self.contents(), self.stored()
        with patch.object(compacting, "RECORD_BYTES", record or MIB):
            did = self.compact(threshold)
        self.assertEqual(self.contents(), contents)
        self.assertEqual(before - self.stored(), did.freed)
        other, _ = self.open(b"other")
        self.assertEqual(self.contents(other), contents)
        self.assert_counted()
        self.assert_counted(other)
        self.assertEqual(self.complaints, [])

    def change_one(self, what: str, file: File, drawn: Random) -> None:
        if what == "purge":
            self.purge(file)
        elif what == "trash":
            self.run_now(self.drive.trash((file.name,)))
        elif what == "again":
            self.put(**{file.name.decode(): drawn.randbytes(5000)})
        else:
            node = changes.PutFile(
                drawn.getrandbits(62), ROOT, b"%d" % drawn.getrandbits(62), file.version
            )
            self.run_now(self.drive.change(lambda draft: draft.add(node)))

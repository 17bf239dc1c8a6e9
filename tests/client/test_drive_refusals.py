"""Commits that are refused, and servers that lie: the drive stays as it was."""

from typing import Any

from anoncloud.client.cache import Head
from anoncloud.client.tree import changes
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.versions import Stream
from anoncloud.crypto.packing import Extent
from anoncloud.errors import (
    Code,
    Exists,
    Forked,
    Refused,
    RemoteError,
    RolledBack,
    Tampered,
)
from anoncloud.ids import ROOT, BlobId
from anoncloud.limits import MAX_BLOBS_PER_RECORD
from anoncloud.wire import messages
from tests.support.client_commits import CommitTestCase
from tests.support.client_samples import stream, version
from tests.support.damage import flip


class RefusalTests(CommitTestCase):
    """Rules and refusals pass through; the drive stays as it was."""

    def test_refused(self) -> None:
        """A refusal of the server is told, and changes nothing."""
        for code in (Code.QUOTA, Code.DISK_FULL, Code.BLOB_UNKNOWN, Code.UNAVAILABLE):
            self.fault(Refused(code, "no"))
            error = self.fails(Refused, self.one.make_folder((b"mine",)))
            self.assertIs(error.code, code)
            self.assertEqual(self.names(self.one), [])
        self.make(self.one, b"mine")
        self.same(b"mine")

    def test_blob_that_is_not_there(self) -> None:
        """A file whose blob was never staged does not become the drive's."""
        put = changes.PutFile(5, ROOT, b"file", version(stream(0, 100)))
        error = self.fails(Refused, self.one.change(lambda draft: draft.add(put)))
        self.assertIs(error.code, Code.BLOB_UNKNOWN)
        self.assertIsNone(self.one.tree.node(5))

    def test_rules(self) -> None:
        """A plan that breaks a rule is not sent, and its error comes as it is."""
        error = Exists("this very one")

        def plan(draft: Draft) -> None:
            draft.add(changes.MakeFolder(7, ROOT, b"x", 0, 0))
            raise error

        self.assertIs(self.fails(Exists, self.one.change(plan)), error)
        self.assertEqual(self.peer.commits(), 0)
        self.make(self.one, b"next")
        self.same(b"next")

    def test_too_large(self) -> None:
        """A change that no record holds is refused before it is sent."""

        def long(draft: Draft) -> None:
            for number in range(1, 20_000):
                draft.add(changes.MakeFolder(number, ROOT, b"%0250d" % number, 0, 0))

        def many(draft: Draft) -> None:
            extents = tuple(
                Extent(BlobId(b"%016d" % number), 0, 1)
                for number in range(MAX_BLOBS_PER_RECORD + 1)
            )
            made = version(Stream(b"k" * 32, 1, extents))
            draft.add(changes.PutFile(5, ROOT, b"x", made))

        for plan in (long, many):
            error = self.fails(Exists, self.one.change(plan))
            self.assertIn("smaller parts", error.hint)
        self.assertEqual(self.peer.commits(), 0)
        self.assertEqual(self.names(self.one), [])


class EvilTests(CommitTestCase):
    """A server that lies."""

    def setUp(self) -> None:
        super().setUp()
        for number in range(5):
            self.make(self.one, b"%d" % number)
        self.run_now(self.two.catch_up())

    def test_answer_that_does_not_fit(self) -> None:
        """An answer of another kind, or with another number, is not taken for success."""
        for lie in (messages.Done(1), messages.Committed(1, 9)):
            self.fault(lambda _, lie=lie: lie)
            name = type(lie).__name__.encode()
            self.fails(RemoteError, self.one.make_folder((name,)))
            self.assertNotIn(name, self.names(self.one))
            self.run_now(self.one.catch_up())
        self.peer.faults[messages.ReadJournal] = [lambda _: messages.Done(1)]
        self.fails(RemoteError, self.one.catch_up())

    def test_rolled_back(self) -> None:
        """A server that went back is noticed when catching up, and when committing."""
        del self.store.journal[3:]
        self.fails(RolledBack, self.two.catch_up())
        self.fails(RolledBack, self.one.make_folder((b"x",)))
        self.assertEqual(len(self.names(self.one)), 5)
        self.assertEqual(len(self.store.journal), 3)

    def test_claimed_head(self) -> None:
        """The head that was named at login must be shown."""
        newest = Head(5, self.store.head_hash)
        self.run_now(self.two.catch_up(newest))
        self.fails(Forked, self.two.catch_up(Head(5, b"x" * 32)))
        self.fails(RolledBack, self.two.catch_up(Head(4, self.store.head_hash)))
        third, _ = self.open(b"three")
        self.fails(RolledBack, third.catch_up(Head(6, b"x" * 32)))

    def test_records_held_back(self) -> None:
        """A server that names records and does not show them is noticed."""
        self.make(self.one, b"6")
        self.peer_two_answers(lambda page: messages.JournalPage(1, (), page.head))
        self.fails(Forked, self.two.catch_up())

    def peer_two_answers(self, lie: Any) -> None:
        """Let the next page of the journal be another for the second device."""
        self.other_peer.faults[messages.ReadJournal] = [lie]

    def test_another_history(self) -> None:
        """A record of another history is not taken, nor one that was changed."""
        self.make(self.one, b"6")
        for kind, lie in (
            (Forked, lambda page: messages.JournalPage(1, (self.store.journal[0],), page.head)),
            (Tampered, lambda page: messages.JournalPage(1, (flip(page.records[0], 3000),), 6)),
        ):
            self.peer_two_answers(lie)
            self.fails(kind, self.two.catch_up())
            self.assertEqual(len(self.names(self.two)), 5)
        self.run_now(self.two.catch_up())
        self.assertEqual(len(self.names(self.two)), 6)

"""Two devices that are open on one drive, with faults on demand."""

from anoncloud.client.drive import Drive
from anoncloud.wire import messages
from tests.support.client import DriveTestCase, Happening, MemoryPeer
from tests.support.client_model import held


class CommitTestCase(DriveTestCase):
    """Two devices that are open on one drive."""

    def setUp(self) -> None:
        super().setUp()
        self.one, self.peer = self.open(b"one")
        self.two, self.other_peer = self.open(b"two")

    def fault(self, *happenings: Happening, peer: MemoryPeer | None = None) -> None:
        """Let so much happen to the next commits."""
        (peer or self.peer).faults[messages.Commit] = list(happenings)

    def names(self, drive: Drive) -> list[bytes]:
        """Give the names in the root."""
        return [node.name for node in drive.entries(())]

    def make(self, drive: Drive, name: bytes) -> None:
        """Make a folder in the root."""
        self.run_now(drive.make_folder((name,)))

    def same(self, *expected: bytes) -> None:
        """See that both devices, and one that starts now, have the same drive."""
        third = self.open(b"three")[0]
        for drive in (self.one, self.two):
            self.run_now(drive.catch_up())
        for drive in (self.one, self.two, third):
            self.assertEqual(self.names(drive), list(expected))
            self.assertEqual(held(drive.tree), held(third.tree))
            self.assertEqual(drive.journal.head, third.journal.head)
        self.assertEqual(len(self.store.journal), third.journal.head.number)

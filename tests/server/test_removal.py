"""Bytes of blobs that have been let go."""

from twisted.internet.defer import Deferred

from anoncloud.errors import Code
from anoncloud.server.removal import remove
from tests.support.server import ADA, Held, ServerTestCase, blob_name, failing

ONE = blob_name(1)


class RemovalTests(ServerTestCase):
    """In which order."""

    def setUp(self) -> None:
        super().setUp()
        self.journal, self.blobs = self.rooms.journal, self.rooms.blobs
        self.now(self.rooms.accounts.register(ADA.new_account(), None, 0, 0))
        self.now(self.journal.condemn([ONE], 0))

    def test_order(self) -> None:
        """A name is free when its bytes are gone, not before."""
        removing = Held(self.blobs.remove)
        self.patch(self.blobs, "remove", removing)
        done = Deferred.fromCoroutine(remove(self.journal, self.blobs, [ONE]))
        self.refused(Code.UNAVAILABLE, self.journal.may_stage(ADA.drive, ONE, 9))
        removing.go()
        self.successResultOf(done)
        self.assertIs(self.now(self.journal.may_stage(ADA.drive, ONE, 9)), True)

    def test_fault(self) -> None:
        """What could not be removed stays unusable, for the collector."""
        self.patch(self.blobs, "remove", failing(OSError("no disk")))
        done = Deferred.fromCoroutine(remove(self.journal, self.blobs, [ONE]))
        self.failureResultOf(done, OSError)
        self.assertEqual(self.now(self.journal.still_going(1)), [ONE])

    def test_nothing(self) -> None:
        """Nothing to remove asks nobody."""
        self.patch(self.blobs, "remove", failing(OSError("no disk")))
        self.now(remove(self.journal, self.blobs, []))

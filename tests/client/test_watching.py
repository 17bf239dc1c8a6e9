"""Watching: changes are heard, settle, and are acted on, whatever goes wrong meanwhile."""

import os
from collections.abc import Awaitable
from pathlib import Path
from unittest.mock import patch

from twisted.internet import inotify
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock, deferLater
from twisted.internet.testing import MemoryReactorClock
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.watching import (
    LONGEST,
    RETRY,
    SETTLE,
    Changes,
    FolderWatch,
    keep_doing,
)
from anoncloud.errors import (
    AnonymousCloudError,
    Code,
    ConnectionCut,
    HandshakeFailed,
    LocalFileError,
    Refused,
    Tampered,
    Unreachable,
)

EVERY = 100.0


class ChangesTests(SynchronousTestCase):
    """When changes have settled."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.changes = Changes(self.clock, EVERY)

    def settled(self) -> "Deferred[None]":
        return Deferred.fromCoroutine(self.changes.settled())

    def test_quiet_for_a_while(self) -> None:
        """After the last of some changes it takes as long as it takes to be sure."""
        waiting = self.settled()
        self.clock.advance(5)
        for _ in range(3):
            self.changes.note()
            self.clock.advance(SETTLE / 2)
            self.assertNoResult(waiting)
        self.clock.advance(SETTLE / 2)
        self.successResultOf(waiting)
        self.assertNoResult(self.settled())

    def test_never_quiet(self) -> None:
        """Changes without an end are acted on after a while."""
        waiting = self.settled()
        for _ in range(int(LONGEST / SETTLE * 2)):
            self.assertNoResult(waiting)
            self.changes.note()
            self.clock.advance(SETTLE / 2)
        self.successResultOf(waiting)

    def test_a_change_before(self) -> None:
        """What changes while nobody waits is not forgotten."""
        self.changes.note()
        waiting = self.settled()
        self.assertNoResult(waiting)
        self.clock.advance(SETTLE)
        self.successResultOf(waiting)

    def test_nothing_heard(self) -> None:
        """Without any change it is time after a while, too, and no timer is left."""
        waiting = self.settled()
        self.clock.advance(EVERY - 1)
        self.assertNoResult(waiting)
        self.clock.advance(1)
        self.successResultOf(waiting)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_given_up(self) -> None:
        """A wait that is cancelled leaves no timer, and a later change hurts nobody."""
        waiting = self.settled()
        waiting.cancel()
        self.failureResultOf(waiting, CancelledError)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.changes.note()


class FolderWatchTests(SynchronousTestCase):
    """A real folder, and events as the kernel gives them."""

    def setUp(self) -> None:
        self.top = Path(self.mktemp())
        (self.top / "d").mkdir(parents=True)
        self.heard = 0
        self.watch = FolderWatch(MemoryReactorClock(), self.hear)
        self.addCleanup(os.close, self.watch.fileno())
        self.assertTrue(self.watch.arm(str(self.top)))

    def hear(self) -> None:
        self.heard += 1

    def hears(self) -> bool:
        """Tell whether something was heard of by now."""
        before = self.heard
        self.watch.doRead()
        return self.heard > before

    def test_changes(self) -> None:
        """Files that come, change and go, modes, and what is in folders below, are heard of."""
        self.assertFalse(self.hears())
        path = self.top / "d/file"
        for change in (
            lambda: path.write_text("x"),
            lambda: path.chmod(0o600),
            lambda: path.rename(self.top / "moved"),
            (self.top / "moved").unlink,
            lambda: (self.top / "link").symlink_to("d"),
        ):
            change()
            self.assertTrue(self.hears())
            self.assertFalse(self.hears())

    def test_reading_is_no_change(self) -> None:
        """Looking at files, as a mirroring does, is not heard of."""
        (self.top / "file").write_text("x")
        self.hears()
        (self.top / "file").read_text()
        list(self.top.rglob("*"))
        self.assertTrue(self.watch.arm(str(self.top)))
        self.assertFalse(self.hears())

    def test_new_folders(self) -> None:
        """A folder that is new, or there again, is watched when the watch is armed again."""
        for _ in range(2):
            (self.top / "new/deep").mkdir(parents=True)
            self.assertTrue(self.hears())
            self.watch.arm(str(self.top))
            (self.top / "new/deep/file").write_text("x")
            self.assertTrue(self.hears())
            (self.top / "new/deep/file").unlink()
            (self.top / "new/deep").rmdir()
            (self.top / "new").rmdir()
            self.assertTrue(self.hears())

    def test_links_are_not_followed(self) -> None:
        """What a link leads to is not watched."""
        outside = Path(self.mktemp())
        outside.mkdir()
        (self.top / "way").symlink_to(outside.resolve())
        self.watch.arm(str(self.top))
        self.hears()
        (outside / "file").write_text("x")
        self.assertFalse(self.hears())

    def test_too_many(self) -> None:
        """If the kernel watches no more, that is told; a folder that is gone is no matter."""
        with patch.object(inotify.INotify._inotify, "add", side_effect=inotify.INotifyError):
            self.assertFalse(self.watch.arm(str(self.top)))
        self.assertTrue(self.watch.arm(str(self.top / "none")))


class KeepDoingTests(SynchronousTestCase):
    """Something that is done again and again."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.changes = Changes(self.clock, EVERY)
        self.done = 0
        self.told: list[AnonymousCloudError] = []
        self.outcomes: list[BaseException] = []

    async def once(self) -> None:
        self.done += 1
        if self.outcomes:
            raise self.outcomes.pop(0)

    def keep_doing(self, once: "Awaitable[None] | None" = None) -> "Deferred[None]":
        return Deferred.fromCoroutine(
            keep_doing(once or self.once, self.changes, self.clock, self.told.append)
        )

    def test_again_after_changes(self) -> None:
        """It is done at once, after a change, and after a while."""
        running = self.keep_doing()
        self.assertEqual(self.done, 1)
        self.changes.note()
        self.clock.advance(SETTLE)
        self.assertEqual(self.done, 2)
        self.clock.advance(EVERY)
        self.assertEqual(self.done, 3)
        running.cancel()
        self.failureResultOf(running, CancelledError)

    def test_passing_faults(self) -> None:
        """What another try may mend is told, and tried again after a while."""
        faults = [
            Unreachable("away"),
            ConnectionCut("cut"),
            HandshakeFailed("starting"),
            Refused(Code.QUOTA, "full"),
        ]
        self.outcomes = list(faults)
        running = self.keep_doing()
        for number in range(len(faults)):
            self.assertEqual(self.done, number + 1)
            self.clock.advance(RETRY)
        self.assertEqual((self.done, self.told), (5, faults))
        self.assertNoResult(running)
        running.cancel()
        self.failureResultOf(running, CancelledError)

    def test_lasting_faults(self) -> None:
        """An alarm, a revoked device and a folder that is gone end it."""
        for fault in (
            Tampered("forged"),
            Refused(Code.LOGIN, "revoked"),
            LocalFileError("gone"),
        ):
            self.outcomes = [fault]
            self.assertIs(self.failureResultOf(self.keep_doing()).value, fault)
        self.assertEqual(self.told, [])

    def test_given_up(self) -> None:
        """A cancellation ends it, though what is under way turns it into another error."""
        ended = Unreachable("the link was ended")

        async def stubborn() -> None:
            try:
                await deferLater(self.clock, 1000)
            except CancelledError:
                raise ended from None

        running = self.keep_doing(stubborn)
        running.cancel()
        self.failureResultOf(running, CancelledError)
        self.assertEqual(self.told, [])
        self.assertEqual(self.clock.getDelayedCalls(), [])

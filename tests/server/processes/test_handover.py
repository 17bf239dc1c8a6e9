"""Stores given to the user of the workers: those and nothing else."""

import os
import pwd
from pathlib import Path
from typing import Any

import attrs
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import LocalError
from anoncloud.server.assembly import BLOBS, DATABASE, Parts
from anoncloud.server.processes.handover import hand_over
from anoncloud.server.settings import Settings
from anoncloud.server.stores.folder import FolderBlobs

NOBODY = "nobody"


class HandoverTests(SynchronousTestCase):
    """What becomes whose."""

    def setUp(self) -> None:
        self.state = Path(self.mktemp())
        unused: Any = None
        blobs = FolderBlobs(self.state / BLOBS, unused)
        settings = Settings(state_dir=self.state, worker_user=NOBODY)
        self.parts = Parts(settings, unused, unused, unused, unused, blobs, unused)
        for name in ("server.key", DATABASE, f"{BLOBS}/incoming/one"):
            (self.state / name).write_bytes(b"kept")

    def owner(self, name: str) -> int:
        """Give whose a file of the state folder is."""
        return (self.state / name).lstat().st_uid

    def as_root(self) -> int:
        """Give the number of the workers' user, if that can be tried."""
        if os.geteuid():
            self.skipTest("NOT TESTED: only root can give files away")
        return pwd.getpwnam(NOBODY).pw_uid

    def test_stores(self) -> None:
        """Database and blobs are the workers'; key and state folder stay as they are."""
        theirs = self.as_root()
        hand_over(self.parts)
        for name in (DATABASE, BLOBS, f"{BLOBS}/incoming/one"):
            self.assertEqual(self.owner(name), theirs, name)
        for name in ("server.key", "."):
            self.assertEqual(self.owner(name), 0, name)

    def test_links(self) -> None:
        """A link that a worker has left among its blobs gives it nothing that it points at."""
        self.as_root()
        for name, target in (("key", "server.key"), ("incoming/folder", ".")):
            (self.state / BLOBS / name).symlink_to((self.state / target).absolute())
        hand_over(self.parts)
        self.assertEqual((self.owner("server.key"), self.owner(".")), (0, 0))

    def test_nobody(self) -> None:
        """Without such a user nothing is given to anybody, and what to do is told."""
        settings = attrs.evolve(self.parts.settings, worker_user="no-such-user")
        parts = attrs.evolve(self.parts, settings=settings)
        error = self.assertRaises(LocalError, hand_over, parts)
        self.assertIn("no such user", error.message)
        self.assertEqual(self.owner(DATABASE), os.geteuid())

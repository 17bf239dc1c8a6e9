"""What a worker's sandbox allows, and what becomes of one that a system can't give."""

from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

import anoncloud
from anoncloud.errors import LocalError
from anoncloud.server.modes import Wish
from anoncloud.server.processes import landlock, sandbox, seccomp
from anoncloud.server.settings import Settings


class RuleTests(SynchronousTestCase):
    """Which files."""

    def setUp(self) -> None:
        self.state = Path(self.mktemp())
        (self.state / "blobs").mkdir(parents=True)
        for name in ("server.key", "accounts.sqlite", "accounts.sqlite-wal", "accounts.sqlite-shm"):
            (self.state / name).touch()

    def rights(self, **changes: Any) -> dict[Path, int]:
        """Give what may be done, by path."""
        settings = Settings(state_dir=self.state, **changes)
        return {rule.path: rule.rights for rule in sandbox.rules(settings)}

    def test_stores(self) -> None:
        """Blobs may be made and removed, the database changed; the key is not named at all."""
        rights = self.rights()
        for name in ("accounts.sqlite", "accounts.sqlite-wal", "accounts.sqlite-shm"):
            self.assertTrue(rights[self.state / name] & landlock.WRITE_FILE)
        for right in (landlock.MAKE_FILE, landlock.REMOVE_FILE, landlock.REFER):
            self.assertTrue(rights[self.state / "blobs"] & right)
        self.assertNotIn(self.state / "server.key", rights)
        self.assertNotIn(self.state, rights)

    def test_code(self) -> None:
        """The program's code may be read and not changed; nothing anywhere may be run."""
        rights = self.rights()
        reads = landlock.READ_FILE | landlock.READ_DIR
        self.assertEqual(rights[Path(anoncloud.__file__).parent], reads)
        for path, right in rights.items():
            self.assertFalse(right & landlock.EXECUTE, path)
            if self.state not in path.parents:
                self.assertEqual(right, reads, path)

    def test_certificates(self) -> None:
        """Certificates that are read again when they change may be."""
        pems = self.state / "pems"
        pems.mkdir()
        for endpoint in (f"tls:{pems}:443", f"haproxy:tls:{pems}:443"):
            self.assertIn(pems, self.rights(listen=("tcp:1", endpoint)))
        self.assertNotIn(pems, self.rights())


class MissingTests(SynchronousTestCase):
    """A system that has neither Landlock nor seccomp."""

    def setUp(self) -> None:
        self.patch(landlock, "version", lambda: 1)
        self.patch(seccomp, "is_there", lambda: False)

    def test_auto(self) -> None:
        """What is missing is told, each in a sentence, and the worker serves."""
        missing = sandbox.shut_in(Settings(sandbox=Wish.AUTO))
        self.assertEqual(len(missing), 2)
        self.assertIn("no Landlock", missing[0])
        self.assertIn("pyseccomp is not installed", missing[1])

    def test_required(self) -> None:
        """A worker that must be shut in, and can't be, says why and what to do."""
        error = self.assertRaises(LocalError, sandbox.shut_in, Settings(sandbox=Wish.REQUIRED))
        self.assertIn("no Landlock", error.message)
        self.assertIn('"auto"', error.hint)

    def test_off(self) -> None:
        """Nobody misses what is not wanted."""
        self.assertEqual(sandbox.shut_in(Settings(sandbox=Wish.OFF)), [])

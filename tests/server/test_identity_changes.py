"""The server's key changed by its owner, and older ones ended for good."""

import os
import stat
from pathlib import Path

from msgspec import msgpack
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.crypto.server_keys import leading
from anoncloud.errors import LocalError, UsageError
from anoncloud.limits import MAX_STATEMENTS
from anoncloud.server.identity import Identity, change_key, load_or_make, make_state_dir, retire
from tests.support.entropy import counting


class ChangeTestCase(SynchronousTestCase):
    """A server that has a key."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        make_state_dir(self.folder)
        self.first, _ = load_or_make(self.folder, counting(b"0"))
        self.older = self.folder / "server.older"

    def load(self) -> Identity:
        """Give what a server finds that starts now."""
        found, is_new = load_or_make(self.folder, counting(b"never"))
        self.assertFalse(is_new)
        return found

    def change(self, times: int) -> list[Identity]:
        """Change the key so often; give all identities, the first one too."""
        changed = [change_key(self.folder, counting(b"%d" % n)) for n in range(1, times + 1)]
        return [self.first, *changed]


class ChangeKeyTests(ChangeTestCase):
    """``change_key``."""

    def test_newest_first(self) -> None:
        """A server comes back with the new key in front, and each older one behind it."""
        identities = self.change(3)
        self.assertEqual(len({one.public for one in identities}), 4)
        found = self.load()
        self.assertEqual(found, identities[3])
        publics = [key.public for key in found.agreement_keys()]
        self.assertEqual(publics, [one.public for one in identities[::-1]])

    def test_statements(self) -> None:
        """Each older key leads to the newest."""
        identities = self.change(3)
        statements = self.load().statements
        for number, one in enumerate(identities):
            self.assertEqual(leading(one.public, statements), statements[number:])
            self.assertLessEqual(len(one.statements), number)

    def test_modes(self) -> None:
        """Nobody else can read the older keys, whatever the umask is; nothing else is left."""
        previous = os.umask(0)
        self.addCleanup(os.umask, previous)
        self.change(1)
        self.assertEqual(stat.S_IMODE(self.older.stat().st_mode), 0o600)
        names = {path.name for path in self.folder.iterdir()}
        self.assertEqual(names, {"server.key", "server.older"})

    def test_crash_between_the_files(self) -> None:
        """A change that was cut off is as if it had not begun, and the next one is whole."""
        key = self.folder / "server.key"
        for times in (1, 2):
            before, content = self.load(), key.read_bytes()
            change_key(self.folder, counting(b"lost"))
            key.write_bytes(content)  # as a crash before the second file leaves it
            self.assertEqual(self.load(), before)
            changed = change_key(self.folder, counting(b"after %d" % times))
            self.assertEqual(self.load(), changed)
            self.assertEqual(len(changed.statements), times)
            self.assertEqual(len(leading(self.first.public, changed.statements)), times)

    def test_many(self) -> None:
        """Only so many older keys are kept as one message holds."""
        identities = self.change(MAX_STATEMENTS + 2)
        found = self.load()
        self.assertEqual(len(found.statements), MAX_STATEMENTS)
        self.assertEqual(len(found.secrets), MAX_STATEMENTS + 1)
        self.assertNotIn(self.first.public, [key.public for key in found.agreement_keys()])
        self.assertEqual(leading(identities[2].public, found.statements), found.statements)

    def test_no_server(self) -> None:
        """Where no server is, none is made."""
        empty = Path(self.mktemp())
        empty.mkdir()
        for work in (lambda: change_key(empty, counting()), lambda: retire(empty)):
            error = self.assertRaises(UsageError, work)
            self.assertIn(str(empty), error.message)
            self.assertTrue(error.hint)
        self.assertEqual(list(empty.iterdir()), [])

    def test_damaged(self) -> None:
        """Older keys that are cut, changed or another server's are told, and left as they are."""
        self.change(2)
        content = self.older.read_bytes()
        other = Path(self.mktemp())
        make_state_dir(other)
        load_or_make(other, counting(b"other"))
        change_key(other, counting(b"other 2"))
        flipped = bytes([*content[:-1], content[-1] ^ 1])
        for wrong in (
            *(b"", content[:-1], content + b"\x00", flipped, msgpack.encode(["x"])),
            (other / "server.older").read_bytes(),
        ):
            self.older.write_bytes(wrong)
            for work in (self.load, lambda: change_key(self.folder, counting(b"new"))):
                error = self.assertRaises(LocalError, work)
                self.assertIn(str(self.older), error.message)
                self.assertTrue(error.hint)
            self.assertEqual(self.older.read_bytes(), wrong)

    def test_unreadable(self) -> None:
        """Older keys that can't be read are told with their place."""
        self.older.mkdir()
        error = self.assertRaises(LocalError, self.load)
        self.assertIn(str(self.older), error.message)
        self.assertTrue(error.hint)


class RetireTests(ChangeTestCase):
    """``retire``."""

    def test_only_the_newest(self) -> None:
        """The older seeds are gone from the disk, and what they have said stays."""
        identities = self.change(2)
        retired = retire(self.folder)
        self.assertEqual(self.load(), retired)
        self.assertEqual(retired.secrets, identities[2].secrets[:1])
        self.assertEqual(retired.statements, identities[2].statements)
        for secret in identities[2].secrets[1:]:
            self.assertNotIn(secret.expose(), self.older.read_bytes())
        self.assertEqual(len(leading(self.first.public, retired.statements)), 2)

    def test_change_after_it(self) -> None:
        """The next change begins with the key of now."""
        self.change(1)
        newest = retire(self.folder)
        changed = change_key(self.folder, counting(b"later"))
        self.assertEqual(changed.secrets[1:], newest.secrets)
        self.assertEqual(len(leading(self.first.public, self.load().statements)), 2)

    def test_nothing_to_retire(self) -> None:
        """A server that never changed its key keeps it."""
        self.assertEqual(retire(self.folder), self.first)
        self.assertEqual(self.load(), self.first)

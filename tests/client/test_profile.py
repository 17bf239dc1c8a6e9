"""What a machine remembers of an account, and how it forgets."""

import os
from pathlib import Path

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.address import Address
from anoncloud.client.cache import Head
from anoncloud.client.keyring import device_keys, device_place
from anoncloud.client.profile import Profile
from anoncloud.crypto import boxes
from anoncloud.crypto.keys import DeviceSecret
from anoncloud.errors import LocalFileError, NotLoggedIn
from tests.support.client_samples import DRIVE, FIRST_KEYRING, SAMPLE_ACCOUNT, SAMPLE_KEYRING
from tests.support.damage import cuts
from tests.support.entropy import counting

ADDRESS = Address("box.example", 9650, bytes(range(32)))
SECRET = DeviceSecret(b"PLANTED-" * 4)
KEYS = device_keys(SECRET)
DEVICE_KEYRING = evolve(FIRST_KEYRING, recipients=(KEYS.agreement,), device=KEYS.login.public)
"""What the device keeps of the samples' keyring."""


class ProfileTests(SynchronousTestCase):
    """A folder that is not there yet."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()) / "profile"
        self.profile = Profile(self.folder)

    def stay(self) -> None:
        """Stay logged in."""
        self.profile.stay_logged_in(ADDRESS, "ada", SECRET, FIRST_KEYRING, counting())

    def test_nobody(self) -> None:
        """Without an account there is nothing to load, and nothing is made by asking."""
        self.assertRaises(NotLoggedIn, self.profile.load)
        self.assertFalse(self.profile.is_logged_in())
        self.profile.forget()
        self.assertFalse(self.folder.exists())

    def test_stay_logged_in(self) -> None:
        """What was remembered is given back."""
        self.stay()
        known = self.profile.load()
        self.assertEqual((known.address, known.account), (ADDRESS, "ada"))
        self.assertEqual((known.keyring, known.keys), (DEVICE_KEYRING, KEYS))
        self.assertTrue(self.profile.is_logged_in())
        self.assertNotIn("PLANTED", repr(known))

    def test_private(self) -> None:
        """Nobody else may look into the folder or its files, whatever it was before."""
        self.folder.mkdir(parents=True, mode=0o755)
        self.folder.chmod(0o755)
        old = os.umask(0)
        self.addCleanup(os.umask, old)
        self.stay()
        self.profile.cache(DRIVE).remember(Head(1, bytes(32)))
        for path in (self.folder, *self.folder.rglob("*")):
            self.assertEqual(path.stat().st_mode & 0o077, 0, path)

    def test_device_secret_stands_in_one_file(self) -> None:
        """The keyring is sealed, and only account.json can open it."""
        self.stay()
        sealed = (self.folder / "keyring").read_bytes()
        self.assertNotIn(FIRST_KEYRING.epochs[0].expose(), sealed)

    def test_nothing_of_the_account(self) -> None:
        """Who has all files of a device, and opens them, has no private key of the account."""
        self.stay()
        place = device_place(ADDRESS.key, "ada")
        sealed = (self.folder / "keyring").read_bytes()
        opened = boxes.open_committed(KEYS.unlock, sealed, place, "the keyring")
        self.assertIn(FIRST_KEYRING.epochs[0].expose(), opened)
        for private in (SAMPLE_ACCOUNT.agreement, SAMPLE_ACCOUNT.signing):
            self.assertNotIn(private.expose(), opened)

    def test_keep_keyring(self) -> None:
        """A newer keyring of the same device replaces the older, and nothing else does."""
        self.stay()
        newer = evolve(DEVICE_KEYRING, epochs=SAMPLE_KEYRING.epochs)
        for other in (evolve(newer, device=b"o" * 32), evolve(newer, device=None)):
            self.profile.keep_keyring(other, counting())
            self.assertEqual(self.profile.load().keyring, DEVICE_KEYRING)
        for kept in (newer, DEVICE_KEYRING):
            self.profile.keep_keyring(kept, counting(b"kept"))
            self.assertEqual(self.profile.load().keyring, newer)

    def test_damaged(self) -> None:
        """A file that is cut or changed is named as damaged, and shows nothing of itself."""
        self.stay()
        for name in ("account.json", "keyring"):
            path = self.folder / name
            whole = path.read_bytes()
            for cut in list(cuts(whole.rstrip(b"\n")))[::7]:
                path.write_bytes(cut)
                error = self.assertRaises(LocalFileError, self.profile.load)
                self.assertNotIn("PLANTED", str(error))
            path.write_bytes(whole)
        self.profile.load()

    def test_another_devices_keyring(self) -> None:
        """A keyring that was sealed for another device, account or server does not open."""
        self.stay()
        mine = (self.folder / "keyring").read_bytes()
        other = Address("box.example", 9650, bytes(32))
        for address, account, secret in (
            (other, "ada", SECRET),
            (ADDRESS, "bob", SECRET),
            (ADDRESS, "ada", DeviceSecret(bytes(32))),
        ):
            self.profile.stay_logged_in(address, account, secret, FIRST_KEYRING, counting())
            (self.folder / "keyring").write_bytes(mine)
            self.assertRaises(LocalFileError, self.profile.load)

    def test_forget(self) -> None:
        """Logging out leaves the remembered head of each drive, and nothing else of the account."""
        self.stay()
        cache = self.profile.cache(DRIVE)
        cache.remember(Head(7, b"h" * 32))
        cache.keep_checkpoint(b"checkpoint")
        cache.append([b"record"])
        self.profile.forget()
        self.assertRaises(NotLoggedIn, self.profile.load)
        left = {path.name for path in self.folder.rglob("*") if path.is_file()}
        self.assertEqual(left - {"lock"}, {"head"})
        self.assertEqual(self.profile.cache(DRIVE).head(), Head(7, b"h" * 32))

    def test_folder_in_the_way(self) -> None:
        """A folder that can't be made or read is told in words."""
        self.folder.parent.mkdir()
        self.folder.write_bytes(b"")
        self.assertRaises(LocalFileError, self.stay)
        self.folder.unlink()
        (self.folder / "account.json").mkdir(parents=True)
        error = self.assertRaises(LocalFileError, self.profile.load)
        self.assertIn("account.json", str(error))

"""What is forgotten on a machine when an account is deleted from it."""

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.cli.closing import _forget
from anoncloud.client.address import Address
from anoncloud.client.profile import Profile
from anoncloud.crypto.keys import DeviceSecret
from tests.support.client import KEYRING
from tests.support.entropy import counting

ADDRESS = Address("box.example", 9650, bytes(32))


class ForgetTests(SynchronousTestCase):
    """_forget."""

    def setUp(self) -> None:
        self.profile = Profile(Path(self.mktemp()))

    def stay(self) -> None:
        """Stay logged in."""
        secret = DeviceSecret(bytes(32))
        self.profile.stay_logged_in(ADDRESS, "ada", secret, KEYRING, counting())

    def test_this_one(self) -> None:
        """The account that stays logged in here is forgotten if it is the one."""
        self.stay()
        self.assertTrue(_forget(self.profile, KEYRING.drive))
        self.assertFalse(self.profile.is_logged_in())

    def test_another(self) -> None:
        """Another one stays."""
        self.stay()
        self.assertFalse(_forget(self.profile, bytes(16)))
        self.assertTrue(self.profile.is_logged_in())

    def test_none(self) -> None:
        """Where none stays logged in, or what is remembered is damaged, nothing is forgotten."""
        self.assertFalse(_forget(self.profile, KEYRING.drive))
        self.stay()
        (self.profile.folder / "account.json").write_text("{}")
        self.assertFalse(_forget(self.profile, KEYRING.drive))

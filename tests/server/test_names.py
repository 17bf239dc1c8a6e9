"""Names of accounts that a server refuses."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import Code, Refused
from anoncloud.server.names import check_account_name
from anoncloud.wire.account_names import FAULT


class NameTests(SynchronousTestCase):
    """The rule itself is tested in ``tests.wire.test_account_names``."""

    def test_good(self) -> None:
        """A good name passes."""
        self.assertIsNone(check_account_name("ada"))

    def test_bad(self) -> None:
        """Any other is refused with its own code, and the form that would do."""
        refusal = self.assertRaises(Refused, check_account_name, "Ada")
        self.assertEqual((refusal.code, refusal.message), (Code.NAME_INVALID, FAULT))
        self.assertEqual(refusal.hint, "take 'ada'")
        self.assertTrue(self.assertRaises(Refused, check_account_name, "a b").hint)

"""What is judged before a registration: its name, and the server's terms."""

import attrs
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.registering import check_name, check_terms
from anoncloud.errors import Code, Refused, UsageError
from anoncloud.wire import messages
from tests.support.client_accounts import INVITATION

EVERYBODY, INVITED, NOBODY = range(3)
ADDRESS = attrs.evolve(INVITATION, code=b"")


class RegisteringTests(SynchronousTestCase):
    """Names and terms."""

    def test_name(self) -> None:
        """A good name passes; another is a wrong request, with the form that would do."""
        self.assertIsNone(check_name("ada"))
        self.assertEqual(self.assertRaises(UsageError, check_name, "Ada").hint, "take 'ada'")
        self.assertTrue(self.assertRaises(UsageError, check_name, "").hint)

    def test_open(self) -> None:
        """Where everybody may register no invitation is needed, nor in the way."""
        for invitation in (INVITATION, ADDRESS):
            self.assertIsNone(check_terms(messages.Terms(1, EVERYBODY, 3), invitation))

    def test_by_invitation(self) -> None:
        """Where an invitation is needed an address alone is refused."""
        terms = messages.Terms(1, INVITED, 3)
        self.assertIsNone(check_terms(terms, INVITATION))
        refusal = self.assertRaises(Refused, check_terms, terms, ADDRESS)
        self.assertEqual(refusal.code, Code.INVITATION)
        self.assertIn("invitation link", refusal.hint)

    def test_closed(self) -> None:
        """Where nobody may register no invitation helps."""
        for invitation in (INVITATION, ADDRESS):
            terms = messages.Terms(1, NOBODY, 3)
            refusal = self.assertRaises(Refused, check_terms, terms, invitation)
            self.assertEqual((refusal.code, refusal.hint), (Code.NOT_ALLOWED, "ask its owner"))

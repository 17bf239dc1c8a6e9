"""Sessions: devices that stay logged in, until they are forgotten."""

from anoncloud.errors import Code
from anoncloud.limits import MAX_DEVICES
from anoncloud.wire import messages
from tests.support.server import ADA, BOB, Held, ServerTestCase


class DeviceTests(ServerTestCase):
    """Devices that stay logged in."""

    def test_enrol(self) -> None:
        """An enrolled device logs in; enrolling it again is harmless."""
        ada, key = self.peer(ADA), ADA.key("phone").public
        for number in (2, 3):
            self.assertEqual(ada.ask(messages.EnrolDevice, key), messages.Done(number))
        phone = self.peer()
        self.assertIsInstance(phone.ask(messages.LogIn, *ADA.log_in("phone")), messages.LoggedIn)
        self.assert_refused(
            self.peer().ask(messages.LogIn, "bob", *ADA.log_in("phone")[1:]), Code.LOGIN
        )

    def test_too_many(self) -> None:
        """There are so many devices, and no more."""
        ada = self.peer(ADA)
        for number in range(MAX_DEVICES):
            ada.ask(messages.EnrolDevice, ADA.key(str(number)).public)
        self.assert_refused(
            ada.ask(messages.EnrolDevice, ADA.key("one more").public), Code.TOO_MANY
        )

    def test_revoked(self) -> None:
        """Forgetting a device ends its connections, and nobody else's; it can't come back."""
        ada = self.peer(ADA)
        phone, phone_too = self.peer(ADA, "phone"), self.peer(ADA, "phone")
        tablet, bob = self.peer(ADA, "tablet"), self.peer(BOB)
        key = ADA.key("phone").public
        self.assertIsInstance(ada.ask(messages.ForgetDevice, key), messages.Done)
        hung_up = [peer.hung_up for peer in (phone, phone_too, ada, tablet, bob)]
        self.assertEqual(hung_up, [True, True, False, False, False])
        answer = self.peer().ask(messages.LogIn, *ADA.log_in("phone"))
        self.assert_refused(answer, Code.LOGIN)
        self.assertIsInstance(ada.ask(messages.ForgetDevice, key), messages.Done)

    def test_log_out(self) -> None:
        """A device that logs itself out gets its answer, and then the connection ends."""
        phone, other = self.peer(ADA, "phone"), self.peer(ADA, "phone")
        answer = phone.ask(messages.ForgetDevice, ADA.key("phone").public)
        self.assertEqual(answer, messages.Done(2))
        self.assertTrue(phone.hung_up)
        self.assertTrue(other.hung_up)

    def test_login_key(self) -> None:
        """The login key is no device's: forgetting it is harmless, whoever asks."""
        ada, phone = self.peer(ADA), self.peer(ADA, "phone")
        key = ADA.key().public
        for peer in (phone, ada):
            self.assertIsInstance(peer.ask(messages.ForgetDevice, key), messages.Done)
            self.assertEqual((ada.hung_up, phone.hung_up), (False, False))
        self.assertIsInstance(self.peer().ask(messages.LogIn, *ADA.log_in()), messages.LoggedIn)
        ada.ask(messages.EnrolDevice, key)
        ada.ask(messages.ForgetDevice, key)
        self.assertIsInstance(ada.ask(messages.Ping), messages.Done)
        self.assertFalse(ada.hung_up)

    def test_anothers_device(self) -> None:
        """Nobody ends the connections of another account, even knowing a device's key."""
        phone, bob = self.peer(ADA, "phone"), self.peer(BOB)
        key = ADA.key("phone").public
        self.assertIsInstance(bob.ask(messages.ForgetDevice, key), messages.Done)
        self.assertFalse(phone.hung_up)
        self.assertEqual(phone.ask(messages.Ping), messages.Done(2))
        self.assertIsInstance(
            self.peer().ask(messages.LogIn, *ADA.log_in("phone")), messages.LoggedIn
        )

    def test_revoked_in_the_middle_of_a_login(self) -> None:
        """A device that is forgotten while it logs in is ended all the same."""
        ada = self.peer(ADA)
        key = ADA.key("phone").public
        ada.ask(messages.EnrolDevice, key)
        head = Held(self.rooms.journal.head)
        self.patch(self.rooms.journal, "head", head)
        phone = self.peer()
        phone.begin(messages.LogIn, *ADA.log_in("phone"))
        ada.ask(messages.ForgetDevice, key)
        head.go()
        self.assertTrue(phone.hung_up)

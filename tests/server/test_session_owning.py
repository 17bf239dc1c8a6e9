"""Sessions: what becomes of keys and connections when the owner replaces, drops or deletes."""

from typing import Any

from anoncloud.errors import Code
from anoncloud.wire import messages
from tests.support.server import ADA, BOB, HANDSHAKE_HASH, Held, Peer, ServerTestCase

NEW, RECOVERY, OTHER = (ADA.key(name) for name in ("new", "recovery", "other recovery"))


def log_in_with(key: Any) -> tuple[Any, ...]:
    """Give the fields of a LogIn to Ada's account behind its number."""
    return ("ada", key.public, key.sign(messages.LOGIN_CONTEXT, HANDSHAKE_HASH + b"ada"))


class OwningTestCase(ServerTestCase):
    """A test with an account that is logged in to in several ways."""

    def setUp(self) -> None:
        super().setUp()
        self.ada = self.peer(ADA)
        self.other, self.phone, self.bob = self.peer(ADA), self.peer(ADA, "phone"), self.peer(BOB)
        self.ada.ask(messages.SetRecovery, RECOVERY.public, b"copy")
        self.recovering = self.entering(RECOVERY)

    def entering(self, key: Any) -> Peer:
        """Log in to Ada's account with *key*."""
        peer = self.peer()
        self.assertIsInstance(peer.ask(messages.LogIn, *log_in_with(key)), messages.LoggedIn)
        return peer

    def assert_gone(self, *gone: Peer) -> None:
        """See that these peers were hung up on, and no others."""
        everybody = (self.ada, self.other, self.phone, self.bob, self.recovering)
        self.assertEqual([peer.hung_up for peer in everybody], [one in gone for one in everybody])

    def assert_shut(self, key: Any) -> None:
        """See that *key* opens nothing any more."""
        self.assert_refused(self.peer().ask(messages.LogIn, *log_in_with(key)), Code.LOGIN)


class ReplaceTests(OwningTestCase):
    """Another login key and keyring."""

    def test_replace(self) -> None:
        """Who has the old key is put out, the asker after its Done; devices and others stay."""
        answer = self.ada.ask(messages.ReplaceKeyring, NEW.public, b"sealed anew")
        self.assertEqual(answer, messages.Done(3))
        self.assert_gone(self.ada, self.other)
        self.assert_shut(ADA.key())
        keyring = self.entering(NEW).ask(messages.FetchKeyring)
        self.assertEqual(keyring, messages.Keyring(2, b"sealed anew"))
        self.assertIsInstance(self.phone.ask(messages.Ping), messages.Done)

    def test_same_key(self) -> None:
        """A keyring that is sealed anew under the same keys ends no connection."""
        answer = self.ada.ask(messages.ReplaceKeyring, ADA.key().public, b"sealed anew")
        self.assertEqual(answer, messages.Done(3))
        self.assert_gone()
        keyring = self.other.ask(messages.FetchKeyring)
        self.assertEqual(keyring, messages.Keyring(2, b"sealed anew"))

    def test_again(self) -> None:
        """Who lost the answer logs in with the new key, and may say the same once more."""
        for key in (ADA.key(), NEW):
            peer = self.entering(key)
            answer = peer.ask(messages.ReplaceKeyring, NEW.public, b"sealed anew")
            self.assertEqual(answer, messages.Done(2))

    def test_by_recovery(self) -> None:
        """The recovery key puts the old login key out, and stays itself."""
        answer = self.recovering.ask(messages.ReplaceKeyring, NEW.public, b"sealed anew")
        self.assertEqual(answer, messages.Done(2))
        self.assert_gone(self.ada, self.other)
        keyring = self.recovering.ask(messages.FetchKeyring)
        self.assertEqual(keyring, messages.Keyring(3, b"copy"))
        self.entering(NEW)
        self.assert_shut(ADA.key())

    def test_two_at_once(self) -> None:
        """Of two that come at once the second is refused with CHANGED, and changes nothing."""
        replace = Held(self.rooms.accounts.replace_keyring)
        self.patch(self.rooms.accounts, "replace_keyring", replace)
        first = self.ada.begin(messages.ReplaceKeyring, NEW.public, b"first")
        self.other.begin(messages.ReplaceKeyring, OTHER.public, b"second")
        heard: list[Any] = []
        self.patch(self.other, "send", heard.append)  # also what comes after it was hung up on
        replace.go()
        replace.go()
        self.assertEqual(self.ada.answers(first), [messages.Done(first)])
        self.assert_refused(heard[-1], Code.CHANGED)
        self.assertTrue(heard[-1].hint)
        keyring = self.entering(NEW).ask(messages.FetchKeyring)
        self.assertEqual(keyring, messages.Keyring(2, b"first"))
        self.assert_shut(OTHER)


class RecoveryTests(OwningTestCase):
    """Recovery keys."""

    def test_another(self) -> None:
        """Another recovery key puts the one before out; the same once more does not."""
        copy = b"another copy"
        answer = self.ada.ask(messages.SetRecovery, RECOVERY.public, copy)
        self.assertEqual(answer, messages.Done(3))
        self.assert_gone()
        self.assertEqual(self.recovering.ask(messages.FetchKeyring), messages.Keyring(2, copy))
        self.ada.ask(messages.SetRecovery, OTHER.public, b"copy for the other")
        self.assert_gone(self.recovering)
        self.assert_shut(RECOVERY)
        keyring = self.entering(OTHER).ask(messages.FetchKeyring)
        self.assertEqual(keyring, messages.Keyring(2, b"copy for the other"))

    def test_drop(self) -> None:
        """A recovery key that is dropped is put out; to drop none is harmless."""
        for number in (3, 4):
            self.assertEqual(self.ada.ask(messages.DropRecovery), messages.Done(number))
        self.assert_gone(self.recovering)
        self.assert_shut(RECOVERY)

    def test_reads_the_journal(self) -> None:
        """The recovery key reads the journal of its account, and no other's."""
        page = self.recovering.ask(messages.ReadJournal, ADA.drive, 0)
        self.assertEqual(page, messages.JournalPage(2, (), 0))
        answer = self.recovering.ask(messages.ReadJournal, BOB.drive, 0)
        self.assert_refused(answer, Code.NOT_ALLOWED)


class DeleteTests(OwningTestCase):
    """The end of an account."""

    def test_delete(self) -> None:
        """All its connections end, the asker's after its Done; nothing of it opens any more."""
        self.assertEqual(self.ada.ask(messages.DeleteAccount, "ada"), messages.Done(3))
        self.assert_gone(self.ada, self.other, self.phone, self.recovering)
        for key in (ADA.key(), RECOVERY, ADA.key("phone")):
            self.assert_shut(key)
        self.assertIsInstance(self.bob.ask(messages.Ping), messages.Done)

    def test_wrong_name(self) -> None:
        """Another name than the account's deletes nothing, neither this account nor that one."""
        for name in ("bob", "Ada", "eve"):
            answer = self.ada.ask(messages.DeleteAccount, name)
            self.assert_refused(answer, Code.NOT_ALLOWED)
            self.assertTrue(answer.hint)
        self.assert_gone()
        self.entering(ADA.key())

    def test_in_the_middle_of_a_login(self) -> None:
        """Whoever is about to get in when the account ends is put out."""
        head = Held(self.rooms.journal.head)
        self.patch(self.rooms.journal, "head", head)
        late = self.peer()
        late.begin(messages.LogIn, *ADA.log_in("phone"))
        self.ada.ask(messages.DeleteAccount, "ada")
        head.go()
        self.assertTrue(late.hung_up)

    def test_under_way(self) -> None:
        """What is still under way for a closed drive is refused."""
        read = Held(self.rooms.journal.read)
        self.patch(self.rooms.journal, "read", read)
        heard: list[Any] = []
        self.patch(self.phone, "send", heard.append)
        self.phone.begin(messages.ReadJournal, ADA.drive, 0)
        self.ada.ask(messages.DeleteAccount, "ada")
        read.go()
        self.assert_refused(heard[-1], Code.NOT_LOGGED_IN)

    def test_taken_again(self) -> None:
        """The name is free at once, for somebody to whom nothing of it leads."""
        self.ada.ask(messages.DeleteAccount, "ada")
        register = ("ada", b"", NEW.public, b"keyring", b"d" * 16)
        self.assertIsInstance(self.peer().ask(messages.Register, *register), messages.Done)
        logged_in = self.peer().ask(messages.LogIn, *log_in_with(NEW))
        self.assertEqual((logged_in.drive, logged_in.head), (b"d" * 16, 0))
        for key in (ADA.key(), RECOVERY, ADA.key("phone")):
            self.assert_shut(key)

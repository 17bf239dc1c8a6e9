"""A server that has changed its key: known by the old one, taken for the new one, noted."""

from typing import Any

import attrs

from anoncloud.client import accounts, history
from anoncloud.client.accounts import Surroundings
from anoncloud.client.folding import Fold
from anoncloud.client.staying import resume, stay_logged_in
from anoncloud.client.tree.changes import NoteServer
from anoncloud.crypto.keys import ServerSecret
from anoncloud.crypto.server_keys import agreement_key, sign_successor
from anoncloud.errors import Code, HandshakeFailed, Refused
from anoncloud.wire import messages
from anoncloud.wire.fields import Statement
from tests.evil.house import EvilTestCase
from tests.support.server import failing

SECRETS = [ServerSecret(bytes([number]) * 32) for number in range(1, 5)]
PUBLIC = [agreement_key(secret).public for secret in SECRETS]


def statement(signer: ServerSecret, key: ServerSecret) -> Statement:
    """Give the word of *signer* that *key* follows."""
    return Statement(signer.public, key.public, sign_successor(signer, key.public))


CHAIN = tuple(statement(SECRETS[n], SECRETS[n + 1]) for n in range(3))


class ChangeTestCase(EvilTestCase):
    """Ada, who stays logged in at a server that has its first key."""

    def setUp(self) -> None:
        super().setUp()
        self.house.start(SECRETS[0])
        self.here, self.kit = self.register()

    def change(self, newest: int, oldest: int = 0) -> None:
        """Let the server start anew with its keys from *oldest* up to *newest*."""
        keys = [SECRETS[number] for number in range(newest, oldest - 1, -1)]
        self.house.start(*keys, statements=CHAIN[:newest])

    def noted(self, opened: Any) -> list[bytes]:
        """Give the server's keys that the journal has noted, in order."""
        fold, found = Fold(opened.keyring), []

        def take(record: bytes) -> None:
            made = fold.fold(record).operations
            found.extend(one.key for one in made if isinstance(one, NoteServer))

        self.now(history.read(opened.drive, 0, take))
        return found

    def remembered(self, here: Surroundings | None = None) -> bytes:
        """Give the server's key that a profile remembers."""
        return (here or self.here).profile.load().address.key


class DeviceTests(ChangeTestCase):
    """A device that stays logged in."""

    def test_followed(self) -> None:
        """It comes by the old key, notes the new one, and comes by that one the next time."""
        self.change(1)
        opened = self.resume(self.here)
        self.assertEqual(opened.address, self.house.address)
        self.assertEqual(self.noted(opened), [SECRETS[1].public])
        known = opened.drive.tree.affairs.server
        self.assertEqual((known.key, known.signer), (SECRETS[1].public, SECRETS[0].public))
        self.now(opened.close())
        self.assertEqual(self.remembered(), PUBLIC[1])
        self.change(1, oldest=1)
        opened = self.resume(self.here)
        self.now(opened.drive.make_folder((b"works",)))
        self.assertEqual(self.noted(opened), [SECRETS[1].public])

    def test_keyring_still_opens(self) -> None:
        """The keyring needs no sealing anew, and later epochs are still kept in it."""
        before = (self.here.profile.folder / "keyring").read_bytes()
        for newest in (1, 2):
            self.change(newest)
            self.now(self.resume(self.here).close())
            self.assertEqual((self.here.profile.folder / "keyring").read_bytes(), before)
            self.assertEqual(self.remembered(), PUBLIC[newest])
        known = self.here.profile.load()
        grown = attrs.evolve(known.keyring, epochs=(*known.keyring.epochs, known.keyring.epochs[0]))
        self.here.profile.keep_keyring(grown, self.here.entropy)
        self.assertEqual(self.here.profile.load().keyring, grown)

    def test_several_at_once(self) -> None:
        """A device that was away for long follows all changes in one go, each noted once."""
        self.change(3)
        opened = self.resume(self.here)
        self.assertEqual(self.noted(opened), [secret.public for secret in SECRETS[1:]])
        self.assertEqual(self.remembered(), PUBLIC[3])

    def test_another_device_was_first(self) -> None:
        """What another device has noted is not noted again; what came after it is."""
        other = self.machine(b"other")
        opened = self.now(self.log_in(self.kit))
        self.now(stay_logged_in(other, opened, b"other"))
        self.now(opened.close())
        self.change(1)
        self.now(self.resume(other).close())
        opened = self.resume(self.here)
        self.assertEqual(self.noted(opened), [SECRETS[1].public])
        self.now(opened.close())
        self.change(3)
        self.now(self.resume(self.here).close())
        opened = self.resume(other)
        self.assertEqual(self.noted(opened), [secret.public for secret in SECRETS[1:]])
        self.assertEqual((self.remembered(), self.remembered(other)), (PUBLIC[3], PUBLIC[3]))

    def test_changed_while_it_is_open(self) -> None:
        """A link that outlives the change is remembered by the new key when it is closed."""
        opened = self.resume(self.here)
        self.change(1)
        self.now(opened.drive.make_folder((b"after",)))
        self.assertEqual(self.remembered(), PUBLIC[0])
        self.now(opened.close())
        self.assertEqual(self.remembered(), PUBLIC[1])

    def test_a_server_that_appends_nothing(self) -> None:
        """A full disk is no reason to be shut out: it is noted by another."""
        self.change(1)
        refusal = failing(Refused(Code.DISK_FULL, "full", "wait"))
        self.patch(self.house.rooms.journal, "append", refusal)
        opened = self.resume(self.here)
        self.assertEqual(self.noted(opened), [])
        self.assertEqual(opened.drive.entries(()), [])

    def test_ended(self) -> None:
        """A device that was away until its key was ended is told, and keeps what it has."""
        self.change(2, oldest=2)
        error = self.fault(resume(self.here))
        self.assertIsInstance(error, HandshakeFailed)
        self.assertIn("key", error.hint)
        self.assertEqual(self.remembered(), PUBLIC[0])

    def test_no_chain(self) -> None:
        """Words that do not lead on from the known key end it: nothing is said or changed then."""
        evil = ServerSecret(b"e" * 32)
        before = (self.here.profile.folder / "account.json").read_bytes()
        for words in (
            (statement(evil, SECRETS[1]),),
            (Statement(SECRETS[0].public, evil.public, sign_successor(evil, evil.public)),),
            CHAIN[1:],
            (CHAIN[0], CHAIN[2]),
        ):
            self.house.start(SECRETS[0], statements=words)
            asked = len(self.house.heard())
            error = self.fault(resume(self.here))
            self.assertIsInstance(error, HandshakeFailed)
            self.assertIn("do not use this server", error.hint)
            self.assertEqual(self.house.asked()[asked:], ["LogIn"])
            self.assertEqual((self.here.profile.folder / "account.json").read_bytes(), before)


class KitTests(ChangeTestCase):
    """A login with a kit that was made before the change."""

    def test_old_kit(self) -> None:
        """It opens, and the device that stays logged in by it knows the newest key."""
        self.change(2)
        opened = self.now(self.log_in(self.kit))
        self.assertEqual(opened.address, self.house.address)
        new = self.machine(b"new device")
        self.now(stay_logged_in(new, opened, b"new"))
        self.now(opened.close())
        self.assertEqual(self.remembered(new), PUBLIC[2])
        self.change(2, oldest=2)
        self.now(self.resume(new).close())

    def test_ended(self) -> None:
        """When its key is ended it needs the address, and that must show that it follows."""
        self.change(2, oldest=2)
        self.assertIsInstance(self.fault(self.log_in(self.kit)), HandshakeFailed)
        opened = self.now(self.log_in(self.kit, server=self.house.address))
        self.assertEqual(opened.address, self.house.address)
        self.now(opened.drive.make_folder((b"works",)))

    def test_moved(self) -> None:
        """A server that has moved with its key needs no words."""
        moved = self.houses["new.example"] = self.house
        opened = self.now(
            self.log_in(self.kit, server=attrs.evolve(moved.address, host="new.example"))
        )
        self.assertEqual(opened.address.host, "new.example")

    def test_stranger(self) -> None:
        """A server that does not show it is asked for the keyring, and nothing of it is opened."""
        opened: list[object] = []
        self.patch(accounts, "open_keyring", lambda *arguments: opened.append(arguments))
        for words in ((), CHAIN[2:]):
            self.house.start(SECRETS[3], statements=words)
            asked = len(self.house.heard())
            error = self.fault(self.log_in(self.kit, server=self.house.address))
            self.assertIsInstance(error, HandshakeFailed)
            self.assertIn("check the address", error.hint)
            self.assertEqual(self.house.asked()[asked:], ["LogIn", "FetchKeyring"])
        self.assertEqual(opened, [])

    def test_newest_kit(self) -> None:
        """A kit of after the change hears the same words, and has nothing to note."""
        self.change(1)
        here, kit = self.register("bob")
        opened = self.resume(here)
        self.assertIsNone(opened.drive.tree.affairs.server)
        self.assertEqual(kit.address.key, PUBLIC[1])
        self.assertIsInstance(self.house.visits[-1].server.heard[0], messages.LogIn)

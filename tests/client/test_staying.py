"""A device that stays logged in: enrolled, back without a passphrase, logged out, cut off."""

from base64 import b64decode
from typing import Any

from attrs import evolve
from msgspec import json

from anoncloud.client import staying
from anoncloud.client.epochs import new_epoch
from anoncloud.client.keyring import device_keys
from anoncloud.client.tree import changes
from anoncloud.client.tree.affairs import Note
from anoncloud.client.tree.draft import Draft
from anoncloud.crypto.keys import DeviceSecret
from anoncloud.errors import Code, NotLoggedIn, Refused, RolledBack, UsageError
from anoncloud.wire import messages
from anoncloud.wire.connection import Ended
from tests.support.client import log_in
from tests.support.client_accounts import PASSPHRASE, AccountTestCase
from tests.support.entropy import counting


class StayingTests(AccountTestCase):
    """A device that stays logged in."""

    def setUp(self) -> None:
        super().setUp()
        self.kit, self.opened = self.register()

    def stay(self) -> None:
        """Stay logged in as ``laptop``."""
        self.run_now(staying.stay_logged_in(self.here, self.opened, b"laptop"))

    def resume(self) -> Any:
        """Close what is open, and come back as a program that starts."""
        self.run_now(self.opened.close())
        self.opened = self.run_now(staying.resume(self.here))
        return self.opened

    def test_stay(self) -> None:
        """The device is known to server and journal, and gets in without a passphrase."""
        self.stay()
        (device,) = self.opened.drive.tree.devices.values()
        self.assertEqual((device.name, self.store.devices), (b"laptop", {device.key}))
        before = self.opened.keyring
        opened = self.resume()
        after = opened.keyring
        self.assertEqual((after.drive, after.epochs), (before.drive, before.epochs))
        self.assertEqual((before.device, after.device), (None, device.key))
        self.assertEqual([key.public for key in after.recipients], [device.agreement])
        self.assertEqual(self.heard(messages.LogIn)[-1].key, device.key)
        self.run_now(opened.drive.make_folder((b"works",)))

    def test_bad_name(self) -> None:
        """A device that can't be called so is enrolled nowhere."""
        stay = staying.stay_logged_in(self.here, self.opened, b"a/b")
        self.failureResultOf(self.begin(stay), UsageError)
        self.assertEqual((self.store.devices, self.store.journal), (set(), []))
        self.assertFalse(self.here.profile.is_logged_in())

    def test_order(self) -> None:
        """The journal names the device before the server lets its key in."""
        self.stay()
        kinds = [type(said) for said in self.server.endpoint.ends[-1].heard]
        self.assertLess(kinds.index(messages.Commit), kinds.index(messages.EnrolDevice))

    def test_server_takes_no_more(self) -> None:
        """A device that the server refuses to enrol is not left in the journal."""

        def judge(end: Any, said: Any) -> bool:
            if not isinstance(said, messages.EnrolDevice):
                return False
            refusal = messages.Refusal(
                said.request, Code.TOO_MANY, "too many devices", "forget one"
            )
            end.say(refusal)
            return True

        self.server.judges.append(judge)
        stay = staying.stay_logged_in(self.here, self.opened, b"laptop")
        self.failureResultOf(self.begin(stay), Refused)
        self.assertEqual(self.opened.drive.tree.devices, {})
        self.assertFalse(self.here.profile.is_logged_in())

    def test_new_epochs_are_kept(self) -> None:
        """A device that has read of a new drive key has it when it starts again."""
        self.stay()
        drive = self.opened.drive

        def plan(draft: Draft) -> None:
            draft.add(new_epoch(drive.journal.keyring, draft, counting()))

        self.run_now(drive.change(plan))
        self.assertEqual(self.here.profile.load().keyring.epoch, 0)
        self.resume()
        self.assertEqual(self.opened.keyring.epoch, 1)
        self.run_now(self.opened.close())
        self.assertEqual(self.here.profile.load().keyring, self.opened.keyring)

    def test_log_out_after_a_new_epoch(self) -> None:
        """A device that logs out keeps no key that came just before."""
        self.stay()
        self.resume()
        drive = self.opened.drive
        self.run_now(drive.change(lambda d: d.add(new_epoch(drive.journal.keyring, d, counting()))))
        device = self.here.profile.load().keys.login.public
        self.run_now(staying.log_out(self.here, self.opened, device))
        self.run_now(self.opened.close())
        self.assertFalse((self.here.profile.folder / "keyring").exists())

    def test_told_once(self) -> None:
        """What another client notes of the account's keys is told at the next start, and once."""
        told: list[Note] = []
        self.here = evolve(self.here, told=told.append)
        self.stay()
        self.run_now(self.opened.close())
        there = evolve(self.machine(b"two"), told=told.append)
        other = self.run_now(log_in(there, self.kit, PASSPHRASE))
        note = changes.NoteKeys(changes.KeyEvent.PASSPHRASE, 2, 65536)
        self.run_now(other.drive.change(lambda draft: draft.add(note)))
        self.run_now(other.close())
        self.assertEqual(told, [])
        for _ in range(2):
            self.run_now(self.run_now(staying.resume(self.here)).close())
            self.assertEqual([one.what for one in told], [changes.KeyEvent.PASSPHRASE])
        new = evolve(self.machine(b"three"), told=told.append)
        self.run_now(log_in(new, self.kit, PASSPHRASE))
        self.assertEqual(len(told), 1)

    def test_nobody_stays(self) -> None:
        """Who has not stayed logged in does not come back."""
        self.run_now(self.opened.close())
        self.fails(NotLoggedIn, staying.resume(self.here))

    def test_revoked(self) -> None:
        """A device that was forgotten at the server is refused."""
        self.stay()
        self.store.devices.clear()
        self.run_now(self.opened.close())
        error = self.fails(Refused, staying.resume(self.here))
        self.assertIs(error.code, Code.LOGIN)
        self.assertIn("revoked", error.message)
        self.assertIn("logout --force", error.hint)

    def test_log_out(self) -> None:
        """Logging out takes the key back everywhere; once more is harmless."""
        self.stay()
        device = self.here.profile.load().keys.login.public
        for _ in range(2):
            self.run_now(staying.log_out(self.here, self.opened, device))
            self.assertEqual((self.store.devices, self.opened.drive.tree.devices), (set(), {}))
        self.assertFalse(self.here.profile.is_logged_in())
        self.assertEqual(len(self.store.journal), 2)

    def test_log_out_with_the_answer_lost(self) -> None:
        """A cut that hides that the journal has taken the device back changes nothing."""
        self.stay()
        self.resume()

        def judge(end: Any, said: Any) -> bool:
            if not isinstance(said, messages.Commit):
                return False
            self.store.answer(said)
            self.server.cut()
            return True

        self.server.judges.append(judge)
        device = self.here.profile.load().keys.login.public
        running = self.begin(staying.log_out(self.here, self.opened, device))
        self.wait(5)
        self.successResultOf(running)
        self.assertEqual(self.store.devices, set())
        self.assertFalse(self.here.profile.is_logged_in())

    def revoke_in_the_journal(self) -> None:
        """Let another client take the device back in the journal alone."""
        there = self.machine(b"two")
        other = self.run_now(log_in(there, self.kit, PASSPHRASE))
        device = self.here.profile.load().keys.login.public
        revoke = changes.RevokeDevice(device)
        self.run_now(other.drive.change(lambda draft: draft.add(revoke)))
        self.run_now(other.close())

    def test_revoked_in_the_journal(self) -> None:
        """Should the server let it in still, the device itself says that it was revoked."""
        self.stay()
        self.run_now(self.opened.close())
        self.revoke_in_the_journal()
        for _ in range(2):
            error = self.fails(NotLoggedIn, staying.resume(self.here))
            self.assertIn("revoked", error.message)

    def test_leave(self) -> None:
        """Such a device can log out still: from the server, and from this machine."""
        self.stay()
        self.run_now(self.opened.close())
        self.revoke_in_the_journal()
        self.run_now(staying.leave(self.here))
        self.assertEqual(self.store.devices, set())
        self.assertFalse(self.here.profile.is_logged_in())

    def test_leave_a_server_that_is_away(self) -> None:
        """Where the server is not reached, the device is not forgotten here."""
        self.stay()
        self.run_now(self.opened.close())
        self.store.devices.clear()
        self.fails(Refused, staying.leave(self.here))
        self.assertTrue(self.here.profile.is_logged_in())

    def test_head_outlives_logging_out(self) -> None:
        """After logging out and in again, a server that went back is noticed still."""
        self.stay()
        device = self.here.profile.load().keys.login.public
        self.run_now(staying.log_out(self.here, self.opened, device))
        self.run_now(self.opened.close())
        self.store.journal.pop()
        self.fails(RolledBack, log_in(self.here, self.kit, PASSPHRASE))

    def test_rolled_back(self) -> None:
        """A server that went back is noticed at login, and nothing more is asked of it."""
        self.stay()
        self.run_now(self.opened.drive.make_folder((b"papers",)))
        self.run_now(self.opened.close())
        self.store.journal.pop()
        self.fails(RolledBack, staying.resume(self.here))
        self.assertIsInstance(self.server.endpoint.ends[-1].heard[0], messages.LogIn)
        self.assertEqual(len(self.server.endpoint.ends[-1].heard), 1)

    def test_rolled_back_after_a_cut(self) -> None:
        """So it is when the link comes back after a cut."""
        self.run_now(self.opened.drive.make_folder((b"papers",)))
        self.store.journal.pop()
        self.server.cut()
        asked = self.begin(self.opened.drive.usage())
        self.wait(5)
        self.failureResultOf(asked, RolledBack)

    def test_close(self) -> None:
        """Closing ends the connection with both end marks."""
        self.run_now(self.opened.close())
        self.assertEqual(self.server.endpoint.ends[-1].heard[-1], Ended())

    def test_nothing_secret_in_clear(self) -> None:
        """The device's secret stands in its profile, and went nowhere."""
        self.stay()
        written = json.decode((self.here.profile.folder / "account.json").read_bytes())
        secret = b64decode(written["device_secret"])
        self.assertEqual(device_keys(DeviceSecret(secret)), self.here.profile.load().keys)
        for end in self.server.endpoint.ends:
            for said in end.heard:
                if isinstance(said, messages.Message):
                    self.assertNotIn(secret, messages.encode(said))

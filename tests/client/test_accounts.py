"""Getting in: registering, logging in, staying logged in, logging out."""

from base64 import b64decode
from typing import Any

from msgspec import json

from anoncloud.client import accounts
from anoncloud.client.keyring import device_keys, new_keyring, seal_keyring
from anoncloud.client.kit import Kit, parse_kit
from anoncloud.crypto.keys import AccountSecret, DeviceSecret, SigningKey, UnlockKey
from anoncloud.errors import (
    Code,
    Forked,
    NotLoggedIn,
    Refused,
    RolledBack,
    Tampered,
    UsageError,
    WrongPassphrase,
)
from anoncloud.wire import messages
from anoncloud.wire.connection import Ended
from tests.support.client_accounts import COST, INVITATION, PASSPHRASE, AccountTestCase
from tests.support.entropy import counting


class RegisterTests(AccountTestCase):
    """A new account."""

    def register_again(self, seed: bytes = b"other") -> Any:
        """Make the coroutine that registers the same name from another machine."""
        return accounts.register(self.machine(seed), INVITATION, "ada", PASSPHRASE, COST)

    def test_register(self) -> None:
        """The owner gets a kit and an empty drive; the server, public keys and sealed bytes."""
        kit, opened = self.register()
        self.assertEqual(parse_kit(kit.line()), kit)
        self.assertEqual((kit.address, kit.account), (INVITATION.address, "ada"))
        self.assertEqual((opened.account, opened.drive.entries(())), ("ada", []))
        (asked,) = self.heard(messages.Register)
        self.assertEqual((asked.account, asked.invitation), ("ada", INVITATION.code))
        keys = kit.keys(PASSPHRASE)
        self.assertEqual(asked.login_key, keys.login.public)
        sent = messages.encode(asked)
        for secret in (
            keys.login.expose(),
            keys.unlock.expose(),
            kit.secret.expose(),
            opened.keyring.epochs[0].expose(),
            PASSPHRASE.encode(),
        ):
            self.assertNotIn(secret, sent)
        self.run_now(opened.drive.make_folder((b"works",)))

    def test_refused(self) -> None:
        """A name that is taken is refused the first time, with no login tried."""
        self.register()
        error = self.fails_new(Refused, self.register_again())
        self.assertIs(error.code, Code.NAME_TAKEN)
        self.assertEqual(len(self.heard(messages.LogIn)), 1)

    def fails_new(self, kind: type[Exception], coroutine: Any) -> Any:
        """Give the exception that a coroutine ends with; its connection is over then."""
        error = self.failureResultOf(self.begin(coroutine), kind).value
        self.assertTrue(self.server.endpoint.ends[-1].pipe.gone)
        return error

    def test_name(self) -> None:
        """A name that no kit could hold is refused before any work."""
        for name in ("", "a" * 65):
            register = accounts.register(self.here, INVITATION, name, PASSPHRASE, COST)
            self.fails(UsageError, register)
        self.assertEqual(self.server.endpoint.attempts, 0)

    def cut_at_register(self, *, done: bool) -> list[int]:
        """Cut the connection at the first Register, after it is *done* or before."""
        cut: list[int] = []

        def judge(end: Any, spoken: Any) -> bool:
            if not isinstance(spoken, messages.Register) or cut:
                return False
            cut.append(1)
            if done:
                self.store.accounts[spoken.account] = (spoken.login_key, spoken.keyring)
                self.store.drive = spoken.drive
            self.server.cut()
            return True

        self.server.judges.append(judge)
        return cut

    def test_cut(self) -> None:
        """After a cut it is made again, or found made; either way it is this account."""
        for done in (False, True):
            self.setUp()
            self.cut_at_register(done=done)
            running = self.begin(self.register_again())
            self.assertNoResult(running)
            self.wait(5)
            kit, opened = self.successResultOf(running)
            self.assertEqual(len(self.heard(messages.Register)), 2)
            self.assertEqual(self.store.accounts["ada"][0], kit.keys(PASSPHRASE).login.public)
            self.run_now(opened.drive.make_folder((b"works",)))

    def test_cut_and_somebody_else(self) -> None:
        """After a cut, a name that somebody else took meanwhile does not let this one in."""
        cut = self.cut_at_register(done=False)
        running = self.begin(self.register_again())
        self.assertEqual(cut, [1])
        self.store.accounts["ada"] = (SigningKey(bytes(32)).public, b"another keyring")
        self.wait(5)
        self.assertIs(self.failureResultOf(running, Refused).value.code, Code.LOGIN)


class LogInTests(AccountTestCase):
    """Kit and passphrase on another machine."""

    def setUp(self) -> None:
        super().setUp()
        self.kit, self.opened = self.register()
        self.run_now(self.opened.drive.make_folder((b"papers",)))
        self.run_now(self.opened.close())
        self.there = self.machine(b"two")

    def log_in(self, kit: Kit | None = None, passphrase: str = PASSPHRASE) -> Any:
        """Make the coroutine that logs in."""
        return accounts.log_in(self.there, kit or self.kit, passphrase)

    def test_log_in(self) -> None:
        """The drive is there."""
        opened = self.run_now(self.log_in())
        self.assertEqual(opened.keyring, self.opened.keyring)
        self.assertEqual([node.name for node in opened.drive.entries(())], [b"papers"])

    def test_wrong(self) -> None:
        """A wrong passphrase, or another kit, is refused by the server in one way."""
        other = Kit(self.kit.address, "ada", AccountSecret(bytes(16)), COST)
        unknown = Kit(self.kit.address, "bob", self.kit.secret, COST)
        said = {
            str(self.fails(Refused, self.log_in(*wrong)))
            for wrong in ((self.kit, "wrong horse"), (other,), (unknown,))
        }
        self.assertEqual(len(said), 1)

    def swap_keyring(self, keyring: bytes) -> None:
        """Let the server hand out another keyring."""
        self.store.accounts["ada"] = (self.store.accounts["ada"][0], keyring)

    def test_another_keyring(self) -> None:
        """A keyring that the server changed or swapped does not open, and ends the link."""
        mine = self.store.accounts["ada"][1]
        evil = seal_keyring(new_keyring(counting()), UnlockKey(bytes(32)), b"", counting())
        for keyring in (mine[:-1], mine[:-1] + bytes([mine[-1] ^ 1]), evil):
            self.swap_keyring(keyring)
            self.fails(WrongPassphrase, self.log_in())

    def test_another_drive(self) -> None:
        """A server that names another drive than the keyring does is left."""
        self.store.drive = b"e" * 16
        self.fails(Tampered, self.log_in())

    def test_lying_head(self) -> None:
        """A head that is named at login and not shown is noticed on a new machine, too."""
        for kind, head, last_hash in (
            (RolledBack, 2, bytes(32)),
            (Forked, 1, bytes(32)),
            (Forked, 0, bytes(32)),
        ):
            self.there = self.machine(b"new %d" % head)
            self.server.judges[:] = [self.lie(head, last_hash)]
            self.fails(kind, self.log_in())

    def lie(self, head: int, last_hash: bytes) -> Any:
        """Answer a login with another head."""

        def judge(end: Any, spoken: Any) -> bool:
            if not isinstance(spoken, messages.LogIn):
                return False
            end.connection.trust()
            end.say(messages.LoggedIn(spoken.request, self.store.drive, head, last_hash))
            return True

        return judge


class StayingTests(AccountTestCase):
    """A device that stays logged in."""

    def setUp(self) -> None:
        super().setUp()
        self.kit, self.opened = self.register()

    def stay(self) -> None:
        """Stay logged in as ``laptop``."""
        self.run_now(accounts.stay_logged_in(self.here, self.opened, b"laptop"))

    def resume(self) -> Any:
        """Close what is open, and come back as a program that starts."""
        self.run_now(self.opened.close())
        self.opened = self.run_now(accounts.resume(self.here))
        return self.opened

    def test_stay(self) -> None:
        """The device is known to server and journal, and gets in without a passphrase."""
        self.stay()
        (device,) = self.opened.drive.tree.devices.values()
        self.assertEqual((device.name, self.store.devices), (b"laptop", {device.key}))
        keyring = self.opened.keyring
        opened = self.resume()
        self.assertEqual(opened.keyring, keyring)
        self.assertEqual(self.heard(messages.LogIn)[-1].key, device.key)
        self.run_now(opened.drive.make_folder((b"works",)))

    def test_bad_name(self) -> None:
        """A device that can't be called so is enrolled nowhere."""
        staying = accounts.stay_logged_in(self.here, self.opened, b"a/b")
        self.failureResultOf(self.begin(staying), UsageError)
        self.assertEqual((self.store.devices, self.store.journal), (set(), []))
        self.assertFalse(self.here.profile.is_logged_in())

    def test_nobody_stays(self) -> None:
        """Who has not stayed logged in does not come back."""
        self.run_now(self.opened.close())
        self.fails(NotLoggedIn, accounts.resume(self.here))

    def test_revoked(self) -> None:
        """A device that was forgotten at the server is refused."""
        self.stay()
        self.store.devices.clear()
        self.run_now(self.opened.close())
        error = self.fails(Refused, accounts.resume(self.here))
        self.assertIs(error.code, Code.LOGIN)

    def test_log_out(self) -> None:
        """Logging out takes the key back everywhere; once more is harmless."""
        self.stay()
        device = self.here.profile.load().device
        for _ in range(2):
            self.run_now(accounts.log_out(self.here, self.opened, device))
            self.assertEqual((self.store.devices, self.opened.drive.tree.devices), (set(), {}))
        self.assertFalse(self.here.profile.is_logged_in())
        self.assertEqual(len(self.store.journal), 2)

    def test_head_outlives_logging_out(self) -> None:
        """After logging out and in again, a server that went back is noticed still."""
        self.stay()
        self.run_now(accounts.log_out(self.here, self.opened, self.here.profile.load().device))
        self.run_now(self.opened.close())
        self.store.journal.pop()
        self.fails(RolledBack, accounts.log_in(self.here, self.kit, PASSPHRASE))

    def test_rolled_back(self) -> None:
        """A server that went back is noticed at login, and nothing more is asked of it."""
        self.stay()
        self.run_now(self.opened.drive.make_folder((b"papers",)))
        self.run_now(self.opened.close())
        self.store.journal.pop()
        self.fails(RolledBack, accounts.resume(self.here))
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
        self.assertEqual(device_keys(DeviceSecret(secret))[0], self.here.profile.load().device)
        for end in self.server.endpoint.ends:
            for said in end.heard:
                if isinstance(said, messages.Message):
                    self.assertNotIn(secret, messages.encode(said))

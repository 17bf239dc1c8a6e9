"""Getting in: registering, and logging in with kit and passphrase."""

from typing import Any

from anoncloud.client import accounts
from anoncloud.client.keyring import account_place, new_keyring, open_keyring, seal_keyring
from anoncloud.client.kit import Kit, parse_kit
from anoncloud.client.tree import changes
from anoncloud.crypto.keys import AccountSecret, SigningKey, UnlockKey
from anoncloud.errors import (
    Code,
    Forked,
    Refused,
    RemoteError,
    RolledBack,
    Tampered,
    UsageError,
    WrongPassphrase,
)
from anoncloud.wire import messages
from tests.support.client import log_in
from tests.support.client_accounts import COST, INVITATION, PASSPHRASE, AccountTestCase
from tests.support.entropy import counting


class RegisterTests(AccountTestCase):
    """A new account."""

    def register_again(self, seed: bytes = b"other") -> Any:
        """Make the coroutine that registers the same name from another machine."""
        here = self.machine(seed)
        self.drawn = self.run_now(accounts.draw(here, INVITATION, "ada", PASSPHRASE, COST))
        return accounts.register(here, self.drawn)

    def test_draw(self) -> None:
        """Keys and kit are there before anything is asked of a server, and show nothing."""
        drawn = self.run_now(accounts.draw(self.here, INVITATION, "ada", PASSPHRASE, COST))
        self.assertEqual(self.server.endpoint.attempts, 0)
        self.assertEqual(parse_kit(drawn.kit.line()), drawn.kit)
        self.assertEqual(drawn.keys, drawn.kit.keys(PASSPHRASE))
        opened = self.run_now(accounts.register(self.here, drawn))
        self.assertEqual(opened.keyring, drawn.keyring.opened())

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

    def test_terms(self) -> None:
        """Who may register is asked on a connection of its own, and nothing else is said there."""
        terms = self.run_now(accounts.read_terms(self.here, INVITATION.address))
        self.assertEqual((terms.registration, terms.least_score), (1, 3))
        (end,) = self.server.endpoint.ends
        self.assertEqual([type(said).__name__ for said in end.heard], ["ReadTerms", "Ended"])
        self.assertTrue(end.pipe.gone)

    def test_terms_of_a_broken_server(self) -> None:
        """Another answer to that is none."""
        self.server.judges.append(lambda end, said: bool(end.say(messages.Done(1)) or True))
        self.fails(RemoteError, accounts.read_terms(self.here, INVITATION.address))

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
            draw = accounts.draw(self.here, INVITATION, name, PASSPHRASE, COST)
            self.fails(UsageError, draw)
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
            opened = self.successResultOf(running)
            self.assertEqual(len(self.heard(messages.Register)), 2)
            self.assertEqual(self.store.accounts["ada"][0], self.drawn.keys.login.public)
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
        return log_in(self.there, kit or self.kit, passphrase)

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

    def test_other_account_keys(self) -> None:
        """A keyring whose keys are not those of the journal is refused, though it opens."""
        mine = open_keyring(
            self.store.accounts["ada"][1],
            self.kit.keys(PASSPHRASE).unlock,
            account_place(self.kit),
        )
        later = mine.successor(mine.epochs, counting(b"later"))
        named = later.opened().agreement, later.signing.public, later.succession or b""
        opened = self.run_now(self.log_in())
        self.run_now(opened.drive.change(lambda d: d.add(changes.NewAccountKeys(*named))))
        self.run_now(opened.close())
        self.assertIn("old one", str(self.fails(Tampered, self.log_in())))
        keys, place = self.kit.keys(PASSPHRASE), account_place(self.kit)
        self.swap_keyring(seal_keyring(later, keys.unlock, place, counting()))
        self.assertEqual(self.run_now(self.log_in()).keyring, later.opened())

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

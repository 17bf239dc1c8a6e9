"""The flaws of the first AnonymousCloud (2021), so that none of them comes back: the server's side.

What it did with files is in ``test_first_anonymouscloud_files``. Some of its flaws have their tests
where the thing is tested anyway:

- any man in the middle won: ``test_middle``, ``tests.wire.test_handshake``
- existence was answered before the password: ``test_guessing``
- names of five letters from a poor source: ``tests.system.test_secrecy``
- a body sent raw, a ``recv`` taken for a message: ``tests.wire.test_connection``
- a space limit that was only displayed: ``tests.system.test_quota``
"""

from pathlib import Path
from typing import Any

import attrs
from twisted.trial.unittest import TestCase

from anoncloud.client.accounts import OpenAccount
from anoncloud.client.staying import resume, stay_logged_in
from anoncloud.crypto.keys import SigningKey
from anoncloud.errors import Code, NotLoggedIn, Refused
from anoncloud.limits import SMALL_BLOB
from anoncloud.server.account_contract import Attempt
from anoncloud.server.delays import Schedules
from anoncloud.server.stores.accounts import SqlAccounts
from anoncloud.server.stores.database import Database
from anoncloud.wire import messages
from tests.evil.house import PASSPHRASE, EvilProtocol, EvilTestCase, Visit
from tests.support.client import log_in
from tests.support.server import ADA, BOB, HANDSHAKE_HASH, Peer, ServerTestCase, blob_name, record


class DelayTests(TestCase):
    """A delay that lived in the connection, so that whoever connected anew had none."""

    async def test_it_lives_in_the_database(self) -> None:
        """The fifth guess is held: after a restart, in a second process, from 100 addresses."""
        path = Path(self.mktemp())
        await self.guess(path, 4, Code.LOGIN)
        await self.guess(path, 100, Code.TOO_SOON)
        beside = Database(path)
        self.addCleanup(beside.close)
        await self.guess(path, 1, Code.TOO_SOON, SqlAccounts(beside))

    async def guess(
        self, path: Path, times: int, expected: Code, accounts: SqlAccounts | None = None
    ) -> None:
        """Guess so often, each time in a server that starts anew, and from another address."""
        for number in range(times):
            database = Database(path)
            try:
                store = accounts or SqlAccounts(database)
                attempt = Attempt("ada", bytes([number]) * 32, f"192.0.2.{number}", 1_000_000.0)
                with self.assertRaises(Refused) as refused:
                    await store.enter(attempt, Schedules())
                self.assertEqual(refused.exception.code, expected, number)
            finally:
                database.close()


class ReplayTests(EvilTestCase):
    """A channel without a transcript, in which frames could be repeated.

    Swapped and altered ones: ``tests.wire.test_channel``, ``tests.system.test_bad_peers``.
    """

    def setUp(self) -> None:
        super().setUp()
        self.here, self.kit = self.register()
        opened = self.resume(self.here)
        self.now(opened.drive.make_folder((b"once",)))
        self.now(opened.close())
        self.recorded = bytes(self.house.visits[-1].server.received)
        self.records = self.count()

    def count(self) -> int:
        """Count the records of Ada's drive."""
        (drive,) = self.house.rooms.journal.drives.values()
        return len(drive.records)

    def play(self, stream: bytes) -> Visit:
        """Say *stream* to the server on a new connection."""
        self.now(self.connect())
        visit = self.house.visits[-1]
        visit.server.dataReceived(stream)
        self.settle()
        return visit

    async def connect(self) -> None:
        """Connect with a client that says nothing."""

        class Silent:
            """A protocol's factory, and the protocol."""

            def buildProtocol(self, addr: object) -> Any:
                return self

            def makeConnection(self, transport: object) -> None:
                pass

            def dataReceived(self, data: bytes) -> None:
                pass

            def connectionLost(self, reason: object) -> None:
                pass

        await self.house.connect(Silent())

    def test_recorded_session(self) -> None:
        """A whole session, sent again, does nothing: its keys were of that connection alone."""
        visit = self.play(self.recorded)
        self.assertEqual(visit.server.heard, [])
        self.assertTrue(visit.line.disconnecting)
        self.assertEqual(self.count(), self.records)

    def test_frames_repeated(self) -> None:
        """A frame of a living session that comes twice ends it, and is carried out once."""
        real, chunks = EvilProtocol.dataReceived, 4  # the hello, LogIn, ReadJournal, Commit
        for repeated in range(1, chunks):
            seen = 0

            def twice(protocol: EvilProtocol, data: bytes, at: int = repeated) -> None:
                nonlocal seen
                real(protocol, data)
                if seen == at:
                    real(protocol, data)
                seen += 1

            self.house.visits.clear()
            wire = self.patch(EvilProtocol, "dataReceived", twice)
            _ = self.begin(self.work(b"%d" % repeated)).addErrback(lambda _: None)
            wire.restore()
            first = [type(said) for said in self.house.visits[0].server.heard]
            self.assertEqual(len(first), repeated, first)
            self.assertEqual(len(first), len(set(first)))
            self.assertTrue(self.house.visits[0].over)
        self.assertLessEqual(self.count(), self.records + chunks - 1)

    async def work(self, name: bytes) -> None:
        """Come back as the device, make a folder, and leave."""
        opened = await resume(self.here)
        await opened.drive.make_folder((name,), parents=True)
        await opened.close()


class PasswordTests(EvilTestCase):
    """A hash of the password that was the login secret, without salt or cost."""

    def test_the_database_logs_nobody_in(self) -> None:
        """Nothing that the server keeps of an account is a key that it lets in."""
        self.register()
        kept = self.house.rooms.accounts.kept["ada"]
        stored = [one for one in attrs.astuple(kept, recurse=False) if isinstance(one, bytes)]
        stored.append(b"".join(kept.devices))
        tried = {one[at : at + 32] for one in stored for at in range(max(len(one) - 31, 0))}
        self.assertGreater(len(tried), 200)
        known = {kept.login_key, *kept.devices}
        for seed in tried:
            self.assertNotIn(SigningKey(seed).public, known)
        for seed in sorted(tried)[:8]:
            key, peer = SigningKey(seed), Peer(self.house.rooms.house, self.house.clock)
            signature = key.sign(messages.LOGIN_CONTEXT, HANDSHAKE_HASH + b"ada")
            answer = peer.ask(messages.LogIn, "ada", key.public, signature)
            self.assertIn(answer.code, {Code.LOGIN, Code.TOO_SOON})
            peer = Peer(self.house.rooms.house, self.house.clock)
            answer = peer.ask(messages.LogIn, "ada", kept.login_key, signature)
            self.assertIn(answer.code, {Code.LOGIN, Code.TOO_SOON})

    def test_one_passphrase_for_two(self) -> None:
        """Two accounts of one passphrase have nothing in common at the server."""
        self.register("ada")
        self.register("bob")
        runs = []
        for kept in self.house.rooms.accounts.kept.values():
            whole = kept.login_key + kept.keyring + b"".join(kept.devices)
            runs.append({whole[at : at + 4] for at in range(len(whole) - 3)})
        self.assertLess(len(runs[0] & runs[1]), 2)


class MapTests(EvilTestCase):
    """A key and a map of names in clear on one device, and lost with it."""

    def setUp(self) -> None:
        super().setUp()
        self.here, self.kit = self.register()
        opened = self.resume(self.here)
        for name in (b"papers", b"pictures"):
            self.now(opened.drive.make_folder((name,)))
        self.keyring = opened.keyring
        self.now(opened.close())

    def names(self, opened: OpenAccount) -> list[bytes]:
        """Give the names in the root."""
        return [node.name for node in opened.drive.entries(())]

    def test_everything_lost(self) -> None:
        """A machine that knows nothing has every name again by kit and passphrase."""
        opened = self.now(self.log_in(self.kit))
        self.assertEqual(self.names(opened), [b"papers", b"pictures"])
        new = self.machine(b"replaced")
        self.now(stay_logged_in(new, opened, b"replaced"))
        self.now(opened.close())
        self.assertEqual(self.names(self.resume(new)), [b"papers", b"pictures"])

    def test_no_name_and_no_key_in_clear(self) -> None:
        """Neither a name nor the drive's key stands in any file of a device, logged in or not."""
        passing = self.machine(b"passing")
        opened = self.now(log_in(passing, self.kit, PASSPHRASE))
        self.now(opened.close())
        secrets = [key.expose() for key in self.keyring.epochs]
        for here in (self.here, passing):
            found = [path for path in here.profile.folder.rglob("*") if path.is_file()]
            self.assertNotEqual(found, [])
            whole = b"".join(path.read_bytes() for path in found)
            for secret in (*secrets, b"papers", b"pictures", PASSPHRASE.encode()):
                self.assertNotIn(secret, whole)
        self.assertFalse(passing.profile.is_logged_in())
        self.assertEqual({path.name for path in passing.profile.folder.iterdir()}, {"drives"})

    def test_keyring_alone(self) -> None:
        """The keyring's file without the device's secret opens nothing."""
        (self.here.profile.folder / "account.json").unlink()
        sealed = (self.here.profile.folder / "keyring").read_bytes()
        for secret in (key.expose() for key in self.keyring.epochs):
            self.assertNotIn(secret, sealed)
        self.assertIs(type(self.fault(resume(self.here))), NotLoggedIn)


class OthersFilesTests(ServerTestCase):
    """Paths joined unchecked, so that one user could delete another's files."""

    def setUp(self) -> None:
        super().setUp()
        self.ada, self.bob = self.peer(ADA, "laptop"), self.peer(BOB)
        self.blobs = [blob_name(1), blob_name(2)]
        for blob in self.blobs:
            number = self.ada.begin(messages.StageBlob, ADA.drive, blob, SMALL_BLOB)
            self.ada.deliver(number, bytes(SMALL_BLOB))
        head = self.now(self.rooms.journal.head(ADA.drive))
        committed = self.ada.ask(messages.Commit, record(ADA.drive, head, (self.blobs[0],)))
        self.assertIsInstance(committed, messages.Committed)

    def state(self) -> Any:
        """Give all that the server has of Ada's."""
        journal = self.now(self.rooms.journal.read(ADA.drive, 0, 2**20))
        usage = self.now(self.rooms.journal.usage(ADA.drive))
        kept = [self.now(self.rooms.blobs.read(blob, 0, SMALL_BLOB)) for blob in self.blobs]
        devices = self.now(self.rooms.accounts.list_devices("ada"))
        return journal, usage, kept, devices

    def test_bob_reaches_nothing(self) -> None:
        """Whatever of Ada's Bob names, it is refused or without effect, and hers is as it was."""
        before = self.state()
        stored, staged = self.blobs
        head = self.now(self.rooms.journal.head(BOB.drive))
        hers = self.now(self.rooms.journal.head(ADA.drive))
        ask = self.bob.ask
        for answer in (
            ask(messages.ReadJournal, ADA.drive, 0),
            ask(messages.ReadUsage, ADA.drive),
            ask(messages.ReadBlob, ADA.drive, stored, 0, 100, 4096),
            ask(messages.ReadBlob, BOB.drive, stored, 0, 100, 4096),
            ask(messages.StageBlob, ADA.drive, blob_name(3), SMALL_BLOB),
            ask(messages.StageBlob, BOB.drive, stored, SMALL_BLOB),
            ask(messages.Unstage, ADA.drive, (staged,)),
            ask(messages.Commit, record(ADA.drive, hers, (), (stored,))),
            ask(messages.Commit, record(BOB.drive, head, (), (stored,))),
            ask(messages.Commit, record(BOB.drive, head, (staged,))),
            ask(messages.DeleteAccount, "ada"),
            ask(messages.JoinPairing, 1, b"message"),
            ask(messages.SayPairing, b"message"),
        ):
            self.assertIsInstance(answer, messages.Refusal)
            self.assertTrue(answer.hint)
        # These ask for nothing of Bob's own that is there, and are done at once.
        for answer in (
            ask(messages.Unstage, BOB.drive, (staged, stored)),
            ask(messages.ForgetDevice, ADA.key("laptop").public),
        ):
            self.assertIsInstance(answer, messages.Done)
        self.assertEqual(self.state(), before)
        self.assertEqual(self.bob.bulk, {})

"""Two workers, and people on both of them: it is one server."""

import contextlib
import os
import signal
import ssl
from typing import Any

from OpenSSL import crypto
from twisted.internet.ssl import KeyPair

from anoncloud.errors import Code
from anoncloud.limits import SMALL_BLOB
from anoncloud.server.contracts import Head
from anoncloud.wire import messages
from anoncloud.wire.records import genesis_hash
from tests.support.processes import LOOPBACK, Server, free_port, wait_until
from tests.support.raw_peers import Cut, RawPeer
from tests.support.server import ADA, BOB, Person, blob_name, record
from tests.support.workers import WorkersTestCase, listening, sockets, workers

ONE, TWO = blob_name(1), blob_name(2)


class TwoWorkersTestCase(WorkersTestCase):
    """A server with two workers, and peers, one on each by turns."""

    def start(self, *options: str) -> Server:
        """Start it, with an account for Ada."""
        self.house = self.workers_server(*options)
        with self.peer() as peer:
            self.assertIsInstance(peer.ask(messages.Register, *ADA.register()), messages.Done)
        return self.house

    def peer(self, person: Person | None = None, device: str = "") -> RawPeer:
        """Connect, and log in."""
        peer = RawPeer(self.house.address)
        self.addCleanup(peer.__exit__, None, None, None)
        if person is not None:
            self.assertIsInstance(peer.log_in(person, device), messages.LoggedIn)
        return peer

    def pair(self, device: str = "") -> tuple[RawPeer, RawPeer]:
        """Give two peers of Ada's, on different workers; the second one by a *device*."""
        first = self.peer(ADA)
        if device:
            first.ask(messages.EnrolDevice, ADA.key(device).public)
        second = self.peer(ADA, device)
        having = {self.worker_of(self.house, one.port) for one in (first, second)}
        self.assertEqual(len(having), 2)
        return first, second

    def refused(self, answer: Any, code: Code) -> None:
        """See that *answer* is a refusal with *code*."""
        self.assertIsInstance(answer, messages.Refusal)
        self.assertEqual(Code(answer.code), code)


class OneServerTests(TwoWorkersTestCase):
    """What one worker's people do, and the other's hear."""

    def setUp(self) -> None:
        super().setUp()
        self.start()

    def test_change(self) -> None:
        """A record is told to who is on the other worker, who reads it there."""
        first, second = self.pair()
        made = record(ADA.drive, Head(0, genesis_hash(ADA.drive)))
        self.assertIsInstance(first.ask(messages.Commit, made), messages.Committed)
        self.assertEqual(second.wait_for(messages.JournalGrew).head, 1)
        page = second.ask(messages.ReadJournal, ADA.drive, 0)
        self.assertEqual(page.records, (made,))

    def test_revoked(self) -> None:
        """A device whose key is revoked on one worker is cut off on the other, at once."""
        first, second = self.pair("laptop")
        self.assertIsInstance(second.ask(messages.Ping), messages.Done)
        first.ask(messages.ForgetDevice, ADA.key("laptop").public)
        second.wait_for_cut()
        self.assertIsInstance(first.ask(messages.Ping), messages.Done)

    def test_deleted(self) -> None:
        """So is all of an account that is deleted."""
        first, second = self.pair()
        self.assertIsInstance(first.ask(messages.DeleteAccount, "ada"), messages.Done)
        second.wait_for_cut()

    def test_pairing(self) -> None:
        """Two devices meet in a slot, and talk, and hear of its end, from worker to worker."""
        old = self.peer(ADA)
        slot = old.ask(messages.OpenPairing, b"first").slot
        new = self.peer()
        having = {self.worker_of(self.house, one.port) for one in (old, new)}
        self.assertEqual(len(having), 2)
        self.assertEqual(new.ask(messages.JoinPairing, slot, b"second").message, b"first")
        self.assertEqual(old.wait_for(messages.PairingSaid).message, b"second")
        self.assertIsInstance(old.ask(messages.SayPairing, b"third"), messages.Done)
        self.assertEqual(new.wait_for(messages.PairingSaid).message, b"third")
        self.refused(self.peer().ask(messages.JoinPairing, slot, b"me too"), Code.NOT_ALLOWED)
        old.ask(messages.ClosePairing)
        new.wait_for(messages.PairingClosed)

    def test_no_listening_socket(self) -> None:
        """Only the listener listens; workers get what it has accepted."""
        self.assertTrue(sockets(self.house.pid) & listening(self.house.pid))
        for pid in workers(self.house):
            self.assertTrue(sockets(pid))
            self.assertFalse(sockets(pid) & listening(pid))


class LimitTests(TwoWorkersTestCase):
    """Limits that hold for all workers together."""

    def test_connections_per_address(self) -> None:
        """So many connections from one address, whichever workers have them."""
        self.start("--max-connections-per-address", "3")
        peers = [self.peer() for _ in range(3)]
        self.assertEqual(len({self.worker_of(self.house, one.port) for one in peers}), 2)
        self.assertRaises(Cut, self.peer)
        with RawPeer(self.house.address, source="127.0.0.2") as other:
            self.assertIsInstance(other.ask(messages.Ping), messages.Done)
        peers[0].__exit__(None, None, None)
        wait_until(self.is_let_in, "room for one more")

    def test_users_online(self) -> None:
        """Accounts that are logged in are counted on all workers together."""
        self.start("--max-users-online", "1")
        first, second = self.pair()
        second.ask(messages.Register, *BOB.register())
        third = self.peer()
        self.refused(third.log_in(BOB), Code.TOO_MANY)
        for peer in (first, second):
            peer.__exit__(None, None, None)
        wait_until(lambda: isinstance(third.log_in(BOB), messages.LoggedIn), "room for Bob")

    def test_reload(self) -> None:
        """Settings that are read again hold on every worker."""
        settings = self.file("settings.toml", b"max_accounts = 0\n")
        self.start("--config", str(settings))
        settings.write_text("max_accounts = 1\n")
        os.kill(self.house.pid, signal.SIGHUP)
        wait_until(lambda: "read the settings again" in self.house.log, "the settings to be read")
        peers = [self.peer(), self.peer()]
        self.assertEqual(len({self.worker_of(self.house, one.port) for one in peers}), 2)
        for peer in peers:
            self.refused(peer.ask(messages.Register, *BOB.register()), Code.TOO_MANY)

    def is_let_in(self) -> bool:
        """Whether one more may come."""
        try:
            self.peer()
        except Cut:
            return False
        return True

    def test_proxied(self) -> None:
        """Behind a proxy a peer counts for the address that the proxy tells, on every worker."""
        port = free_port()
        options = ("--listen", f"haproxy:tcp:{port}:interface={LOOPBACK}")
        self.start(*options, "--max-connections-per-address", "1")

        def proxied(network: str) -> RawPeer:
            told = f"PROXY TCP4 {network} 192.0.2.200 1 2\r\n".encode()
            peer = RawPeer(self.house.address, port=port, preamble=told)
            self.addCleanup(peer.__exit__, None, None, None)
            return peer

        first, other = proxied("192.0.2.1"), proxied("192.0.2.2")
        with contextlib.suppress(Cut):  # so soon, or a moment later; never is a fault
            proxied("192.0.2.1").wait_for_cut()
        for peer in (first, other):
            self.assertIsInstance(peer.ask(messages.Ping), messages.Done)

    def test_tls(self) -> None:
        """What an endpoint lays over TCP is laid over it in the worker."""
        keys = KeyPair.generate(size=2048)
        certificate = keys.selfSignedCert(1, CN="cloud.example")
        pem = self.file("pem", keys.dump(crypto.FILETYPE_PEM) + certificate.dumpPEM())
        port = free_port()
        listen = f"ssl:{port}:interface={LOOPBACK}:privateKey={pem}:certKey={pem}"
        self.start("--listen", listen)
        context = ssl.create_default_context(cadata=certificate.dumpPEM().decode())
        context.check_hostname = False
        with RawPeer(self.house.address, port=port, tls=context) as peer:
            self.assertIsInstance(peer.log_in(ADA), messages.LoggedIn)

    def test_quota(self) -> None:
        """Of two blobs that come in on two workers, for one of which there is room, one stays."""
        self.start("--quota", str(SMALL_BLOB + 1))
        peers, content = self.pair(), bytes(SMALL_BLOB)
        numbers = [
            peer.begin(messages.StageBlob, ADA.drive, blob, SMALL_BLOB)
            for peer, blob in zip(peers, (ONE, TWO), strict=True)
        ]
        for peer, number in zip(peers, numbers, strict=True):
            peer.send_bulk(number, content[: SMALL_BLOB // 2])
            self.assertIsInstance(peer.ask(messages.Ping), messages.Done)
        for peer, number in zip(peers, numbers, strict=True):
            peer.send_bulk(number, content[SMALL_BLOB // 2 :])
        answers = [peer.done(number) for peer, number in zip(peers, numbers, strict=True)]
        self.assertEqual(sum(isinstance(one, messages.Done) for one in answers), 1)
        (refusal,) = [one for one in answers if not isinstance(one, messages.Done)]
        self.refused(refusal, Code.QUOTA)
        self.assertEqual(peers[0].ask(messages.ReadUsage, ADA.drive).stored, SMALL_BLOB)
        kept = [path for path in (self.house.state / "blobs").rglob("*") if path.is_file()]
        self.assertEqual(len(kept), 1)

    def test_guesses(self) -> None:
        """Wrong logins are counted together, even where no address may outlive the server."""
        for number, keep in enumerate(("true", "false")):
            self.folder = self.folder / str(number)
            self.start("--keep-addresses", keep)
            peers = [self.peer() for _ in range(4)]
            strangers = [Person(f"nobody{count}") for count in range(4)]
            answers = [one.log_in(who) for one, who in zip(peers, strangers, strict=True)]
            codes = [Code(one.code) for one in answers]
            self.assertEqual(codes, [Code.LOGIN] * 3 + [Code.TOO_SOON], keep)
            self.assertEqual(len({self.worker_of(self.house, one.port) for one in peers}), 2)
            self.assertIsInstance(peers[3].ask(messages.Register, *BOB.register()), messages.Done)

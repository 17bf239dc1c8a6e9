"""Attack 8: an older, a newer or another version of anything, in the hope that it is taken.

There is one version of each thing, and no negotiation: all other values are refused, in every place
where a version stands.
"""

from collections.abc import Callable
from typing import Any

from msgspec import msgpack
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client import checkpoint, export, keyring, kit, recovery
from anoncloud.client.cache import Head
from anoncloud.client.tree.tree import Tree
from anoncloud.crypto import boxes
from anoncloud.crypto.derive import Purpose, derive
from anoncloud.crypto.keys import DeviceSecret, RecoverySecret, SealingKey, UnlockKey
from anoncloud.errors import HandshakeFailed, ProtocolBroken, Tampered, UsageError, WrongPassphrase
from anoncloud.wire import records
from anoncloud.wire.connection import GREETING, State
from anoncloud.wire.handshake import NK_HFS
from tests.evil.asserting import assert_named, assert_no_half, snapshot
from tests.evil.house import PASSPHRASE, EvilTestCase
from tests.support.entropy import counting
from tests.support.pairs import (
    client_handshake,
    hear,
    new_client,
    new_server,
    sent,
    server_handshake,
)

PLACE = b"place"
UNLOCK = UnlockKey(b"u" * 32)
ACCOUNT = keyring.new_keyring(counting(b"account"))
DEVICE = keyring.device_keys(DeviceSecret(b"d" * 32))


def others(version: int) -> list[int]:
    """Give the 255 other values of a byte, and some that need more."""
    return [*(value for value in range(256) if value != version), 256, 2**16 + version, 2**32]


def with_version(content: bytes, version: int, at: int = 0) -> bytes:
    """Write another *version* into a MessagePack array."""
    fields = msgpack.decode(content)
    fields[at] = version
    return msgpack.encode(fields)


class GreetingTests(SynchronousTestCase):
    """The first line of both sides."""

    def other_greetings(self) -> list[bytes]:
        """Give the greeting with each other byte in its digit's place."""
        at = GREETING.index(b"1")
        return [GREETING[:at] + bytes([value]) + GREETING[at + 1 :] for value in others(0x31)[:255]]

    def test_server(self) -> None:
        """A client takes no other: nothing of its own follows what it had said at once."""
        for line in self.other_greetings():
            client = new_client()
            client.begin()
            said = sent(client)
            self.assertEqual(len(said), len(GREETING) + 4 + 1248)
            self.assertRaises(HandshakeFailed, hear, client, line)
            self.assertEqual((client.state, sent(client)), (State.BROKEN, b""))

    def test_client(self) -> None:
        """A server takes no other, and says its own, so that the client can tell why."""
        for line in self.other_greetings():
            server = new_server()
            self.assertRaises(HandshakeFailed, hear, server, line)
            self.assertEqual(sent(server), GREETING)

    def test_mixed_in(self) -> None:
        """The line is a part of the handshake: ends that have seen other ones do not agree."""
        for line in self.other_greetings():
            said = client_handshake(prologue=line).write()
            self.assertRaises(HandshakeFailed, server_handshake(prologue=GREETING).read, said)
        said = client_handshake(prologue=GREETING).write()
        server_handshake(prologue=GREETING).read(said)

    def test_one_suite(self) -> None:
        """There is one suite, named whole; a peer has nothing to choose by."""
        self.assertEqual(NK_HFS.name, b"Noise_NKhfs_25519+MLKEM768_ChaChaPoly_BLAKE2b")


class FormatTests(SynchronousTestCase):
    """What is sealed or stored, by somebody who holds its key: only the format is another."""

    def check(self, version: int, kind: type[Exception], reads: Callable[[int], Any]) -> None:
        """See that *reads* takes *version*, and refuses all others with *kind*."""
        reads(version)
        for other in others(version):
            self.assertRaises(kind, reads, other)

    def test_records(self) -> None:
        """The header of a record."""
        header = records.Header(records.FORMAT, b"d" * 16, 0, 1, b"h" * 32, (), ())
        place = records.encode_header(header)
        self.check(
            1,
            ProtocolBroken,
            lambda version: records.take_apart(records.join(with_version(place, version), b"x")),
        )

    def test_keyrings(self) -> None:
        """An account's keyring, and its copy for a recovery key, which has the same content."""
        content = keyring.encode_keyring(ACCOUNT)

        def reads(version: int) -> Any:
            changed = with_version(content, version)
            sealed = boxes.seal_committed(UNLOCK, changed, PLACE, counting())
            return keyring.open_keyring(sealed, UNLOCK, PLACE)

        self.check(1, WrongPassphrase, reads)

    def test_device_keyrings(self) -> None:
        """A device's keyring; an account's is none, and a device's is no account's."""
        sealed = keyring.seal_device_keyring(ACCOUNT.opened(), DEVICE, PLACE, counting())
        content = boxes.open_committed(DEVICE.unlock, sealed, PLACE, "it")

        def reads(version: int) -> Any:
            changed = with_version(content, version)
            sealed = boxes.seal_committed(DEVICE.unlock, changed, PLACE, counting())
            return keyring.open_device_keyring(sealed, DEVICE, PLACE)

        self.check(2, WrongPassphrase, reads)
        self.assertRaises(WrongPassphrase, keyring.open_keyring, sealed, DEVICE.unlock, PLACE)
        whole = keyring.seal_keyring(ACCOUNT, DEVICE.unlock, PLACE, counting())
        self.assertRaises(WrongPassphrase, keyring.open_device_keyring, whole, DEVICE, PLACE)

    def test_checkpoints(self) -> None:
        """A checkpoint, sealed anew at the place that names the other format."""
        opened = ACCOUNT.opened()
        made = checkpoint.Checkpoint(Tree(), Head(1, b"h" * 32), 1)
        place, box = msgpack.decode(checkpoint.seal_checkpoint(opened, made, counting()))
        key = derive(opened.epochs[0], Purpose.CHECKPOINT, SealingKey, opened.drive)
        context = b"anoncloud 1 checkpoint"
        content = boxes.open_box(key, box, context + place, "it")

        def reads(version: int) -> Any:
            changed = with_version(place, version)
            sealed = boxes.seal(key, content, context + changed, counting())
            return checkpoint.open_checkpoint(opened, msgpack.encode((changed, sealed)))

        self.check(1, Tampered, reads)

    def test_exports(self) -> None:
        """An exported keyring; it is refused before any work is done for it."""

        def reads(version: int) -> Any:
            fields = (version, b"s" * 16, 3, 256 * 1024, b"box")
            return export._parse(export.HEAD + msgpack.encode(fields))

        self.check(1, UsageError, reads)
        head = export.HEAD.replace(b"1", b"2")
        fields = msgpack.encode((1, b"s" * 16, 3, 256 * 1024, b"box"))
        self.assertRaises(UsageError, export._parse, head + fields)

    def test_printed(self) -> None:
        """Kits and recovery keys of another number, with a checksum that fits."""
        house = kit.Address("box.example", 9650, b"k" * 32)
        lines: list[tuple[str, str, Callable[[str], Any]]] = [
            (
                recovery.Recovery(house, "ada", RecoverySecret(b"s" * 32)).line(),
                "anoncloud-recovery-1-",
                recovery.parse_recovery,
            ),
            (
                kit.Kit(house, "ada", kit.AccountSecret(b"s" * 16), kit.Argon2()).line(),
                "anoncloud-kit-1-",
                kit.parse_kit,
            ),
        ]
        for line, prefix, parse in lines:
            self.assertTrue(line.startswith(prefix))
            parse(line)
            for other in ("0", "2", "9", "11", ""):
                changed = line.replace(prefix, prefix.replace("1", other), 1)
                self.assertRaises(UsageError, parse, changed)


class ServedTests(EvilTestCase):
    """A record of an older format in a real journal, which its server lets through."""

    def test_record(self) -> None:
        """The client stops at it, keeps what it had, and says so."""
        here, _ = self.register()
        opened = self.resume(here)
        head = opened.drive.journal.head
        header = records.Header(
            records.FORMAT, opened.drive.id, 0, head.number + 1, head.hash, (), ()
        )
        place = records.encode_header(header)
        stored = self.house.rooms.journal.drives[opened.drive.id].records
        files = snapshot(here.profile.folder)
        for version in (0, 2, 255):
            stored.append(records.join(with_version(place, version), b"body"))
            assert_named(self, self.fault(opened.drive.catch_up()), Tampered)
            stored.pop()
            assert_no_half(self, here.profile.folder, files)
        self.now(opened.drive.make_folder((b"works",)))

    def test_older_keyring_after_a_newer(self) -> None:
        """A device's keyring is never taken for the account's, whatever was there before."""
        here, ada = self.register()
        keys = ada.keys(PASSPHRASE)
        known = here.profile.load()
        older = keyring.seal_device_keyring(
            known.keyring,
            keyring.DeviceKeys(keys.login, keys.unlock, known.keys.agreement),
            keyring.account_place(ada),
            counting(),
        )
        self.house.rooms.accounts.kept["ada"].keyring = older
        assert_named(self, self.fault(self.log_in(ada)), WrongPassphrase)

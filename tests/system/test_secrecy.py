"""The promise itself: nothing of a user's words is in what the server has, or on the wire."""

import contextlib
import random
import re
import sqlite3
import zlib
from collections import Counter
from pathlib import Path

from anoncloud.client.keyring import account_place, open_keyring
from anoncloud.client.kit import parse_kit
from anoncloud.client.profile import Profile
from anoncloud.limits import BULK_BLOB, KIB, MIB, SMALL_BLOB
from tests.support.processes import PASSPHRASE, Device, Server, SystemTestCase
from tests.system.proxies import Proxy
from tests.system.searching import dresses, sightings, written

# Question marks give base64 the letters in which its two alphabets differ, in every alignment.
MARKS = {
    "small content": b"MarkedSmallContent?????>Vq",
    "bulk content": b"MarkedBulkContent?????>Wz",
    "removed content": b"MarkedRemovedContent?????>Ky",
    "file name": b"MarkedFileName?????>Xj",
    "old file name": b"MarkedOldFileName?????>Hb",
    "folder name": b"MarkedFolderName?????>Qk",
    "extension": b"MarkedExtension?????>Pf",
    "passphrase": b"MarkedPassphrase?????>Jw",
    "device name": b"MarkedDeviceName?????>Zh",
}
ACCOUNT = "markedaccountname"
BLOB_NAME = re.compile(r"[a-z2-7]/[a-z2-7]/[a-z2-7]{24}\.(jpg|png|mp3|mp4|pdf|docx|xlsx|txt|"
                       r"zip|odt|csv|flac|avi|html|epub|gif)")  # fmt: skip


class SearchTests(SystemTestCase):
    """The search finds what there is to find, or finding nothing would mean nothing."""

    def test_planted(self) -> None:
        """Each mark is found in every dress, in the middle of other bytes, and in a file's name."""
        drawn = random.Random(7)
        for name, mark in MARKS.items():
            for how, pattern in dresses(mark).items():
                around = drawn.randbytes(5000)
                self.file("planted/f", around + pattern + around)
                found = sightings({name: mark}, written(self.folder / "planted"))
                self.assertIn(f"{name} {how} in f", found)
        self.file("named/" + MARKS["file name"].decode(), b"")
        found = sightings(MARKS, written(self.folder / "named"))
        self.assertEqual(found, ["file name as it is in the names"])

    def test_dresses(self) -> None:
        """The dresses are what other programs write, and each is a search of its own."""
        self.assertIn(dresses(b"secret words")["base64 at 1"], b"X3NlY3JldCB3b3Jkcw==")
        self.assertIn(dresses(b"secret words")["BASE32 at 2"], b"L5PXGZLDOJSXIIDXN5ZGI4Y=")
        for mark in MARKS.values():
            worn = dresses(mark)
            self.assertEqual(len(set(worn.values())), len(worn), mark)
            self.assertEqual(min(len(pattern) for pattern in worn.values()), len(mark))


class SecrecyTests(SystemTestCase):
    """A life of marked files, seen from the server's side."""

    def setUp(self) -> None:
        super().setUp()
        self.house: Server = self.server("--log-addresses", "true")
        self.tap = Proxy(self.house.port, record=True)
        self.addCleanup(self.tap.close)
        self.kit = self.folder / "kit"

    def live(self) -> Device:
        """Register, store, read, rename, remove, log in elsewhere, revoke: all through the tap."""
        user = self.device("user")
        passphrase = MARKS["passphrase"].decode()
        name = {"ANONCLOUD_PASSPHRASE": passphrase}
        address = self.house.address_by(self.tap.port)
        called = ("--device-name", MARKS["device name"].decode())
        cost = ("--argon2-memory", "64", "--argon2-passes", "2")
        user.do("register", address, ACCOUNT, "--kit", self.kit, *called, *cost, **name)
        folder = "tree/" + MARKS["folder name"].decode()
        small, bulk, gone = (
            MARKS[key] for key in ("small content", "bulk content", "removed content")
        )
        name = MARKS["file name"].decode() + "." + MARKS["extension"].decode()
        self.file(f"{folder}/{name}", small * 50)
        self.file(f"{folder}/{MARKS['old file name'].decode()}", bulk * (5 * MIB // len(bulk)))
        self.file(f"{folder}/gone", gone * 500)
        user.do("put", "-r", self.folder / "tree", "/")
        top = f"/{folder}"
        user.do("mv", f"{top}/{MARKS['old file name'].decode()}", f"{top}/new name")
        user.do("rm", f"{top}/gone")
        user.do("rm", "--forever", "--trashed", f"{top}/gone")
        user.run("cat", f"{top}/none")
        self.assertEqual(user.do("cat", f"{top}/{name}").out, small * 50)
        other = self.device("other")
        done = other.log_in(self.kit, passphrase)
        self.assertEqual(done.code, 0, done.err)
        self.assertEqual(self.device("wrong").log_in(self.kit, passphrase + "x").code, 7)
        other.do("get", "-r", top, self.folder / "again")
        other.do("devices", "revoke", MARKS["device name"].decode())
        other.do("mkdir", top + "/later")
        self.assertEqual(user.run("ls").code, 7)
        return other

    def secrets(self, device: Device) -> dict[str, bytes]:
        """Give the keys that only clients hold."""
        known = Profile(device.state).load()
        kit = parse_kit(self.kit.read_text())
        keys = kit.keys(MARKS["passphrase"].decode())
        with contextlib.closing(sqlite3.connect(self.house.state / "accounts.sqlite")) as database:
            ((sealed,),) = database.execute("SELECT keyring FROM accounts")
        account = open_keyring(sealed, keys.unlock, account_place(kit))
        first, second = known.keyring.epochs
        return {
            "account secret": kit.secret.expose(),
            "login key": keys.login.expose(),
            "unlock key": keys.unlock.expose(),
            "drive key": first.expose(),
            "second drive key": second.expose(),
            "agreement key": account.agreement.expose(),
            "signing key": account.signing.expose(),
            "device's login key": known.keys.login.expose(),
            "device's unlock key": known.keys.unlock.expose(),
            "device's agreement key": known.keys.agreement.expose(),
        }

    def test_nothing_is_told(self) -> None:
        """No mark and no key is in database, log, key file, blobs or names, nor on the wire."""
        device = self.live()
        marks = {**MARKS, **self.secrets(device)}
        # The account's name is what the server may know: that it is found shows that we look.
        known = {"account name": ACCOUNT.encode()}
        while_running = written(self.house.folder)
        self.assertTrue(any(place.endswith(".sqlite-wal") for place in while_running))
        self.assertNotEqual(sightings(known, while_running), [])
        self.assertEqual(sightings(marks, while_running), [])
        self.house.stop()
        at_rest = written(self.house.folder)
        for part in ("server.log", "state/accounts.sqlite", "state/server.key", "state/address"):
            self.assertIn(part, at_rest)
        self.assertNotEqual(sightings(known, at_rest), [])
        self.assertEqual(sightings(marks, at_rest), [])
        wire = {
            f"connection {number} from the {who}": bytes(stream)
            for number, pair in enumerate(self.tap.streams)
            for who, stream in zip(("client", "server"), pair, strict=True)
        }
        self.assertGreater(sum(map(len, wire.values())), 10 * MIB)  # all of it went this way
        self.assertEqual(sightings({**marks, **known}, wire), [])
        # What a device keeps is no more telling to whoever has no key.
        self.assertEqual(sightings(MARKS, written(device.state)), [])


class BlobTests(SystemTestCase):
    """What lies in the blob folder."""

    def setUp(self) -> None:
        super().setUp()
        self.house: Server = self.server()
        self.user: Device = self.ada(self.house)

    def blobs(self) -> list[Path]:
        """Give every file in the blob folder."""
        folder = self.house.state / "blobs"
        return [path for path in folder.rglob("*") if path.is_file()]

    def test_names_and_sizes(self) -> None:
        """Blobs have one of two sizes, random names, harmless extensions, and many folders."""
        drawn = random.Random(5)
        for number in range(40):
            self.file(f"tree/{number}.secretformat", drawn.randbytes(200 * KIB))
        self.file("tree/large", drawn.randbytes(9 * MIB))
        self.file("tree/empty", b"")
        self.user.do("put", "-r", self.folder / "tree", "/")
        for number in range(8):
            self.user.do("put", self.file("f", b"tiny"), f"/{number}")
        blobs = self.blobs()
        names = [str(path.relative_to(self.house.state / "blobs")) for path in blobs]
        sizes = Counter(path.stat().st_size for path in blobs)
        self.assertEqual(set(sizes), {SMALL_BLOB, BULK_BLOB})
        self.assertEqual({SMALL_BLOB, BULK_BLOB}, {262144, 4194304})
        self.assertGreaterEqual(sizes[SMALL_BLOB], 8)
        self.assertGreaterEqual(sizes[BULK_BLOB], 4)
        for name in names:
            self.assertRegex(name, re.compile(f"^{BLOB_NAME.pattern}$"))
        self.assertGreater(len({name[:3] for name in names}), len(names) // 2)
        self.assertGreater(len({Path(name).suffix for name in names}), 3)

    def test_alike(self) -> None:
        """The same file twice is twice something else, and no blob shows where its content ends."""
        content = b"the same " * 1000
        for name in ("/one", "/two"):
            self.user.do("put", self.file("f", content), name)
        one, two = (path.read_bytes() for path in self.blobs())
        shared = {one[at : at + 16] for at in range(0, len(one), 16)} & {
            two[at : at + 16] for at in range(0, len(two), 16)
        }
        self.assertEqual(shared, set())
        for blob in (one, two):
            for start in range(0, len(blob), 16 * KIB):
                part = blob[start : start + 16 * KIB]
                self.assertGreaterEqual(len(zlib.compress(part, 9)), len(part), start)

    def test_the_same_on_another_server(self) -> None:
        """Neither a name nor a byte of a blob follows from what is in it."""
        other = self.server(name="other")
        bob = self.device("bob")
        bob.register(other.address, "ada", self.folder / "bob's kit", PASSPHRASE)
        for device in (self.user, bob):
            device.do("put", self.file("f", b"the same"), "/f")
        (ours,) = self.blobs()
        (theirs,) = [path for path in (other.state / "blobs").rglob("*") if path.is_file()]
        self.assertNotEqual(ours.name, theirs.name)
        self.assertNotEqual(ours.read_bytes()[:64], theirs.read_bytes()[:64])

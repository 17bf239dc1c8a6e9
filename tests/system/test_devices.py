"""Devices of one account, as their owner has them: listed, named, revoked, stolen."""

import contextlib
import shutil
import sqlite3
from typing import Any

from attrs import evolve

from anoncloud.client.profile import Profile
from anoncloud.client.sealing import open_record
from anoncloud.client.tree.changes import NewEpoch
from anoncloud.crypto.delivery import accept
from anoncloud.crypto.keys import AgreementKey, DriveKey
from anoncloud.errors import Tampered
from anoncloud.wire import records
from tests.support.processes import Device, Server, SystemTestCase, wait_until

HIDDEN = b"\xcd" * 32


class DevicesTestCase(SystemTestCase):
    """Ada's laptop and Ada's telephone."""

    def setUp(self) -> None:
        super().setUp()
        self.house: Server = self.server()
        self.laptop: Device = self.ada(self.house)
        self.phone: Device = self.device("phone")
        self.log_in(self.phone, "phone")
        self.laptop.do("devices", "rename", self.rows(self.laptop)[0]["key"][:8], "laptop")

    def log_in(self, device: Device, name: str) -> None:
        """Log in by kit and passphrase."""
        kit = self.folder / "kit"
        passphrase = {"ANONCLOUD_PASSPHRASE": "correct horse battery staple"}
        device.do("login", "--kit", kit, "--device-name", name, **passphrase)

    def rows(self, device: Device, code: int = 0) -> list[dict[str, Any]]:
        """List the devices."""
        done = device.run("--json", "devices")
        self.assertEqual(done.code, code, done.err)
        listed: list[dict[str, Any]] = done.value
        return listed

    def ask(self, words: str, *values: Any) -> list[Any]:
        """Ask the server's database, or change it, as its owner can."""
        path = self.house.state / "accounts.sqlite"
        with contextlib.closing(sqlite3.connect(path, timeout=20)) as database, database:
            return database.execute(words, values).fetchall()


class ListTests(DevicesTestCase):
    """What there is, and what it is called."""

    def test_list_and_rename(self) -> None:
        """Each device sees both, and which one it is; a new name is everywhere."""
        for device, mine in ((self.laptop, "laptop"), (self.phone, "phone")):
            rows = self.rows(device)
            self.assertEqual([row["name"] for row in rows], ["laptop", "phone"])
            self.assertEqual([row["name"] for row in rows if row["this"]], [mine])
            self.assertEqual({row["state"] for row in rows}, {"enrolled"})
        self.phone.do("devices", "rename", "phone", "t\u00e9l\u00e9phone")
        shown = self.laptop.do("devices").out.decode()
        self.assertEqual(len(shown.splitlines()), 2)
        self.assertIn("t\u00e9l\u00e9phone", shown)
        self.assertTrue(shown.startswith("* "))

    def test_hidden(self) -> None:
        """A key that was put there behind the owner's back is told, and taken back for good."""
        account = self.ask("SELECT account FROM accounts")[0][0]
        self.ask("INSERT INTO devices (account, key) VALUES (?, ?)", account, HIDDEN)
        done = self.laptop.run("devices")
        self.assertEqual(done.code, 10)
        self.assertIn("devices revoke cdcdcdcdcdcdcdcd", done.err)
        self.assertEqual(self.rows(self.laptop, 10)[2]["state"], "hidden")
        done = self.laptop.do("--json", "devices", "revoke", "cdcdcdcd")
        self.assertEqual([row["key"] for row in done.value["revoked"]], [HIDDEN.hex()])
        self.assertEqual(done.value["epoch"], 1)
        self.assertEqual(len(self.rows(self.laptop)), 2)
        self.phone.do("mkdir", "/after")

    def test_wrong_names(self) -> None:
        """What is nobody's name, and the own one, is refused in words, and nothing is done."""
        for called, code, hint in (("tablet", 3, "anoncloud devices"), ("laptop", 2, "logout")):
            done = self.laptop.run("devices", "revoke", called)
            self.assertEqual(done.code, code, done.err)
            self.assertIn(hint, done.err)
        self.assertEqual(self.laptop.run("devices", "rename", "phone", "a/b").code, 2)
        self.assertEqual(len(self.rows(self.phone)), 2)


class RevokeTests(DevicesTestCase):
    """A telephone that is gone."""

    def test_cut_off_at_once(self) -> None:
        """What it was doing ends at once, and says why; so does whatever it tries later."""
        folder = self.folder / "watched"
        folder.mkdir()
        watching = self.phone.start("watch", folder, "/watched")
        (folder / "first").write_bytes(b"first")
        wait_until(lambda: b"first" in self.laptop.run("ls", "/watched").out, "the first file")
        self.laptop.do("devices", "revoke", "phone")
        (folder / "second").write_bytes(b"second")
        ended = watching.wait()
        self.assertEqual(ended.code, 7, ended.err)
        self.assertIn("revoked", ended.err)
        done = self.phone.run("put", folder / "second", "/")
        self.assertEqual(done.code, 7, done.err)
        self.assertIn("revoked", done.err)
        self.assertIn("logout --force", done.err)
        self.assertNotIn(b"second", self.laptop.do("ls", "-r").out)
        self.assertEqual([row["name"] for row in self.rows(self.laptop)], ["laptop"])

    def test_life_goes_on(self) -> None:
        """The others go on in the new epoch, so does who comes with the kit, and the same phone."""
        self.laptop.do("put", self.file("before", b"before"), "/")
        self.log_in(self.device("tablet"), "tablet")
        self.laptop.do("devices", "revoke", "phone")
        self.laptop.do("put", self.file("after", b"after"), "/")
        tablet = self.device("tablet")
        self.assertEqual(tablet.do("cat", "/before", "/after").out, b"beforeafter")
        tablet.do("devices", "revoke", "laptop")
        tablet.do("put", self.file("last", b"last"), "/")
        self.assertEqual(self.laptop.run("ls").code, 7)
        self.phone.do("logout", "--force")
        self.log_in(self.phone, "phone again")
        self.assertEqual(self.phone.do("cat", "/before", "/after", "/last").out, b"beforeafterlast")
        self.assertEqual([row["name"] for row in self.rows(self.phone)], ["tablet", "phone again"])
        self.phone.do("verify")

    def test_log_out_after_that(self) -> None:
        """A revoked device forgets the account only when told to, and says how."""
        self.laptop.do("devices", "revoke", "phone")
        done = self.phone.run("logout")
        self.assertEqual(done.code, 7, done.err)
        self.assertIn("logout --force", done.err)
        self.phone.do("logout", "--force")


class StolenTests(DevicesTestCase):
    """A thief with all that the telephone had, and a server that hands out all that it has."""

    def setUp(self) -> None:
        super().setUp()
        self.phone.do("put", self.file("known", b"known"), "/")
        shutil.copytree(self.phone.state, self.folder / "stolen")
        self.thief = Device(self.folder / "stolen")
        self.first = self.ask("SELECT max(number) FROM records")[0][0] + 1
        self.laptop.do("devices", "revoke", "phone")
        self.laptop.do("put", self.file("MarkedLater", b"MarkedContent" * 99), "/")

    def test_let_in_again(self) -> None:
        """Should the server let the device in again, its program reads nothing new, and says so."""
        known = Profile(self.thief.state).load()
        account = self.ask("SELECT account FROM accounts")[0][0]
        key = known.keys.login.public
        self.ask("INSERT INTO devices (account, key) VALUES (?, ?)", account, key)
        for _ in range(2):
            done = self.thief.run("ls", "-r")
            self.assertEqual(done.code, 7, done.err)
            self.assertIn("revoked", done.err)
            self.assertNotIn(b"MarkedLater", done.out)
        self.assertEqual(self.rows(self.laptop, 10)[1]["state"], "hidden")
        before = self.ask("SELECT max(number) FROM records")
        self.assertEqual(self.thief.run("mkdir", "/evil").code, 7)
        self.assertEqual(self.ask("SELECT max(number) FROM records"), before)
        self.thief.do("logout")
        self.assertEqual(len(self.rows(self.laptop)), 1)

    def test_no_key_opens_anything_new(self) -> None:
        """Each key that the device had is tried on each record since, and on each delivery."""
        known = Profile(self.thief.state).load()
        raw = [key.expose() for key in known.keyring.epochs]
        keys = known.keys
        raw += [key.expose() for key in (keys.login, keys.unlock, keys.agreement)]
        raw += [known.keyring.agreement, known.keyring.first_signing, keys.login.public]
        found = self.ask("SELECT record FROM records WHERE number >= ? ORDER BY number", self.first)
        apart = [records.take_apart(record) for (record,) in found]
        self.assertEqual([each.header.epoch for each in apart][:2], [0, 1])
        tried = 0
        for each in apart[1:]:
            for key in raw:
                epochs = (DriveKey(key),) * (each.header.epoch + 1)
                forged = evolve(known.keyring, epochs=epochs)
                self.assertRaises(Tampered, open_record, forged, each)
                tried += 1
        self.assertGreaterEqual(tried, len(raw))
        last = open_record(known.keyring, apart[0])
        (made,) = [one for one in last.operations if isinstance(one, NewEpoch)]
        for delivery in made.deliveries:
            for key in raw:
                mine = AgreementKey(key)
                arguments = (delivery.sealed, known.keyring.drive, made.epoch, mine)
                self.assertRaises(Tampered, accept, *arguments)

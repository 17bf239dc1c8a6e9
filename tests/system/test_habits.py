"""Anonymous by habit: what a server's log and database hold of people, by default and when told."""

import socket
import sqlite3
from pathlib import Path
from typing import Any

from anoncloud.client.address import Invitation
from anoncloud.errors import Code
from anoncloud.limits import KIB
from benchmarks.guesses import Guesser, random_key
from tests.support.processes import LOOPBACK, PASSPHRASE, Device, Server, SystemTestCase, wait_until

HOST = "cloud.example"
"""What the server calls itself; clients go to it by the loopback address."""
ACCOUNT = "zebulon-of-the-north"
STRANGER = "127.0.0.77"
"""Where from somebody comes who guesses, and sends garbage."""
DAY = 86400


class HabitTestCase(SystemTestCase):
    """A server, the life of an account on it, and a stranger's visits."""

    def open_house(self, *options: str) -> Server:
        """Start a server that has another name than any address of this machine."""
        return self.server("--public-host", HOST, *options)

    def address(self, house: Server) -> str:
        """Give the address by which it is reached."""
        return house.address.replace(HOST, LOOPBACK)

    def live(self, house: Server) -> Device:
        """Register, store, remove, guess wrong, revoke a device, and delete another account."""
        user, kit = self.device("user"), self.folder / "kit"
        user.register(self.address(house), ACCOUNT, kit)
        user.do("put", self.file("f", b"x" * 300 * KIB), "/f")
        user.do("rm", "--forever", "/f")
        other = self.device("other")
        self.assertEqual(other.log_in(kit, "wrong horse battery staple").code, 7)
        self.assertEqual(other.log_in(kit).code, 0)
        other.do("logout")
        gone = self.device("gone")
        gone.register(self.address(house), "gone-" + ACCOUNT, self.folder / "gone's kit")
        claim = ("--kit", self.folder / "gone's kit", "--confirm", "gone-" + ACCOUNT)
        gone.do("account", "delete", *claim, ANONCLOUD_PASSPHRASE=PASSPHRASE)
        return user

    def annoy(self, house: Server) -> None:
        """Guess at the account, and send what is no protocol, from another address."""
        guesser = Guesser(Invitation.parse(self.address(house)).address, STRANGER)
        told = [guesser.guess(ACCOUNT, random_key()) for _ in range(3)]
        self.assertEqual(told[0], Code.LOGIN)
        guesser.leave()
        with socket.create_connection((LOOPBACK, house.port), 10, (STRANGER, 0)) as peer:
            peer.sendall(b"GET / HTTP/1.1\r\n\r\n")
            while peer.recv(1000):
                pass
        wait_until(lambda: "broke the protocol" in house.log, "the log to tell of it")

    def table(self, house: Server, query: str) -> list[tuple[Any, ...]]:
        """Ask the database of a server that has stopped."""
        database = sqlite3.connect(house.state / "accounts.sqlite")
        self.addCleanup(database.close)
        return database.execute(query).fetchall()


class LogTests(HabitTestCase):
    """The log."""

    def test_default(self) -> None:
        """It names no account, no address of a peer, no kit, key or invitation that was used."""
        house = self.open_house()
        self.live(house)
        self.annoy(house)
        house.stop()
        log = house.log
        self.assertIn("an account was registered", log)  # so things are logged at all
        for told in (ACCOUNT, STRANGER, LOOPBACK, PASSPHRASE, "anoncloud-kit"):
            self.assertNotIn(told, log)

    def test_addresses_when_told(self) -> None:
        """Only when its owner asks for them are there addresses, and never a name."""
        house = self.open_house("--log-addresses", "true")
        self.live(house)
        self.annoy(house)
        house.stop()
        self.assertIn(STRANGER, house.log)
        self.assertNotIn(ACCOUNT, house.log)


class DatabaseTests(HabitTestCase):
    """The database."""

    def times(self, house: Server) -> dict[str, set[int]]:
        """Give all times, in seconds, that are kept for longer than a day, by table and column."""
        return {
            f"{table}.{column}": {
                row[0] for row in self.table(house, f"SELECT {column} FROM {table}")
            }
            for table, column in (
                ("accounts", "created"),
                ("accounts", "closed"),
                ("invitations", "used"),
                ("blobs", "since"),
            )
        }

    def test_coarse_times(self) -> None:
        """With coarse times no moment is told, only the day, and all goes on as before."""
        house = self.open_house("--coarse-times", str(DAY))
        link = house.admin("invite").replace(HOST, LOOPBACK)
        self.device("guest").register(link, "guest", self.folder / "guest's kit")
        self.live(house)
        house.stop()
        found = self.times(house)
        self.assertEqual({moment % DAY for moments in found.values() for moment in moments}, {0})
        self.assertTrue(all(any(moments) for moments in found.values()), found)
        house.start()
        self.assertEqual(Device(self.folder / "user").do("ls").out, b"")

    def test_times_by_default(self) -> None:
        """Without it they are exact, so the test above looks at what is written."""
        house = self.open_house()
        self.live(house)
        house.stop()
        found = self.times(house)
        exact = found["accounts.created"] | found["blobs.since"]
        self.assertTrue(any(moment % DAY for moment in exact))

    def test_no_addresses(self) -> None:
        """Told to keep none, it writes no row for a network; the wait is kept in memory alone."""
        for options, kinds in ((("--keep-addresses", "false"), {0, 2}), ((), {0, 1, 2})):
            house = self.server(
                "--public-host", HOST, *options, name="house with " + " ".join(options)
            )
            self.annoy(house)
            house.stop()
            rows = self.table(house, "SELECT kind, subject FROM delays")
            self.assertEqual({kind for kind, _ in rows}, kinds)
            self.assertEqual({len(subject) for _, subject in rows}, {32})

    def test_no_address_in_clear(self) -> None:
        """In neither case does any file of the server have the bytes of an address or its name."""
        house = self.open_house()
        self.annoy(house)
        house.stop()
        packed = socket.inet_aton(STRANGER)
        for path in Path(house.state).rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                self.assertNotIn(STRANGER.encode(), content, path)
                if path.name.startswith("accounts"):
                    self.assertNotIn(packed, content, path)

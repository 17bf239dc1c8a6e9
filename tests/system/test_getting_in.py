"""Register, log in, stay in, log out; and what each fault is called by its exit code."""

import os
import stat

from anoncloud.wire.connection import GREETING
from tests.support.processes import FLOOR, LOOPBACK, PASSPHRASE, Server, SystemTestCase, free_port
from tests.system.proxies import Proxy


class GettingInTests(SystemTestCase):
    """Accounts and devices."""

    def setUp(self) -> None:
        super().setUp()
        self.house: Server = self.server()
        self.kit = self.folder / "kit"

    def test_json(self) -> None:
        """What register, login and logout write for programs."""
        ada = self.device("ada")
        command = ("--json", "register", self.house.address, "ada", *FLOOR)
        value = ada.do(*command, ANONCLOUD_PASSPHRASE=PASSPHRASE).value
        self.assertEqual(set(value), {"account", "address", "kit"})
        self.assertEqual((value["account"], value["address"]), ("ada", self.house.address))
        self.assertTrue(value["kit"].startswith("anoncloud-kit-1-"))
        other = self.device("other")
        logged_in = other.do(
            "--json", "login", "--kit", value["kit"], ANONCLOUD_PASSPHRASE=PASSPHRASE
        )
        self.assertEqual(logged_in.value, {"account": "ada", "address": self.house.address})
        drive = other.do("--json", "stat").value
        self.assertEqual(
            {
                key: drive[key]
                for key in ("path", "type", "account", "server", "devices", "trashed")
            },
            {
                "path": "/",
                "type": "folder",
                "account": "ada",
                "server": f"{LOOPBACK}:{self.house.port}",
                "devices": 2,
                "trashed": 0,
            },
        )
        self.assertEqual(other.do("--json", "logout").value, {"logged_in": False})
        self.assertEqual(ada.do("--json", "stat").value["devices"], 1)

    def test_stays_logged_in(self) -> None:
        """No passphrase is asked for until the device logs out, and after that nothing works."""
        ada = self.ada(self.house)
        ada.do("ls")
        ada.do("mkdir", "/d")
        account = (ada.state / "account.json").read_bytes()
        keyring = (ada.state / "keyring").read_bytes()
        ada.do("logout")
        self.assertEqual(ada.run("ls").code, 7)
        self.assertEqual([p.name for p in ada.state.iterdir()], ["drives"])
        (ada.state / "account.json").write_bytes(account)  # a thief who copied it before
        (ada.state / "keyring").write_bytes(keyring)
        self.assertEqual(ada.run("ls").code, 7)
        for name in ("account.json", "keyring"):
            (ada.state / name).unlink()
        self.assertEqual(ada.log_in(self.kit).code, 0)
        self.assertEqual(ada.do("ls").out, b"d/\n")

    def test_modes(self) -> None:
        """Nothing that a device or a server keeps can be read by anybody else."""
        previous = os.umask(0)
        self.addCleanup(os.umask, previous)
        ada = self.ada(self.server(name="open house"))
        ada.do("put", self.file("f", b"f"), "/f")
        self.assertEqual(stat.S_IMODE(self.kit.stat().st_mode), 0o600)
        for top in (ada.state, self.folder / "open house/state"):
            self.assertEqual(stat.S_IMODE(top.stat().st_mode), 0o700)
            for path in top.rglob("*"):
                if path.name != "address":
                    self.assertEqual(path.stat().st_mode & 0o077, 0, path)

    def test_wrong_secrets(self) -> None:
        """A wrong passphrase, another account's kit and no kit at all open nothing."""
        self.ada(self.house)
        bob = self.device("bob")
        bob.register(self.house.address, "bob", self.folder / "bob's kit", "another passphrase")
        other = self.device("other")
        for kit, passphrase in (("kit", "wrong horse battery"), ("bob's kit", PASSPHRASE)):
            done = other.log_in(self.folder / kit, passphrase)
            self.assertEqual(done.code, 7, done.err)
            self.assertIn("refused", done.err)
        self.assertEqual(other.log_in(self.folder / "none").code, 5)
        self.assertEqual(other.log_in(self.file("no kit", b"anoncloud-kit-1-aaaa")).code, 2)
        damaged = self.kit.read_bytes()[:-3] + b"aa\n"
        self.assertEqual(other.log_in(self.file("damaged", damaged)).code, 2)
        self.assertEqual(other.run("ls").code, 7)
        self.assertEqual(other.log_in(self.kit).code, 0)

    def test_taken(self) -> None:
        """A name is given once, a device holds one account, and a kit is never overwritten."""
        ada = self.ada(self.house)
        register = ("register", self.house.address)
        words = {"ANONCLOUD_PASSPHRASE": PASSPHRASE}
        self.assertEqual(self.device("other").run(*register, "ada", *FLOOR, **words).code, 8)
        self.assertEqual(ada.run(*register, "bob", *FLOOR, **words).code, 4)
        again = self.device("other").run(*register, "bob", "--kit", self.kit, *FLOOR, **words)
        self.assertEqual(again.code, 4)
        bob = self.device("other").run(*register, "bob", *FLOOR, **words)
        self.assertEqual(bob.code, 0, bob.err)

    def test_wrong_server(self) -> None:
        """A server that holds another key is refused, and hears nothing but the handshake."""
        ada = self.ada(self.house)
        other = self.server(name="other")
        heard = Proxy(other.port, record=True)
        self.addCleanup(heard.close)
        turned = self.house.address_by(heard.port)
        account = ada.state / "account.json"
        account.write_text(account.read_text().replace(self.house.address, turned))
        done = ada.run("ls")
        self.assertEqual(done.code, 10, done.err)
        self.assertIn("key", done.err)
        register = ("register", turned, "bob", *FLOOR)
        bob = self.device("bob").run(*register, ANONCLOUD_PASSPHRASE=PASSPHRASE)
        self.assertEqual(bob.code, 10, bob.err)
        self.assertEqual(len(heard.streams), 4)  # two attempts each
        for stream, _ in heard.streams:
            self.assertTrue(stream.startswith(GREETING))
            body = stream[len(GREETING) :]
            self.assertEqual(len(body), 4 + int.from_bytes(body[:4], "big"))

    def test_exit_codes(self) -> None:
        """Each kind of fault has the exit code and the one line that the manual promises."""
        ada = self.ada(self.house)
        ada.do("mkdir", "/d")
        ada.do("put", self.file("f", b"f"), "/f")
        file, other = str(self.folder / "f"), str(self.file("other", b"other"))
        for code, arguments in (
            (2, ("no-such-command",)),
            (2, ("ls", "--no-such-option")),
            (2, ("put",)),
            (2, ("put", "-", "/d")),
            (2, ("ls", "/a/../b")),
            (2, ("mkdir", "/" + "x" * 256)),
            (2, ("put", str(self.folder), "/d")),
            (2, ("get", "/d", str(self.folder / "d"))),
            (2, ("rm", "--trashed", "/f")),
            (2, ("register", "http://example.org/", "bob")),
            (3, ("ls", "/none")),
            (3, ("stat", "/f/none")),
            (3, ("get", "/none", str(self.folder / "none"))),
            (3, ("put", file, "/none/f")),
            (3, ("rm", "/none")),
            (3, ("restore", "/none")),
            (3, ("mkdir", "/none/d")),
            (4, ("mkdir", "/d")),
            (4, ("put", file, "/f/under")),
            (4, ("put", file, file, "/f")),
            (4, ("get", "/f", other)),
            (4, ("rm", "/d")),
            (4, ("cat", "/d")),
            (5, ("put", str(self.folder / "none"), "/g")),
            (5, ("put", "/dev/null", "/g")),
            (5, ("get", "/f", str(self.folder / "none/f"))),
        ):
            done = ada.run(*arguments)
            self.assertEqual(done.code, code, (arguments, done.err))
            self.assertTrue(done.err.startswith("anoncloud: "), done.err)
            self.assertEqual((done.err.count("\n"), done.out), (1, b""), (arguments, done))

    def test_unreadable(self) -> None:
        """What may not be read, or is no file, is told and left out; the others are stored."""
        ada = self.ada(self.house)
        self.file("t/bad", b"bad").chmod(0)
        self.file("t/good", b"good")
        (self.folder / "t/link").symlink_to("good")
        os.mkfifo(self.folder / "t/pipe")
        done = ada.run("put", "-r", self.folder / "t", "/")
        self.assertEqual(done.code, 5, done.err)
        bad = 0 if os.geteuid() == 0 else 1  # root may read all
        self.assertEqual(done.err.count("\n"), 1 + bad, done.err)
        listed = b"good\nlink\n"
        self.assertEqual(ada.do("ls", "/t").out, listed if bad else b"bad\n" + listed)

    def test_unreachable(self) -> None:
        """Without a server a command ends soon, and says so."""
        ada = self.ada(self.house)
        self.house.stop()
        done = ada.run("ls", seconds=20)
        self.assertEqual(done.code, 6, done.err)
        self.assertIn("connecting to the server", done.err)
        gone = f"anoncloud://{LOOPBACK}:{free_port()}/#{self.house.address.partition('#')[2]}"
        bob = self.device("bob").run("register", gone, "b", *FLOOR, ANONCLOUD_PASSPHRASE=PASSPHRASE)
        self.assertEqual(bob.code, 6, bob.err)
        self.assertEqual(ada.run("logout").code, 6)
        ada.do("logout", "--force")
        self.assertEqual(ada.run("ls").code, 7)

    def test_reader_that_goes(self) -> None:
        """A pipe that is closed early ends cat without a word."""
        ada = self.ada(self.house)
        ada.do("put", "-", "/f", feed=bytes(3_000_000))
        read, write = os.pipe()
        running = ada.start("cat", "/f", out=write)
        os.close(write)
        os.read(read, 10)
        os.close(read)
        done = running.wait()
        self.assertEqual((done.code, done.err), (141, ""))

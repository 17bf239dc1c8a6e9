"""A keyring taken along in a file, and the end of an account."""

import stat
from pathlib import Path

from tests.support.processes import PASSPHRASE, wait_until
from tests.support.screens import OnTerminal
from tests.system.test_keys import OLD, KeysTestCase


class KeyringTests(KeysTestCase):
    """The keyring in a file."""

    def export(self) -> Path:
        """Export it."""
        file = self.folder / "keyring"
        self.fine("keyring", "export", file, "--export-passphrase-file", self.new)
        return file

    def test_check(self) -> None:
        """What was exported opens by its own passphrase, without a server; and only by that."""
        file = self.export()
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        self.house.stop()
        check = ("--json", "keyring", "check", file, "--export-passphrase-command")
        done = self.desk.do(*check, f"cat '{self.new}'")
        value = {"account": "ada", "address": self.house.address, "epochs": 1}
        self.assertEqual(done.value, value)
        for code, command in ((7, f"echo '{PASSPHRASE}'"), (2, "true")):
            self.assertEqual(self.desk.run(*check, command).code, code)
        file.write_bytes(file.read_bytes()[:-1])
        self.assertIn(self.desk.run(*check, f"cat '{self.new}'").code, {2, 7})

    def test_weak(self) -> None:
        """A weak passphrase is refused, and no file is there then."""
        file = self.folder / "keyring"
        weak = self.file("weak", b"password123\n")
        done = self.own("keyring", "export", file, "--export-passphrase-file", weak)
        self.assertEqual(done.code, 2, done.err)
        self.assertFalse(file.exists())

    def test_restore(self) -> None:
        """A server that has spoiled the keyring gets it back."""
        file = self.export()
        self.ask("UPDATE accounts SET keyring = x'00'")
        self.assertEqual(self.device("x").log_in(self.kit).code, 7)
        self.fine("keyring", "restore", file, "--export-passphrase-file", self.new)
        self.assertTrue(self.opens(self.kit))


class DeleteTests(KeysTestCase):
    """The end of an account."""

    def blobs(self) -> list[Path]:
        """Give the files of blobs on the server."""
        return [path for path in (self.house.state / "blobs").rglob("*") if path.is_file()]

    def test_delete(self) -> None:
        """All is gone: logins, name, rows, blobs; the name can be taken again."""
        self.laptop.do("put", self.file("f", bytes(6_000_000)), "/f")
        self.laptop.do("rm", "--forever", "/f")
        self.laptop.do("put", self.file("g", b"stored"), "/g")
        self.assertGreaterEqual(len(self.blobs()), 3)
        done = self.laptop.run(
            *("--json", "account", "delete", "--confirm", "ada", "--kit", self.kit), **OLD
        )
        self.assertEqual(done.code, 0, done.err)
        value = {"account": "ada", "deleted": True, "forgotten_here": True}
        self.assertEqual(done.value, value)
        self.assertEqual(self.laptop.run("ls").code, 7)
        self.assertFalse(self.opens(self.kit))
        self.house.stop()
        self.house.start()  # whose collector begins its first round
        again = self.device("again")
        again.register(self.house.address, "ada", self.folder / "kit again")
        self.assertEqual(again.do("ls").out, b"")
        self.wait_for_nothing()

    def wait_for_nothing(self) -> None:
        """See the blobs go, and the rows of what was deleted."""
        wait_until(lambda: not self.blobs(), "the blobs to go")
        wait_until(lambda: self.ask("SELECT count(*) FROM drives") == [(1,)], "the drive to go")
        self.assertEqual(self.ask("SELECT count(*) FROM accounts"), [(1,)])
        self.assertEqual(self.ask("SELECT count(*) FROM blobs"), [(0,)])

    def test_asked(self) -> None:
        """The name is asked for, and another one deletes nothing; then the passphrase."""
        for typed, code in ((b"bob\n", 2), (b"ada\n", 0)):
            terminal = OnTerminal(self.desk, "account", "delete", "--kit", self.kit)
            terminal.until_asked("Name of the account, to delete it: ")
            self.assertIn("no way back", " ".join(terminal.screen.shown()))
            terminal.press(typed)
            if code == 0:
                terminal.until_asked("Passphrase: ")
                terminal.press(PASSPHRASE.encode() + b"\n")
            self.assertEqual(terminal.end(), code, terminal.screen.shown())
        self.assertEqual(self.laptop.run("ls").code, 7)

    def test_not_by_a_device(self) -> None:
        """Who has only a device, or a wrong passphrase, deletes nothing."""
        for words in (("--confirm", "ada"), ("--confirm", "bob")):
            done = self.own("account", "delete", *words, ANONCLOUD_PASSPHRASE="wrong horse")
            self.assertNotEqual(done.code, 0)
        self.assertEqual(self.desk.run("account", "delete", "--confirm", "ada").code, 2)
        self.assertTrue(self.opens(self.kit))

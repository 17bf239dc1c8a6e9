"""An account's keys in the hands of its owner: changed, renewed, lost, recovered."""

import contextlib
import sqlite3
import stat
from pathlib import Path
from typing import Any

from anoncloud.client.kit import parse_kit
from anoncloud.client.recovery import parse_recovery
from tests.support.processes import (
    FLOOR,
    PASSPHRASE,
    Device,
    Done,
    Server,
    SystemTestCase,
)
from tests.support.screens import OnTerminal

OLD = {"ANONCLOUD_PASSPHRASE": PASSPHRASE}
NEW = "seven wet badgers sing opera"
COST = ("--argon2-memory", "64", "--argon2-passes", "2")
DEARER = ("--argon2-memory", "65", "--argon2-passes", "3")


class KeysTestCase(SystemTestCase):
    """Ada, her laptop, her kit, and a new passphrase in a file."""

    def setUp(self) -> None:
        super().setUp()
        self.house: Server = self.server()
        self.laptop: Device = self.ada(self.house)
        self.kit = self.folder / "kit"
        self.new = self.file("new passphrase", NEW.encode() + b"\n")
        self.desk = self.device("desk")

    def own(self, *arguments: "str | Path", kit: Path | None = None, **env: str) -> Done:
        """Run a command of the owner on a machine that is not logged in."""
        return self.desk.run(*arguments, "--kit", kit or self.kit, **(env or OLD))

    def fine(self, *arguments: "str | Path", **options: Any) -> Done:
        """Run one that must succeed."""
        done = self.own(*arguments, **options)
        self.assertEqual(done.code, 0, (arguments, done.err))
        return done

    def opens(self, kit: Path, passphrase: str = PASSPHRASE) -> bool:
        """Tell whether kit and passphrase let somebody log in."""
        device = self.device("another")
        done = device.log_in(kit, passphrase)
        if done.code == 0:
            device.do("logout")
            return True
        self.assertEqual(done.code, 7, done.err)
        return False

    def ask(self, words: str, *values: Any) -> list[Any]:
        """Ask the server's database, or change it, as its owner can."""
        path = self.house.state / "accounts.sqlite"
        with contextlib.closing(sqlite3.connect(path, timeout=20)) as database, database:
            return database.execute(words, values).fetchall()


class PassphraseTests(KeysTestCase):
    """Another passphrase."""

    def test_change(self) -> None:
        """The old one opens nothing; a laptop goes on, and is told once."""
        self.laptop.do("mkdir", "/d")
        done = self.fine("--json", "passphrase", "--new-passphrase-file", self.new)
        self.assertEqual(done.value, {"account": "ada", "address": self.house.address})
        self.assertEqual((self.opens(self.kit, NEW), self.opens(self.kit)), (True, False))
        said = self.laptop.do("ls")
        self.assertEqual(said.out, b"d/\n")
        self.assertIn("passphrase", said.err)
        self.assertEqual(self.laptop.do("ls").err, "")

    def test_refused(self) -> None:
        """A wrong old one, a weak new one, and none at all change nothing."""
        weak = self.file("weak", b"password123\n")
        for code, options, env in (
            (7, ("--new-passphrase-file", self.new), {"ANONCLOUD_PASSPHRASE": "wrong horse"}),
            (2, ("--new-passphrase-file", weak), OLD),
            (2, (), OLD),
            (2, ("--new-passphrase-command", f"echo '{PASSPHRASE}'"), OLD),
        ):
            done = self.own("passphrase", *options, **env)
            self.assertEqual(done.code, code, (options, done.err))
            self.assertEqual(done.out, b"")
        self.assertTrue(self.opens(self.kit))

    def test_at_a_terminal(self) -> None:
        """Who is asked types the old one, and the new one twice; neither shows."""
        terminal = OnTerminal(self.desk, "passphrase", "--kit", self.kit)
        for question, typed in (
            ("Passphrase: ", PASSPHRASE),
            ("New passphrase: ", NEW),
            ("New passphrase once more: ", NEW),
        ):
            terminal.until_asked(question)
            terminal.press(typed.encode() + b"\n")
        self.assertEqual(terminal.end(), 0, terminal.screen.shown())
        for typed in (PASSPHRASE, NEW):
            self.assertNotIn(typed, terminal.screen.getvalue())
        self.assertTrue(self.opens(self.kit, NEW))

    def test_no_secret_in_the_arguments(self) -> None:
        """A kit's line is not taken as an argument, and no option takes another secret."""
        line = self.kit.read_text().strip()
        done = self.desk.run("passphrase", "--kit", line, **OLD)
        self.assertEqual(done.code, 2)
        self.assertIn("every program on this machine", done.err)
        for words in (("passphrase", NEW), ("recover", "anoncloud-recovery-1-aaaa")):
            self.assertEqual(self.own(*words).code, 2)


class KitTests(KeysTestCase):
    """Another kit."""

    def test_new(self) -> None:
        """The new kit opens the account, the old one nothing; devices go on, and write."""
        self.laptop.do("put", self.file("f", b"before"), "/f")
        other = self.folder / "other kit"
        done = self.fine("--json", "kit", "new", "--new-kit", other)
        self.assertEqual(
            done.value, {"account": "ada", "address": self.house.address, "kit": str(other)}
        )
        self.assertEqual(stat.S_IMODE(other.stat().st_mode), 0o600)
        self.assertEqual((self.opens(other), self.opens(self.kit)), (True, False))
        self.laptop.do("put", self.file("g", b"after"), "/g")
        device = self.device("third")
        self.assertEqual(device.log_in(other).code, 0)
        self.assertEqual(device.do("cat", "/f", "/g").out, b"beforeafter")

    def test_dearer_and_never_cheaper(self) -> None:
        """Argon2id may cost more from then on; less is refused, and nothing is written."""
        dearer, cheaper = self.folder / "dearer", self.folder / "cheaper"
        self.fine("kit", "new", "--new-kit", dearer, *DEARER)
        cost = parse_kit(dearer.read_text()).cost
        self.assertEqual((cost.passes, cost.memory), (3, 65 * 1024**2))
        done = self.own("kit", "new", "--new-kit", cheaper, *COST, kit=dearer)
        self.assertEqual(done.code, 2, done.err)
        self.assertIn("take at least 3 passes over 65 MiB", done.err)
        self.assertFalse(cheaper.exists())
        self.assertTrue(self.opens(dearer))

    def test_in_the_way(self) -> None:
        """A file that is there is not written over, and nothing is asked of the server."""
        done = self.own("kit", "new", "--new-kit", self.kit)
        self.assertEqual(done.code, 4, done.err)
        self.assertTrue(self.opens(self.kit))

    def test_at_a_terminal(self) -> None:
        """The kit is shown, and its end asked back, before the old one is replaced."""
        for answer, code in ((b"whatever\n" * 3, 2), (b"", 0)):
            terminal = OnTerminal(self.desk, "kit", "new", "--kit", self.kit, **OLD)
            terminal.until_asked("to see that you have it: ")
            (line,) = (one for one in terminal.screen.shown() if one.startswith("anoncloud-kit-1"))
            terminal.press(answer or line[-8:].encode() + b"\n")
            self.assertEqual(terminal.end(), code, terminal.screen.shown())
            new = self.file(f"shown {code}", line.encode())
            self.assertEqual(self.opens(new), code == 0)
        self.assertFalse(self.opens(self.kit))

    def test_shown_again(self) -> None:
        """A kit can't be shown again, and the help says why."""
        self.assertEqual(self.desk.run("kit", "show").code, 2)
        self.assertIn("no device keeps it", self.desk.do("kit", "--help").out.decode())


class RecoveryTests(KeysTestCase):
    """Kit and passphrase lost."""

    def make(self) -> Path:
        """Make a recovery key."""
        key = self.folder / "recovery"
        key.unlink(missing_ok=True)
        self.fine("recovery", "make", "--recovery-file", key)
        return key

    def recover(self, key: Path, kit: str, *options: "str | Path") -> Done:
        """Recover from a machine that remembers nothing."""
        words = ("recover", "--recovery-key-file", key, "--new-kit", self.folder / kit)
        return self.device("there").run(
            "--json", *words, "--new-passphrase-file", self.new, *FLOOR, *options
        )

    def test_without_a_kit(self) -> None:
        """The recovery key alone gives everything back, once; the old kit opens nothing."""
        self.laptop.do("put", self.file("f", b"mine"), "/f")
        key = self.make()
        self.assertEqual(stat.S_IMODE(key.stat().st_mode), 0o600)
        self.assertEqual(parse_recovery(key.read_text()).account, "ada")
        self.kit.rename(self.folder / "lost kit")
        done = self.recover(key, "new kit")
        self.assertEqual(done.code, 0, done.err)
        kit = self.folder / "new kit"
        self.assertEqual(
            done.value, {"account": "ada", "address": self.house.address, "kit": str(kit)}
        )
        self.assertFalse(self.opens(self.folder / "lost kit"))
        device = self.device("third")
        self.assertEqual(device.log_in(kit, NEW).code, 0)
        self.assertEqual(device.do("cat", "/f").out, b"mine")
        told = self.laptop.do("ls").err
        self.assertIn("recovery key", told)
        again = self.recover(key, "kit of a thief")
        self.assertEqual(again.code, 7, again.err)
        self.assertFalse((self.folder / "kit of a thief").exists())

    def test_drop(self) -> None:
        """A recovery key that was dropped opens nothing; dropping none is told as that."""
        key = self.make()
        for dropped in (True, False):
            value = self.fine("--json", "recovery", "drop").value
            self.assertEqual(value, {"account": "ada", "dropped": dropped})
        self.assertEqual(self.recover(key, "nothing").code, 7)
        self.assertTrue(self.opens(self.kit))

    def test_damaged(self) -> None:
        """A recovery key with a slip of the pen is told as one, before any server is asked."""
        key = self.make()
        line = key.read_text().strip()
        key.write_text(line[:-1] + ("a" if line[-1] != "a" else "b"))
        self.house.stop()
        done = self.recover(key, "nothing")
        self.assertEqual(done.code, 2, done.err)

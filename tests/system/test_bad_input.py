"""What clumsy users type and have on their disks: each fault has its code and its words."""

import os
import shutil

from twisted.trial.unittest import SkipTest

from anoncloud.client.address import Address, Invitation
from anoncloud.client.kit import Kit, parse_kit
from anoncloud.crypto.passphrases import Argon2
from anoncloud.limits import ARGON2_MEMORY_CAP
from tests.support.processes import PASSPHRASE, Device, Done, Server, SystemTestCase

NAMES = {
    b"back\\slash": r"back\\slash",
    b"new\nline": r"new\x0aline",
    b"red \x1b[31m text": r"red \x1b[31m text",
    b"no \xff UTF-8 \xc3": r"no \xff UTF-8 \xc3",
    b"half \xed\xa0\x80 pair": r"half \xed\xa0\x80 pair",
    b"\\x41": r"\\x41",
    "left\u202eright".encode(): r"left\u{202e}right",
    "next\x85line".encode(): r"next\u{85}line",
    b'"quoted"': '"quoted"',
}
"""Names, and how they are shown."""
NOT_FOUND = 3
FEWER_RIGHTS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
"""Root may read everything, unless it gives these rights up."""


class InputTestCase(SystemTestCase):
    """A user with a folder /d and a file /f."""

    def setUp(self) -> None:
        super().setUp()
        self.house: Server = self.server()
        self.user: Device = self.ada(self.house)
        self.user.do("put", "-p", self.file("f", b"content"), "/d/f")
        self.kit = self.folder / "kit"

    def assert_told(self, done: Done, code: int, *words: str) -> None:
        """See that a command failed with one line that says why, and mostly what to do."""
        self.assertEqual(done.code, code, done)
        self.assertEqual(done.err.count("\n"), 1, done.err)
        self.assertTrue(done.err.startswith("anoncloud: "), done.err)
        for word in words:
            self.assertIn(word, done.err)
        if code != NOT_FOUND:  # there is nothing to advise
            self.assertIn("; ", done.err)


class NamesTests(InputTestCase):
    """Names and paths in the drive."""

    def test_parts(self) -> None:
        """Parts of a path that can be no name are refused by every command, with a hint."""
        for command in (
            ("mkdir", "/d/./g"),
            ("mkdir", "-p", "/d/../g"),
            ("mkdir", "/d//g"),
            ("put", self.folder / "f", "/d/.."),
            ("put", self.folder / "f", "//"),
            ("put", self.folder / "f", b"/d/" + b"\xff" * 256),
            ("mv", "/d/f", "/d/."),
            ("ls", "/.."),
            ("get", "/d/../d/f", self.folder / "new"),
        ):
            self.assert_told(self.user.run(*command), 2, "the name")
        self.assertEqual(self.user.do("ls", "-r").out, b"/d/\n/d/f\n")

    def test_longest(self) -> None:
        """A name of 255 bytes is taken, and so is a path of a thousand names, but not of more."""
        self.user.do("mkdir", b"/" + b"x" * 255)
        deep = "/a" * 1024
        self.user.do("mkdir", "-p", deep)
        self.assertEqual(self.user.do("--json", "stat", deep).value["path"], deep)
        self.assertEqual(self.user.run("mkdir", deep + "/a").code, 2)

    def test_shown(self) -> None:
        """Names of any bytes come back as they were, and are shown escaped, in JSON as well."""
        for name in NAMES:
            self.file(b"names/" + name, name)
        self.user.do("put", "-r", self.folder / "names", "/")
        listed = self.user.do("ls", "/names").out.decode().splitlines()
        self.assertEqual(listed, [NAMES[name] for name in sorted(NAMES)])
        nodes = self.user.do("--json", "ls", "/names").value
        for name, node in zip(sorted(NAMES), nodes, strict=True):
            self.assertEqual(node["path"], "/names/" + NAMES[name])
            plain = name.decode(errors="replace") == NAMES[name]
            self.assertEqual(node.get("path_hex"), None if plain else (b"/names/" + name).hex())
        shown = self.user.do("cat", *(b"/names/" + name for name in NAMES)).out
        self.assertEqual(shown, b"".join(NAMES))
        missing = self.user.run("ls", b"/names/\x1b[2J\n")
        self.assert_told(missing, 3, r"\x1b[2J\x0a")
        again = self.folder / "again"
        fetched = self.user.do("--json", "get", "-r", "/names", again).value
        self.assertEqual(set(fetched["fetched"]), {f"{again}/{NAMES[name]}" for name in NAMES})
        found = {os.fsencode(path.name): path.read_bytes() for path in again.iterdir()}
        self.assertEqual(found, {name: name for name in NAMES})


class LocalFilesTests(InputTestCase):
    """The user's own disk."""

    def test_unreadable(self) -> None:
        """A file and a folder that may not be read are named, and the others are stored."""
        under = FEWER_RIGHTS if os.geteuid() == 0 else ()
        if under and not shutil.which(under[0]):
            message = f"NOT TESTED: root may read everything, and there is no {under[0]}"
            raise SkipTest(message)
        self.file("t/bad", b"bad").chmod(0)
        self.file("t/good", b"good")
        locked = self.file("t/locked/inside", b"inside").parent
        locked.chmod(0)
        self.addCleanup(locked.chmod, 0o700)
        done = self.user.run("put", "-r", self.folder / "t", "/", under=under)
        self.assertEqual(done.code, 5, done.err)
        self.assertEqual(done.err.count("Permission denied; check the permissions"), 2, done.err)
        self.assertEqual(self.user.do("ls", "-r", "/t").out, b"/t/good\n/t/locked/\n")
        alone = self.user.run("put", self.folder / "t/bad", "/bad", under=under)
        self.assert_told(alone, 5, "t/bad", "Permission denied")

    def test_unwritable(self) -> None:
        """A local folder that may not be written to is named, and a state folder as well."""
        under = FEWER_RIGHTS if os.geteuid() == 0 else ()
        if under and not shutil.which(under[0]):
            message = f"NOT TESTED: root may write everywhere, and there is no {under[0]}"
            raise SkipTest(message)
        locked = self.folder / "locked"
        locked.mkdir(mode=0o500)
        done = self.user.run("get", "/d/f", locked, under=under)
        self.assert_told(done, 5, "locked/f", "Permission denied")
        other = Device(locked / "state").log_in(self.kit, under=under)
        self.assertEqual(other.code, 5, other.err)
        self.assertNotIn("Traceback", other.err)

    def test_vanished(self) -> None:
        """A source that is gone is named, and those beside it are stored."""
        other = self.file("g", b"g")
        done = self.user.run("put", self.folder / "f", self.folder / "gone", other, "/d")
        self.assert_told(done, 5, "gone: No such file or directory", "check the name")
        self.assertEqual(self.user.do("ls", "/d").out, b"f\ng\n")

    def test_folders(self) -> None:
        """A folder is not taken for a file without -r, neither here nor there."""
        (self.folder / "folder").mkdir()
        self.assert_told(self.user.run("put", self.folder / "folder", "/d"), 2, "use -r")
        self.assert_told(self.user.run("get", "/d", self.folder / "new"), 2, "use -r")
        self.assert_told(self.user.run("rm", "/d"), 4, "use -r")
        self.assertFalse((self.folder / "new").exists())
        self.assertEqual(self.user.do("ls", "-r").out, b"/d/\n/d/f\n")

    def test_missing(self) -> None:
        """What is not in the drive is named, and the rest of the sources comes."""
        self.file("f", b"something else")
        done = self.user.run("get", "/none", "/d/f", "/d/none", self.folder)
        self.assertEqual(done.code, 3, done)  # two are missing, and f is there already
        self.assertEqual(done.err.count("\n"), 3, done.err)
        (self.folder / "f").unlink()
        self.assertEqual(self.user.run("get", "/none", "/d/f", self.folder).code, 3)
        self.assertEqual((self.folder / "f").read_bytes(), b"content")
        self.assert_told(self.user.run("cat", "/d/none"), 3, "/d/none")

    def test_in_the_way(self) -> None:
        """A local file, link or folder that is in the way stays what it is, even with --force."""
        target = self.file("target", b"precious")
        self.assert_told(self.user.run("get", "/d/f", target), 4, "use --force")
        link = self.folder / "link"
        link.symlink_to("nowhere")
        self.assert_told(self.user.run("get", "/d/f", link), 4, "use --force")
        (self.folder / "into/f").mkdir(parents=True)
        for force in ((), ("--force",)):
            done = self.user.run("get", *force, "/d/f", self.folder / "into")
            self.assertIn(done.code, {4, 5}, done)
            self.assertEqual([path.name for path in (self.folder / "into").iterdir()], ["f"])
        self.assertEqual(target.read_bytes(), b"precious")
        self.assertTrue(link.is_symlink())
        self.user.do("get", "--force", "/d/f", target)
        self.assertEqual(target.read_bytes(), b"content")


class SecretsTests(InputTestCase):
    """Kits and passphrases that are not what they should be."""

    def test_damaged_kit(self) -> None:
        """A kit with any letter changed, cut or added is refused before any server is asked."""
        self.house.stop()
        line = self.kit.read_text().strip()
        other = self.device("other")
        for damaged in (
            line[:60] + ("a" if line[60] != "a" else "b") + line[61:],
            line[:60] + line[61:],
            line + "a",
            line.replace("kit-1-", "kit-2-"),
            "anoncloud-kit-1-é",
        ):
            self.assert_told(other.run("login", "--kit", damaged, **_PASS), 2, "kit", "copy it")
        self.assertFalse(other.state.exists())

    def test_kit_with_white_space(self) -> None:
        """A kit that was broken into two lines on its way is still one."""
        line = self.kit.read_text().strip()
        done = self.device("other").run("login", "--kit", line[:50] + "\n " + line[50:], **_PASS)
        self.assertEqual(done.code, 0, done.err)

    def test_wrong_server_key(self) -> None:
        """A kit with another server's key finds nobody to talk to."""
        kit = parse_kit(self.kit.read_text())
        key = bytes([kit.address.key[0] ^ 1]) + kit.address.key[1:]
        wrong = Kit(Address(kit.address.host, kit.address.port, key), "ada", kit.secret, kit.cost)
        done = self.device("other").run("login", "--kit", wrong.line(), **_PASS)
        self.assertEqual(done.code, 10, done.err)
        self.assertEqual(done.err.count("\n"), 1, done.err)
        self.assertIn("key", done.err)

    def test_greedy_kit(self) -> None:
        """A kit that asks for more memory than any should is refused before the work begins."""
        kit = parse_kit(self.kit.read_text())
        greedy = Kit(kit.address, "ada", kit.secret, Argon2(2, ARGON2_MEMORY_CAP + 1024))
        done = self.device("other").run("login", "--kit", greedy.line(), seconds=10, **_PASS)
        self.assertEqual(done.code, 2, done.err)
        self.assertEqual(done.err.count("\n"), 1, done.err)

    def test_passphrases(self) -> None:
        """A wrong, short, empty or unreadable passphrase is told apart from a wrong kit."""
        other = self.device("other")
        self.assert_told(other.log_in(self.kit, "wrong horse battery staple"), 7, "passphrase")
        self.assertEqual(other.log_in(self.kit, "").code, 2)
        register = ("register", self.house.address, "bob")
        for weak in ("short", "password123", "127.0.0.1", PASSPHRASE + "\t"):
            done = other.run(*register, "--kit", self.folder / "none", ANONCLOUD_PASSPHRASE=weak)
            self.assert_told(done, 2, "passphrase")
            self.assertNotIn(weak, done.err)
        self.assertFalse((self.folder / "none").exists())
        file = ("login", "--kit", self.kit, "--passphrase-file")
        self.assert_told(other.run(*file, self.folder / "none"), 5, "reading the passphrase")
        self.assert_told(other.run(*file, self.file("binary", b"\xff\xfe\n")), 5, "not text")
        command = ("login", "--kit", self.kit, "--passphrase-command")
        self.assert_told(other.run(*command, "exit 3"), 5, "exit code 3")
        self.assertNotIn(PASSPHRASE, self.house.log)

    def test_addresses(self) -> None:
        """What is no address is told so, before anything is asked or sent."""
        good = Invitation.parse(self.house.address)
        fragment = str(good.address).partition("#")[2]
        for bad in (
            "",
            "https://example.org/#" + fragment,
            f"anoncloud://{good.address.host}/#{fragment[:-1]}",
            f"anoncloud://{good.address.host}/#{fragment[:-1]}!",
            f"anoncloud://{good.address.host}:99999/#{fragment}",
            f"anoncloud://user@{good.address.host}/#{fragment}",
            f"anoncloud://{good.address.host}/path#{fragment}",
        ):
            done = self.device("other").run("register", bad, "bob", **_PASS)
            self.assert_told(done, 2)

    def test_account_names(self) -> None:
        """A name that can be no account's is refused with a form that would do, if there is one."""
        self.assert_told(self.register("Bob"), 2, "'bob'")
        for name in ("with space", "a/b", "\u202eevil", "x" * 65, ""):
            self.assert_told(self.register(name), 2, "the name of an account")

    def register(self, name: str) -> Done:
        """Try to make an account."""
        cost = ("--argon2-memory", "64", "--argon2-passes", "2")
        return self.device("bob").run("register", self.house.address, name, *cost, **_PASS)

    def test_damaged_state(self) -> None:
        """What a device remembers and is damaged is named, with a way to go on."""
        for name in ("account.json", "keyring"):
            path = self.user.state / name
            content = path.read_bytes()
            path.write_bytes(content[: len(content) // 2])
            self.assert_told(self.user.run("ls"), 5, "damaged", "log in again")
            path.write_bytes(content)
        self.assertEqual(self.user.do("ls").out, b"d/\n")


_PASS = {"ANONCLOUD_PASSPHRASE": PASSPHRASE}

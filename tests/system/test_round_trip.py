"""What goes in comes out: every kind of file, name and command, seen from two devices."""

import hashlib
import os
import random

from anoncloud.limits import BULK_BLOB, SEGMENT
from tests.support.processes import SystemTestCase

LENGTHS = (0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3 * BULK_BLOB + 17)
NAMES = (
    b"plain.txt",
    b"with space",
    b" leading and trailing ",
    b"-dash",
    b"back\\slash",
    b"new\nline",
    b"tab\tbell\x07escape\x1b[31m",
    b"invalid \xff\xfe utf-8 \xc3",
    "Grüße 你好 \U0001f600".encode(),
    "cafe\u0301".encode(),
    "café".encode(),
    "right\u202eto left".encode(),
    b"x" * 255,
    "é".encode() * 127,
    b"...",
    b"*?[a-z]",
    b"%s %n $HOME `id`",
    b"\x01",
    b"\x7f",
)


class RoundTripTests(SystemTestCase):
    """One account, its commands, and another device that sees the same."""

    def setUp(self) -> None:
        super().setUp()
        self.ada = self.ada(self.server())

    def test_lengths(self) -> None:
        """Files of every telling length come back byte for byte, with time and mode."""
        folder = self.folder / "lengths"
        for number, length in enumerate(LENGTHS):
            path = self.file(f"lengths/{length}", random.Random(length).randbytes(length))
            path.chmod((0o600, 0o644, 0o755, 0o400)[number % 4])
            os.utime(path, ns=(0, 1_000_000_007 * (number + 1)))
        os.utime(folder, ns=(0, 1_234_567_891_234_567_891))
        self.ada.do("put", "-r", folder, "/")
        again = self.folder / "again"
        self.ada.do("get", "-r", "/lengths", again)
        for length in LENGTHS:
            one, other = folder / str(length), again / str(length)
            self.assertEqual(one.read_bytes(), other.read_bytes(), length)
            self.assertEqual(one.stat().st_mtime_ns, other.stat().st_mtime_ns)
            self.assertEqual(one.stat().st_mode, other.stat().st_mode)
            self.assertEqual(self.ada.do("cat", f"/lengths/{length}").out, one.read_bytes())
        self.assertEqual(again.stat().st_mtime_ns, folder.stat().st_mtime_ns)
        self.assertEqual(again.stat().st_mode, folder.stat().st_mode)
        self.assertEqual({path.name for path in again.iterdir()}, set(map(str, LENGTHS)))

    def test_names(self) -> None:
        """Every name that a file system allows comes back byte for byte, and is shown harmless."""
        folder = os.fsencode(self.folder / "names")
        for number, name in enumerate(NAMES):
            self.file(b"names/" + name, b"%d" % number)
        self.ada.do("put", "-r", folder, "/")
        for options in ((), ("-l",), ("-r",)):
            shown = self.ada.do("ls", *options, "/names")
            self.assertEqual(shown.out.count(b"\n"), len(NAMES))
            text = shown.out.decode()
            self.assertEqual([c for c in text if ord(c) < 32 and c != "\n"], [])
            self.assertNotIn("\u202e", text)
        self.assertNotIn(b"\x1b", self.ada.do("--json", "ls", "/names").out)
        listed = self.ada.do("--json", "ls", "/names").value
        raw = {
            bytes.fromhex(node["path_hex"]) if "path_hex" in node else node["path"].encode()
            for node in listed
        }
        self.assertEqual(raw, {b"/names/" + name for name in NAMES})
        again = self.folder / "again"
        self.ada.do("get", "-r", "/names", again)
        self.assertEqual({os.fsencode(path.name) for path in again.iterdir()}, set(NAMES))
        for number, name in enumerate(NAMES):
            self.assertEqual((again / os.fsdecode(name)).read_bytes(), b"%d" % number, name)
        for name in (NAMES[5], NAMES[7], NAMES[12]):
            content = self.ada.do("cat", b"/names/" + name).out
            self.assertEqual(content, b"%d" % NAMES.index(name))

    def test_names_in_a_plain_locale(self) -> None:
        """Where the terminal knows ASCII alone, names are shown as well as it can."""
        name = "Grüße 你好".encode()
        self.ada.do("mkdir", b"/" + name)
        plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
        self.ada.do("ls", **plain)
        self.ada.do("--json", "ls", **plain)
        missing = self.ada.run("ls", b"/" + name + b"/none", **plain)
        self.assertEqual(missing.code, 3, missing.err)

    def test_standard_streams(self) -> None:
        """Standard input becomes a file, and a file goes to standard output."""
        content = random.Random(1).randbytes(BULK_BLOB + 12345)
        stored = self.ada.do("--json", "put", "-", "/stream", feed=content).value["stored"]
        self.assertEqual(stored, [{"path": "/stream", "renamed": False, "size": len(content)}])
        self.assertEqual(self.ada.do("cat", "/stream").out, content)
        self.assertEqual(self.ada.do("get", "/stream", "-").out, content)
        self.ada.do("put", "-", "/nothing", feed=b"")
        self.assertEqual(self.ada.do("cat", "/stream", "/nothing", "/stream").out, content * 2)
        self.assertEqual(self.ada.do("--json", "stat", "/nothing").value["size"], 0)

    def test_versions(self) -> None:
        """Storing a file again makes a new version, and the drive keeps both."""
        path = self.file("f", b"one")
        self.ada.do("put", path, "/f")
        path.write_bytes(b"two")
        self.ada.do("put", path, "/f")
        self.assertEqual(self.ada.do("cat", "/f").out, b"two")
        self.assertEqual(self.ada.do("--json", "stat", "/f").value["versions"], 2)

    def test_moving(self) -> None:
        """Files and folders are renamed, moved, and never moved onto one another."""
        run, do = self.ada.run, self.ada.do
        do("put", self.file("f", b"f"), self.file("g", b"g"), "-p", "/in/here/")
        self.assertEqual(do("--json", "mkdir", "-p", "/a/b").value, {"made": ["/a/b"]})
        moved = do("--json", "mv", "/in/here/f", "/in/here/g", "/a/b").value
        self.assertEqual(moved, {"moved": ["/a/b/f", "/a/b/g"]})
        do("mv", "/a/b", "/a/c")
        self.assertEqual(run("mv", "/a/c/f", "/a/c/g").code, 4)
        self.assertEqual(run("mv", "/a", "/a/c").code, 2)
        self.assertEqual(run("mv", "/none", "/a").code, 3)
        listed = do("ls", "-r").out.decode().splitlines()
        self.assertEqual(listed, ["/a/", "/a/c/", "/a/c/f", "/a/c/g", "/in/", "/in/here/"])

    def test_trash(self) -> None:
        """What was removed comes back; removed for good it does not, and its space is free."""
        run, do = self.ada.run, self.ada.do
        do("mkdir", "/d")
        do("put", self.file("f", b"keep" * 100_000), "/d/f")
        self.assertEqual(run("rm", "/d").code, 4)
        removed = do("--json", "rm", "-r", "/d").value
        self.assertEqual(removed, {"removed": ["/d"], "forever": False})
        self.assertEqual(run("cat", "/d/f").code, 3)
        (trashed,) = do("--json", "restore").value
        self.assertEqual((trashed["path"], trashed["type"]), ("/d", "folder"))
        self.assertEqual(do("--json", "restore", "/d").value, {"restored": "/d"})
        self.assertEqual(do("cat", "/d/f").out, b"keep" * 100_000)
        do("rm", "/d/f")
        do("put", self.file("g", b"other"), "/d/f")
        self.assertEqual(do("--json", "restore", "/d/f").value, {"restored": "/d/f (restored)"})
        self.assertGreater(do("--json", "stat").value["stored"], 0)
        do("rm", "-r", "--forever", "/d")
        self.assertEqual(do("--json", "stat").value["stored"], 0)
        self.assertEqual(run("restore", "/d").code, 3)
        self.assertEqual(do("ls").out, b"")

    def test_second_device(self) -> None:
        """Another device gets in with kit and passphrase, and both see what either does."""
        self.ada.do("put", self.file("f", b"from ada"), "/f")
        other = self.device("other")
        done = other.log_in(self.folder / "kit")
        self.assertEqual(done.code, 0, done.err)
        self.assertEqual(other.do("cat", "/f").out, b"from ada")
        other.do("put", self.file("g", b"from the other"), "/g")
        other.do("mv", "/f", "/moved")
        for device in (self.ada, other):
            self.assertEqual(device.do("ls").out, b"g\nmoved\n")
        self.assertEqual(self.ada.do("cat", "/g").out, b"from the other")
        self.assertEqual(self.ada.do("--json", "stat").value["devices"], 2)

    def test_many_records(self) -> None:
        """A journal that is long enough for a checkpoint reads the same from it and without it."""
        for number in range(3):
            self.ada.do("mkdir", *(f"/{number}-{each}" for each in range(100)))
        self.assertEqual(list((self.ada.state / "drives").glob("*/checkpoint")).__len__(), 1)
        listed = self.ada.do("ls").out
        self.assertEqual(listed.count(b"\n"), 300)
        other = self.device("other")
        other.log_in(self.folder / "kit")
        self.assertEqual(other.do("ls").out, listed)
        for file in (self.ada.state / "drives").glob("*/*"):
            file.unlink()
        self.assertEqual(self.ada.do("ls").out, listed)

    def test_a_folder_of_many(self) -> None:
        """A thousand small files go up and down, packed into few blobs."""
        drawn = random.Random(3)
        sums = {}
        for number in range(1000):
            content = drawn.randbytes(drawn.randrange(3000))
            name = f"{number % 10}/{number}"
            sums[name] = hashlib.sha256(content).digest()
            self.file(f"many/{name}", content)
        self.ada.do("put", "-r", self.folder / "many", "/many")
        self.ada.do("get", "-r", "/many", self.folder / "again")
        for name, known in sums.items():
            content = (self.folder / "again" / name).read_bytes()
            self.assertEqual(hashlib.sha256(content).digest(), known, name)
        blobs = list((self.folder / "server/state/blobs").glob("?/?/*"))
        self.assertLess(len(blobs), 16)

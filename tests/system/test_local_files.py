"""Local files of every kind, and what becomes of each: docs/commands.rst section 7."""

import os
import shutil
import socket
from pathlib import Path

from anoncloud.limits import MIB, SEGMENT
from tests.support.processes import Done, SystemTestCase
from tests.system.proxies import Proxy
from tests.system.storm import differences
from tests.system.test_bad_input import FEWER_RIGHTS

LOCAL_FILE = 5
IN_THE_WAY = 4
NAMES = (
    b"latin-1 caf\xe9",
    b"shift-jis \x93\xfa\x96\x7b",
    "utf-8 日本".encode(),
    b"\xff\xfe\xfd",
    b"new\nline",
    b"-r",
    b"~",
    b"x" * 255,
)


class LocalFilesTestCase(SystemTestCase):
    """Ada, and a folder *here* that she stores; it comes back as *back*."""

    def setUp(self) -> None:
        super().setUp()
        self.house = self.server()
        self.proxy = Proxy(self.house.port)
        self.addCleanup(self.proxy.close)
        self.ada = self.ada(self.house, self.proxy.port)
        self.here, self.back = self.folder / "here", self.folder / "back"
        self.here.mkdir()
        self.back.mkdir()

    def put(self, *options: "str | Path", code: int = 0, under: tuple[str, ...] = ()) -> Done:
        """Store all of *here*."""
        done = self.ada.run("--json", "put", "-r", "-p", *options, self.here, "/up/", under=under)
        self.assertEqual(done.code, code, done.err)
        return done

    def get(self, *options: "str | Path", code: int = 0, under: tuple[str, ...] = ()) -> Done:
        """Bring all of it back, into *back*."""
        done = self.ada.run("--json", "get", "-r", *options, "/up/here", self.back, under=under)
        self.assertEqual(done.code, code, done.err)
        return done

    def assert_same(self) -> None:
        self.assertEqual(differences(self.here, self.back / "here"), [])

    def listed(self) -> set[str]:
        return {Path(node["path"]).name for node in self.ada.do("--json", "ls", "/up/here").value}


class KindTests(LocalFilesTestCase):
    """What a file is, and what it is called."""

    def test_names(self) -> None:
        """Names in any encoding come back byte for byte, of folders and links too."""
        for name in NAMES:
            self.file(b"here/" + name, name)
            self.file(b"here/in/" + name + b"/file", name)
            (self.here / "links").mkdir(exist_ok=True)
            (self.here / "links" / os.fsdecode(name)).symlink_to(os.fsdecode(b"../" + name))
        self.put()
        self.get()
        self.assert_same()

    def test_special_files(self) -> None:
        """Sockets, pipes and devices are told and left out, alone or in a folder."""
        self.file("here/file", b"content")
        os.mkfifo(self.here / "pipe")
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(os.path.relpath(self.here / "socket"))
        os.mknod(self.here / "device", 0o600 | 0o020000, os.makedev(1, 3))
        done = self.put(code=LOCAL_FILE)
        for name in ("pipe", "socket", "device"):
            self.assertIn(f"/here/{name}: it is a socket, pipe or device", done.err)
            alone = self.ada.run("put", self.here / name, "/alone")
            self.assertEqual(alone.code, LOCAL_FILE, alone.err)
        self.assertEqual(self.listed(), {"file"})
        self.assertEqual(self.ada.run("stat", "/alone").code, 3)

    def test_links(self) -> None:
        """Links are stored as links, come back as links, and are never written through."""
        outside = self.file("outside/secret", b"outside")
        self.file("here/file", b"content")
        for name, target in (("in", "file"), ("out", "../outside"), ("broken", "none")):
            (self.here / name).symlink_to(target)
        os.utime(self.here / "in", ns=(3, 3), follow_symlinks=False)
        self.put()
        self.get()
        self.assert_same()
        (self.here / "out").unlink()
        self.file("here/out/secret", b"inside")
        self.ada.do("rm", "-r", "/up")
        self.put()
        done = self.get("--existing", "replace", code=IN_THE_WAY)
        self.assertIn("/out: something that is no folder has that name", done.err)
        self.assertEqual(outside.read_bytes(), b"outside")
        self.assertEqual(list(outside.parent.iterdir()), [outside])

    def test_links_followed(self) -> None:
        """With --follow what they lead to is stored; circles and broken ones are told."""
        self.file("outside/file", b"outside")
        self.file("here/d/file", b"content")
        for name, target in (("out", "../outside"), ("broken", "none"), ("d/up", "..")):
            (self.here / name).symlink_to(target)
        done = self.put("--follow", code=LOCAL_FILE)
        self.assertIn("/broken: No such file or directory", done.err)
        self.assertIn("/d/up: the link leads back", done.err)
        self.get()
        self.assertEqual((self.back / "here/out/file").read_bytes(), b"outside")
        self.assertEqual(sorted(self.listed()), ["d", "out"])

    def test_deep(self) -> None:
        """A tree of hundreds of levels goes up and comes down."""
        self.file("here/" + "d/" * 500 + "file", b"deep")
        self.put()
        self.get()
        self.assert_same()

    def test_too_deep(self) -> None:
        """What is deeper than a path or a drive may be is told; all else is stored."""
        self.file("here/file", b"content")
        place = os.open(self.here, os.O_RDONLY)
        for _ in range(60):
            os.mkdir("d" * 90, dir_fd=place)
            inside = os.open("d" * 90, os.O_RDONLY, dir_fd=place)
            os.close(place)
            place = inside
        os.close(place)
        done = self.put(code=LOCAL_FILE)
        self.assertIn("File name too long", done.err)
        self.get()
        self.assertEqual((self.back / "here/file").read_bytes(), b"content")

    def test_times_and_modes(self) -> None:
        """Times to the nanosecond and permission bits come back, of folders too."""
        for number, mode in enumerate((0o400, 0o444, 0o600, 0o644, 0o755, 0o777, 0o640)):
            for size in (10, MIB + 10):
                path = self.file(f"here/{number}/{size}", bytes(size), mode)
                os.utime(path, ns=(0, 1_234_567_891_234_567_891 + number))
            os.utime(path.parent, ns=(0, -(10**9) - number))
            path.parent.chmod(0o700 | mode)
        self.put()
        self.get()
        self.assert_same()
        for number in range(7):
            for top in (self.here, self.back / "here"):
                self.assertEqual((top / str(number)).stat().st_mtime_ns, -(10**9) - number)

    def test_special_bits(self) -> None:
        """Set-user-ID, set-group-ID and sticky bits do not come back."""
        self.file("here/file", b"content").chmod(0o6755)
        self.put()
        self.get()
        self.assertEqual((self.back / "here/file").stat().st_mode & 0o7777, 0o755)

    def test_sparse_and_empty(self) -> None:
        """Holes come back as zeros, and an empty file as one."""
        with self.file("here/sparse", b"").open("wb") as file:
            file.truncate(20 * MIB)
        self.file("here/empty", b"")
        self.put()
        self.get()
        self.assert_same()

    def test_hard_links(self) -> None:
        """Hard links come back as files of their own."""
        path = self.file("here/one", b"content")
        (self.here / "two").hardlink_to(path)
        self.put()
        self.get()
        self.assert_same()
        self.assertEqual((self.back / "here/one").stat().st_nlink, 1)


class RightsTests(LocalFilesTestCase):
    """What may not be read, or not be written."""

    def test_unreadable(self) -> None:
        """Files and folders that may not be read are told, and the others are stored."""
        if shutil.which(FEWER_RIGHTS[0]) is None:
            self.skipTest("there is no setpriv here")
        self.file("here/good", b"good")
        for name, size in (("short", 10), ("long", 2 * MIB)):
            self.file(f"here/{name}", bytes(size), 0)
        self.file("here/closed/file", b"").parent.chmod(0)
        self.addCleanup((self.here / "closed").chmod, 0o700)
        done = self.put(code=LOCAL_FILE, under=FEWER_RIGHTS)
        for name in ("short", "long", "closed"):
            self.assertIn(f"/here/{name}: Permission denied", done.err)
        self.assertEqual(self.listed(), {"good", "closed"})
        self.assertEqual(done.value["stored"][0]["path"], "/up/here/good")

    def test_read_only_target(self) -> None:
        """What can't be written is told for each file, and nothing is left half."""
        if shutil.which(FEWER_RIGHTS[0]) is None:
            self.skipTest("there is no setpriv here")
        for name, size in (("locked/short", 10), ("locked/long", 2 * MIB), ("open/file", 5)):
            self.file(f"here/{name}", os.urandom(size))
        self.put()
        (self.back / "here/locked").mkdir(parents=True)
        (self.back / "here/locked").chmod(0o555)
        done = self.get(code=LOCAL_FILE, under=FEWER_RIGHTS)
        for name in ("short", "long"):
            self.assertIn(f"/locked/{name}: Permission denied", done.err)
        self.assertTrue((self.back / "here/open/file").exists())
        self.assertEqual(list((self.back / "here/locked").iterdir()), [])

    def test_read_only_folders(self) -> None:
        """A folder that is stored read-only comes back so, with all that is in it."""
        self.file("here/locked/in/file", bytes(SEGMENT))
        for name in ("locked/in", "locked"):
            (self.here / name).chmod(0o555)
            self.addCleanup((self.here / name).chmod, 0o755)
        self.put()
        self.get(under=FEWER_RIGHTS if shutil.which(FEWER_RIGHTS[0]) else ())
        self.assert_same()

"""Attack 26: what the order of requests tells of folders and files.

To look around costs no request, whatever is looked at. What a download tells is written down in
docs/protocol.rst section 8, and its trace is recorded here.
"""

from pathlib import Path
from typing import Any

from anoncloud.client.tree.nodes import File
from anoncloud.crypto.packing import Extent
from anoncloud.limits import KIB, MIB
from anoncloud.wire.connection import GREETING
from tests.support.client_files import FilesTestCase, noise
from tests.support.processes import Device, Server, SystemTestCase
from tests.system.proxies import Proxy


class LookingTests(SystemTestCase):
    """The commands that only look, over the wire."""

    def setUp(self) -> None:
        super().setUp()
        self.house: Server = self.server()
        self.tap = Proxy(self.house.port, record=True)
        self.addCleanup(self.tap.close)
        self.user: Device = self.ada(self.house, self.tap.port)
        for number in range(6):
            self.file(f"top/{number % 2}/deep/{number}", b"x" * 1000 * number)
        self.user.do("put", "-r", self.folder / "top", "/")
        self.user.do("ls")

    def frames(self, *command: str) -> list[int]:
        """Run a command on a device that has seen all; give the lengths of the frames it sent."""
        begun = len(self.tap.streams)
        self.user.do(*command)
        ((stream, _),) = self.tap.streams[begun:]
        lengths, at = [], len(GREETING)
        while at < len(stream):
            lengths.append(int.from_bytes(stream[at : at + 4], "big"))
            at += 4 + lengths[-1]
        return lengths

    def test_looking_around(self) -> None:
        """LogIn and ReadJournal, and no more: the same for the root and for the whole tree."""
        plain = self.frames("ls")
        hello, login, journal, end = plain
        self.assertEqual((hello, end), (1248, 17))
        for command in (
            ("ls", "/top/1/deep"),
            ("ls", "-l", "-r", "/"),
            ("tree",),
            ("find", "--name", "*3*"),
            ("du",),
            ("stat", "/top/0/deep/4"),
            ("history", "/top/0/deep/4"),
            ("trash", "list"),
        ):
            self.assertEqual(self.frames(*command), plain, command)
        # What the server alone knows is asked for, and tells nothing of what was looked at.
        self.assertEqual(self.frames("stat")[:3], [hello, login, journal])
        self.assertEqual(len(self.frames("stat")), 5)


class TraceTests(FilesTestCase):
    """What a download asks for, as docs/protocol.rst section 8 says."""

    def test_trace(self) -> None:
        """Longer files in their order, each from its beginning to its end; short ones together."""
        sizes = {"a": 300 * KIB, "b": 2 * MIB, "in/c": 9 * MIB, "in/d": 400 * KIB}
        for name, size in sizes.items():
            self.write(name, noise(size, name))
        self.store_folder(target=(b"top",))
        asked: list[Extent] = []
        real = self.peer.read

        async def watched(drive: bytes, extent: Extent) -> Any:
            asked.append(extent)
            return await real(drive, extent)

        self.patch(self.peer, "read", watched)
        self.fetch((b"top",), Path(self.mktemp()))
        laid = {
            path[-1]: [place for stream in node.version.streams for place in stream.extents]
            for path, node in self.drive.walk((b"top",))
            if isinstance(node, File)
        }
        ((blob, offset, first),), ((other, _, second),) = laid.pop(b"a"), laid.pop(b"d")
        self.assertEqual(blob, other)
        longer = [place for places in laid.values() for place in places]
        self.assertEqual(asked, [*longer, Extent(blob, offset, first + second)])

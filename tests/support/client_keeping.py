"""Files in a drive in memory, put there and read back without a local disk."""

import io
from pathlib import Path
from typing import Any

from anoncloud.client.drive import Drive
from anoncloud.client.transfers.downloads import download
from anoncloud.client.transfers.sources import StreamSource
from anoncloud.client.transfers.unfinished import Unfinished
from anoncloud.client.transfers.uploads import Terms, Uploader
from anoncloud.client.tree import names
from anoncloud.client.tree.nodes import File
from anoncloud.client.tree.versions import Version
from anoncloud.errors import AnonymousCloudError
from tests.support.client import KEYRING, DriveTestCase, MemoryPeer, in_thread
from tests.support.entropy import counting


class Kept:
    """A target that keeps what it is given."""

    def __init__(self) -> None:
        self.content = b""
        self.whole = False

    def write(self, plaintext: list[bytes]) -> None:
        self.content += b"".join(plaintext)

    def finish(self, modified: int, mode: int) -> None:
        self.whole = True

    def abandon(self) -> None:
        self.content = b""


def silent(_: int) -> None:
    """Show no progress."""


class KeepingTestCase(DriveTestCase):
    """A drive, and words for what is done with it."""

    drive: Drive
    peer: MemoryPeer

    def setUp(self) -> None:
        super().setUp()
        self.drive, self.peer = self.open()
        self.complaints: list[AnonymousCloudError] = []

    def uploader(self, terms: Terms | None = None) -> Uploader:
        """Begin an upload that remembers nothing of those before it."""
        unfinished = Unfinished(Path(self.mktemp()), KEYRING, counting(b"lists"), self.clock)
        return Uploader(
            self.drive, in_thread, silent, self.complaints.append, unfinished, terms or Terms()
        )

    def put(self, **contents: bytes) -> None:
        """Store files in the root in one go, as their names say."""
        self.run_now(self._put({(name.encode(),): each for name, each in contents.items()}))

    async def _put(self, contents: dict[names.Path, bytes]) -> None:
        uploader = self.uploader()
        for path, content in contents.items():
            source = StreamSource(io.BytesIO(content), "memory", len(content), 0o600)
            await uploader.add_source(lambda source=source: source, path)
        await uploader.finish()
        uploader.close()

    def file(self, name: str) -> File:
        """Give a file in the root."""
        node = self.drive.stat((name.encode(),))
        self.assertIsInstance(node, File)
        return node

    def read(self, version: Version, drive: Drive | None = None) -> bytes:
        """Read a version back."""
        target = Kept()
        self.run_now(download(drive or self.drive, version, target, in_thread, silent))
        self.assertTrue(target.whole)
        return target.content

    def purge(self, *nodes: Any) -> None:
        """Put nodes into the trash, and forget them."""
        for node in nodes:
            self.run_now(self.drive.trash(names.parse_path(b"/" + node.name)))
        self.run_now(self.drive.purge([node.node for node in nodes]))

    def assert_counted(self, drive: Drive | None = None) -> None:
        """See that blobs are counted as the tree names them, and that the server has just those."""
        tree = (drive or self.drive).tree
        counted: dict[bytes, int] = {}
        for node in tree.nodes.values():
            for kept in node.versions if isinstance(node, File) else ():
                for stream in kept.version.streams:
                    for extent in (*stream.extents, *stream.fingerprints):
                        counted[extent.blob] = counted.get(extent.blob, 0) + 1
        self.assertEqual(counted, tree.blobs)
        self.assertEqual(set(counted), set(self.store.blobs))

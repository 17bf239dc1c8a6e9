"""Local files that go up into a drive in memory and come down again."""

import os
import random
from pathlib import Path
from typing import Any

from anoncloud.client.drive import Drive
from anoncloud.client.transfers.fetching import Fetcher
from anoncloud.client.transfers.fetching import Terms as FetchTerms
from anoncloud.client.transfers.folders import UploadChoice, upload_folder
from anoncloud.client.transfers.matching import Old
from anoncloud.client.transfers.policies import Clash, Decision, Existing, Policy, Settled
from anoncloud.client.transfers.unfinished import Unfinished
from anoncloud.client.transfers.uploads import Item, Terms, Uploader
from anoncloud.client.tree import names
from anoncloud.client.tree.versions import Version
from anoncloud.crypto.fingerprints import Fingerprints
from anoncloud.limits import SEGMENT
from tests.support.client import KEYRING, in_thread
from tests.support.client_keeping import KeepingTestCase, silent
from tests.support.entropy import counting

PRINTS = Fingerprints(KEYRING.epochs[0], KEYRING.drive)
"""The keyed hashes of every drive in these tests."""


def noise(length: int, seed: object = 0) -> bytes:
    """Give bytes that are the same for the same seed, and can't be compressed."""
    return random.Random(f"{seed}").randbytes(length)


def olds_of(content: bytes, stream: int = 0) -> list[Old]:
    """Give the segments of *content*, as the drive would know them."""
    return [
        Old(
            PRINTS.segment(content[at : at + SEGMENT]),
            content[at : at + 16].ljust(16, b"\x00"),
            stream,
            at,
            min(SEGMENT, len(content) - at),
        )
        for at in range(0, len(content), SEGMENT)
    ]


def policy(existing: str, *, answer: bool = False) -> Policy:
    """Give a policy by its name; whoever is asked gives *answer*."""

    async def ask(_: Clash) -> Settled:
        return Settled(Decision.STORE if answer else Decision.LEAVE)

    return Policy(Existing(existing), ask)


LATER = 10**16
"""Microseconds: when uploads begin, the test's files have not changed for a long time."""


class FilesTestCase(KeepingTestCase):
    """A drive, and a local folder *top*; what uploads have left lies in *lists*."""

    def setUp(self) -> None:
        super().setUp()
        self.top = Path(self.mktemp())
        self.top.mkdir()
        self.lists = Path(self.mktemp())
        self._lists_made = 0

    def write(self, name: str, content: bytes, mode: int = 0o644, modified: int = 0) -> Path:
        """Write a local file; *modified* in nanoseconds, if it matters."""
        path = self.top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(mode)
        if modified:
            os.utime(path, ns=(modified, modified))
        return path

    def unfinished(self) -> Unfinished:
        """Open what uploads before have left, as the next program does."""
        self._lists_made += 1
        entropy = counting(b"list%d" % self._lists_made)
        return Unfinished(self.lists, KEYRING, entropy, lambda: self.clock() + LATER)

    def uploading(self, terms: Terms | None = None, drive: Drive | None = None) -> Uploader:
        """Begin an upload that carries on those before it."""
        return Uploader(
            drive or self.drive,
            in_thread,
            silent,
            self.complaints.append,
            self.unfinished(),
            terms or Terms(),
        )

    async def put_files(self, paths: list[Path], terms: Terms | None = None) -> Uploader:
        """Store local files in the root under their own names."""
        uploader = self.uploading(terms)
        try:
            for path in paths:
                await uploader.add(self.item(path))
            await uploader.finish()
        finally:
            uploader.close()
        return uploader

    def item(self, path: Path) -> Item:
        """Give a local file as it is to be stored in the root."""
        return Item(str(path), path.stat(), (os.fsencode(path.name),))

    def put_up(self, *paths: Path, terms: Terms | None = None) -> Uploader:
        """Store local files, all of which must be taken."""
        uploader: Uploader = self.run_now(self.put_files(list(paths), terms))
        return uploader

    def store_folder(self, *, target: names.Path = (), **choice: Any) -> Uploader:
        """Store all of *top*."""
        uploader = self.uploading()

        async def store() -> None:
            await upload_folder(
                self.drive,
                uploader,
                str(self.top),
                target,
                self.complaints.append,
                UploadChoice(**choice),
            )
            await uploader.finish()
            uploader.close()

        self.run_now(store())
        return uploader

    def fetch(
        self, path: names.Path, target: Path, existing: str = "fail", **terms: Any
    ) -> Fetcher:
        """Bring something down as *target*."""
        fetcher = self.fetcher(existing, **terms)
        self.run_now(fetcher.fetch(self.drive.stat(path), target))
        return fetcher

    def fetcher(self, existing: str = "fail", **terms: Any) -> Fetcher:
        """Make a fetcher whose complaints are collected."""
        return Fetcher(
            self.drive,
            self.drive.tree,
            in_thread,
            silent,
            self.complaints.append,
            FetchTerms(policy(existing), **terms),
        )

    def content(self, name: str) -> bytes:
        """Read the newest version of a file in the root."""
        return self.read(self.file(name).version)

    def version(self, name: str) -> Version:
        """Give the newest version of a file in the root."""
        return self.file(name).version

    def sent(self) -> int:
        """Tell how many bytes of blobs the server has, committed or not."""
        store = self.peer.store
        return sum(map(len, (*store.blobs.values(), *store.staged.values())))

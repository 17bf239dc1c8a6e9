"""The blob folder when the disk is full or broken, and when threads take their time."""

import errno
import os
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred

from anoncloud.errors import Code, Refused
from anoncloud.limits import MIB
from anoncloud.server.stores.folder import FolderBlobs, file_name
from tests.support.server import blob_name
from tests.support.server_folder import FolderCase, Threads

ONE, TWO = blob_name(1), blob_name(2)
LONG = bytes(MIB)
"""What is not only gathered, but written at once."""
CODES = (
    (errno.ENOSPC, Code.DISK_FULL),
    (errno.EDQUOT, Code.DISK_FULL),
    (errno.EIO, Code.UNAVAILABLE),
)


def path_of(descriptor: int) -> str:
    """Give the path that a descriptor was opened with."""
    return str(Path(f"/proc/self/fd/{descriptor}").readlink())


def open_files() -> int:
    """Count the descriptors that are open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def is_folder(descriptor: int) -> bool:
    """Tell whether a descriptor is a folder's."""
    return Path(f"/proc/self/fd/{descriptor}").is_dir()


class WriteFaultTests(FolderCase):
    """Faults while bytes come in."""

    def check_write(self, name: str) -> None:
        """See what the peer is told when ``os`` fails at *name*, and that nothing is left."""
        for error, code in CODES:
            incoming = self.incoming(ONE, LONG)
            other = self.blobs.begin(TWO)
            broken = self.break_os(name, error)
            refusal = self.refused(code, other.write([LONG]))
            self.assertTrue(refusal.hint)
            self.assertNotIn(str(self.folder), str(refusal))
            broken.restore()
            self.now(other.discard())
            self.now(incoming.discard())
            self.assertEqual(self.files(), [])
            self.now(self.blobs.begin(TWO).discard())

    def test_open(self) -> None:
        """The file can't be made."""
        self.check_write("open")

    def test_write(self) -> None:
        """The file can't be written."""
        self.check_write("pwrite")

    def test_short_file(self) -> None:
        """What was only gathered is written when it is settled, and fails then."""
        for name in ("open", "pwrite"):
            for error, code in CODES:
                group = [self.incoming(ONE), self.incoming(TWO)]
                broken = self.break_os(name, error, lambda where, *_: not is_folder(where))
                outcomes = self.now(self.blobs.settle(group))
                self.assertEqual([one.code for one in outcomes], [code] * 2)
                broken.restore()
                self.assertEqual(self.files(), [])

    def test_short_writes(self) -> None:
        """A write that takes a part is gone on with."""
        real = os.pwrite
        self.patch(os, "pwrite", lambda fd, piece, offset: real(fd, piece[:3], offset))
        content = bytes(range(100))
        incoming = self.blobs.begin(ONE)
        self.now(incoming.write([content[:50], b"", memoryview(content)[50:]]))
        self.now(self.blobs.settle([incoming]))
        self.assertEqual(self.now(self.blobs.read(ONE, 0, 100)), content)

    def test_discard_fails(self) -> None:
        """If even tidying up fails, the name is given back, and the rest of a group is settled."""
        incoming, other = self.incoming(ONE), self.incoming(TWO)
        self.break_os("fdatasync", errno.EIO)
        self.break_os("unlink", errno.EIO)
        self.break_os("close", errno.EIO, lambda fd: not is_folder(fd))
        outcomes = self.now(self.blobs.settle([incoming, other]))
        self.assertEqual([one.code for one in outcomes], [Code.UNAVAILABLE] * 2)
        self.now(self.blobs.begin(ONE).discard())


class SettleFaultTests(FolderCase):
    """Faults while blobs are made durable."""

    def settle_with(self, name: str, error: int, when: Any) -> list[Any]:
        """Settle two blobs while ``os`` fails so; give the codes."""
        group = [self.incoming(blob) for blob in (ONE, TWO)]
        self.break_os(name, error, when)
        outcomes = self.now(self.blobs.settle(group))
        return [one and one.code for one in outcomes]

    def check_kept(self, *kept: Any) -> None:
        """See that these blobs are there, and not a trace of others; their names are free."""
        self.assertEqual(self.files(), sorted(str(file_name(blob)) for blob in kept))
        for blob in (ONE, TWO):
            self.now(self.blobs.begin(blob).discard())

    def test_sync(self) -> None:
        """A file that can't be synced is discarded; the others of the group are settled."""
        first = [True]
        for error, code in CODES:
            first[:] = [True]
            codes = self.settle_with("fdatasync", error, lambda _: first and first.pop())
            self.assertEqual(codes, [code, None])
            self.check_kept(TWO)

    def test_not_believed(self) -> None:
        """A sync that failed is not tried again: what the second one says proves nothing."""
        tried: list[int] = []

        def fails_once(descriptor: int) -> bool:
            tried.append(descriptor)
            return len(tried) == 1

        self.assertEqual(
            self.settle_with("fdatasync", errno.EIO, fails_once), [Code.UNAVAILABLE, None]
        )
        self.assertEqual(len(tried), 2)

    def test_rename(self) -> None:
        """A file that can't be renamed is discarded."""
        codes = self.settle_with(
            "replace", errno.ENOSPC, lambda old, _: Path(old).stem == ONE.hex()
        )
        self.assertEqual(codes, [Code.DISK_FULL, None])
        self.check_kept(TWO)

    def test_folders(self) -> None:
        """The folders of the tree can't be made."""
        codes = self.settle_with("mkdir", errno.ENOSPC, lambda *_: True)
        self.assertEqual(codes, [Code.DISK_FULL] * 2)
        self.check_kept()

    def test_folder_sync(self) -> None:
        """A blob whose new name can't be made durable is not left under it."""
        self.now(self.blobs.settle([self.incoming(blob) for blob in (ONE, TWO)]))
        self.now(self.blobs.remove([ONE, TWO]))
        fails = str((self.folder / file_name(ONE)).parent.resolve())
        codes = self.settle_with("fsync", errno.EIO, lambda fd: path_of(fd) == fails)
        self.assertEqual(codes, [Code.UNAVAILABLE, None])
        self.check_kept(TWO)

    def test_folder_sync_of_a_second_copy(self) -> None:
        """A blob that was settled before is not lost with a second copy that can't be."""
        self.now(self.blobs.settle([self.incoming(blob) for blob in (ONE, TWO)]))
        codes = self.settle_with("fsync", errno.EIO, is_folder)
        self.assertEqual(codes, [Code.UNAVAILABLE] * 2)
        self.check_kept(ONE, TWO)
        self.assertEqual(self.now(self.blobs.read(ONE, 0, 7)), b"content")

    def test_stat(self) -> None:
        """If it can't be told whether there is one before, too much is left, not too little."""
        self.now(self.blobs.settle([self.incoming(ONE)]))
        self.patch(Path, "exists", lambda _: (_ for _ in ()).throw(OSError(errno.EIO, "no")))
        codes = self.settle_with("fsync", errno.EIO, is_folder)
        self.assertEqual(codes, [Code.UNAVAILABLE] * 2)
        self.assertEqual(self.now(self.blobs.read(ONE, 0, 7)), b"content")

    def test_new_folder_sync(self) -> None:
        """A new folder that can't be made durable is not taken for it by the next blob."""
        target = (self.folder / file_name(ONE)).resolve()
        chain = [str(self.folder.resolve()), str(target.parents[1]), str(target.parent)]
        synced: list[str] = []
        broken = [chain[1]]

        def watch(descriptor: int) -> bool:
            synced.append(path_of(descriptor))
            return synced[-1] in broken

        codes = self.settle_with("fsync", errno.EIO, watch)
        self.assertEqual(codes, [Code.UNAVAILABLE, None])
        self.check_kept(TWO)
        broken.clear()
        synced.clear()
        self.assertEqual(self.now(self.blobs.settle([self.incoming(ONE)])), [None])
        self.assertEqual(synced, chain)
        self.check_kept(ONE, TWO)

    def test_order(self) -> None:
        """Bytes are synced before the name is given, and the folder after it."""
        steps: list[str] = []
        for name in ("fdatasync", "replace", "fsync"):
            self.break_os(name, 0, lambda *_, name=name: steps.append(name))
        self.now(self.blobs.settle([self.incoming(ONE)]))
        self.assertEqual(steps[0], "fdatasync")
        self.assertEqual(steps[-2:], ["replace", "fsync"])

    def test_one_sync_for_a_folder(self) -> None:
        """Blobs of one group that lie in one folder share its sync."""
        same = [
            number for number in range(3000) if file_name(blob_name(number)).parts[:2] == ("a", "b")
        ]
        self.now(self.blobs.settle([self.incoming(blob_name(same[0]))]))
        syncs: list[int] = []
        self.break_os("fsync", 0, syncs.append)
        self.now(self.blobs.settle([self.incoming(blob_name(one)) for one in same[1:]]))
        self.assertGreater(len(same), 2)
        self.assertEqual(len(syncs), 1)


class ReadFaultTests(FolderCase):
    """Faults while blobs are read, and what the owner learns of them."""

    def test_read(self) -> None:
        """A disk that can't be read is told as such, and no descriptor stays open."""
        self.now(self.blobs.settle([self.incoming(ONE)]))
        before = open_files()
        self.break_os("pread", errno.EIO)
        self.refused(Code.UNAVAILABLE, self.blobs.read(ONE, 0, 1))
        self.assertEqual(open_files(), before)

    def test_descriptors(self) -> None:
        """Settled and discarded blobs hold no descriptor."""
        before = open_files()
        self.now(self.blobs.settle([self.incoming(ONE)]))
        self.now(self.incoming(TWO).discard())
        self.now(self.blobs.read(ONE, 0, 1))
        self.assertEqual(open_files(), before)


class ThreadTests(FolderCase):
    """Threads that take their time."""

    def setUp(self) -> None:
        super().setUp()
        self.threads = Threads()
        self.blobs = FolderBlobs(self.folder, self.threads)

    def test_discard_waits_for_a_write(self) -> None:
        """A blob is not discarded under a thread that writes it, and not written after it."""
        incoming = self.blobs.begin(ONE)
        writing = Deferred.fromCoroutine(incoming.write([LONG]))
        discarding = Deferred.fromCoroutine(incoming.discard())
        late = Deferred.fromCoroutine(incoming.write([LONG]))
        self.assertEqual(self.threads.waiting, ["_drain"])
        self.threads.run()
        self.successResultOf(writing)
        self.assertEqual(self.threads.waiting, ["_discard"])
        self.assertNoResult(discarding)
        self.threads.run()
        self.successResultOf(discarding)
        self.successResultOf(late)
        self.assertEqual((self.threads.waiting, self.files()), ([], []))

    def test_name_is_kept_while_removed(self) -> None:
        """A blob that is being removed can't come in again before it is gone."""
        removing = Deferred.fromCoroutine(self.blobs.remove([ONE, TWO]))
        for blob in (ONE, TWO):
            refusal = self.assertRaises(Refused, self.blobs.begin, blob)
            self.assertEqual(refusal.code, Code.UNAVAILABLE)
        self.threads.run()
        self.successResultOf(removing)
        for blob in (ONE, TWO):
            self.blobs.begin(blob)

    def test_discarded_once(self) -> None:
        """One that is discarded twice is removed once, whatever has come since by its name."""
        incoming = self.blobs.begin(ONE)
        discarding = Deferred.fromCoroutine(incoming.discard())
        again = Deferred.fromCoroutine(incoming.discard())
        other = self.blobs.begin(ONE)
        writing = Deferred.fromCoroutine(other.write([LONG]))
        self.assertEqual(self.threads.waiting, ["_discard", "_drain"])
        self.threads.run(1)
        self.successResultOf(writing)
        self.threads.run()
        self.successResultOf(discarding)
        self.successResultOf(again)
        self.assertEqual((self.threads.waiting, len(self.files())), ([], 1))

    def test_not_removed_while_one_is_left(self) -> None:
        """While one copy of several is still coming in, the blob is not removed."""
        first, second = self.blobs.begin(ONE), self.blobs.begin(ONE)
        discarding = Deferred.fromCoroutine(first.discard())
        self.threads.run()
        self.successResultOf(discarding)
        settling = Deferred.fromCoroutine(self.blobs.settle([second]))
        removing = Deferred.fromCoroutine(self.blobs.remove([ONE]))
        self.threads.run()
        self.assertEqual(self.successResultOf(settling), [None])
        self.threads.run()
        self.successResultOf(removing)
        self.assertEqual(self.files(), [str(file_name(ONE))])

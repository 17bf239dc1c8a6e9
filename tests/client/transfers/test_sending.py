"""Progress of what is sent: files begin and pass when what was read before them has gone."""

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.threads import Watcher
from anoncloud.client.transfers.sending import Sending
from anoncloud.client.transfers.uploads import Terms, Uploader
from anoncloud.limits import BULK_BLOB, MIB
from tests.support.client import in_thread
from tests.support.client_files import FilesTestCase, noise


class Noting(Watcher):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def __call__(self, more: int) -> None:
        self.told.append(more)

    def expect(self, files: int, size: int | None) -> None:
        self.told.append(("expect", files, size))

    def file(self, shown: str, size: int | None) -> None:
        self.told.append((shown, size))

    def passed(self, files: int, skipped: int = 0) -> None:
        self.told.append(("passed", files, skipped))

    def finishing(self, *, begins: bool) -> None:
        self.told.append("finishing" if begins else "finished")


class SendingTests(SynchronousTestCase):
    """What is told, and when."""

    def setUp(self) -> None:
        self.noting = Noting()
        self.sending = Sending(self.noting)

    @property
    def told(self) -> list[object]:
        """Give what was told since the last time."""
        told, self.noting.told = self.noting.told, []
        return told

    def test_in_order(self) -> None:
        """A file begins once all before it has gone, and bytes count for the file they are in."""
        self.sending.expect(2, 30)
        self.sending.file("a", 10)
        self.sending.read(10)
        self.sending.passed(1)
        self.sending.file("b", 20)
        self.sending.read(20)
        self.sending.passed(1)
        self.assertEqual(self.told, [("expect", 2, 30), ("a", 10)])
        self.sending.sent(4)
        self.assertEqual(self.told, [4])
        self.sending.sent(8)
        self.assertEqual(self.told, [6, ("passed", 1, 0), ("b", 20), 2])
        self.sending.sent(18)
        self.assertEqual(self.told, [18, ("passed", 1, 0)])

    def test_nothing_to_send(self) -> None:
        """What needs no sending counts at once, and files of which nothing waits pass at once."""
        self.sending.file("a", 10)
        self.sending(10)
        self.sending.passed(1)
        self.sending.passed(1, skipped=7)
        self.assertEqual(self.told, [("a", 10), 10, ("passed", 1, 0), ("passed", 1, 7)])

    def test_bare_function(self) -> None:
        """Whoever wants only bytes is told nothing else."""
        told: list[int] = []
        sending = Sending(told.append)
        sending.expect(1, 5)
        sending.file("a", 5)
        sending.read(5)
        sending.sent(5)
        sending.passed(1)
        self.assertEqual(told, [5])

    @given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=20), st.randoms())
    def test_any_order(self, files: list[tuple[int, int]], chance: object) -> None:
        """However much goes when, each file is told whole, between its begin and its end."""
        noting = Noting()
        sending, waiting = Sending(noting), 0
        for number, (there, new) in enumerate(files):
            sending.file(str(number), there + new)
            sending(there)
            sending.read(new)
            sending.passed(1)
            waiting += new
            gone = chance.randint(0, waiting)  # type: ignore[attr-defined]
            sending.sent(gone)
            waiting -= gone
        sending.sent(waiting)
        counts: list[int] = []
        for told in noting.told:
            if isinstance(told, int):
                counts[-1] += told
            elif told != ("passed", 1, 0):
                counts.append(0)
        self.assertEqual(counts, [there + new for there, new in files])


class UploadTests(FilesTestCase):
    """A whole upload, over a peer that takes blobs when it likes."""

    def test_whole(self) -> None:
        """A long file that is read and sealed has not passed before it has gone."""
        gate: Deferred[None] = Deferred()
        stage = self.peer.stage

        async def held(drive: bytes, blob: Any, sent: Callable[[int], None]) -> None:
            sent(blob.size // 4)
            await gate
            await stage(drive, blob, sent)

        self.patch(self.peer, "stage", held)
        noting, size = Noting(), BULK_BLOB + MIB
        uploader = Uploader(
            self.drive, in_thread, noting, self.complaints.append, self.unfinished(), Terms()
        )
        items = [self.item(self.write("long", noise(size))), self.item(self.write("s", b"short"))]

        async def put() -> None:
            for item in items:
                await uploader.add(item)
            await uploader.finish()

        running = Deferred.fromCoroutine(put())
        counts = [told for told in noting.told if isinstance(told, int)]
        self.assertGreater(sum(counts), size / 5)
        self.assertLess(sum(counts), size / 3)
        self.assertNotIn(("passed", 1, 0), noting.told)
        gate.callback(None)
        self.successResultOf(running)
        uploader.close()
        counts = [told for told in noting.told if isinstance(told, int)]
        self.assertEqual(sum(counts), size + len(b"short"))
        self.assertEqual(noting.told[-2:], ["finishing", "finished"])
        self.assertEqual(noting.told.count(("passed", 1, 0)), 2)

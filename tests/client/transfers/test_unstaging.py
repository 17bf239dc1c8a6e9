"""A drive that is full: what a refused upload has sent is taken back, and the refusal is told."""

from typing import Any

from twisted.internet.defer import Deferred

from anoncloud.client.transfers import uploads
from anoncloud.client.transfers.uploads import Terms
from anoncloud.errors import Code, ConnectionCut, LocalFileError, Refused, Unreachable
from anoncloud.limits import BULK_BLOB, MAX_UNSTAGE, MIB
from anoncloud.wire import messages
from tests.support.client_files import FilesTestCase, noise

FULL = Refused(Code.QUOTA, "the drive is full", "remove something for good")
ELSEWHERE = Refused(Code.DISK_FULL, "the server's disk is full")


class UnstagingTestCase(FilesTestCase):
    """A drive with room for so many more blobs."""

    def room(self, blobs: int, refusal: Refused = FULL) -> None:
        """Let the server take so many blobs, and refuse those after them."""
        self.peer.faults[messages.StageBlob] = [*[None] * blobs, *[refusal] * 20]  # type: ignore[list-item]

    def put_refused(self, *names: str, terms: Terms | None = None) -> Refused:
        """Store local files; give the refusal that it ends with."""
        paths = [self.top / name for name in names]
        refusal: Refused = self.fails(Refused, self.put_files(paths, terms))
        return refusal

    def unstaged(self) -> list[messages.Unstage]:
        """Give what was asked to be taken back."""
        return [each for each in self.peer.asked if isinstance(each, messages.Unstage)]


class RefusedTests(UnstagingTestCase):
    """Uploads that end with a refusal."""

    def test_long_file(self) -> None:
        """Of a long file nothing is left on the server, and nothing in the list."""
        self.write("long", noise(4 * BULK_BLOB))
        self.room(2)
        self.assertIs(self.put_refused("long"), FULL)
        self.assertEqual(self.store.staged, {})
        self.assertEqual(self.sent(), 0)
        self.assertEqual(list(self.lists.iterdir()), [])

    def test_short_files(self) -> None:
        """Nor is anything of short ones."""
        for number in range(100):
            self.write(f"f{number}", noise(200_000, number))
        self.room(3)
        self.assertIs(self.put_refused(*(f"f{number}" for number in range(100))), FULL)
        self.assertEqual(self.sent(), 0)
        self.peer.faults.clear()
        self.put_up(*(self.top / f"f{number}" for number in range(20)))
        self.assertEqual(self.content("f7"), noise(200_000, 7))
        self.assert_counted()

    def test_source(self) -> None:
        """Nor of a stream."""
        content = noise(3 * BULK_BLOB)
        self.room(1)
        error = self.fails(Refused, self._put({(b"stream",): content}))
        self.assertIs(error, FULL)
        self.assertEqual((self.sent(), len(self.unstaged())), (0, 1))

    def test_refused_record(self) -> None:
        """If the record is refused, what it would have added is taken back."""
        self.write("short", noise(1000))
        self.peer.faults[messages.Commit] = [FULL]
        self.assertIs(self.put_refused("short"), FULL)
        self.assertEqual(self.sent(), 0)

    def test_committed_before(self) -> None:
        """What an earlier record of the same upload has added stays, and is not even named."""
        self.patch(uploads, "FILES_PER_RECORD", 1)
        one, two = self.write("one", noise(2 * MIB)), self.write("two", noise(2 * BULK_BLOB, 2))
        uploader = self.uploading()
        self.run_now(uploader.add(self.item(one)))
        self.assert_counted()
        self.room(1)
        self.assertIs(self.fails(Refused, uploader.add(self.item(two))), FULL)
        uploader.close()
        self.assertEqual(self.content("one"), noise(2 * MIB))
        self.assert_counted()
        self.assertEqual(self.store.staged, {})
        (asked,) = self.unstaged()
        self.assertFalse(set(asked.blobs) & set(self.store.blobs))

    def test_left_by_one_before(self) -> None:
        """What an upload before this one has left is taken back, too: the list of it goes."""
        self.write("long", noise(4 * BULK_BLOB))
        self.room(2, ELSEWHERE)
        self.assertIs(self.put_refused("long"), ELSEWHERE)
        self.assertEqual(len(self.store.staged), 2)
        self.room(1)
        self.assertIs(self.put_refused("long"), FULL)
        self.assertEqual(self.sent(), 0)
        self.assertEqual(list(self.lists.iterdir()), [])

    def test_other_failures(self) -> None:
        """Any other end leaves what was sent to the next try, which sends the rest alone."""
        path = self.write("long", noise(4 * BULK_BLOB))
        for refusal in (ELSEWHERE, Refused(Code.UNAVAILABLE, "try again")):
            self.room(1, refusal)
            self.assertIs(self.put_refused("long"), refusal)
        self.assertEqual(self.unstaged(), [])
        self.assertEqual(len(self.store.staged), 2)
        self.peer.faults.clear()
        self.put_up(path)
        self.assertEqual(self.content("long"), noise(4 * BULK_BLOB))
        self.assertEqual(len(self.store.blobs), 5)

    def test_given_up(self) -> None:
        """So does an upload that is closed before its end."""
        self.write("long", noise(4 * BULK_BLOB))
        uploader = self.uploading()
        self.run_now(uploader.add(self.item(self.top / "long")))
        uploader.close()
        self.assertEqual(self.unstaged(), [])
        self.assertGreater(len(self.store.staged), 2)


class HiddenTests(UnstagingTestCase):
    """What goes wrong while blobs are taken back."""

    def setUp(self) -> None:
        super().setUp()
        self.write("long", noise(4 * BULK_BLOB))

    def test_fault(self) -> None:
        """No fault hides the refusal; what may still be there is left to the next try."""
        for fault in (
            Refused(Code.UNAVAILABLE, "not now"),
            Unreachable("there is no connection"),
            ConnectionCut("cut"),
            OSError("a local fault"),
        ):

            async def fail(*arguments: Any, fault: Exception = fault) -> None:
                raise fault

            patch = self.patch(self.peer, "unstage", fail)
            self.room(1)
            self.assertIs(self.put_refused("long"), FULL)
            patch.restore()
            self.assertTrue(list(self.lists.iterdir()), fault)
        self.room(0)
        self.assertIs(self.put_refused("long"), FULL)
        self.assertEqual(self.sent(), 0)

    def test_list_that_can_not_go(self) -> None:
        """A list that can't be removed hides it neither."""
        self.room(1)
        uploader = self.uploading()

        def fail() -> None:
            message = "read-only file system"
            raise OSError(message)

        self.patch(uploader._unfinished, "clear", fail)
        item = self.item(self.top / "long")
        self.assertIs(self.fails(Refused, uploader.add(item)), FULL)
        uploader.close()

    def test_what_is_under_way(self) -> None:
        """Blobs that are under way at that moment are waited for, and taken back with the rest."""
        slow: list[Deferred[None]] = []
        stage = self.peer.stage
        blobs = []

        async def held(drive: bytes, blob: Any, sent: Any) -> None:
            blobs.append(blob)
            if len(blobs) > 1:
                raise FULL
            slow.append(Deferred())
            await slow[0]
            await stage(drive, blob, sent)

        self.patch(self.peer, "stage", held)
        running = Deferred.fromCoroutine(self.put_files([self.top / "long"]))
        self.assertNoResult(running)
        self.assertEqual(self.unstaged(), [])
        slow[0].callback(None)
        self.assertIs(self.failureResultOf(running, Refused).value, FULL)
        self.assertEqual(self.sent(), 0)
        self.assertEqual(len(self.unstaged()), 1)

    def test_many(self) -> None:
        """More blobs than one request may name are taken back by several."""
        uploader = self.uploading()
        many = [number.to_bytes(16, "big") for number in range(2 * MAX_UNSTAGE + 1)]
        self.store.staged.update(dict.fromkeys(many, b""))
        self.run_now(uploader._layer.withdraw(many))
        self.assertEqual(self.store.staged, {})
        self.assertEqual(
            [len(each.blobs) for each in self.unstaged()], [MAX_UNSTAGE, MAX_UNSTAGE, 1]
        )

    def test_local_fault(self) -> None:
        """A local file that can't be read is no reason to take anything back."""
        uploader = self.uploading()
        item = self.item(self.top / "long")
        (self.top / "long").unlink()
        self.run_now(uploader.add(item))
        self.run_now(uploader.finish())
        uploader.close()
        self.assertIsInstance(self.complaints[0], LocalFileError)
        self.assertEqual(self.unstaged(), [])

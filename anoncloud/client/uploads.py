"""Files up: read, sealed, packed, staged, and at last named by a record of the journal.

Reading and sealing run in a thread, one batch ahead of the network; a few blobs are under way at
once. A file appears in the drive only by its record, after every blob that it lies in is durable,
so it appears whole or not at all, and a crash leaves nothing but garbage for the collector.
"""

from collections.abc import Callable
from typing import Any, Final

import attrs
from twisted.internet.defer import Deferred, DeferredSemaphore

from anoncloud.client import changes, names
from anoncloud.client.draft import Draft
from anoncloud.client.drive import Drive, ensure_folders, free_name
from anoncloud.client.localfiles import SealedBatch, Source
from anoncloud.client.nodes import File, Folder, Node, find
from anoncloud.client.streams import unheeded
from anoncloud.crypto.keys import FileKey
from anoncloud.crypto.packing import Extent, PackedBlob, Packer
from anoncloud.errors import Exists, LocalFileError, NotFound
from anoncloud.limits import MIB

InThread = Callable[..., "Deferred[Any]"]
"""Run a blocking function with its arguments in a thread; ``deferToThreadPool`` at heart."""
Progress = Callable[[int], None]
"""Learn that so many more bytes of plaintext are sealed or written."""

BLOBS_UNDER_WAY: Final = 4
FILES_PER_RECORD: Final = 2000
BYTES_PER_RECORD: Final = 1024 * MIB
EXTENTS_PER_RECORD: Final = 40_000
"""What one record holds at most with room to spare: about 150 GiB of blobs."""


@attrs.define(eq=False)
class _Content:
    """One file's sealed stream on its way: the token of its segments in the packer."""

    target: names.Path
    expected: Node | None
    parents: bool
    key: FileKey
    modified: int
    mode: int
    size: int = 0
    extents: list[Extent] = attrs.Factory(list)

    def version(self) -> changes.Version:
        return changes.Version(
            self.size, self.modified, self.mode, self.key.expose(), tuple(self.extents)
        )


@attrs.frozen
class Stored:
    """A file that is in the drive now: where, and whether that is not where it was wanted."""

    path: names.Path
    size: int
    renamed: bool


class Uploader:
    """Store files in *drive*; each is in the drive at the latest after :meth:`finish`."""

    def __init__(
        self, drive: Drive, in_thread: InThread, progress: Progress, clock: Callable[[], int]
    ) -> None:
        self.stored: list[Stored] = []
        self._drive = drive
        self._in_thread = in_thread
        self._progress = progress
        self._clock = clock
        self._packer = Packer(drive.entropy)
        self._slots = DeferredSemaphore(BLOBS_UNDER_WAY)
        self._under_way: set[Deferred[None]] = set()
        self._failure: BaseException | None = None
        self._complete: list[_Content] = []
        self._bytes = 0

    async def add(
        self, open_source: Callable[[], Source], target: names.Path, *, parents: bool = False
    ) -> None:
        """Store one file at *target*: a new file, or a new version of the one that is there.

        With *parents* missing folders above it are made.

        :raises LocalFileError: the file can't be read or changed meanwhile; the others go on.
        """
        expected = self._target(target, parents=parents)
        source: Source = await self._in_thread(open_source)
        content = _Content(
            target,
            expected,
            parents,
            FileKey.generate(self._drive.entropy),
            source.modified,
            source.mode,
        )
        try:
            await self._seal(source, content)
            await self._in_thread(source.check_unchanged)
        finally:
            source.close()
        content.size = source.read
        self._complete.append(content)
        self._bytes += content.size
        if len(self._complete) >= FILES_PER_RECORD or self._bytes >= BYTES_PER_RECORD:
            await self.finish()

    async def finish(self) -> None:
        """Make what was added durable and commit it."""
        for blob in self._packer.flush():
            await self._stage(blob)
        while self._under_way:
            await next(iter(self._under_way))
        self._raise_failure()
        complete, self._complete, self._bytes = self._complete, [], 0
        while complete:
            batch = [complete.pop(0)]
            extents = len(batch[0].extents)
            while complete and extents + len(complete[0].extents) <= EXTENTS_PER_RECORD:
                extents += len(complete[0].extents)
                batch.append(complete.pop(0))
            await self._commit(batch)

    async def _seal(self, source: Source, content: _Content) -> None:
        ahead: Deferred[SealedBatch] = self._in_thread(source.seal_next, content.key)
        try:
            while True:
                batch = await ahead
                if not batch.last:
                    ahead = self._in_thread(source.seal_next, content.key)
                for sealed in batch.segments:
                    blob = self._packer.add(content, sealed)
                    if blob:
                        await self._stage(blob)
                        self._check_size(content)
                self._progress(sum(map(len, batch.segments)))
                if batch.last:
                    return
        finally:
            unheeded(ahead)

    def _check_size(self, content: _Content) -> None:
        if len(content.extents) > EXTENTS_PER_RECORD:
            message = f"{names.show_path(content.target)} is larger than a drive can hold in one file"
            raise LocalFileError(message, "split it")

    async def _stage(self, blob: PackedBlob) -> None:
        """Send a blob off as soon as there is room for one more under way."""
        for content, extent in blob.runs:
            assert isinstance(content, _Content)  # noqa: S101 - our own tokens; for the type checker
            content.extents.append(extent)
        await self._slots.acquire()
        self._raise_failure()
        staged = Deferred.fromCoroutine(self._drive.peer.stage(self._drive.id, blob))
        self._under_way.add(staged)
        _ = staged.addErrback(self._fail).addBoth(self._landed, staged)

    def _landed(self, result: None, staged: "Deferred[None]") -> None:
        del result
        self._under_way.discard(staged)
        self._slots.release()

    def _fail(self, failure: Any) -> None:
        self._failure = self._failure or failure.value

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _target(self, target: names.Path, *, parents: bool) -> Node | None:
        """Look at the place before anything is read, and refuse what can't succeed."""
        try:
            node = find(self._drive.tree, target)
        except NotFound:
            if not parents:
                parent = find(self._drive.tree, target[:-1])
                if not isinstance(parent, Folder):
                    message = f"{names.show_path(target[:-1])} is a file, not a folder"
                    raise Exists(message, "choose another place") from None
            return None
        if isinstance(node, Folder):
            message = f"{names.show_path(target)} is a folder"
            raise Exists(message, "choose another name, or move the folder away first")
        return node

    async def _commit(self, contents: list[_Content]) -> None:
        placed: list[Stored] = []

        def plan(draft: Draft) -> None:
            placed.clear()
            placed.extend(self._put(draft, content) for content in contents)

        await self._drive.change(plan)
        self.stored += placed

    def _put(self, draft: Draft, content: _Content) -> Stored:
        """Put one file into *draft*: as a new version if nothing came between, else beside it."""
        *above, name = content.target
        if content.parents:
            folder = ensure_folders(draft, tuple(above), self._clock())
        else:
            folder = find(draft, tuple(above)).node
        number = draft.child(folder, name)
        there = draft.node(number) if number is not None else None
        if isinstance(there, File) and _same(there, content.expected):
            draft.add(changes.PutVersion(there.node, content.version()))
            return Stored(content.target, content.size, renamed=False)
        free = free_name(draft, folder, name, b"conflict")
        draft.add(changes.PutFile(draft.new_node(), folder, free, content.version()))
        return Stored((*above, free), content.size, renamed=free != name)


def _same(there: File, expected: Node | None) -> bool:
    """Whether a file still is what it was when its new version was begun."""
    return isinstance(expected, File) and (there.node, there.version.key) == (
        expected.node,
        expected.version.key,
    )

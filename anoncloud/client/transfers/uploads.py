"""Files up: read, sealed, packed, staged, and at last named by a record of the journal.

A thread reads, a step ahead of the network. Short files go many at a time; a long one goes in
batches, and if the drive has an earlier version, only what is new of it. A file appears in the
drive only by its record, after every blob that it lies in is durable, so it appears whole or not
at all, and a crash leaves nothing but garbage for the collector.
"""

import os
import stat
from collections.abc import Callable, Sequence
from typing import Final

import attrs
from twisted.internet.defer import Deferred

from anoncloud.client.drive import Drive
from anoncloud.client.streams import unheeded
from anoncloud.client.threads import (
    InThread,
    Progress,
    begin_file,
    expect,
    finishing,
    pass_files,
)
from anoncloud.client.transfers.judging import Judge
from anoncloud.client.transfers.laying import Laid, Layer, Origin
from anoncloud.client.transfers.localfiles import show_local
from anoncloud.client.transfers.localtree import Complain
from anoncloud.client.transfers.longfiles import LongFiles
from anoncloud.client.transfers.placing import Later, Placed, Placer, Wanted, has_content
from anoncloud.client.transfers.policies import Existing, Policy, Seen
from anoncloud.client.transfers.sealer import SealedFile, seal_short
from anoncloud.client.transfers.sending import Sending
from anoncloud.client.transfers.sources import SMALL, FileSource, ShortFile, Source, read_short
from anoncloud.client.transfers.unfinished import Identity, Unfinished
from anoncloud.client.transfers.unstaging import taking_back
from anoncloud.client.tree import names
from anoncloud.client.tree.versions import Stream, Version
from anoncloud.crypto.segments import sealed_length
from anoncloud.errors import Code, LocalError, LocalFileError, Refused
from anoncloud.limits import GIB, MIB

FILES_PER_RECORD: Final = 5000
BYTES_PER_RECORD: Final = GIB
GROUP_FILES: Final = 256
GROUP_BYTES: Final = 4 * MIB
"""Short files that are read and sealed in one go."""


@attrs.frozen
class Item:
    """A local file that is to be stored: where it is, what it looked like, and where it goes."""

    path: str
    status: os.stat_result
    target: names.Path
    follow: bool = True

    @property
    def seen(self) -> Seen:
        """What it looks like from outside."""
        return Seen(self.status.st_size, self.status.st_mtime_ns)


@attrs.frozen
class Terms:
    """How files are stored: what of those that exist, and whether their content is compared."""

    policy: Policy = attrs.field(factory=lambda: Policy(Existing.REPLACE))
    by_content: bool = False


class Uploader:
    """Stores files in *drive*; each is in the drive at the latest after :meth:`finish`."""

    def __init__(  # noqa: PLR0913 - each is an outside thing
        self,
        drive: Drive,
        in_thread: InThread,
        progress: Progress,
        complain: Complain,
        unfinished: Unfinished,
        terms: Terms,
    ) -> None:
        self.unchanged = 0
        self.carries_on = False
        """Whether something is used that an upload before this one has left on the server."""
        self.in_thread = in_thread
        self._terms = terms
        self._drive = drive
        self._progress = Sending(progress)
        self._complain = complain
        self._unfinished = unfinished
        self._layer = Layer(drive, unfinished, self._progress)
        self._long = LongFiles(
            drive, self._layer, unfinished, in_thread, complain, terms.by_content
        )
        self._placer = Placer(drive)
        self._judge = Judge(drive, self._placer, terms.policy, terms.by_content)
        self._group: list[tuple[Item, Wanted]] = []
        self._group_bytes = 0
        self._reading: Deferred[list[ShortFile | LocalFileError]] | None = None
        self._read: list[tuple[Item, Wanted]] = []
        self._bytes = 0

    @property
    def stored(self) -> list[Placed]:
        """What is in the drive by now."""
        return self._placer.placed

    @property
    def left(self) -> list[names.Path]:
        """Places of files that were not stored, though they differ from what is there."""
        return self._judge.left

    async def settle(self, items: Sequence[Item]) -> None:
        """Let all be asked that there is to ask about *items*, before they are added."""
        await self._judge.settle([(item.target, item.seen) for item in items], self.in_thread)

    def expect(self, sizes: list[int]) -> None:
        """Tell whoever watches that files of these sizes are to be added."""
        expect(self._progress, len(sizes), sum(sizes))

    def skip(self, items: Sequence[Item]) -> None:
        """Tell whoever watches that these were expected, and are not added."""
        pass_files(self._progress, len(items), sum(item.status.st_size for item in items))

    async def add(self, item: Item, *, parents: bool = True) -> None:
        """Store a local file: a new one, or a new version of the one that is there.

        A file that can't be read, or changes meanwhile, is complained about; the others go on.
        With *parents* missing folders above it are made.

        :raises LocalError: it can't be placed there.
        """
        async with taking_back(self._layer, self._unfinished):
            await self._add(item, parents=parents)

    async def _add(self, item: Item, *, parents: bool) -> None:
        size = item.status.st_size
        try:
            wanted = await self._judge.where(item.target, item.seen, parents=parents)
        except LocalError:
            pass_files(self._progress, skipped=size)
            raise
        if wanted is None:
            self.unchanged += 1
            pass_files(self._progress, skipped=size)
            return
        if await self._is_there(item, wanted):
            return
        if size > SMALL:
            begin_file(self._progress, show_local(item.path), size)
            try:
                source = await self.in_thread(lambda: FileSource(item.path, follow=item.follow))
                await self._store(source, wanted)
            except LocalFileError as error:
                self._complain(error)
            pass_files(self._progress)
            return
        self._group.append((item, wanted))
        self._group_bytes += size
        if len(self._group) >= GROUP_FILES or self._group_bytes >= GROUP_BYTES:
            await self._seal_group()

    async def _is_there(self, item: Item, wanted: Wanted) -> bool:
        """Place a short file that an upload before this one has sent whole."""
        status = item.status
        prior = self._unfinished.prior(Identity.of(status))
        if (
            prior is None
            or prior.digest is None
            or prior.length != sealed_length(status.st_size)
            or status.st_size > SMALL
        ):
            return False
        self.carries_on = True
        mode, extents = stat.S_IMODE(status.st_mode), tuple(prior.extents)
        stream = Stream(prior.key, status.st_size, extents)
        version = Version(status.st_mtime_ns, mode, prior.digest, (stream,))
        pass_files(self._progress, skipped=status.st_size)
        await self._place(wanted, lambda: version, status.st_size)
        return True

    async def add_source(
        self, open_source: Callable[[], Source], target: names.Path, *, parents: bool = False
    ) -> None:
        """Store what *open_source* gives, such as a stream of unknown length, at *target*.

        :raises LocalError: it can't be placed there, or not be read.
        """
        wanted = self._placer.want(target, parents=parents)
        async with taking_back(self._layer, self._unfinished):
            await self._store(await self.in_thread(open_source), wanted)

    async def finish(self) -> None:
        """Make what was added durable and commit it."""
        async with taking_back(self._layer, self._unfinished):
            await self._seal_group()
            await self._take_read()
            await self._commit()
        self._unfinished.clear()

    async def _commit(self) -> None:
        await self._layer.finish()
        self._bytes = 0
        try:
            with finishing(self._progress):
                await self._placer.commit()
        except Refused as error:
            if error.code is Code.BLOB_UNKNOWN:  # what was left has been collected meanwhile
                self._unfinished.clear()
            raise
        self._layer.forget_committed()

    def close(self) -> None:
        """Give up what is under way and not committed; harmless after :meth:`finish`."""
        self._unfinished.close()
        if self._reading is not None:
            unheeded(self._reading)

    async def _seal_group(self) -> None:
        """Let a thread read the group, and meanwhile deal with the one before it."""
        group, self._group, self._group_bytes = self._group, [], 0
        items = [item for item, _ in group]
        reading = self.in_thread(_read_all, items) if group else None
        try:
            await self._take_read()
        finally:
            self._reading, self._read = reading, group

    async def _take_read(self) -> None:
        if self._reading is None:
            return
        reading, self._reading = self._reading, None
        drive = self._drive
        for (item, wanted), file in zip(self._read, await reading, strict=True):
            if isinstance(file, LocalFileError):
                self._complain(file)
                pass_files(self._progress, skipped=item.status.st_size)
                continue
            sealed = seal_short(file, drive.prints, drive.entropy, compress=drive.tree.compress)
            if self._terms.by_content and has_content(wanted, sealed.digest):
                self.unchanged += 1
                pass_files(self._progress, skipped=item.status.st_size)
                continue
            identity = Identity.of(item.status)
            laid = Laid(Origin(identity, sealed.key, b"", sealed.digest))
            await self._layer.add(laid, sealed.segments, item.status.st_size)
            await self._place(wanted, _short_version(sealed, laid), item.status.st_size)
            pass_files(self._progress)

    async def _store(self, source: Source, wanted: Wanted) -> None:
        version = await self._long.store(source, wanted)
        self.carries_on |= self._long.carries_on
        if version is None:
            self.unchanged += 1
        else:
            await self._place(wanted, version, source.size)

    async def _place(self, wanted: Wanted, version: Later, length: int) -> None:
        self._placer.add(wanted, version)
        self._bytes += length
        if self._placer.waiting >= FILES_PER_RECORD or self._bytes >= BYTES_PER_RECORD:
            await self._commit()


def _read_all(items: list[Item]) -> list[ShortFile | LocalFileError]:
    return [_read_one(item) for item in items]


def _read_one(item: Item) -> ShortFile | LocalFileError:
    try:
        return read_short(item.path, follow=item.follow)
    except LocalFileError as error:
        return error


def _short_version(sealed: SealedFile, laid: Laid) -> Later:
    def version() -> Version:
        stream = Stream(sealed.key.expose(), sealed.size, tuple(laid.extents))
        streams = (stream,)
        return Version(
            sealed.modified, sealed.mode, sealed.digest, streams, expanded=sealed.expanded
        )

    return version

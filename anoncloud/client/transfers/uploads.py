"""Files up: read, sealed, packed, staged, and at last named by a record of the journal.

Reading and sealing run in a thread, a step ahead of the network. Short files go many at a time; a
long one goes in batches, and if the drive has an earlier version, only what is new of it. A file
appears in the drive only by its record, after every blob that it lies in is durable, so it appears
whole or not at all, and a crash leaves nothing but garbage for the collector.
"""

import os
from collections.abc import Callable, Iterator
from typing import Final

import attrs
from twisted.internet.defer import Deferred

from anoncloud.client.drive import Drive
from anoncloud.client.streams import unheeded
from anoncloud.client.threads import InThread, Progress
from anoncloud.client.transfers.fingerprints import MOST, Entry
from anoncloud.client.transfers.laying import Laid, Layer
from anoncloud.client.transfers.localtree import Complain
from anoncloud.client.transfers.placing import Placed, Placer, Wanted
from anoncloud.client.transfers.policies import Decision, Existing, Policy
from anoncloud.client.transfers.reading import read_fingerprints
from anoncloud.client.transfers.revising import Batch, Revision, old_segments, seal_stream
from anoncloud.client.transfers.sealer import SealedFile, Sealer
from anoncloud.client.transfers.sources import SMALL, FileSource, Source, seal_small
from anoncloud.client.tree import names
from anoncloud.client.tree.nodes import File
from anoncloud.client.tree.versions import Stream, Version
from anoncloud.crypto.keys import FileKey
from anoncloud.errors import Exists, LocalFileError
from anoncloud.limits import GIB, MIB

FILES_PER_RECORD: Final = 5000
BYTES_PER_RECORD: Final = GIB
EXTENTS_PER_FILE: Final = 40_000
"""What one record holds with room to spare: about 150 GiB of blobs."""
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


@attrs.frozen
class Terms:
    """How files are stored: what of those that exist, and whether their content is compared."""

    policy: Policy = attrs.field(factory=lambda: Policy(Existing.REPLACE))
    by_content: bool = False


class Uploader:
    """Stores files in *drive*; each is in the drive at the latest after :meth:`finish`."""

    def __init__(
        self,
        drive: Drive,
        in_thread: InThread,
        progress: Progress,
        complain: Complain,
        terms: Terms,
    ) -> None:
        self.unchanged = 0
        self._terms = terms
        self._drive = drive
        self._in_thread = in_thread
        self._progress = progress
        self._complain = complain
        self._layer = Layer(drive)
        self._placer = Placer(drive)
        self._group: list[tuple[Item, Wanted]] = []
        self._group_bytes = 0
        self._sealing: Deferred[list[SealedFile | LocalFileError]] | None = None
        self._sealed: list[tuple[Item, Wanted]] = []
        self._bytes = 0

    @property
    def stored(self) -> list[Placed]:
        """What is in the drive by now."""
        return self._placer.placed

    async def add(self, item: Item, *, parents: bool = True) -> None:
        """Store a local file: a new one, or a new version of the one that is there.

        A file that can't be read, or changes meanwhile, is complained about; the others go on.
        With *parents* missing folders above it are made.

        :raises LocalError: it can't be placed there.
        """
        wanted = self._judge(item, self._placer.want(item.target, parents=parents))
        if wanted is None:
            return
        if item.status.st_size > SMALL:
            try:
                source = await self._in_thread(lambda: FileSource(item.path, follow=item.follow))
                await self._store(source, wanted)
            except LocalFileError as error:
                self._complain(error)
            return
        self._group.append((item, wanted))
        self._group_bytes += item.status.st_size
        if len(self._group) >= GROUP_FILES or self._group_bytes >= GROUP_BYTES:
            await self._seal_group()

    async def add_source(
        self, open_source: Callable[[], Source], target: names.Path, *, parents: bool = False
    ) -> None:
        """Store what *open_source* gives, such as a stream of unknown length, at *target*.

        :raises LocalError: it can't be placed there, or not be read.
        """
        wanted = self._placer.want(target, parents=parents)
        await self._store(await self._in_thread(open_source), wanted)

    async def finish(self) -> None:
        """Make what was added durable and commit it."""
        await self._seal_group()
        await self._take_sealed()
        await self._layer.finish()
        self._bytes = 0
        await self._placer.commit()

    async def close(self) -> None:
        """Give up what is under way and not committed; harmless after :meth:`finish`."""
        if self._sealing is not None:
            unheeded(self._sealing)

    def _judge(self, item: Item, wanted: Wanted) -> Wanted | None:
        """Say where a file goes; None if it stays out: nothing about it is new, or it may not.

        :raises Exists: the policy is to fail.
        """
        there = wanted.expected
        if not isinstance(there, File):
            return wanted
        version = there.version
        same = (version.size, version.modified) == (item.status.st_size, item.status.st_mtime_ns)
        if same and not self._terms.by_content:
            self.unchanged += 1
            return None
        shown = names.show_path(item.target)
        decision = self._terms.policy.decide(shown, item.status.st_mtime_ns, version.modified)
        if decision is Decision.REFUSE:
            message = f"{shown} exists"
            raise Exists(message, "choose another name, or what to do by --existing")
        if decision is Decision.LEAVE:
            self.unchanged += 1
            return None
        if decision is Decision.BESIDE:
            return attrs.evolve(wanted, expected=None, label=b"copy")
        return wanted

    async def _seal_group(self) -> None:
        """Let a thread seal the group, and meanwhile deal with the one before it."""
        group, self._group, self._group_bytes = self._group, [], 0
        paths = [item.path for item, _ in group]
        sealing = self._in_thread(self._seal_all, paths) if group else None
        try:
            await self._take_sealed()
        finally:
            self._sealing, self._sealed = sealing, group

    def _seal_all(self, paths: list[str]) -> list[SealedFile | LocalFileError]:
        prints, entropy = self._drive.prints, self._drive.entropy
        sealed: list[SealedFile | LocalFileError] = []
        for path in paths:
            try:
                sealed.append(seal_small(path, prints, entropy))
            except LocalFileError as error:
                sealed.append(error)
        return sealed

    async def _take_sealed(self) -> None:
        if self._sealing is None:
            return
        sealing, self._sealing = self._sealing, None
        for (_, wanted), sealed in zip(self._sealed, await sealing, strict=True):
            if isinstance(sealed, LocalFileError):
                self._complain(sealed)
                continue
            if self._has_already(wanted, sealed.digest):
                continue
            laid = Laid()
            await self._layer.add(laid, sealed.segments)
            await self._place(wanted, _short_version(sealed, laid), sealed.size)
            self._progress(sealed.size)

    async def _store(self, source: Source, wanted: Wanted) -> None:
        """Seal a long source batch by batch, one ahead of the network."""
        try:
            revision = await self._revision(source, wanted)
            sealer = Sealer(FileKey.generate(self._drive.entropy), self._drive.prints)
            digest = self._drive.prints.content()
            if revision is None or not isinstance(source, FileSource):
                batches = seal_stream(source, sealer, digest)
            else:
                batches = revision.seal_new(source, sealer, digest, self._drive.prints)
            laid = await self._lay(batches)
            found = digest.digest()
            if revision is not None and not revision.fits:
                wanted = attrs.evolve(wanted, revisable=False)
                await self._store(source, wanted)
                return
            await self._in_thread(source.check)
            if revision is not None and self._has_already(wanted, found):
                return
            listed = Laid()
            await self._layer.add(listed, await self._in_thread(sealer.fingerprints))
        finally:
            source.close()
        new = (laid, listed, sealer) if sealer.size or revision is None else None
        version = _long_version(source, found, new, revision)
        length = source.size if isinstance(source, FileSource) else sealer.size
        await self._place(wanted, version, length)

    def _has_already(self, wanted: Wanted, digest: bytes) -> bool:
        """Whether the drive has this very content there, and that is all that was asked."""
        there = wanted.expected
        if not (self._terms.by_content and isinstance(there, File)):
            return False
        same = there.version.digest == digest
        self.unchanged += same
        return same

    async def _lay(self, batches: Iterator[Batch]) -> Laid:
        laid = Laid()
        ahead: Deferred[Batch | None] = self._in_thread(next, batches, None)
        try:
            while (batch := await ahead) is not None:
                ahead = self._in_thread(next, batches, None)
                await self._layer.add(laid, batch.segments)
                self._progress(batch.read)
                if len(laid.extents) > EXTENTS_PER_FILE:
                    message = "the file is larger than a drive can hold in one file"
                    raise LocalFileError(message, "split it")
        finally:
            unheeded(ahead)
        return laid

    async def _revision(self, source: Source, wanted: Wanted) -> Revision | None:
        """Begin a revision, if there is an earlier version that is worth comparing with."""
        there = wanted.expected
        if not (isinstance(source, FileSource) and isinstance(there, File) and wanted.revisable):
            return None
        version = there.version
        lists: dict[bytes, list[Entry]] = {}
        for stream in version.streams:
            if stream.fingerprints and stream.size <= MOST:
                lists[stream.key] = await read_fingerprints(self._drive, stream)
        olds = old_segments(version, lists)
        return Revision(version, olds) if olds and source.size else None

    async def _place(self, wanted: Wanted, version: "_Later", length: int) -> None:
        self._placer.add(wanted, version)
        self._bytes += length
        if self._placer.waiting >= FILES_PER_RECORD or self._bytes >= BYTES_PER_RECORD:
            await self._layer.finish()
            self._bytes = 0
            await self._placer.commit()


_Later = Callable[[], Version]
"""A version whose extents are known once its last blob is laid."""


def _short_version(sealed: SealedFile, laid: Laid) -> _Later:
    def version() -> Version:
        stream = Stream(sealed.key.expose(), sealed.size, tuple(laid.extents))
        return Version(sealed.modified, sealed.mode, sealed.digest, (stream,))

    return version


def _long_version(
    source: Source, digest: bytes, new: tuple[Laid, Laid, Sealer] | None, revision: Revision | None
) -> _Later:
    def version() -> Version:
        stream = None
        if new is not None:
            laid, listed, sealer = new
            extents, prints = tuple(laid.extents), tuple(listed.extents)
            stream = Stream(sealer.key.expose(), sealer.size, extents, prints)
        if revision is not None:
            return revision.version(source.modified, source.mode, digest, stream)
        streams = (stream,) if stream else ()
        return Version(source.modified, source.mode, digest, streams)

    return version

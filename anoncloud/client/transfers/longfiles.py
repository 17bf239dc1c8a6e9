"""A long file up, batch by batch; if the drive has an earlier version, only what is new of it.

A thread reads, compares and compresses ahead of the network. What is only read is sealed on the
reactor, a few milliseconds at a time: two threads that both run Python hinder each other more than
they help (docs/performance.rst). What an upload that was cut off has left on the server is not sent
again.
"""

from collections.abc import Iterator
from typing import Final

import attrs

from anoncloud.client.ahead import Ahead
from anoncloud.client.drive import Drive
from anoncloud.client.threads import InThread
from anoncloud.client.transfers.fingerprints import MOST, Entry
from anoncloud.client.transfers.laying import Laid, Layer, Origin
from anoncloud.client.transfers.localtree import Complain
from anoncloud.client.transfers.placing import Later, Wanted, has_content
from anoncloud.client.transfers.reading import read_fingerprints
from anoncloud.client.transfers.revising import (
    Batch,
    Revision,
    old_segments,
    seal_compressed,
)
from anoncloud.client.transfers.sealer import NotTheSame, Sealer
from anoncloud.client.transfers.sources import FileSource, Source
from anoncloud.client.transfers.sparse import LOST
from anoncloud.client.transfers.unfinished import Unfinished
from anoncloud.client.tree import names
from anoncloud.client.tree.nodes import File
from anoncloud.client.tree.versions import Stream, Version
from anoncloud.crypto.fingerprints import ContentDigest
from anoncloud.crypto.keys import FileKey
from anoncloud.errors import AnonymousCloudError, LocalFileError, Refused, Tampered

EXTENTS_PER_FILE: Final = 40_000
"""What one record holds with room to spare: about 150 GiB of blobs."""


@attrs.define
class LongFiles:
    """Stores long files one by one, and streams of unknown length.

    *carries_on* tells whether one of them was begun by an upload before this one.
    """

    _drive: Drive
    _layer: Layer
    _unfinished: Unfinished
    _in_thread: InThread
    _complain: Complain
    _by_content: bool
    carries_on: bool = False

    async def store(self, source: Source, wanted: Wanted) -> Later | None:
        """Seal *source* batch by batch; give its version, or None if the drive has it already.

        :raises LocalFileError: it can't be read, or changed meanwhile.
        """
        try:
            return await self._store_once(source, wanted)
        except NotTheSame:
            if isinstance(source, FileSource):
                self._unfinished.distrust(source.identity)
            return await self._store_once(source, wanted)
        finally:
            source.close()

    async def _store_once(self, source: Source, wanted: Wanted) -> Later | None:
        revision = await self._revision(source, wanted)
        sealer, laid = self._begin(source)
        digest = self._drive.prints.content()
        compress = self._drive.tree.compress and revision is None
        if revision is not None and isinstance(source, FileSource):
            await self._lay(revision.seal_new(source, sealer, digest, self._drive.prints), laid)
        elif compress:
            await self._lay(seal_compressed(source, sealer, digest), laid)
        else:
            await self._seal(source, sealer, digest, laid)
        if revision is not None and not revision.fits:
            if isinstance(source, FileSource):  # its key has sealed something else by now
                self._unfinished.distrust(source.identity)
            return await self._store_once(source, attrs.evolve(wanted, revisable=False))
        await self._in_thread(source.check)
        found = digest.digest()
        if self._by_content and has_content(wanted, found):
            return None
        listed = Laid()
        if not compress:  # the next version is no frame that could be compared with this one
            await self._layer.add(listed, await self._in_thread(sealer.fingerprints))
        new = (laid, listed, sealer) if sealer.size or revision is None else None
        return _long_version(source, found, new, revision, compress=compress)

    def _begin(self, source: Source) -> tuple[Sealer, Laid]:
        """Begin a stream, or carry on the one that an upload before this one has begun."""
        prints = self._drive.prints
        if not isinstance(source, FileSource):
            return Sealer(FileKey.generate(self._drive.entropy), prints), Laid()
        prior = self._unfinished.prior(source.identity)
        key = FileKey(prior.key) if prior else FileKey.generate(self._drive.entropy)
        sealer = Sealer(key, prints, prior)
        still = self._unfinished.is_still(source.identity)
        laid = Laid(Origin(source.identity, key, sealer.marks) if still else None)
        if prior is not None:
            self.carries_on = True
            laid.extents, laid.length = list(prior.extents), prior.length
        return sealer, laid

    async def _seal(
        self, source: Source, sealer: Sealer, digest: ContentDigest, laid: Laid
    ) -> None:
        """Seal all of *source*, and lay it."""
        ahead = Ahead(source.pieces(), self._in_thread)
        try:
            while (plaintext := await ahead.next()) is not None:
                digest.update(plaintext)
                await self._lay_batch(Batch(sealer.feed(plaintext), len(plaintext)), laid)
        finally:
            ahead.close()
        await self._lay_batch(Batch([sealer.finish()], 0), laid)

    async def _lay(self, batches: Iterator[Batch], laid: Laid) -> None:
        """Lay what *batches* seal, a few batches ahead of the network."""
        ahead = Ahead(batches, self._in_thread)
        try:
            while (batch := await ahead.next()) is not None:
                await self._lay_batch(batch, laid)
        finally:
            ahead.close()

    async def _lay_batch(self, batch: Batch, laid: Laid) -> None:
        await self._layer.add(laid, batch.segments, batch.read)
        if len(laid.extents) > EXTENTS_PER_FILE:
            message = "the file is larger than a drive can hold in one file"
            raise LocalFileError(message, "split it")

    async def _revision(self, source: Source, wanted: Wanted) -> Revision | None:
        """Begin a revision, if there is an earlier version that is worth comparing with."""
        there = wanted.expected
        if not (isinstance(source, FileSource) and isinstance(there, File) and wanted.revisable):
            return None
        version = there.version
        lists: dict[bytes, list[Entry]] = {}
        try:
            for stream in version.streams:
                if stream.fingerprints and stream.size <= MOST:
                    lists[stream.key] = await read_fingerprints(self._drive, stream)
        except (Tampered, Refused) as error:
            if isinstance(error, Refused) and error.code not in LOST:
                raise
            self._complain(_damaged(wanted, error))
            return None
        olds = old_segments(version, lists)
        return Revision(version, olds) if olds and source.size else None


def _damaged(wanted: Wanted, error: AnonymousCloudError) -> Tampered:
    shown = names.show_path(wanted.target)
    message = f"comparing with the earlier version of {shown}: {error.message}"
    hint = "the file is stored whole; run 'anoncloud verify' to see what else is damaged"
    return Tampered(message, hint)


def _long_version(
    source: Source,
    digest: bytes,
    new: tuple[Laid, Laid, Sealer] | None,
    revision: Revision | None,
    *,
    compress: bool,
) -> Later:
    def version() -> Version:
        stream = None
        if new is not None:
            laid, listed, sealer = new
            extents, prints = tuple(laid.extents), tuple(listed.extents)
            stream = Stream(sealer.key.expose(), sealer.size, extents, prints)
        if revision is not None:
            return revision.version(source.modified, source.mode, digest, stream)
        streams = (stream,) if stream else ()
        expanded = source.size if compress else 0
        return Version(source.modified, source.mode, digest, streams, expanded=expanded)

    return version

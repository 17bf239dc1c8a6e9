"""What is stored, read back and thrown away: every segment must open, every content fit its digest.

Nothing that is found damaged stops the rest. Short versions are read many at a time, as they lie
side by side; if something is wrong among them, each is looked at alone.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import attrs

from anoncloud.client.drive import Drive
from anoncloud.client.threads import InThread, Progress, begin_file, pass_files
from anoncloud.client.transfers.compressing import Expander
from anoncloud.client.transfers.downloads import download
from anoncloud.client.transfers.fingerprints import MOST, list_key, list_length
from anoncloud.client.transfers.gathering import Gatherer
from anoncloud.client.transfers.reading import Reader, open_whole
from anoncloud.client.transfers.sparse import LOST
from anoncloud.client.tree import names
from anoncloud.client.tree.listing import origin
from anoncloud.client.tree.nodes import File, Space, below, find, path_of
from anoncloud.client.tree.tree import Tree
from anoncloud.client.tree.versions import Stream, Version, check_version
from anoncloud.crypto.entropy import Entropy
from anoncloud.crypto.fingerprints import Fingerprints
from anoncloud.crypto.keys import FileKey
from anoncloud.crypto.packing import Extent
from anoncloud.errors import AnonymousCloudError, Refused, Tampered
from anoncloud.limits import KIB, MIB

SHORT: Final = 256 * KIB
GROUP_BYTES: Final = 8 * MIB
GROUP_FILES: Final = 1000
"""Versions of at most SHORT bytes are read in groups of so many, or so long."""
_DRAW: Final = 32
"""Random bits that decide about one version of a sample."""


@attrs.frozen
class Stored:
    """A version of a file: where that is, when it was *stored* (microseconds), and itself."""

    path: names.Path
    stored: int
    version: Version
    trashed: bool


@attrs.frozen
class Damage:
    """A version that can't be had back as it was stored, and why."""

    where: Stored
    fault: str


def stored_versions(tree: Tree, path: names.Path) -> Iterator[Stored]:
    """Give every version at and below *path*, the oldest of a file first; of the root, the trash.

    :raises NotFound: there is nothing at *path*.
    """
    yield from _versions(tree, below(tree, find(tree, path).node), trashed=False)
    if not path:
        for number in sorted(tree.trash):
            yield from _versions(tree, below(tree, number), trashed=True)


def _versions(tree: Space, nodes: Iterable[object], *, trashed: bool) -> Iterator[Stored]:
    for node in nodes:
        if isinstance(node, File):
            where = origin(tree, node) if node.trashed else path_of(tree, node.node)
            for kept in node.versions:
                yield Stored(where, kept.stored, kept.version, trashed)


class Nowhere:
    """A target that throws everything away, when it has seen that it is what was stored."""

    def __init__(self, version: Version, prints: Fingerprints) -> None:
        self._wanted = version.digest
        self._digest = prints.content()

    def write(self, plaintext: list[bytes]) -> None:
        """Take pieces in order."""
        for piece in plaintext:
            self._digest.update(piece)

    def finish(self, modified: int, mode: int) -> None:
        """Compare the digest.

        :raises Tampered: it is another one.
        """
        del modified, mode
        if self._digest.digest() != self._wanted:
            message = "a file came down whole, but is not what was stored"
            raise Tampered(message)

    def abandon(self) -> None:
        """Leave no trace, as there is none."""


class Verifier:
    """Reads versions of *drive* back, and tells *on_damage* of each that is not what was stored.

    :ivar versions: how many were read.
    :ivar size: their bytes of plaintext.
    """

    def __init__(
        self,
        drive: Drive,
        in_thread: InThread,
        progress: Progress,
        on_damage: Callable[[Damage], None],
    ) -> None:
        self.versions = 0
        self.size = 0
        self._drive = drive
        self._in_thread = in_thread
        self._progress = progress
        self._on_damage = on_damage

    async def verify(self, wanted: Iterable[Stored]) -> None:
        """Read all of *wanted* back.

        :raises AnonymousCloudError: something that says nothing of a file, such as a cut.
        """
        group: list[Stored] = []
        length = 0
        for one in wanted:
            self.versions += 1
            self.size += one.version.size
            if one.version.pieces or one.version.size > SHORT:
                await self._alone(one)
                continue
            group.append(one)
            length += one.version.size
            if length >= GROUP_BYTES or len(group) >= GROUP_FILES:
                await self._together(group)
                group, length = [], 0
        await self._together(group)

    async def _together(self, group: list[Stored]) -> None:
        if not group:
            return
        try:
            for one in group:
                check_version(one.version)
            await self._read_group(group)
        except AnonymousCloudError as error:
            _explain(error)
            for one in group:
                await self._alone(one)

    async def _read_group(self, group: list[Stored]) -> None:
        extents = {
            extent for one in group for stream in one.version.streams for extent in stream.extents
        }
        gatherer = Gatherer(self._drive, sorted(extents))
        read: dict[Extent, memoryview] = {}
        try:
            while (come := await gatherer.next()) is not None:
                read.update(come)
        finally:
            gatherer.close()
        versions = [one.version for one in group]
        await self._in_thread(_open_all, versions, read, self._drive.prints)
        self._progress(sum(version.size for version in versions))
        for one in group:
            await self._check_lists(one)
        pass_files(self._progress, len(group))

    async def _alone(self, one: Stored) -> None:
        """Read one version, and say what is wrong with it."""
        begin_file(self._progress, names.show_path(one.path), one.version.size)
        try:
            nowhere = Nowhere(one.version, self._drive.prints)
            await download(self._drive, one.version, nowhere, self._in_thread, self._progress)
            await self._check_lists(one)
        except AnonymousCloudError as error:
            self._on_damage(Damage(one, _explain(error)))
        pass_files(self._progress)

    async def _check_lists(self, one: Stored) -> None:
        """Read the lists of fingerprints, without which a file could not be compared."""
        for stream in one.version.streams:
            if not stream.fingerprints or stream.size > MOST:
                continue
            reader = Reader(self._drive, stream.fingerprints)
            try:
                sealed = await reader.whole()
            finally:
                reader.close()
            await self._in_thread(_open_list, stream, sealed)


def _open_list(stream: Stream, sealed: bytes) -> None:
    try:
        open_whole(list_key(FileKey(stream.key)), list_length(stream), sealed)
    except Tampered as error:
        message = "its list of fingerprints is not what was stored"
        raise Tampered(message) from error


def _open_all(
    versions: list[Version], read: dict[Extent, memoryview], prints: Fingerprints
) -> None:
    for version in versions:
        (stream,) = version.streams
        sealed = b"".join(read[extent] for extent in stream.extents)
        plaintext = open_whole(FileKey(stream.key), stream.size, sealed)
        if version.expanded:
            expander = Expander(version.expanded)
            plaintext = expander.expand(plaintext)
            expander.finish()
        nowhere = Nowhere(version, prints)
        nowhere.write([plaintext])
        nowhere.finish(version.modified, version.mode)


def _explain(error: AnonymousCloudError) -> str:
    """Say what is wrong with a file, or raise what is wrong with something else."""
    if isinstance(error, Tampered):
        return error.message
    if isinstance(error, Refused) and error.code in LOST:
        return f"the server does not give it back: {error.message}"
    raise error


def sample(wanted: Iterable[Stored], percent: float, entropy: Entropy) -> Iterator[Stored]:
    """Give each of *wanted* with a probability of *percent*."""
    chance = int(percent * 2**_DRAW / 100)
    for one in wanted:
        if int.from_bytes(entropy(_DRAW // 8), "big") < chance:
            yield one

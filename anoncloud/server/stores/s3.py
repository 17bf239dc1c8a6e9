"""Blobs as objects in a bucket of any store that speaks S3, for more than one machine.

boto3 in threads of its own, which tries again by itself. Nothing rests on what only some such
stores do, conditional writes least of all: names are random and written once, and SQL says which of
them count. What a store can do beyond that is asked at the start.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final
from uuid import uuid4
from zlib import crc32

import attrs
from botocore.exceptions import BotoCoreError, ClientError
from twisted.internet.defer import DeferredLock, gatherResults
from twisted.logger import Logger

from anoncloud.errors import Code, LocalError, Refused
from anoncloud.ids import BlobId
from anoncloud.limits import KIB
from anoncloud.server.contracts import AsyncFilter, Incoming
from anoncloud.server.stores.coming import Comings, InThread, absent
from anoncloud.server.stores.folder import blob_of, file_name
from anoncloud.server.stores.s3_place import Place, connect

_IN_MEMORY: Final = 256 * KIB
"""Of a blob that comes in; what is more waits in a nameless file."""
_BATCH: Final = 1000
"""Names in one request to remove; more are not allowed."""
_FULL: Final = frozenset({"QuotaExceeded", "InsufficientStorage", "507"})
_ABSENT: Final = frozenset({"NoSuchKey", "InvalidRange", "404", "416"})
_PROBE: Final = "probe"
"""What an object is called, with a number of its own, that is put and removed only to ask."""


@attrs.frozen
class Abilities:
    """What a store was found to do.

    :ivar batches: whether it removes many objects by one request.
    :ivar conditions: whether it refuses to overwrite where that is asked for; we never ask.
    """

    batches: bool
    conditions: bool


class S3Blobs:
    """Fulfils :class:`~anoncloud.server.contracts.BlobStore` in a bucket.

    Keys come from where boto3 finds them: the environment, its file, or the machine's role.
    """

    _log = Logger()

    def __init__(self, place: Place, in_thread: InThread, client: Any = None) -> None:
        self._place = place
        self._client = client or connect(place)
        self._in_thread = in_thread
        self._names = Comings(in_thread, self._remove)
        self.abilities = Abilities(batches=False, conditions=False)

    def ask(self) -> Abilities:
        """See that the bucket can be written and read, and what else its store does; blocking.

        :raises LocalError: it can't.
        """
        key = f"{self._place.prefix}{_PROBE}-{uuid4()}"
        try:
            self._put(key, b"probe")
            if self._get(key, 1, 3) != b"rob":
                message = f"the bucket {self._place.bucket} gives other bytes than were put"
                raise LocalError(message, "this store does not read ranges: choose another one")
            conditions = not _works(lambda: self._put(key, b"other", IfNoneMatch="*"))
            batches = _works(lambda: self._remove_batch([key])) and not _works(
                lambda: self._get(key, 0, 1)
            )
            self._client.delete_object(Bucket=self._place.bucket, Key=key)
        except (BotoCoreError, ClientError) as error:
            message = f"opening the bucket {self._place.bucket}: {_word(error)}"
            raise LocalError(message, "check endpoint, bucket and keys") from error
        self.abilities = Abilities(batches, conditions)
        self._log.info("the blob store: {abilities}", abilities=self.abilities)
        return self.abilities

    def begin(self, blob: BlobId) -> "S3Incoming":
        return S3Incoming(blob, self._in_thread, self._names.begin(blob))

    async def settle(self, incoming: Sequence[Incoming]) -> list[Refused | None]:
        ours = {one.blob: one for one in incoming if isinstance(one, S3Incoming)}
        running = [self._in_thread(self._settle, one) for one in ours.values()]
        found: list[Refused | None] = await gatherResults(running)
        outcomes = dict(zip(ours, found, strict=True))
        for one in incoming:
            await one.discard()
        return [outcomes[one.blob] for one in incoming if isinstance(one, S3Incoming)]

    def _settle(self, incoming: "S3Incoming") -> Refused | None:
        try:
            self._put(self._key(incoming.blob), incoming.whole())
        except (BotoCoreError, ClientError, OSError) as error:
            return _refused(error)
        return None

    async def read(self, blob: BlobId, offset: int, length: int) -> bytes:
        read: bytes = await self._in_thread(self._read, blob, offset, length)
        return read

    def _read(self, blob: BlobId, offset: int, length: int) -> bytes:
        try:
            read = self._get(self._key(blob), offset, length)
        except (BotoCoreError, ClientError, OSError) as error:
            raise _refused(error) from error
        if len(read) != length:
            raise absent()
        return read

    async def remove(self, blobs: Sequence[BlobId]) -> None:
        await self._names.remove(blobs)

    def _remove(self, blobs: Sequence[BlobId]) -> None:
        keys = iter(map(self._key, blobs))
        try:
            while batch := list(islice(keys, _BATCH if self.abilities.batches else 1)):
                if self.abilities.batches:
                    self._remove_batch(batch)
                else:
                    self._client.delete_object(Bucket=self._place.bucket, Key=batch[0])
        except (BotoCoreError, ClientError) as error:
            raise _refused(error) from error

    async def free(self) -> int | None:
        return None

    async def orphans(self, known: AsyncFilter, before: float) -> int:
        return await self._names.orphans(self._old_blobs(before), known)

    def _old_blobs(self, before: float) -> Iterator[BlobId]:
        pages = self._client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self._place.bucket, Prefix=self._place.prefix):
            for found in page.get("Contents", ()):
                blob = blob_of(Path(found["Key"].removeprefix(self._place.prefix)))
                if blob is not None and found["LastModified"].timestamp() < before:
                    yield blob

    def _key(self, blob: BlobId) -> str:
        return f"{self._place.prefix}{file_name(blob)}"

    def _put(self, key: str, body: Any, **conditions: str) -> None:
        self._client.put_object(Bucket=self._place.bucket, Key=key, Body=body, **conditions)

    def _get(self, key: str, offset: int, length: int) -> bytes:
        asked = f"bytes={offset}-{offset + length - 1}"
        answer = self._client.get_object(Bucket=self._place.bucket, Key=key, Range=asked)
        with answer["Body"] as body:
            read: bytes = body.read()
        return read

    def _remove_batch(self, keys: Sequence[str]) -> None:
        wanted = {"Objects": [{"Key": key} for key in keys], "Quiet": True}
        answer = self._client.delete_objects(Bucket=self._place.bucket, Delete=wanted)
        for fault in answer.get("Errors", ()):
            if fault.get("Code") not in _ABSENT:
                raise ClientError({"Error": fault}, "DeleteObjects")


class S3Incoming:
    """Fulfils :class:`~anoncloud.server.contracts.Incoming`: a nameless file until it is whole."""

    def __init__(self, blob: BlobId, in_thread: InThread, let_go: Callable[[], None]) -> None:
        self.blob = blob
        self._in_thread = in_thread
        self._let_go: Callable[[], None] | None = let_go
        self._turn = DeferredLock()
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - discard closes it
        self._length = 0
        self._checksum = 0

    def checksum(self) -> int:
        return self._checksum

    async def write(self, pieces: Sequence[bytes | memoryview]) -> None:
        async with self._turn:
            if self._let_go is None:
                return
            self._length += sum(map(len, pieces))
            if self._length <= _IN_MEMORY:
                self._file.writelines(pieces)
                return
            await self._in_thread(self._write, pieces)

    def _write(self, pieces: Sequence[bytes | memoryview]) -> None:
        try:
            self._file.writelines(pieces)
        except OSError as error:
            raise _refused(error) from error

    def whole(self) -> bytes:
        """Give all that was written; blocking."""
        self._file.seek(0)
        content = self._file.read()
        self._checksum = crc32(content)
        return content

    async def discard(self) -> None:
        async with self._turn:
            if self._let_go is not None:
                let_go, self._let_go = self._let_go, None
                self._file.close()
                let_go()


_log = Logger()


def _works(step: Callable[[], object]) -> bool:
    try:
        step()
    except ClientError:
        return False
    return True


def _word(error: Exception) -> str:
    """Give what a store says is wrong: its code alone, for its sentences may hold names."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "an error without a code"))
    return type(error).__name__


def _refused(error: Exception) -> Refused:
    """Turn a fault of the store into the answer to the peer; the owner finds it in the log."""
    word = _word(error)
    if word in _FULL:
        message = "the server's blob store is full"
        return Refused(Code.DISK_FULL, message, "tell the server's owner; nothing stored is lost")
    if word in _ABSENT:
        return absent()
    _log.error("the blob store has a fault: {word}", word=word)
    message = "the server's blob store has a fault"
    return Refused(Code.UNAVAILABLE, message, "try again, or tell the server's owner")

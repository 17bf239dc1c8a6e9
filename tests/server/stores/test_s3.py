"""Blobs in an S3 store: the contract, on a real store, and what is asked of it at the start."""

import time
from typing import Any

from botocore.exceptions import ClientError, EndpointConnectionError
from twisted.trial.unittest import SynchronousTestCase, TestCase

from anoncloud.errors import Code, LocalError, Refused
from anoncloud.server.contracts import BlobStore
from anoncloud.server.stores.folder import file_name
from anoncloud.server.stores.s3 import Place, S3Blobs
from tests.server.conformance_blobs import DAY, BlobContract, DurableBlobContract
from tests.support import s3
from tests.support.server import blob_name
from tests.support.server_folder import at_once


class S3BlobTests(BlobContract, DurableBlobContract, TestCase):
    """The contract; nobody can make an object older, so a moment passes for a day."""

    def setUp(self) -> None:
        self.place = s3.place()
        self.middle = 0.0

    async def open_blobs(self) -> BlobStore:
        blobs = S3Blobs(self.place, at_once)
        blobs.ask()
        return blobs

    def pass_time(self, seconds: float) -> None:
        """Wait until the store's clock, which counts seconds, has gone on."""
        time.sleep(1.1)
        self.middle = time.time() + DAY / 2
        time.sleep(1.1)

    def seconds(self) -> float:
        return self.middle

    async def test_names(self) -> None:
        """Objects have fake names under the prefix, and nothing else is left by asking."""
        blobs: Any = await self.open_blobs()
        await self.store(blobs, blob_name(1), b"content")
        found = blobs._client.list_objects_v2(Bucket=self.place.bucket, Prefix=self.place.prefix)
        names = [one["Key"] for one in found["Contents"]]
        self.assertEqual(names, [f"{self.place.prefix}{file_name(blob_name(1))}"])

    def test_asked_at_once(self) -> None:
        """Two machines that start in the same moment do not disturb each other's question."""
        one: Any = S3Blobs(self.place, at_once)
        other = S3Blobs(self.place, at_once)
        put = one._put

        def disturbed(*words: Any, **conditions: str) -> None:
            put(*words, **conditions)
            other.ask()

        self.patch(one, "_put", disturbed)
        self.assertEqual(one.ask(), other.abilities)

    async def test_many_removed(self) -> None:
        """More are removed at once than one request takes."""
        blobs: Any = await self.open_blobs()
        await self.store(blobs, blob_name(1500), b"content")
        await blobs.remove([blob_name(number) for number in range(2001)])
        await self.unavailable(blobs, blob_name(1500), 0, 1)

    def test_no_bucket(self) -> None:
        """A bucket that is not there is told at the start, with what to do."""
        blobs = S3Blobs(Place("anoncloud-none", self.place.endpoint), at_once)
        error = self.assertRaises(LocalError, blobs.ask)
        self.assertIn("NoSuchBucket", error.message)
        self.assertTrue(error.hint)


class Failing:
    """A client whose every request fails."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __getattr__(self, name: str) -> Any:
        def fail(**_: Any) -> None:
            raise self.error

        return fail


class FaultTests(SynchronousTestCase):
    """A store that fails: what peers are told."""

    def refusals(self, error: Exception) -> set[tuple[Code, str]]:
        """Put, read and remove; give how each is refused."""
        blobs = S3Blobs(Place("bucket"), at_once, Failing(error))
        incoming = blobs.begin(blob_name(1))
        self.successResultOf(incoming.write([b"content"]))
        (put,) = self.successResultOf(blobs.settle([incoming]))
        read = self.failureResultOf(blobs.read(blob_name(1), 0, 1), Refused).value
        removed = self.failureResultOf(blobs.remove([blob_name(1)]), Refused).value
        self.assertTrue(all(each.hint for each in (put, read, removed)))
        blobs.begin(blob_name(1))  # which was given back
        return {(each.code, each.message) for each in (put, read, removed)}

    def test_away(self) -> None:
        """A store that can't be reached, or fails, is told without its words."""
        away = EndpointConnectionError(endpoint_url="http://store.example")
        broken = ClientError({"Error": {"Code": "InternalError", "Message": "secret"}}, "any")
        told = {(Code.UNAVAILABLE, "the server's blob store has a fault")}
        self.assertEqual(self.refusals(away), told)
        self.assertEqual(self.refusals(broken), told)

    def test_full(self) -> None:
        """A store that is full is told as a full disk is."""
        full = ClientError({"Error": {"Code": "QuotaExceeded"}}, "PutObject")
        self.assertEqual(self.refusals(full), {(Code.DISK_FULL, "the server's blob store is full")})

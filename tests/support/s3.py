"""An S3 store for the tests: whatever ANONCLOUD_S3 names, which 'make test-s3' starts."""

import os
import uuid
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from twisted.trial.unittest import SkipTest

from anoncloud.server.stores.s3 import Place

_MISSING = "NOT TESTED: ANONCLOUD_S3 names no S3 store; 'make test-s3' starts one"


@cache
def _bucket(endpoint: str) -> str:
    name = f"anoncloud-{uuid.uuid4().hex[:12]}"
    config = Config(s3={"addressing_style": "path"})
    client: Any = boto3.client("s3", endpoint_url=endpoint, config=config)
    client.create_bucket(Bucket=name)
    return name


def place() -> Place:
    """Give a place of the test's own in the store.

    :raises SkipTest: there is none.
    """
    endpoint = os.environ.get("ANONCLOUD_S3")
    if not endpoint:
        raise SkipTest(_MISSING)
    return Place(_bucket(endpoint), endpoint, f"{uuid.uuid4().hex}/")

"""Where an S3 store is, and the way there."""

from typing import Any, Final

import attrs
import boto3
from botocore.config import Config

S3_THREADS: Final = 16
_ATTEMPTS: Final = 5
_CONNECT_TIMEOUT: Final = 5
_READ_TIMEOUT: Final = 30


@attrs.frozen
class Place:
    """Where blobs lie.

    :ivar endpoint: the store's URL; "" for the one that boto3 knows.
    :ivar prefix: what all names begin with, "" or with a slash at its end.
    :ivar region: "" for what the machine's configuration says.
    """

    bucket: str
    endpoint: str = ""
    prefix: str = ""
    region: str = ""


def connect(place: Place) -> Any:
    """Make a client for the store at *place*; asks nothing yet."""
    config = Config(
        connect_timeout=_CONNECT_TIMEOUT,
        read_timeout=_READ_TIMEOUT,
        max_pool_connections=S3_THREADS,
        retries={"mode": "standard", "max_attempts": _ATTEMPTS},
        s3={"addressing_style": "path"},
    )
    return boto3.client(
        "s3",
        endpoint_url=place.endpoint or None,
        region_name=place.region or None,
        config=config,
    )

"""An upload that finds the drive full takes back what it has sent, so that less would still fit.

Any other end leaves that on the server for a while, so that the next try need not send it again.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from anoncloud.client.transfers.laying import Layer
from anoncloud.client.transfers.unfinished import Unfinished
from anoncloud.errors import AnonymousCloudError, Code, Refused


@asynccontextmanager
async def taking_back(layer: Layer, unfinished: Unfinished) -> AsyncIterator[None]:
    """Take back what *layer* has staged, and what *unfinished* lists, if the drive has no room.

    The refusal is what is raised, whatever comes of that. What could not be taken back stays in
    the list for the next try.
    """
    try:
        yield
    except Refused as refusal:
        if refusal.code is Code.QUOTA:
            with suppress(AnonymousCloudError, OSError):
                await layer.withdraw(unfinished.blobs)
                unfinished.clear()
        raise

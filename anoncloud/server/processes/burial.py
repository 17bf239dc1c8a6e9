"""What a worker has left behind that ended in the middle of something: put in order."""

from anoncloud.server.assembly import Parts


async def bury(parts: Parts, holder: bytes) -> None:
    """Put in order what the process *holder* was about."""
    await parts.house.pairings.close_of(holder)
    parts.blobs.tidy(holder)

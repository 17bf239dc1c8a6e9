"""Times as they are kept: no finer than the server's owner wants to know them."""

from typing import Final

DAY: Final = 24 * 3600


def coarse(now: int, step: int) -> int:
    """Round *now* (seconds since 1970) down to a multiple of *step* seconds; 0 leaves it."""
    return now - now % step if step else now

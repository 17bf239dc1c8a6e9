"""Who is online: accounts with at least one connection that has logged in, and how many may be."""

from collections import Counter
from collections.abc import Callable

from anoncloud.errors import Code, Refused
from anoncloud.ids import DriveId


class Online:
    """The accounts that are online, by their drives."""

    def __init__(self) -> None:
        self._connections: Counter[DriveId] = Counter()

    def __len__(self) -> int:
        """Count the accounts."""
        return len(self._connections)

    def enter(self, drive: DriveId, most: int) -> Callable[[], None]:
        """Count one more connection of an account; give what ends it.

        *most* accounts may be online, 0 for any number; who is online already may come again.

        :raises Refused: TOO_MANY.
        """
        if most and drive not in self._connections and len(self) >= most:
            raise too_many_online(most)
        self._connections[drive] += 1

        def leave() -> None:
            self._connections[drive] -= 1
            if not self._connections[drive]:
                del self._connections[drive]

        return leave


def too_many_online(most: int) -> Refused:
    """Make the refusal of an account more than may be online."""
    message = f"only {most} may be logged in at once, and so many are"
    return Refused(Code.TOO_MANY, message, "try again later, or ask the server's owner")

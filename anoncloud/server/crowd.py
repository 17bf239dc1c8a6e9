"""Who has come in and has not agreed on keys yet: a crowd that must not keep others out.

Knows no connection: a peer is anything that can be told from another.
"""

from collections import Counter
from collections.abc import Hashable
from typing import Final, Generic, TypeVar

Peer = TypeVar("Peer", bound=Hashable)
NO_NETWORK: Final = ""
"""Of those who have none, or whose network is not known yet."""


class Crowd(Generic[Peer]):
    """Peers in the order of their coming, and how many of them each network has."""

    def __init__(self) -> None:
        self._networks: dict[Peer, str] = {}
        self._of_network: Counter[str] = Counter()

    def __len__(self) -> int:
        """Count all."""
        return len(self._networks)

    def __contains__(self, peer: Peer) -> bool:
        """Whether *peer* is in it."""
        return peer in self._networks

    def has_room(self, network: str, most: int) -> bool:
        """Whether one more of *network* is not over *most*, of which 0 is any number."""
        return not most or network == NO_NETWORK or self._of_network[network] < most

    def join(self, peer: Peer, network: str) -> None:
        """Add *peer*, or note the network of one that is there."""
        self.leave(peer)
        self._networks[peer] = network
        self._of_network[network] += 1

    def leave(self, peer: Peer) -> None:
        """Take *peer* out, if it is there."""
        network = self._networks.pop(peer, None)
        if network is not None:
            self._of_network[network] -= 1
            if not self._of_network[network]:
                del self._of_network[network]

    def oldest(self) -> Peer:
        """Give who has waited longest of the network that has most; there must be somebody.

        Whoever means well is through in a moment, so this is hardly ever one of them.
        """
        largest = max(self._of_network, key=self._of_network.__getitem__)
        return next(peer for peer, network in self._networks.items() if network == largest)

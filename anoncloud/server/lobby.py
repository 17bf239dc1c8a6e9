"""Who has come in: how many may be there in all, of one network, and at once agreeing on keys.

Knows no connection: a peer is anything that can be told from another.
"""

import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from typing import Final, Generic, TypeVar

from twisted.logger import Logger

from anoncloud.server.conditions import Allowance
from anoncloud.server.crowd import NO_NETWORK, Crowd
from anoncloud.server.seldom import Seldom

Peer = TypeVar("Peer", bound=Hashable)

FULL: Final = "there are as many connections as there may be"
CROWDED: Final = "as many connections agree on keys as may; the oldest make room"
FULL_ALONE: Final = "one address has as many connections as it may"
CROWD_ALONE: Final = "one address has as many connections that agree on keys as it may"


class Lobby(Generic[Peer]):
    """The peers of a server, let in as far as its allowance goes."""

    _log = Logger()

    def __init__(
        self,
        allowance: Callable[[], Allowance],
        turn_out: Callable[[Peer], None],
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask *allowance* each time; *turn_out* ends a peer's connection to make room."""
        self._seldom = {
            words: Seldom(seconds) for words in (FULL, CROWDED, FULL_ALONE, CROWD_ALONE)
        }
        self._allowance = allowance
        self._turn_out = turn_out
        self._peers: dict[Peer, str | None] = {}
        """By their networks; None until the network is known."""
        self._per_network: Counter[str] = Counter()
        self._agreeing: Crowd[Peer] = Crowd()

    def __len__(self) -> int:
        """Count those who are there."""
        return len(self._peers)

    def __iter__(self) -> Iterator[Peer]:
        """Give those who are there now."""
        return iter(tuple(self._peers))

    def __contains__(self, peer: Peer) -> bool:
        """Whether *peer* is there."""
        return peer in self._peers

    def enter(self, peer: Peer, network: str | None) -> bool:
        """Let *peer* in, if it may be; whose *network* is None says it later."""
        allowance = self._allowance()
        if 0 < allowance.connections <= len(self):
            self._say(FULL)
            return False
        if network is not None and not self.place(peer, network):
            return False
        self._peers.setdefault(peer, None)
        if peer not in self._agreeing:
            self._agreeing.join(peer, NO_NETWORK)
        if 0 < allowance.handshakes < len(self._agreeing):
            self._say(CROWDED)
            oldest = self._agreeing.oldest()
            self._agreeing.leave(oldest)
            self._turn_out(oldest)
        return True

    def is_placed(self, peer: Peer) -> bool:
        """Whether the network of *peer*, who is there, is known."""
        return self._peers[peer] is not None

    def place(self, peer: Peer, network: str) -> bool:
        """Count *peer* by its network, "" for none, if there may be one more of that."""
        allowance = self._allowance()
        if network and 0 < allowance.connections_per_address <= self._per_network[network]:
            self._say(FULL_ALONE)
            return False
        if not self._agreeing.has_room(network, allowance.handshakes_per_address):
            self._say(CROWD_ALONE)
            return False
        self._agreeing.join(peer, network)
        self._peers[peer] = network
        if network:
            self._per_network[network] += 1
        return True

    def agreed(self, peer: Peer) -> None:
        """Take note that a peer has agreed on keys."""
        self._agreeing.leave(peer)

    def leave(self, peer: Peer) -> None:
        """Make room: a peer has gone; harmless if it is not there."""
        self._agreeing.leave(peer)
        network = self._peers.pop(peer, None)
        if network:
            self._per_network[network] -= 1
            if not self._per_network[network]:
                del self._per_network[network]

    def _say(self, words: str) -> None:
        times = self._seldom[words].happen()
        if times:
            self._log.warn("{words} ({times} times since this was said)", words=words, times=times)

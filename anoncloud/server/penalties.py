"""What strangers do wrong besides guessing a key, counted for the network that they come from."""

from typing import Final

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from anoncloud.server.delays import Kind
from anoncloud.server.entering import TooSoon
from anoncloud.server.house import Channel, House

WRONG: Final = 1
"""A signature or an invitation that is wrong."""
SILENT: Final = 2
"""LOGIN_TIMEOUT without a login."""
BROKEN: Final = 5
"""Bytes that the protocol does not allow, from somebody who knows how to agree on keys."""


class Penalties:
    """The penalties of one peer's network."""

    _log = Logger()

    def __init__(self, house: House, channel: Channel) -> None:
        self._house = house
        self._channel = channel

    async def check(self, what: str) -> None:
        """See that the peer's network is not held back; *what* is what it has come to try.

        :raises TooSoon: it is.
        """
        house, network, now = self._house, self._channel.network(), self._house.clock()
        wait = house.gate.network(network, now)
        if not wait and network:
            wait = await house.accounts.held_back(network, now, house.schedules)
            house.gate.note_network(network, wait, now)
        if wait:
            hint = "wait, or try it from another network"
            raise TooSoon(what, hint, {Kind.NETWORK: wait}, frozenset())

    async def count(self, weight: int) -> None:
        """Count *weight* failures, durably, unless the network is held back already."""
        house, network, now = self._house, self._channel.network(), self._house.clock()
        if network and not house.gate.network(network, now):
            wait = await house.accounts.penalise(network, weight, now, house.schedules)
            house.gate.note_network(network, wait, now)

    def blame(self, weight: int) -> None:
        """Count *weight* failures, without waiting until it is done."""
        counting = Deferred.fromCoroutine(self.count(weight))
        _ = counting.addErrback(lambda failure: self._log.failure("counting a fault", failure))

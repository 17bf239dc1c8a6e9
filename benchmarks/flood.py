"""Guesses at one account from many addresses at once: ``python -m benchmarks.flood``.

A process of its own, so that it does not slow down what is measured beside it.
"""

import json
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from anoncloud.client.address import Address, Invitation
from anoncloud.crypto.keys import SigningKey
from anoncloud.errors import Code
from benchmarks.guesses import Guesser, random_key

ADDRESSES: Final = 100
"""Networks that a flood comes from."""


def sources(first: int = 2, count: int = ADDRESSES) -> list[str]:
    """Give addresses of this machine, each a network of its own; 127.0.0.1 is for others."""
    return [f"127.0.0.{number}" for number in range(first, first + count)]


class Flood:
    """Guesses at the account *name*, and what became of them.

    A guess that was evaluated is followed by the right key, if it is known.

    :ivar told: for each guess whether it was right, and the code of its refusal.
    """

    def __init__(self, address: Address, name: str, right: SigningKey | None = None) -> None:
        self.told: list[tuple[bool, Code | None]] = []
        self._address = address
        self._name = name
        self._right = right
        self._left = 0
        self._lock = threading.Lock()

    def run(self, count: int, at_once: int) -> None:
        """Make *count* guesses, so many at once."""
        self._left = count
        places = sources()
        with ThreadPoolExecutor(at_once) as pool:
            list(pool.map(self._guess, [places[one % ADDRESSES] for one in range(at_once)]))

    def _guess(self, place: str) -> None:
        guesser = Guesser(self._address, place)
        right = None
        while self._take():
            code = guesser.guess(self._name, right or random_key())
            self.told.append((right is not None, code))
            right = self._right if code is Code.LOGIN else None
        guesser.leave()

    def _take(self) -> bool:
        with self._lock:
            self._left -= 1
            return self._left >= 0


def main() -> None:
    """Flood the account that the command line names; tell how often which code came."""
    address, name, count, at_once = sys.argv[1:]
    flood = Flood(Invitation.parse(address).address, name)
    flood.run(int(count), int(at_once))
    print(json.dumps(Counter(code.name if code else "" for _, code in flood.told)))


if __name__ == "__main__":
    main()

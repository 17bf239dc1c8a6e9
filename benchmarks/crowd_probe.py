"""Somebody who lists and logs in, again and again, and how long each of it takes."""

import os
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Final

import attrs

from anoncloud.client.address import Invitation
from anoncloud.wire import messages
from anoncloud.wire.records import Header, encode_header, genesis_hash, join, record_hash
from benchmarks.guesses import Talk, random_key
from benchmarks.measuring import Failed
from benchmarks.peers.background import LOOPBACK

_RECORDS: Final = 30
_BODY: Final = 528
"""Bytes of a short record's body."""
_PAUSE: Final = 0.01
LISTING: Final = "a listing, on an open connection"
ENTERING: Final = "connecting, and logging in"
LISTING_ANEW: Final = "connecting, logging in, and a listing"


@attrs.frozen
class Times:
    """Seconds that things took, by their names."""

    of: dict[str, list[float]] = attrs.Factory(dict)

    def spreads(self) -> dict[str, tuple[float, float]]:
        """Give for each thing the median, and the seconds that 99 of 100 took at most."""
        return {
            what: (median(taken), sorted(taken)[min(len(taken) * 99 // 100, len(taken) - 1)])
            for what, taken in self.of.items()
        }


class Probe:
    """An account whose journal has thirty records; a listing reads all of them."""

    def __init__(self, link: str) -> None:
        self._address = Invitation.parse(link).address
        self._key = random_key()
        self._drive = os.urandom(16)
        fields = ("probe", b"", self._key.public, b"keyring", self._drive)
        with Talk(self._address, LOOPBACK) as talk:
            talk.ask(lambda request: messages.Register(request, *fields))
        with self._enter() as talk:
            head = genesis_hash(self._drive)
            for number in range(1, _RECORDS + 1):
                header = Header(1, self._drive, 0, number, head, (), ())
                record = join(encode_header(header), os.urandom(_BODY))
                talk.ask(partial(_commit, record))
                head = record_hash(record)

    def watch(self, seconds: float) -> Times:
        """List and log in for so many seconds, with short pauses."""
        times = Times({LISTING: [], ENTERING: [], LISTING_ANEW: []})
        end = time.monotonic() + seconds

        def measured(what: str, step: Callable[[], object]) -> None:
            begun = time.perf_counter()
            step()
            times.of[what].append(time.perf_counter() - begun)
            time.sleep(_PAUSE)

        with self._enter() as talk:
            while time.monotonic() < end:
                for _ in range(5):
                    measured(LISTING, lambda: self._list(talk))
                measured(ENTERING, lambda: self._enter().close())
                measured(LISTING_ANEW, self._list_anew)
        return times

    def _enter(self) -> Talk:
        talk = Talk(self._address, LOOPBACK)
        if not isinstance(talk.log_in("probe", self._key), messages.LoggedIn):
            message = "a right login was refused"
            raise Failed(message)
        return talk

    def _list(self, talk: Talk) -> None:
        page = talk.ask(lambda request: messages.ReadJournal(request, self._drive, 0))
        if not isinstance(page, messages.JournalPage) or len(page.records) != _RECORDS:
            message = "a listing is not whole"
            raise Failed(message)

    def _list_anew(self) -> None:
        with self._enter() as talk:
            self._list(talk)


def _commit(record: bytes, request: int) -> messages.Commit:
    return messages.Commit(request, record)

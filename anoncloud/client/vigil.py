"""Whether the server at the far end is still there, judged by what came between two looks.

Told what happens on a connection; knows neither clock nor transport. Somebody looks every KEEPALIVE
seconds (docs/protocol.rst section 2).
"""

import enum
from collections.abc import Iterator
from contextlib import contextmanager

from anoncloud.limits import ANSWER_TIMEOUT, KEEPALIVE, SILENCE_TIMEOUT


class Verdict(enum.Enum):
    """What follows from a look."""

    WELL = "both ends gave a sign of life"
    ASK = "a Ping is due"
    GONE = "the connection is of no more use"


class Vigil:
    """What was heard and said since the last look, and for how long nothing was."""

    def __init__(self) -> None:
        self._heard = self._spoken = self._has_progressed = True
        self._silence = self._stall = 0.0
        self._pings: set[int] = set()
        self._holding = 0

    def ping(self, number: int) -> None:
        """Note a Ping on its way."""
        self._pings.add(number)

    def hear(self, *, is_part: bool = False) -> None:
        """Note that bytes came; *is_part* says that they are of a frame that is not whole yet."""
        self._heard = True
        self._has_progressed |= is_part

    def speak(self) -> None:
        """Note that bytes went."""
        self._spoken = True

    def progress(self, answered: int = 0) -> None:
        """Note that something came or was taken that is more than the answer to a Ping."""
        if answered in self._pings:
            self._pings.remove(answered)
        else:
            self._heard = self._has_progressed = True

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Note that meanwhile it is this end that is waited for."""
        self._holding += 1
        try:
            yield
        finally:
            self._holding -= 1

    def look(self, *, owed: int, is_uploading: bool) -> Verdict:
        """Judge, KEEPALIVE seconds after the last look.

        *owed*: the answers that the server owes, to Pings and all else. *is_uploading*: a Ping may
        wait behind much else.
        """
        is_waiting = owed > len(self._pings) and not self._holding
        self._silence = 0.0 if self._heard else self._silence + KEEPALIVE
        self._stall = self._stall + KEEPALIVE if is_waiting and not self._has_progressed else 0.0
        was_only_heard = self._heard and not self._spoken
        self._heard = self._spoken = self._has_progressed = False
        if self._silence >= (ANSWER_TIMEOUT if is_uploading else SILENCE_TIMEOUT):
            return Verdict.GONE
        if self._stall >= ANSWER_TIMEOUT:
            return Verdict.GONE
        is_due = was_only_heard or self._silence == KEEPALIVE
        return Verdict.ASK if is_due else Verdict.WELL

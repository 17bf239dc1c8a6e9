"""Somebody who is asked about files that exist, and whose answers are known beforehand."""

from twisted.internet.defer import Deferred

from anoncloud.client.transfers.policies import (
    LEFT,
    Clash,
    Decision,
    Existing,
    Policy,
    Settled,
)

STORE, LEAVE, BESIDE = Settled(Decision.STORE), LEFT, Settled(Decision.BESIDE)


def called(name: bytes) -> Settled:
    """Give the answer that the new one is to be called so."""
    return Settled(Decision.BESIDE, name)


class Answerer:
    """Gives *answers*, one after the other; *asked* is what it was asked about.

    :ivar gate: where it is set, the next answer waits for it.
    """

    def __init__(self, *answers: Settled) -> None:
        self.answers = list(answers)
        self.asked: list[Clash] = []
        self.gate: Deferred[None] | None = None
        self.policy = Policy(Existing.ASK, self._ask)

    async def _ask(self, clash: Clash) -> Settled:
        self.asked.append(clash)
        if self.gate is not None:
            gate, self.gate = self.gate, None
            await gate
        return self.answers.pop(0)

    @property
    def paths(self) -> list[str]:
        """Give the places that it was asked about."""
        return [clash.shown for clash in self.asked]

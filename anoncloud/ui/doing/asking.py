"""What one copy asks about files that exist: one question at a time, and answers that hold on.

A copy may be several transfers, and each may begin more than once. Whatever was answered holds
for all of them: for the same two files, or, if its user says so, for all that follow.
"""

from operator import attrgetter
from typing import TYPE_CHECKING, Final

import attrs
from twisted.internet.defer import Deferred, DeferredLock
from twisted.internet.task import deferLater

from anoncloud.client.transfers import policies
from anoncloud.client.transfers.policies import Clash, Existing, Policy, Seen, Settled
from anoncloud.ui.events import Candidate, Conflict, ConflictOver
from anoncloud.ui.transfer_effects import AnswerConflict, Decision

if TYPE_CHECKING:
    from anoncloud.ui.doing.desk import Desk
    from anoncloud.ui.doing.transfer import Transfer

AT_ONCE: Final = 1000
"""Files that are settled without a question before others get their turn."""


@attrs.define(eq=False)
class Asking:
    """The questions and answers of the copy *number*; *transfers* are what it consists of."""

    _desk: "Desk"
    number: int
    transfers: list["Transfer"] = attrs.Factory(list)
    _given: dict[Clash, Settled] = attrs.Factory(dict)
    _for_all: Decision | None = None
    _turn: DeferredLock = attrs.Factory(DeferredLock)
    _question: Deferred[AnswerConflict] | None = None

    @property
    def is_open(self) -> bool:
        """Whether a question is."""
        return self._question is not None

    def policy(self, *, into_drive: bool, transfer: "Transfer | None" = None) -> Policy:
        """Make the policy for one time that the copy, or one of its transfers, is begun."""
        return Policy(Existing.ASK, _Round(self, into_drive, transfer).settle)

    def answer(self, answer: AnswerConflict) -> None:
        """Take the answer to the open question; harmless if there is none."""
        if self._question is not None:
            if answer.decision is Decision.GIVE_UP:
                self._give_up(self._question)
            else:
                self._question.callback(answer)

    def _give_up(self, question: Deferred[AnswerConflict]) -> None:
        self._desk.good("the copy was given up")
        for transfer in filter(attrgetter("is_open"), self.transfers):
            self._desk.queue.give_up(transfer)
        if not self.transfers:
            question.cancel()

    def known(self, clash: Clash, *, again: bool = False) -> Settled | None:
        """Give what was answered before, if that holds; asked *again*, only what is for all."""
        if clash in self._given and not again:
            return self._given[clash]
        return None if self._for_all is None else _settled(self._for_all, clash)

    async def ask(self, clash: Clash, *, into_drive: bool, again: bool) -> Settled:
        """Ask, once nothing else is asked; what was answered meanwhile may answer this, too."""
        await self._turn.acquire()
        try:
            known = self.known(clash, again=again)
            return known or await self._ask(clash, into_drive=into_drive)
        finally:
            self._turn.release()

    async def _ask(self, clash: Clash, *, into_drive: bool) -> Settled:
        ours, theirs = _candidate(clash.ours), _candidate(clash.theirs)
        self._question = Deferred()
        self._desk.queue.questions[self.number] = self
        self._desk.tell(Conflict(self.number, clash.shown, clash.name, ours, theirs, into_drive))
        try:
            answer = await self._question
        finally:
            self._question = None
            del self._desk.queue.questions[self.number]
            self._desk.tell(ConflictOver(self.number))
        settled = _settled(answer.decision, clash, answer.name)
        if answer.for_all:
            self._for_all = answer.decision
        self._given[clash] = settled
        return settled

    def make_room(self) -> None:
        """Let transfers begin that may, now that one waits for an answer, or waits no more."""
        self._desk.queue.make_room()

    async def pause(self) -> None:
        """Let others have their turn."""
        await deferLater(self._desk.here.reactor, 0)


@attrs.define(eq=False)
class _Round:
    """One time that a copy, or one of its transfers, is begun.

    :ivar renamed: what got another name in this round; if it comes again, that was no good.
    """

    asking: Asking
    into_drive: bool
    transfer: "Transfer | None"
    renamed: set[Clash] = attrs.Factory(set)
    count: int = 0

    async def settle(self, clash: Clash) -> Settled:
        settled = self.asking.known(clash, again=clash in self.renamed)
        if settled is None:
            settled = await self._ask(clash)
        else:
            self.count += 1
            if self.count % AT_ONCE == 0:
                await self.asking.pause()
        if settled.name is not None:
            self.renamed.add(clash)
        return settled

    async def _ask(self, clash: Clash) -> Settled:
        if self.transfer is not None:
            self.transfer.asks = True
            self.asking.make_room()
        try:
            again = clash in self.renamed
            return await self.asking.ask(clash, into_drive=self.into_drive, again=again)
        finally:
            if self.transfer is not None:
                self.transfer.asks = False
                self.asking.make_room()


def _candidate(seen: Seen) -> Candidate:
    return Candidate(seen.size, seen.modified)


def _settled(decision: Decision, clash: Clash, name: bytes | None = None) -> Settled:
    """Give what an answer means for *clash*."""
    if decision is Decision.NEWER:
        newer = clash.ours.modified > clash.theirs.modified
        decision = Decision.OVERWRITE if newer else Decision.SKIP
    return Settled(_MEANS[decision], name)


_MEANS: Final = {
    Decision.OVERWRITE: policies.Decision.STORE,
    Decision.SKIP: policies.Decision.LEAVE,
    Decision.BOTH: policies.Decision.BESIDE,
    Decision.RENAME: policies.Decision.BESIDE,
}


async def answer(desk: "Desk", effect: AnswerConflict) -> None:
    """Take the answer to a question; harmless if nobody waits for it any more."""
    asking = desk.queue.questions.get(effect.number)
    if asking is not None:
        asking.answer(effect)


def left_as_it_was(count: int) -> str:
    """Say, at the end of what was done, that files were left."""
    return "" if not count else f", {count} left as " + ("it was" if count == 1 else "they were")

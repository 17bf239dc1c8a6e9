"""Local files on their way into the drive: where each goes if its place is taken, and who is asked.

What a place looked like when somebody was asked about it is remembered: if it is another file by
the time that the answer counts, they are asked again.
"""

from collections.abc import Sequence

import attrs

from anoncloud.client.drive import Drive
from anoncloud.client.threads import InThread
from anoncloud.client.transfers.placing import Placer, Wanted
from anoncloud.client.transfers.policies import (
    Clash,
    Decision,
    Policy,
    Seen,
    Settled,
    names_beside,
)
from anoncloud.client.tree import names
from anoncloud.client.tree.nodes import File, look_up
from anoncloud.errors import Exists


@attrs.frozen
class _Answer:
    """What was settled about the file whose versions were *packed*."""

    packed: bytes
    settled: Settled


@attrs.define
class Judge:
    """Judges files for *placer* by *policy*; with *by_content* a look is not enough to be equal.

    :ivar left: places of files that stay out, though they differ from what is there.
    """

    _drive: Drive
    _placer: Placer
    _policy: Policy
    _by_content: bool
    left: list[names.Path] = attrs.Factory(list)
    _answers: dict[tuple[names.Path, Seen], _Answer] = attrs.Factory(dict)

    async def settle(self, files: Sequence[tuple[names.Path, Seen]], in_thread: InThread) -> None:
        """Ask about all whose place is taken, if anybody is asked, before the first is stored."""
        if self._policy.asks:
            for target, ours, there in await in_thread(self._taken, files):
                await self._ask(target, ours, there)

    def _taken(
        self, files: Sequence[tuple[names.Path, Seen]]
    ) -> list[tuple[names.Path, Seen, File]]:
        found = ((target, ours, look_up(self._drive.tree, target)) for target, ours in files)
        return [
            (target, ours, there)
            for target, ours, there in found
            if isinstance(there, File) and not self._same(there, ours)
        ]

    async def where(self, target: names.Path, ours: Seen, *, parents: bool) -> Wanted | None:
        """Say where a file goes; None if it stays out: nothing about it is new, or it may not.

        :raises LocalError: nothing can be stored there, or the policy is to fail.
        """
        wanted = self._placer.want(target, parents=parents)
        there = wanted.expected
        if not isinstance(there, File):
            return wanted
        if self._same(there, ours):
            return None
        answer = self._answers.get((target, ours))
        if answer is None or answer.packed != there.packed:
            await self._ask(target, ours, there)
        settled = self._answers.pop((target, ours)).settled
        if settled.decision is Decision.REFUSE:
            message = f"{names.show_path(target)} exists"
            raise Exists(message, "choose another name, or what to do by --existing")
        if settled.decision is Decision.LEAVE:
            self.left.append(target)
            return None
        if settled.decision is Decision.STORE:
            return wanted
        if settled.name is not None:
            other, before = (*target[:-1], settled.name), len(self.left)
            found = await self.where(other, ours, parents=parents)
            self.left[before:] = [target] * (len(self.left) - before)
            return found
        return self._beside(wanted, ours)

    async def _ask(self, target: names.Path, ours: Seen, there: File) -> None:
        """Settle one; a name that was chosen and is taken, too, is asked about in its turn."""
        theirs = Seen(there.size, there.modified)
        settled = await self._policy.settle(
            Clash(names.show_path(target), target[-1], ours, theirs)
        )
        self._answers[target, ours] = _Answer(there.packed, settled)
        if settled.name is not None:
            other = (*target[:-1], settled.name)
            taken = look_up(self._drive.tree, other)
            if isinstance(taken, File) and not self._same(taken, ours):
                await self._ask(other, ours, taken)

    def _beside(self, wanted: Wanted, ours: Seen) -> Wanted | None:
        """Go beside what is there; None if this very file went there before."""
        *above, name = wanted.target
        for other in names_beside(name):
            there = look_up(self._drive.tree, (*above, other))
            if there is None:
                break
            if isinstance(there, File) and self._same(there, ours):
                return None
        return attrs.evolve(wanted, expected=None, label=b"copy")

    def _same(self, there: File, ours: Seen) -> bool:
        return not self._by_content and (there.size, there.modified) == ours

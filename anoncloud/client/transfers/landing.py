"""Files on their way to the local disk: where each goes if its place is taken, and who is asked.

Whatever somebody was asked about is looked at once more when the answer counts: if it is not what
it was, they are asked again. If it changes later, while the file comes, it stays, as does what was
older than the file.
"""

import os
import stat
from operator import attrgetter
from typing import Final

import attrs

from anoncloud.client.threads import InThread
from anoncloud.client.transfers.bulk import Wish, is_short
from anoncloud.client.transfers.localfiles import look_at, show_local
from anoncloud.client.transfers.localtree import Complain
from anoncloud.client.transfers.policies import (
    Clash,
    Decision,
    Existing,
    Policy,
    Seen,
    Settled,
    names_beside,
)
from anoncloud.client.transfers.targets import exists
from anoncloud.client.tree.nodes import Folder, Link, Node
from anoncloud.client.tree.versions import Version
from anoncloud.errors import Exists, LocalError

_PASS_FOLDERS: Final = frozenset({Existing.SKIP, Existing.RENAME})
"""Policies by which a file passes a folder that has its name."""
_HEEDING: Final = frozenset({Existing.ASK, Existing.NEWER})
"""Policies that replace what looks as it did, and nothing else."""


@attrs.frozen
class _Taken:
    """A version of *node* whose place is taken, by what looks like *theirs*."""

    version: Version
    place: str
    theirs: Seen
    node: Node | None

    @property
    def clash(self) -> Clash:
        """What is asked about it."""
        ours = Seen(self.version.size, self.version.modified)
        return Clash(
            show_local(self.place), os.fsencode(os.path.basename(self.place)), ours, self.theirs
        )


@attrs.define
class Plan:
    """What is to be done, in the order it is done in; *taken* is to be settled before."""

    taken: list[_Taken] = attrs.Factory(list)
    folders: list[tuple[Folder, str]] = attrs.Factory(list)
    short: list[Wish] = attrs.Factory(list)
    long: list[Wish] = attrs.Factory(list)
    links: list[tuple[Link, str]] = attrs.Factory(list)

    def want(
        self, version: Version, place: str, *, overwrite: bool, stands: Seen | None = None
    ) -> None:
        """Let a version come down as *place*."""
        wishes = self.short if is_short(version) else self.long
        wishes.append(Wish(version, place, overwrite, stands))


@attrs.define
class Landing:
    """Judges what is on the local disk by *policy*; with *always* a look is not enough to be equal.

    :ivar left: files that do not come, though they differ from what is there.
    :ivar unchanged: how many need not come.
    """

    _policy: Policy
    _always: bool
    _complain: Complain
    left: list[Node] = attrs.Factory(list)
    unchanged: int = 0

    def sort(self, plan: Plan, version: Version, place: str, node: Node | None = None) -> None:
        """Look at *place*, and note in *plan* if a version comes down, or finds its place taken.

        Blocks, as it looks at the disk.

        :raises LocalError: it can't come down there.
        """
        status = look_at(place)
        if status is None:
            plan.want(version, place, overwrite=False)
            return
        theirs = Seen(status.st_size, status.st_mtime_ns)
        if theirs == (version.size, version.modified) and not self._always:
            self.unchanged += 1
        elif stat.S_ISDIR(status.st_mode) and self._policy.existing not in _PASS_FOLDERS:
            message = f"writing {show_local(place)}: there is a folder of that name"
            raise Exists(message, "move it away first, or choose another place")
        else:
            plan.taken.append(_Taken(version, place, theirs, node))

    def _heed(self, plan: Plan, settled: list[tuple[_Taken, Settled]]) -> None:
        for one, outcome in settled:
            try:
                self._heed_one(plan, one, outcome)
            except LocalError as error:
                self._complain(error)

    def _heed_one(self, plan: Plan, one: _Taken, settled: Settled) -> None:
        """Do as was settled; what is not as it was then is looked at anew."""
        version, place = one.version, one.place
        if settled.decision is Decision.REFUSE:
            raise exists(place)
        if settled.decision is Decision.LEAVE:
            self.unchanged += 1
            self.left += [] if one.node is None else [one.node]
        elif settled.decision is Decision.BESIDE:
            if settled.name is None:
                self._beside(plan, version, place)
            else:
                self.sort(plan, version, _beside(place, settled.name), one.node)
        else:
            status = look_at(place) if self._policy.asks else None
            if status is None or (status.st_size, status.st_mtime_ns) == one.theirs:
                stands = one.theirs if self._policy.existing in _HEEDING else None
                plan.want(version, place, overwrite=True, stands=stands)
            else:
                self.sort(plan, version, place, one.node)

    def _beside(self, plan: Plan, version: Version, place: str) -> None:
        """Let a version come down beside what is there, unless it did so before."""
        for name in names_beside(os.fsencode(os.path.basename(place))):
            other = _beside(place, name)
            status = look_at(other)
            if status is None:
                plan.want(version, other, overwrite=False)
                return
            if (status.st_size, status.st_mtime_ns) == (version.size, version.modified):
                self.unchanged += 1
                return

    async def settle(self, plan: Plan, in_thread: InThread) -> None:
        """Settle which of those whose place is taken come down, and as what."""
        while plan.taken:
            taken, plan.taken = sorted(plan.taken, key=attrgetter("place")), []
            settled = [(one, await self._policy.settle(one.clash)) for one in taken]
            await in_thread(self._heed, plan, settled)


def _beside(place: str, name: bytes) -> str:
    return os.path.join(os.path.dirname(place), os.fsdecode(name))

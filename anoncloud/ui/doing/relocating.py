"""Things of the local disk copied or moved on it: folders join, files are asked about.

A file appears whole or not at all, and what it replaces is what its user was asked about. One that
can't be copied or moved is complained about; the others go on.
"""

import os
import shutil
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import attrs

from anoncloud.client.threads import InThread
from anoncloud.client.transfers.localfiles import free_beside, reported, show_local
from anoncloud.client.transfers.localtree import Complain
from anoncloud.client.transfers.policies import Clash, Decision, Policy, Seen, Settled
from anoncloud.client.transfers.targets import name_part, part_path
from anoncloud.client.tree import names
from anoncloud.errors import Exists, LocalError, UsageError

_MARK: Final = 4
"""Bytes that tell one unfinished copy from another."""


@attrs.frozen
class _Step:
    """Something that goes to *place*; *theirs* is what stands there, if a file does."""

    source: Path
    place: Path
    ours: Seen
    theirs: Seen | None = None

    @property
    def clash(self) -> Clash:
        """What is asked about it."""
        theirs = self.theirs or self.ours
        return Clash(show_local(self.place), os.fsencode(self.place.name), self.ours, theirs)


@attrs.define
class Relocation:
    """One copy, or, if it is *moving*, one move; *policy*, which asks, settles what is taken.

    :ivar left: how many files were left.
    """

    _policy: Policy
    _in_thread: InThread
    _complain: Complain
    _moving: bool
    left: int = 0
    _steps: list[_Step] = attrs.Factory(list)
    _taken: list[_Step] = attrs.Factory(list)
    _joined: list[Path] = attrs.Factory(list)

    async def look(
        self, folder: str, wanted: Sequence[bytes], target: str, name: bytes | None
    ) -> None:
        """See what is to be done, and ask about all that is taken; nothing is changed yet."""
        await self._in_thread(self._look_at_all, folder, wanted, target, name)
        while self._taken:
            taken, self._taken = self._taken, []
            settled = [(one, await self._policy.settle(one.clash)) for one in taken]
            await self._in_thread(self._heed, settled)

    def _look_at_all(
        self, folder: str, wanted: Sequence[bytes], target: str, name: bytes | None
    ) -> None:
        for one in wanted:
            source = Path(folder, os.fsdecode(names.check_name(one)))
            place = Path(target, os.fsdecode(names.check_name(one if name is None else name)))
            try:
                _check_outside(source, target)
                if source == place:
                    place = free_beside(place)
                self._look_at(source, place)
            except LocalError as error:
                self._complain(error)

    def _look_at(self, source: Path, place: Path) -> None:
        """See what stands where *source* goes."""
        with reported("reading", source):
            ours = source.lstat()
        with reported("reading", place):
            theirs = place.lstat() if os.path.lexists(place) else None
        if theirs is None:
            self._steps.append(_Step(source, place, _seen(ours)))
        elif stat.S_ISDIR(ours.st_mode) and stat.S_ISDIR(theirs.st_mode):
            self._join(source, place)
        elif stat.S_ISDIR(ours.st_mode) or stat.S_ISDIR(theirs.st_mode):
            kind = "a folder" if stat.S_ISDIR(theirs.st_mode) else "something that is no folder"
            message = f"{self._doing} {show_local(source)}: {kind} has that name at its target"
            raise Exists(message, "choose another name, or move it away first")
        elif _is_same(ours, theirs):
            if self._moving:
                self._steps.append(_Step(source, place, _seen(ours), _seen(theirs)))
        else:
            self._taken.append(_Step(source, place, _seen(ours), _seen(theirs)))

    def _join(self, source: Path, place: Path) -> None:
        with reported("reading", source):
            inside = sorted(source.iterdir())
        for one in inside:
            try:
                self._look_at(one, place / one.name)
            except LocalError as error:
                self._complain(error)
        self._joined.append(source)

    def _heed(self, settled: list[tuple[_Step, Settled]]) -> None:
        for step, outcome in settled:
            try:
                self._heed_one(step, outcome)
            except LocalError as error:
                self._complain(error)

    def _heed_one(self, step: _Step, settled: Settled) -> None:
        if settled.decision is Decision.LEAVE:
            self.left += 1
        elif settled.decision is Decision.STORE:
            self._steps.append(step)
        elif settled.name is not None:
            self._look_at(step.source, step.place.with_name(os.fsdecode(settled.name)))
        else:
            self._steps.append(_Step(step.source, free_beside(step.place), step.ours))

    async def carry_out(self) -> None:
        """Do what is to be done; it can't be stopped halfway through a file."""
        for step in self._steps:
            await self._in_thread(self._try, step)
        if self._moving:
            await self._in_thread(self._remove_empty)

    def _try(self, step: _Step) -> None:
        try:
            with reported(self._doing, step.source):
                self._do(step)
        except LocalError as error:
            self._complain(error)

    def _do(self, step: _Step) -> None:
        source, place = step.source, step.place
        if step.theirs is not None and _look(place) not in {None, step.theirs}:
            message = f"{self._doing} {show_local(source)}: what is at its target has changed"
            raise Exists(message, "try it again")
        overwrite = step.theirs is not None
        if self._moving and _on_one_disk(source, place.parent):
            name_part(source, place, overwrite=overwrite)
            return
        if source.is_dir() and not source.is_symlink():
            _check_free(place)
            shutil.copytree(source, place, symlinks=True)
            if self._moving:
                shutil.rmtree(source)
            return
        _copy_file(source, place, overwrite=overwrite)
        if self._moving:
            source.unlink()

    def _remove_empty(self) -> None:
        """Remove folders all of whose insides have gone."""
        for folder in self._joined:
            try:
                folder.rmdir()
            except OSError:  # something was left in it
                continue

    @property
    def _doing(self) -> str:
        return "moving" if self._moving else "copying"


def _copy_file(source: Path, place: Path, *, overwrite: bool) -> None:
    """Copy a file or link aside, and then to its name."""
    aside = Path(part_path(str(place), os.urandom(_MARK)))
    try:
        shutil.copy2(source, aside, follow_symlinks=False)
        name_part(aside, place, overwrite=overwrite)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def _on_one_disk(source: Path, folder: Path) -> bool:
    """Whether a rename can bring *source* into *folder*."""
    return source.lstat().st_dev == folder.stat().st_dev


def _check_free(place: Path) -> None:
    if os.path.lexists(place):
        message = f"writing {show_local(place)}: something of that name has come there meanwhile"
        raise Exists(message, "try it again")


def _check_outside(source: Path, target: str) -> None:
    if source.is_dir() and not source.is_symlink():
        inner, outer = Path(target).resolve(), source.resolve()
        if inner == outer or outer in inner.parents:
            message = f"{show_local(source)} can't be put into itself"
            raise UsageError(message, "choose another place")


def _seen(status: os.stat_result) -> Seen:
    return Seen(status.st_size, status.st_mtime_ns)


def _look(place: Path) -> Seen | None:
    return _seen(place.lstat()) if os.path.lexists(place) else None


def _is_same(ours: os.stat_result, theirs: os.stat_result) -> bool:
    """Whether two things look the same, and are not one."""
    kinds = stat.S_IFMT(ours.st_mode) == stat.S_IFMT(theirs.st_mode)
    return kinds and _seen(ours) == _seen(theirs)

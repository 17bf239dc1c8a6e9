"""Two panes held against each other: which entries of one the other lacks, or has otherwise.

What shows is compared by name, and files by size and time. Folders that both have are not looked
into.
"""

import attrs

from anoncloud.ui import listed
from anoncloud.ui import pane as panes
from anoncloud.ui.entries import Entry, Kind
from anoncloud.ui.pane import Pane


@attrs.frozen
class Compared:
    """A pane in which what differs is marked.

    :ivar lacking: how many entries the other pane lacks.
    :ivar newer: files that are newer than there.
    :ivar another: files of another size that are not newer, or what is something else there.
    """

    pane: Pane
    lacking: int = 0
    newer: int = 0
    another: int = 0

    @property
    def count(self) -> int:
        """How many are marked."""
        return self.lacking + self.newer + self.another


def compared(pane: Pane, other: Pane) -> Compared:
    """Mark in *pane* what differs from *other*, and nothing else."""
    names = listed.names(pane.entries)
    places = {name: at for at, name in enumerate(listed.names(other.entries))}
    lacking = newer = another = 0
    marks: set[bytes] = set()
    for at in pane.order:
        there = places.get(names[at])
        entry = pane.entries[at]
        if there is None:
            lacking += 1
        else:
            beside = other.entries[there]
            if _is_newer(entry, beside):
                newer += 1
            elif _is_another(entry, beside):
                another += 1
            else:
                continue
        marks.add(entry.key)
    return Compared(panes.with_marks(pane, marks), lacking, newer, another)


def _is_newer(entry: Entry, beside: Entry) -> bool:
    both_files = entry.kind is beside.kind is Kind.FILE
    return both_files and entry.modified > beside.modified


def _is_another(entry: Entry, beside: Entry) -> bool:
    """Tell whether two of a name are something else, or files of another size."""
    if entry.is_folder or beside.is_folder:
        return entry.is_folder is not beside.is_folder
    return entry.kind is not beside.kind or entry.size != beside.size

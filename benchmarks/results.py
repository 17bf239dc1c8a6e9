"""What was measured: rows of runs for each workload, and their medians."""

import os
from collections.abc import Callable
from statistics import median
from typing import Final

import attrs

from benchmarks.measuring import Measured


@attrs.frozen
class Workload:
    """Something to do, and how much of it there is, to reckon a rate in *unit* per second."""

    code: str
    title: str
    amount: float = 0
    unit: str = ""


@attrs.define
class Row:
    """All runs of one peer, or of one limit, at one workload."""

    name: str
    is_limit: bool
    runs: list[Measured] = attrs.Factory(list)
    failure: str = ""

    @property
    def seconds(self) -> float:
        """The median time."""
        return median(run.seconds for run in self.runs)

    @property
    def spread(self) -> float:
        """How far the runs lie apart: slowest less fastest, as a share of the median."""
        every = [run.seconds for run in self.runs]
        return (max(every) - min(every)) / self.seconds

    def median(self, field: Callable[[Measured], float | None]) -> float | None:
        """Give the median of one field, or None where it does not apply."""
        values = [value for run in self.runs if (value := field(run)) is not None]
        return median(values) if values else None


@attrs.define
class Table:
    """The rows of one workload, and the load of the machine when it began."""

    workload: Workload
    load: float = attrs.Factory(lambda: os.getloadavg()[0])
    rows: dict[str, Row] = attrs.Factory(dict)
    unable: dict[str, str] = attrs.Factory(dict)
    """Who does not take part, and why."""

    def add(self, name: str, measured: Measured, *, is_limit: bool = False) -> None:
        """Note one run."""
        self.rows.setdefault(name, Row(name, is_limit)).runs.append(measured)

    def fail(self, name: str, why: str) -> None:
        """Note that a peer could not do it."""
        self.rows.setdefault(name, Row(name, is_limit=False)).failure = why

    def ranked(self, *, limits: bool) -> list[Row]:
        """Give the peers, or the limits, the fastest first."""
        rows = [row for row in self.rows.values() if row.is_limit is limits and row.runs]
        return sorted(rows, key=lambda row: row.seconds)


MEGA: Final = 1_000_000
"""MB are of a million bytes, as disks and networks count."""

"""What the SQL stores want of a database, whichever it is.

Statements are written once, in the SQL that SQLite and PostgreSQL have in common, with ``?`` for
each parameter. Whatever differs is in the two adapters, ``database`` and ``postgres``, and in the
two folders of schema files.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from typing import Any, Final, Protocol, Self, TypeVar

from anoncloud.errors import Code, Refused

_STEP: Final = re.compile(r"(\d{3})\.sql")
Result = TypeVar("Result")
Interaction = TypeVar("Interaction", bound=Callable[..., Any])


class Cursor(Protocol):
    """One transaction's way to ask; rows are tuples, bytes are bytes, numbers are int."""

    @property
    def rowcount(self) -> int:
        """How many rows the last statement changed."""

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Self:
        """Run one statement."""

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]], /) -> Self:
        """Run one statement for each of *rows*."""

    def fetchone(self) -> Any:
        """Give the next row; None after the last one."""

    def fetchall(self) -> list[Any]:
        """Give all rows that are left."""

    def __iter__(self) -> Iterator[Any]:
        """Go over the rows that are left."""


def once(interaction: Interaction) -> Interaction:
    """Mark an interaction that is not to be run again when nobody knows whether it was committed.

    Whoever asked for it is told so, and looks.
    """
    interaction.is_once = True  # type: ignore[attr-defined]
    return interaction


def may_repeat(interaction: Callable[..., Any]) -> bool:
    """Whether an interaction does no harm when it was committed before."""
    return not getattr(interaction, "is_once", False)


def passing(interaction: Interaction) -> Interaction:
    """Mark an interaction whose loss does no harm when the power fails: it need not wait for disks.

    It is atomic like any other, and others see it at once.
    """
    interaction.is_passing = True  # type: ignore[attr-defined]
    return interaction


def must_last(interaction: Callable[..., Any]) -> bool:
    """Whether what an interaction has committed is to outlive a power loss."""
    return not getattr(interaction, "is_passing", False)


def reading(interaction: Interaction) -> Interaction:
    """Mark an interaction that changes nothing: it need not wait for one that does."""
    interaction.is_reading = True  # type: ignore[attr-defined]
    return interaction


def may_write(interaction: Callable[..., Any]) -> bool:
    """Whether an interaction may change something."""
    return not getattr(interaction, "is_reading", False)


class SqlDatabase(Protocol):
    """Runs interactions, each in one transaction, as if there were no other meanwhile."""

    async def run(self, interaction: Callable[..., Result], *arguments: Any) -> Result:
        """Run *interaction* with a :class:`Cursor` and *arguments*: committed whole, or not at all.

        It may be called more than once, after a conflict with another transaction or a connection
        that was cut, so it changes nothing but the database. A cut may also come between the
        commit and its answer; what must not be done a second time then is marked with
        :func:`once`. What was committed when this gives a result outlives a power loss, unless it
        is marked with :func:`passing`.

        :raises Refused: DISK_FULL or UNAVAILABLE when the database itself fails.
        """

    def close(self) -> None:
        """Close the database; nothing may be asked after it."""


def steps(dialect: str = "") -> list[tuple[int, str]]:
    """Give the numbered steps of a database's schema, in order; by default SQLite's."""
    folder = files("anoncloud.server.stores") / "schema" / dialect
    found = ((_STEP.fullmatch(step.name), step) for step in folder.iterdir())
    return sorted((int(name[1]), step.read_text()) for name, step in found if name)


def faulty() -> Refused:
    """Say that the database fails; its own words are for the log."""
    message = "the server's database has a fault"
    return Refused(Code.UNAVAILABLE, message, "try again, or tell its owner")

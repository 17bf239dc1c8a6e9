"""Places to come back to: those a person has named by a letter, and those visited last.

As text they are one line each, so that a file of them can be kept, read and edited.
"""

from collections.abc import Container
from typing import Final

import attrs

from anoncloud.errors import UsageError
from anoncloud.ui.places import Place, Remote, parse, spell

RECENT: Final = 20
"""Places that were visited last and are remembered."""


@attrs.frozen
class Bookmarks:
    """*named* by one character each, in the order they were made; *recent*, the newest first."""

    named: tuple[tuple[str, Place], ...] = ()
    recent: tuple[Place, ...] = ()

    def with_named(self, letter: str, place: Place) -> "Bookmarks":
        """Call *place* by *letter*, whatever was called so before."""
        return attrs.evolve(self, named=(*self.without(letter).named, (letter, place)))

    def without(self, letter: str) -> "Bookmarks":
        """Forget what is called *letter*."""
        return attrs.evolve(self, named=tuple(one for one in self.named if one[0] != letter))

    def with_recent(self, place: Place) -> "Bookmarks":
        """Remember that *place* was visited."""
        others = tuple(one for one in self.recent if one != place)
        return attrs.evolve(self, recent=(place, *others)[:RECENT])

    def without_recent(self, gone: Container[Place]) -> "Bookmarks":
        """Forget that places were visited; those with a letter stay."""
        return attrs.evolve(self, recent=tuple(one for one in self.recent if one not in gone))

    def lines(self) -> list[str]:
        """Give them as lines, which :func:`parse_bookmarks` reads; unprintable ones are left out.

        A place whose path holds a new line, or no UTF-8, can't be kept in a file of lines.
        """
        made = [(letter, spell(place)) for letter, place in self.named]
        made += [("-", spell(place)) for place in self.recent]
        return [f"{letter} {where}" for letter, where in made if where.isprintable()]


def parse_bookmarks(lines: list[str], home: str) -> Bookmarks:
    """Read what :meth:`Bookmarks.lines` gives; empty lines and those with ``#`` are passed over.

    :raises UsageError: a line makes no sense; says which.
    """
    made = Bookmarks()
    recent: list[Place] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        letter, _, where = line.rstrip("\n").partition(" ")
        if len(letter) != 1 or not where:
            message = f"line {number} of the bookmarks makes no sense"
            raise UsageError(message, "write a letter, a blank, and drive:/PATH or local:/PATH")
        place = parse(where, Remote(()), home)
        if letter == "-":
            recent.append(place)
        else:
            made = made.with_named(letter, place)
    return attrs.evolve(made, recent=tuple(recent[:RECENT]))

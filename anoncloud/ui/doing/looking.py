"""Opens files to be looked at, and gives viewers the ranges that they ask for."""

import re
from collections.abc import Iterator
from typing import Final

from anoncloud.errors import AnonymousCloudError
from anoncloud.limits import MIB
from anoncloud.ui import effects, shown
from anoncloud.ui.doing import archives, pictures
from anoncloud.ui.doing.desk import Desk
from anoncloud.ui.doing.looks import Looked, Source
from anoncloud.ui.doing.sources import open_source
from anoncloud.ui.events import Heard, Shown
from anoncloud.ui.looking_effects import (
    How,
    Leave,
    Look,
    Named,
    ReadRange,
    Search,
    StopSearch,
    Subject,
)
from anoncloud.ui.viewing import kinds, said
from anoncloud.ui.viewing.characters import Encoding, guess
from anoncloud.ui.viewing.viewer import opened
from anoncloud.ui.viewing.window import CHUNK

SEARCHED: Final = MIB
"""Bytes that are searched in one go."""


async def view(desk: Desk, effect: effects.View) -> None:
    """Show what a file holds, as whatever fits it best."""
    await look(desk, Look(Named(effect.place, effect.entry)))


async def look(desk: Desk, effect: Look) -> None:
    """Show a file."""
    source = await open_source(desk, effect.subject)
    try:
        first = await source.read(0, CHUNK)
        how = kinds.best(first, source.size) if effect.how is How.BEST else effect.how
        if how is How.LIST:
            await archives.show(desk, effect.subject, source, title_of(effect.subject), first)
        elif how is How.PICTURE:
            await pictures.show(desk, effect.subject, source, title_of(effect.subject))
    except BaseException:
        source.close()
        raise
    if how in {How.TEXT, How.HEX}:
        _show(desk, effect.subject, source, first, how)


def _show(desk: Desk, subject: Subject, source: Source, first: bytes, how: How) -> None:
    number, _ = desk.looks.begin(source)
    encoding = guess(first) or Encoding.UTF_8 if how is How.TEXT else None
    layer = opened(number, title_of(subject), source.size, encoding, first)
    desk.tell(Shown(layer))


def title_of(subject: Subject) -> str:
    """Say what is looked at."""
    if isinstance(subject, Named):
        return shown.name(subject.entry.name)
    return f"{shown.name(subject.name)}, version {subject.number}"


async def read_range(desk: Desk, effect: ReadRange) -> None:
    """Give a viewer the range that it asked for."""
    looked = desk.looks.get(effect.number)
    if looked is None or looked.source is None:
        return
    try:
        data = await looked.source.read(effect.offset, effect.length)
    except AnonymousCloudError as error:
        _unread(desk, effect.number, error)
        return
    if len(data) < effect.length:
        desk.tell(Heard(effect.number, said.Unread("the file is shorter now than it was")))
        return
    desk.tell(Heard(effect.number, said.Bytes(effect.offset, data)))


def _unread(desk: Desk, number: int, error: AnonymousCloudError) -> None:
    desk.tell(Heard(number, said.Unread(shown.text(str(error)))))


async def search(desk: Desk, effect: Search) -> None:
    """Look for bytes in a file, piece by piece, until they are found or nobody wants them."""
    looked = desk.looks.get(effect.number)
    if looked is None or looked.source is None:
        return
    looked.search = token = object()
    try:
        found = await _found(desk, looked, token, effect)
    except AnonymousCloudError as error:
        _unread(desk, effect.number, error)
        return
    if looked.search is token:
        looked.search = None
        length = len(effect.pattern)
        answer = said.NotFound() if found is None else said.Found(found, length)
        desk.tell(Heard(effect.number, answer))


async def _found(desk: Desk, looked: Looked, token: object, effect: Search) -> int | None:
    """Give the nearest offset at or after that of *effect*, or the nearest before it."""
    flags = re.IGNORECASE if effect.any_case else 0
    wanted = re.compile(re.escape(effect.pattern), flags)
    more = len(effect.pattern) - 1
    source = looked.source
    if source is None:
        return None
    for start, end in _steps(effect, source.size):
        data = await source.read(start, end - start + more)
        if looked.search is not token:
            return None
        places = [match.start() for match in wanted.finditer(data)] if effect.backwards else []
        first = None if effect.backwards else wanted.search(data)
        if places or first is not None:
            return start + (places[-1] if first is None else first.start())
        desk.tell(Heard(effect.number, said.Searching(start if effect.backwards else end)))
    return None


def _steps(effect: Search, size: int) -> Iterator[tuple[int, int]]:
    """Give from where to where a find may begin, step by step."""
    if effect.backwards:
        for end in range(min(effect.offset, size), 0, -SEARCHED):
            yield max(0, end - SEARCHED), end
    else:
        for start in range(effect.offset, size, SEARCHED):
            yield start, min(start + SEARCHED, size)


async def stop_search(desk: Desk, effect: StopSearch) -> None:
    """Look no further."""
    looked = desk.looks.get(effect.number)
    if looked is not None:
        looked.search = None


async def leave(desk: Desk, effect: Leave) -> None:
    """Let go of what a layer looked at."""
    desk.looks.leave(effect.number)

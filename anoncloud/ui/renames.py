"""Many names changed at once in a text: one a line, so written that any editor keeps every byte.

Pure: nothing in here renames. In what order it can be done is part of it, since names may be
given on from one to another, and round in a circle.
"""

from collections.abc import Callable, Iterable, Sequence

from anoncloud.client.tree import names
from anoncloud.errors import UsageError

Step = tuple[bytes, bytes]
"""From this name to that one."""


def written(listed: Sequence[bytes]) -> bytes:
    """Write the names one a line; what an editor could change or not show is escaped."""
    return b"".join(names.show(name).encode() + b"\n" for name in listed)


def read(content: bytes, before: Sequence[bytes], others: Iterable[bytes]) -> dict[bytes, bytes]:
    """Give what is to be called otherwise: for each old name its new one.

    *before* is what was written, and *others* are the names around, which stay as they are.

    :raises UsageError: the text is no list of as many names, or two would be called the same.
    """
    lines = content.rstrip(b"\n").split(b"\n")
    if len(lines) != len(before):
        message = f"the text has {len(lines)} lines for {len(before)} names; nothing was renamed"
        raise UsageError(message, "change names, but neither remove lines nor add any")
    read_names = (_name(line, number) for number, line in enumerate(lines, start=1))
    wanted = dict(zip(before, read_names, strict=True))
    taken = set(others) - wanted.keys()
    for new in wanted.values():
        if new in taken:
            message = f"{names.show(new)} is there already, or stands twice; nothing was renamed"
            raise UsageError(message, "give every entry a name of its own")
        taken.add(new)
    return {old: new for old, new in wanted.items() if old != new}


def _name(line: bytes, number: int) -> bytes:
    try:
        return names.check_name(names.read_shown(line))
    except UsageError as error:
        message = f"line {number}: {error.message}; nothing was renamed"
        raise UsageError(message, error.hint) from error


def steps(wanted: dict[bytes, bytes], spare: Callable[[], bytes]) -> list[Step]:
    """Give *wanted* in an order in which no name is taken when something is to be called so.

    Whatever goes round in a circle waits meanwhile under a name that *spare* gives.
    """
    waiting, made = dict(wanted), list[Step]()
    while waiting:
        free = [old for old, new in waiting.items() if new not in waiting]
        for old in free:
            made.append((old, waiting.pop(old)))
        if not free:
            old = next(iter(waiting))
            aside = spare()
            made.append((old, aside))
            waiting[aside] = waiting.pop(old)
    return made

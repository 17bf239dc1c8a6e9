"""The status line, the bar of hints, and what there is to say."""

from typing import Final

from anoncloud.ui import amounts, boxes, shown
from anoncloud.ui.cells import Block, Row, Span, Style, block, clip, fill, width
from anoncloud.ui.events import Link, Progress, Severity, Status, Told, TransferLine
from anoncloud.ui.layers import Hints

_LINKS: Final = {
    Link.OFFLINE: ("offline", Style.DIM),
    Link.CONNECTING: ("connecting", Style.WARNING),
    Link.ONLINE: ("online", Style.GOOD),
    Link.LOST: ("line lost", Style.ERROR),
}
_SEVERITIES: Final = {
    Severity.GOOD: Style.GOOD,
    Severity.WARNING: Style.WARNING,
    Severity.ERROR: Style.ERROR,
}
_NEARLY_FULL: Final = 0.9
"""The share of the quota from which on it is told as a warning."""
_MOST_NOTICE: Final = 4
"""Rows that something to say takes at most."""


def status(known: Status, transfers: tuple[TransferLine, ...], columns: int) -> Row:
    """Draw what matters most first; what does not fit is left out."""
    text, style = _LINKS[known.link]
    parts = [Span(text, style), _moving(transfers), _space(known), _newest(known), _account(known)]
    made: list[Span] = [Span(" ", Style.BAR)]
    room = columns - 1
    for part in parts:
        if not part.text:
            continue
        between = 2 if len(made) > 1 else 0
        if width(part.text) + between > room:
            continue
        made += [Span(" " * between, Style.BAR), part]
        room -= width(part.text) + between
    return fill(made, columns, Style.BAR)


def _account(known: Status) -> Span:
    named = f"{known.account}@{known.host}" if known.account else ""
    return Span(shown.text(named), Style.BAR)


def _space(known: Status) -> Span:
    if not known.account:
        return Span("")
    if not known.quota:
        return Span(f"{amounts.size(known.used)} used", Style.BAR)
    full = known.used / known.quota >= _NEARLY_FULL
    text = f"{amounts.size(known.used)} of {amounts.size(known.quota)}"
    return Span(text, Style.WARNING if full else Style.BAR)


def _newest(known: Status) -> Span:
    if known.newest is None:
        return Span("")
    age = amounts.age(max(0, known.now - known.newest))
    return Span("changed now" if age == "now" else f"changed {age} ago", Style.BAR)


def _moving(transfers: tuple[TransferLine, ...]) -> Span:
    """Tell of all transfers together."""
    going = [one for one in transfers if one.state is Progress.RUNNING]
    failed = sum(one.state is Progress.FAILED for one in transfers)
    waiting = sum(one.state in {Progress.WAITING, Progress.PAUSED} for one in transfers)
    said = []
    if going:
        done, total = sum(one.done for one in going), [one.total for one in going]
        known = [one for one in total if one is not None]
        share = f" {done * 100 // max(1, sum(known))}%" if len(known) == len(total) else ""
        said.append(f"{len(going)} under way{share} {amounts.rate(sum(one.rate for one in going))}")
    if waiting:
        said.append(f"{waiting} waiting")
    if failed:
        said.append(f"{failed} failed")
    return Span(", ".join(said), Style.ERROR if failed else Style.STRONG)


def hints(pairs: Hints, columns: int) -> Row:
    """Draw keys and what they do, as many as fit."""
    made: list[Span] = []
    room = columns
    for key, says in pairs:
        wide = width(key) + width(says) + 1
        if wide > room:
            break
        made += [Span(key, Style.KEY), Span(" " + says, Style.BAR), Span(" ", Style.PLAIN)]
        room -= wide + 1
    return fill(made, columns)


def notice(told: Told, columns: int) -> Block:
    """Draw what there is to say, with what to do about it, as high as it needs to be."""
    text = shown.text(f"{told.text}; {told.hint}" if told.hint else told.text)
    cells = max(1, columns - 2)
    lines = boxes.wrapped(text, cells)
    if len(lines) > _MOST_NOTICE:
        lines = [*lines[: _MOST_NOTICE - 1], clip(" ".join(lines[_MOST_NOTICE - 1 :]), cells)]
    style = _SEVERITIES[told.severity]
    return block([(Span(f" {line}", style),) for line in lines], columns)


def too_small(rows: int, columns: int, least: tuple[int, int]) -> Block:
    """Say that the terminal is too small, in whatever room there is."""
    said = f"{columns}x{rows} is too small; make it {least[1]}x{least[0]}"
    lines = boxes.wrapped(said, max(1, columns))
    return block([(Span(line, Style.WARNING),) for line in lines], columns, rows)

"""Explorers at rest, with something to show, and what is seen of them."""

from collections.abc import Sequence

from anoncloud.ui import explorer as explorers
from anoncloud.ui.cells import Block, row_width, width
from anoncloud.ui.effects import Effects, Side
from anoncloud.ui.entries import Entry, Kind
from anoncloud.ui.events import Event, Link, PlaceRead, Status, StatusChanged
from anoncloud.ui.explorer import Explorer
from anoncloud.ui.pane import Pane
from anoncloud.ui.places import Local, Place, Remote

NOW = 1_790_000_100
SECOND = 1_000_000_000


def entry(name: str | bytes, kind: Kind = Kind.FILE, size: int = 100, **more: object) -> Entry:
    """Make an entry, changed half an hour ago."""
    raw = name.encode() if isinstance(name, str) else name
    size = -1 if kind in {Kind.FOLDER, Kind.FOLDER_LINK} else size
    return Entry(raw, kind, size, (NOW - 1800) * SECOND)._replace(**more)


def numbered(entries: Sequence[Entry]) -> list[Entry]:
    """Give entries the numbers that nodes of a drive have."""
    return [one._replace(node=at.to_bytes(8, "big")) for at, one in enumerate(entries, start=1)]


LOCAL = (
    entry("music", Kind.FOLDER),
    entry("notes.txt", size=12_345),
    entry("Page 10.txt", size=0),
    entry("page 9.txt", size=2**40, modified=(NOW - 40 * 86_400) * SECOND),
    entry("old.tar.gz", size=999, modified=SECOND),
    entry(".hidden", size=1),
)
REMOTE = numbered(
    [
        entry("photos", Kind.FOLDER),
        entry("a name that is far too long for its column.jpeg", size=2**20),
        entry("link", Kind.LINK, 3, note="-> photos"),
        entry(b"bad\x1b[31m\xff", size=7),
    ]
)
STATUS = Status("ann", "drive.example", Link.ONLINE, 12 * 2**30, 20 * 2**30, NOW - 120, NOW)


def explorer(
    rows: int = 24,
    columns: int = 80,
    left: Place | None = None,
    right: Place | None = None,
    local: Sequence[Entry] = LOCAL,
    remote: Sequence[Entry] = REMOTE,
    **more: object,
) -> Explorer:
    """Give an explorer whose panes have been read: the local disk and the drive."""
    made = Explorer(rows=rows, columns=columns, home="/home/ann", **more)
    for side, place, entries in (
        (Side.LEFT, left or Local("/home/ann"), local),
        (Side.RIGHT, right or Remote(()), remote),
    ):
        made = made.with_pane(Pane(place), side)
        made, _ = explorers.learn(made, PlaceRead(side, place, entries))
    made, _ = explorers.learn(made, StatusChanged(STATUS))
    return made


def pressed(made: Explorer, *keys: str) -> tuple[Explorer, Effects]:
    """Press keys one after the other; give all effects together."""
    effects: Effects = ()
    for key in keys:
        made, more = explorers.press(made, key)
        effects = (*effects, *more)
    return made, effects


def typed(made: Explorer, text: str, *keys: str) -> tuple[Explorer, Effects]:
    """Press the keys of *text*, and others after them."""
    return pressed(made, *("space" if one == " " else one for one in text), *keys)


def told(made: Explorer, *events: Event) -> tuple[Explorer, Effects]:
    """Tell events one after the other; give all effects together."""
    effects: Effects = ()
    for event in events:
        made, more = explorers.learn(made, event)
        effects = (*effects, *more)
    return made, effects


def texts(block: Block) -> list[str]:
    """Give the rows of a block as text, blanks at their ends left out."""
    return ["".join(span.text for span in row).rstrip() for row in block.rows]


def screen(made: Explorer) -> list[str]:
    """Give the rows of the screen as text."""
    return texts(explorers.picture(made).block)


def misfits(block: Block, rows: int, columns: int) -> list[str]:
    """Say what keeps *block* from being exactly so large and safe to show."""
    found = [] if block.width == columns else [f"it is {block.width} cells wide"]
    if block.height != rows:
        found.append(f"it is {block.height} rows high")
    for number, row in enumerate(block.rows):
        whole = "".join(span.text for span in row)
        if row_width(row) != columns:
            found.append(f"row {number} is {row_width(row)} cells wide: {whole!r}")
        if width(whole) != row_width(row):
            found.append(f"row {number} changes when its spans are joined: {whole!r}")
        unsafe = [
            one for one in whole if one != "\u00a0" and not one.isprintable() and not one.isspace()
        ]
        if unsafe or any(one in whole for one in "\r\n\t\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2028\u2029"):
            found.append(f"row {number} holds {unsafe!r}: {whole!r}")
    return found

"""The versions of a file of the drive, as a list: look at one, restore it, bring it down."""

from collections.abc import Iterable

from anoncloud.client.tree.nodes import File
from anoncloud.client.tree.versions import Version
from anoncloud.ui import amounts, shown
from anoncloud.ui.amounts import SIZE_CELLS, TIME_CELLS, Zone
from anoncloud.ui.cells import Style
from anoncloud.ui.looking_effects import GetVersion, Look, RestoreVersion, Stored
from anoncloud.ui.viewing.table import Act, Column, Item, Table

_COLUMNS = (
    Column("space", SIZE_CELLS),
    Column("modified", TIME_CELLS),
    Column("stored", TIME_CELLS),
    Column("size", SIZE_CELLS),
)


def history(number: int, file: File, zone: Zone) -> Table:
    """List the versions, the newest first."""
    acts = {
        "enter": Act("View", lambda stored: (Look(stored),)),
        "v": Act("", lambda stored: (Look(stored),)),
        "f3": Act("", lambda stored: (Look(stored),)),
        "R": Act("Restore", lambda stored: (RestoreVersion(stored),), closes=True),
        "c": Act("Get", lambda stored: (GetVersion(stored),)),
        "f5": Act("", lambda stored: (GetVersion(stored),)),
    }
    title = f"versions of {shown.name(file.name)}"
    table = Table(number, title, _COLUMNS, "version", acts)
    items = items_of(file, zone)
    note = "space is what a version needs that no older one has"
    return table.with_items(items, note)


def items_of(file: File, zone: Zone) -> tuple[Item, ...]:
    """Make an item for each version, the newest first."""
    kept, node = file.versions, file.node.to_bytes(8, "big")
    spaces = own_space(one.version for one in kept)
    made: list[Item] = []
    for number, (one, space) in enumerate(zip(kept, spaces, strict=True), start=1):
        version = one.version
        cells = (
            amounts.short_size(space),
            amounts.time(version.modified, zone),
            amounts.time(one.stored * 1000, zone),
            amounts.short_size(version.size),
        )
        newest = number == len(kept)
        text = f"{number}" + (" the newest" if newest else "")
        style = Style.STRONG if newest else Style.PLAIN
        made.append(Item(cells, text, Stored(node, number, file.name, one.stored), style))
    return tuple(reversed(made))


def own_space(versions: Iterable[Version]) -> list[int]:
    """Tell of each version how many sealed bytes it has that none before it has."""
    seen: set[bytes] = set()
    spaces: list[int] = []
    for version in versions:
        space = 0
        for stream in version.streams:
            if stream.key not in seen:
                seen.add(stream.key)
                space += sum(extent.length for extent in (*stream.extents, *stream.fingerprints))
        spaces.append(space)
    return spaces

"""What was found in the whole drive, as a list: go there, look at it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from anoncloud.client.tree import names
from anoncloud.client.tree.nodes import Node
from anoncloud.client.tree.tree import Tree
from anoncloud.ids import ROOT
from anoncloud.ui import amounts, entries, shown
from anoncloud.ui.amounts import SIZE_CELLS, TIME_CELLS, Zone
from anoncloud.ui.cells import Style
from anoncloud.ui.effects import DetailsOf
from anoncloud.ui.entries import Entry
from anoncloud.ui.looking_effects import GoThere, Look, Named
from anoncloud.ui.places import Remote
from anoncloud.ui.viewing.table import Act, Column, Item, Table

MOST: Final = 5_000
"""Things that are listed; a pattern that finds more says too little."""
STEP: Final = 20_000
"""Names that are compared in one go."""

_COLUMNS: Final = (Column("modified", TIME_CELLS), Column("size", SIZE_CELLS))


def finds(number: int, pattern: str) -> Table:
    """Begin a list of what matches *pattern*."""
    acts = {
        "enter": Act("Go there", lambda found: (GoThere(found.place, found.entry.name),)),
        "v": Act("View", _look),
        "f3": Act("", _look),
        "i": Act("Details", lambda found: (DetailsOf(found.place, found.entry),)),
    }
    title = f"what matches {shown.text(pattern)} in the drive"
    return Table(number, title, _COLUMNS, "path", acts, note="looking ...")


def _look(found: Named) -> tuple[Look, ...]:
    return () if found.entry.is_folder else (Look(found),)


def matches(tree: Tree, pattern: str) -> Iterator[list[Node]]:
    """Give what matches, trash left out, in steps that are short each."""
    nodes = list(tree.nodes.values())
    for begin in range(0, len(nodes), STEP):
        some = nodes[begin : begin + STEP]
        fits = entries.matching([node.name for node in some], pattern, anywhere=True)
        yield [node for node, one in zip(some, fits, strict=True) if one and _is_there(tree, node)]


def _is_there(tree: Tree, node: Node) -> bool:
    """Tell whether a node is in the drive as it is now, the root and the trash left out."""
    if node.node == ROOT or tree.node(node.node) is not node:
        return False
    while node.node != ROOT:
        above = None if node.trashed else tree.node(node.parent)
        if above is None:
            return False
        node = above
    return True


def items_of(found: Iterable[tuple[names.Path, Entry]], zone: Zone) -> tuple[Item, ...]:
    """Make an item for each path and entry, in natural order of the paths."""
    listed = list(found)
    order = _natural([path for path, _ in listed])
    return tuple(_item(*listed[at], zone) for at in order)


def _item(path: names.Path, entry: Entry, zone: Zone) -> Item:
    size = amounts.short_size(entry.size) if entry.size >= 0 else ""
    text = shown.path(path) + ("/" if entry.is_folder else "")
    style = Style.FOLDER if entry.is_folder else Style.PLAIN
    cells = (amounts.time(entry.modified, zone), size)
    return Item(cells, text, Named(Remote(path[:-1]), entry), style)


def _natural(paths: Sequence[names.Path]) -> list[int]:
    keys = entries.natural_keys(b"/".join(path) for path in paths)
    return sorted(range(len(paths)), key=keys.__getitem__)


def note(count: int, *, done: bool) -> str:
    """Say how much was found."""
    things = "1 thing" if count == 1 else f"{count:,} things"
    if count >= MOST:
        return f"the first {things}; say more of the name to see all"
    return things if done else f"{things} so far, looking ..."

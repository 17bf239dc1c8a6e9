"""How much lies below a folder, as a list by size that one walks into."""

from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from anoncloud.client.tree.nodes import File, Folder, Node, below
from anoncloud.client.tree.tree import Tree
from anoncloud.ids import NodeId
from anoncloud.ui import amounts, places, shown
from anoncloud.ui.amounts import SIZE_CELLS
from anoncloud.ui.cells import Style
from anoncloud.ui.effects import Effects, MeasureThem
from anoncloud.ui.looking_effects import GoThere
from anoncloud.ui.places import Place
from anoncloud.ui.viewing.table import Act, Column, Item, Table

STEP: Final = 500
"""Nodes that are measured in one go."""
_BAR: Final = 10
_FILES: Final = 9

_COLUMNS: Final = (
    Column("older", SIZE_CELLS),
    Column("files", _FILES),
    Column("share", _BAR),
    Column("size", SIZE_CELLS),
)


@attrs.frozen
class Measured:
    """What lies in one thing: bytes of its files, how many, and sealed bytes of older versions.

    It stays the same thing while it is measured.
    """

    name: bytes
    is_folder: bool
    size: int = attrs.field(default=0, eq=False)
    files: int = attrs.field(default=0, eq=False)
    older: int = attrs.field(default=0, eq=False)


def usage(number: int, place: Place, focus: bytes | None) -> Table:
    """Begin the list of *place*; the cursor goes to the folder called *focus*."""

    def into(one: Measured) -> Effects:
        return (MeasureThem(places.inside(place, one.name)),) if one.is_folder else ()

    def out(_: object) -> Effects:
        around = places.parent(place)
        return () if around is None else (MeasureThem(around, places.name(place)),)

    acts = {
        "enter": Act("Into", into, closes=True),
        "l": Act("", into, closes=True),
        "right": Act("", into, closes=True),
        "backspace": Act("Out", out, closes=True, alone=True),
        "h": Act("", out, closes=True, alone=True),
        "left": Act("", out, closes=True, alone=True),
        "o": Act("Go there", lambda one: (GoThere(place, one.name),)),
    }
    title = f"what lies in {places.trail(place)}"
    table = Table(number, title, _COLUMNS, "name", acts)
    begun = () if focus is None else (Measured(focus, is_folder=True),)
    return table.with_items(items_of(begun), "measuring ...")


def items_of(measured: Iterable[Measured]) -> tuple[Item, ...]:
    """Make an item for each thing, the largest first."""
    listed = sorted(measured, key=lambda one: (-one.size, -one.older, one.name))
    whole = sum(one.size for one in listed)
    return tuple(_item(one, whole) for one in listed)


def _item(one: Measured, whole: int) -> Item:
    share = one.size / whole if whole else 0
    cells = (
        amounts.short_size(one.older) if one.older else "",
        f"{one.files:,}" if one.is_folder else "",
        ("#" * round(share * _BAR)).ljust(_BAR),
        amounts.short_size(one.size),
    )
    text = shown.name(one.name) + ("/" if one.is_folder else "")
    return Item(cells, text, one, Style.FOLDER if one.is_folder else Style.PLAIN)


def note(measured: Iterable[Measured], *, done: bool) -> str:
    """Say how much it is together."""
    listed = list(measured)
    size, files = sum(one.size for one in listed), sum(max(1, one.files) for one in listed)
    older = sum(one.older for one in listed)
    made = f"{amounts.size(size)} in {files:,} files"
    if older:
        made += f", and {amounts.size(older)} of older versions"
    return made if done else f"{made} so far, measuring ..."


def measure(tree: Tree, folder: NodeId) -> Iterator[dict[NodeId, Measured]]:
    """Measure everything in *folder* step by step; gives what is known so far after each.

    A stream that several versions share counts once. The tree may change between two steps.
    """
    known = {
        number: Measured(node.name, isinstance(node, Folder))
        for number in tree.children(folder)
        if (node := tree.node(number)) is not None
    }
    seen: set[bytes] = set()
    done = 0
    for number in list(known):
        for node in below(tree, number):
            known[number] = _with(known[number], node, seen)
            done += 1
            if done % STEP == 0:
                yield known
    yield known


def _with(one: Measured, node: Node, seen: set[bytes]) -> Measured:
    if not isinstance(node, File):
        return one
    kept = node.versions
    newest = kept[-1].version
    seen.update(stream.key for stream in newest.streams)
    older = 0
    for earlier in kept[:-1]:
        for stream in earlier.version.streams:
            if stream.key not in seen:
                seen.add(stream.key)
                older += sum(extent.length for extent in (*stream.extents, *stream.fingerprints))
    return attrs.evolve(
        one, size=one.size + newest.size, files=one.files + 1, older=one.older + older
    )

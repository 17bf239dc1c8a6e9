"""The tree drawn as tree(1) does it; knows nodes, and no screen."""

from collections.abc import Iterable, Iterator

import attrs

from anoncloud.client.tree import names
from anoncloud.client.tree.listing import inside
from anoncloud.client.tree.nodes import File, Folder, Link, Node, Space


@attrs.frozen
class Twig:
    """A node in a drawing: how deep below the top, and for each level whether more follows."""

    node: Node
    path: names.Path
    more: tuple[bool, ...]

    @property
    def depth(self) -> int:
        """Folders between it and the top; the top itself has 0."""
        return len(self.more)


def twigs(
    space: Space, path: names.Path, top: Node, depth: int | None, *, folders_only: bool
) -> Iterator[Twig]:
    """Give the top and what is below it, at most *depth* folders deep, in the order of drawing."""
    waiting = [Twig(top, path, ())]
    while waiting:
        twig = waiting.pop()
        yield twig
        if not isinstance(twig.node, Folder) or (depth is not None and twig.depth >= depth):
            continue
        found = [
            node
            for node in inside(space, twig.node.node)
            if isinstance(node, Folder) or not folders_only
        ]
        last = found[-1] if found else None
        waiting.extend(
            Twig(node, (*twig.path, node.name), (*twig.more, node is not last))
            for node in reversed(found)
        )


UNICODE = ("│   ", "    ", "├── ", "└── ")
ASCII = ("|   ", "    ", "|-- ", "`-- ")


def draw(drawn: Iterable[Twig], *, ascii_only: bool) -> Iterator[str]:
    """Draw a line for each."""
    bar, gap, fork, end = ASCII if ascii_only else UNICODE
    for twig in drawn:
        if not twig.depth:
            yield names.show_path(twig.path)
            continue
        *above, more = twig.more
        stem = "".join(bar if one else gap for one in above) + (fork if more else end)
        shown = names.show(twig.node.name)
        if isinstance(twig.node, Folder):
            shown += "/"
        elif isinstance(twig.node, Link):
            shown += " -> " + names.show(twig.node.target)
        yield stem + shown


@attrs.frozen
class Counts:
    """How many of each there are, without the top."""

    folders: int
    files: int
    links: int

    def line(self, *, folders_only: bool) -> str:
        """Say it."""
        said = [_many(self.folders, "folder")]
        if not folders_only:
            said.append(_many(self.files, "file"))
        if self.links:
            said.append(_many(self.links, "link"))
        return ", ".join(said)


def count(drawn: Iterable[Twig]) -> Counts:
    """Count what is drawn."""
    nodes = [twig.node for twig in drawn if twig.depth]
    return Counts(*(sum(isinstance(node, kind) for node in nodes) for kind in (Folder, File, Link)))


def _many(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"

"""All that is known of one entry, as text to read."""

import os
import stat
from collections.abc import Iterable
from typing import Final

import attrs

from anoncloud.client.tree import names
from anoncloud.client.tree.nodes import File, Folder, Link, Node, Space
from anoncloud.client.tree.versions import Stream, Version
from anoncloud.ui import amounts, shown
from anoncloud.ui.amounts import Zone
from anoncloud.ui.cells import Block, Row, Span, Style, left
from anoncloud.ui.dialogs.message import Message
from anoncloud.ui.layers import Answer, Hints, Shape
from anoncloud.ui.looking_effects import Leave
from anoncloud.ui.viewing.versions import own_space

_LABEL: Final = 14
_MOST_EXTENTS: Final = 200
"""Extents that are listed; a large file has thousands."""

_DISK_BLOCK: Final = 512
"""What ``st_blocks`` counts (stat(2))."""

Fact = tuple[str, str]
"""What it is, and safe text; an empty text makes a heading, two empty ones a gap."""


def message(name: bytes, facts: Iterable[Fact]) -> Message:
    """Make a layer of facts."""
    return Message(f"details of {shown.name(name)}", tuple(map(_row, facts)))


@attrs.frozen
class Below:
    """What lies below a folder, as far as it is known."""

    size: int = 0
    files: int = 0
    done: bool = False

    @property
    def fact(self) -> Fact:
        """Say it."""
        said = f"{amounts.counted(self.files, 'file', 'files')}, {amounts.size(self.size)}"
        return ("below", said if self.done else f"{said} so far, measuring ...")


@attrs.frozen
class FolderDetails:
    """Details of a folder, whose last line tells what lies below it as that becomes known."""

    number: int
    message: Message

    @classmethod
    def of(cls, number: int, name: bytes, facts: Iterable[Fact]) -> "FolderDetails":
        """Make the layer; *facts* are those that are known."""
        return cls(number, message(name, (*facts, Below().fact)))

    @property
    def shape(self) -> Shape:
        return self.message.shape

    def press(self, key: str) -> Answer:
        made = self.message.press(key).layer
        if isinstance(made, Message):
            return Answer(attrs.evolve(self, message=made))
        return Answer(None, (Leave(self.number),))

    def hear(self, number: int, said: object) -> Answer:
        """Take what lies below."""
        if number != self.number or not isinstance(said, Below):
            return Answer(self)
        text = (*self.message.text[:-1], _row(said.fact))
        return Answer(attrs.evolve(self, message=attrs.evolve(self.message, text=text)))

    def view(self, columns: int, rows: int) -> Block:
        return self.message.view(columns, rows)

    def cursor(self, columns: int, rows: int) -> tuple[int, int] | None:
        return self.message.cursor(columns, rows)

    def hints(self) -> Hints:
        return self.message.hints()


def _row(fact: Fact) -> Row:
    label, text = fact
    if not text:
        return (Span(label, Style.STRONG),)
    return (Span(left(label, _LABEL), Style.KEY), Span(text))


def of_node(space: Space, path: names.Path, node: Node, zone: Zone) -> list[Fact]:
    """Give the facts of something in the drive."""
    facts = [("path", shown.path(path)), ("bytes", shown_bytes(node.name))]
    facts.append(("number", f"{node.node:016x}"))
    if node.trashed:
        facts.append(("trashed", amounts.time(node.trashed * 1000, zone)))
    if isinstance(node, Link):
        facts += [("kind", "symbolic link"), ("leads to", shown.name(node.target))]
        return [*facts, ("modified", amounts.time(node.modified, zone))]
    if isinstance(node, Folder):
        inside = sum(1 for _ in space.children(node.node))
        facts += [("kind", "folder"), ("holds", amounts.counted(inside, "entry", "entries"))]
        facts.append(("mode", stat.filemode(stat.S_IFDIR | node.mode)))
        return [*facts, ("modified", amounts.time(node.modified, zone))]
    return facts + of_file(node, zone)


def of_file(file: File, zone: Zone) -> list[Fact]:
    """Give the facts of a file's versions and of where the newest lies."""
    kept = file.versions
    newest = kept[-1].version
    spaces = own_space(one.version for one in kept)
    facts = [
        ("kind", "file"),
        ("size", f"{newest.size:,} bytes ({amounts.size(newest.size)})"),
        ("modified", amounts.time(newest.modified, zone)),
        ("stored", amounts.time(kept[-1].stored * 1000, zone)),
        ("mode", stat.filemode(stat.S_IFREG | newest.mode)),
        ("versions", f"{len(kept):,}, since {amounts.time(kept[0].stored * 1000, zone)}"),
        ("space", f"{amounts.size(sum(spaces))} sealed, all versions together"),
    ]
    if newest.expanded:
        facts.append(("compressed", f"to {newest.streams[0].size:,} bytes, by Zstandard"))
    if newest.pieces:
        facts.append(("pieces", f"{len(newest.pieces):,} of {len(newest.streams)} streams"))
    return [*facts, *where(newest)]


def where(version: Version) -> list[Fact]:
    """Say in which blobs a version lies; of many places only the first are told."""
    facts: list[Fact] = []
    for number, stream in enumerate(version.streams, start=1):
        blobs = len({extent.blob for extent in stream.extents})
        facts.append(("", " "))
        facts.append((f"Stream {number}: {stream.size:,} bytes in {blobs:,} blobs", ""))
        facts += _extents(stream)
    return facts


def _extents(stream: Stream) -> list[Fact]:
    listed = [
        ("  blob", f"{extent.blob.hex()}  {extent.length:,} bytes at {extent.offset:,}")
        for extent in stream.extents[:_MOST_EXTENTS]
    ]
    more = len(stream.extents) - _MOST_EXTENTS
    return [*listed, ("", f"and {more:,} more places")] if more > 0 else listed


def of_local(path: bytes, status: os.stat_result, zone: Zone) -> list[Fact]:
    """Give the facts of something on the local disk, by what ``os.lstat`` says of it."""
    return [
        ("path", shown.name(path)),
        ("bytes", shown_bytes(path.rpartition(b"/")[2])),
        ("mode", stat.filemode(status.st_mode)),
        ("size", f"{status.st_size:,} bytes ({amounts.size(status.st_size)})"),
        ("on disk", amounts.size(status.st_blocks * _DISK_BLOCK)),
        ("modified", amounts.time(status.st_mtime_ns, zone)),
        ("changed", amounts.time(status.st_ctime_ns, zone)),
        ("links", f"{status.st_nlink:,}"),
        ("owner", f"user {status.st_uid}, group {status.st_gid}"),
        ("inode", f"{status.st_ino} of device {status.st_dev}"),
    ]


def of_local_folder(
    path: bytes, status: os.stat_result, entries: int | None, zone: Zone
) -> list[Fact]:
    """Give the facts of a local folder; *entries* are those in it, None if nobody may look."""
    holds = "nobody may look into it"
    if entries is not None:
        holds = amounts.counted(entries, "entry", "entries")
    return [
        ("path", shown.name(path)),
        ("bytes", shown_bytes(path.rpartition(b"/")[2])),
        ("kind", "folder"),
        ("holds", holds),
        ("mode", stat.filemode(status.st_mode)),
        ("modified", amounts.time(status.st_mtime_ns, zone)),
        ("owner", f"user {status.st_uid}, group {status.st_gid}"),
    ]


def shown_bytes(name: bytes) -> str:
    """Give a name's bytes as numbers, for names that look like others."""
    return f"{len(name)}: {name.hex(' ')}"

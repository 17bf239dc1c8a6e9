"""What is in a zip or tar archive, read with the standard library from a few ranges of the file.

Nothing is ever unpacked. Whoever made the archive may mean harm, so what is read, expanded and
listed has limits; behind them the list ends, and says so.
"""

import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import attrs

from anoncloud.ui import amounts, shown
from anoncloud.ui.amounts import SIZE_CELLS, TIME_CELLS, Zone
from anoncloud.ui.cells import Style
from anoncloud.ui.looking_effects import How, Look, Subject
from anoncloud.ui.viewing.packed import Enough, Expanded, Sparse
from anoncloud.ui.viewing.table import Act, Column, Item, Table

MOST_ENTRIES: Final = 10_000
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
"""What zip archives have for a time if there is none (APPNOTE.TXT section 4.4.6)."""
_TAR_MAGIC: Final = slice(257, 262)


@attrs.frozen
class Entry:
    """Something in an archive; *modified* in seconds since 1970, as its maker's clock said.

    *packed* is -1 where nobody can tell.
    """

    name: bytes
    size: int
    packed: int = -1
    modified: int = 0
    note: str = ""


class ZipList:
    """The list of a zip archive, from the directory at its end."""

    def __init__(self, file: Sparse) -> None:
        self.entries: list[Entry] = []
        self._file = file

    def read(self) -> str:
        """Read on; give what there is to say when it is done.

        :raises Missing: something must be read first; then try again.
        """
        try:
            archive = zipfile.ZipFile(self._file)
        except Enough:
            return "its list is too long to be read"
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
            return "its list is damaged, or is not there"
        infos = archive.infolist()
        self.entries = [_zip_entry(info) for info in infos[:MOST_ENTRIES]]
        return "" if len(infos) <= MOST_ENTRIES else f"the first of {len(infos):,} entries"


def _zip_entry(info: zipfile.ZipInfo) -> Entry:
    name = info.filename.encode("utf-8", "surrogateescape")
    note = "encrypted" if info.flag_bits & 1 else ""
    return Entry(name, info.file_size, info.compress_size, _zip_time(info), note)


def _zip_time(info: zipfile.ZipInfo) -> int:
    if tuple(info.date_time) <= _EARLIEST:
        return 0
    try:
        moment = datetime(*info.date_time, tzinfo=UTC)
    except ValueError:
        return 0
    return int(moment.timestamp())


class TarList:
    """The list of a tar archive, header by header; of a packed one, as it is expanded."""

    def __init__(self, file: Sparse, *, packed: bool) -> None:
        self.entries: list[Entry] = []
        self._file = file
        self._packed = packed
        self._expanded: Expanded | None = None
        self._tar: tarfile.TarFile | None = None

    def read(self) -> str:
        """Read on; give what there is to say when it is done.

        :raises Missing: something must be read first; then try again.
        """
        try:
            for entry in self._rest():
                self.entries.append(entry)
                if len(self.entries) >= MOST_ENTRIES:
                    return f"the first {MOST_ENTRIES:,} entries"
        except Enough:
            return "only its beginning was read" if self.entries else "its list can't be read"
        except _DAMAGE:
            return _what_is_wrong(self.entries, packed=self._packed)
        return ""

    def _rest(self) -> Iterator[Entry]:
        if self._tar is None:
            if self._packed and self._expanded is None:
                self._expanded = Expanded(self._file)
            file = self._expanded or self._file
            file.seek(0)
            self._tar = tarfile.TarFile(fileobj=file, errors="surrogateescape")
        while (member := self._tar.next()) is not None:
            self._tar.members = []  # type: ignore[attr-defined]  # else all of them stay in memory, and are looked through
            yield _tar_entry(member)


_DAMAGE: Final = (
    tarfile.TarError, zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, OverflowError
)  # fmt: skip


def _what_is_wrong(entries: list[Entry], *, packed: bool) -> str:
    if entries:
        return "what follows is damaged"
    return "it is packed, but is no tar archive" if packed else "it is damaged"


def _tar_entry(member: tarfile.TarInfo) -> Entry:
    name = member.name.encode("utf-8", "surrogateescape") + (b"/" if member.isdir() else b"")
    note = ""
    if member.issym() or member.islnk():
        note = "-> " + shown.name(member.linkname.encode("utf-8", "surrogateescape"))
    return Entry(name, member.size, -1, int(member.mtime), note)


def listing(first: bytes, file: Sparse) -> ZipList | TarList:
    """Choose by the archive's first bytes how its list is read."""
    if first.startswith(b"PK"):
        return ZipList(file)
    return TarList(file, packed=first[_TAR_MAGIC] != b"ustar")


_COLUMNS: Final = (
    Column("packed", SIZE_CELLS),
    Column("modified", TIME_CELLS),
    Column("size", SIZE_CELLS),
)


def contents(number: int, title: str, subject: Subject) -> Table:
    """Begin the list of an archive."""
    acts = {"x": Act("Bytes", lambda _: (Look(subject, How.HEX),), alone=True)}
    return Table(number, f"in {title}", _COLUMNS, "name", acts, note="reading ...")


def items_of(entries: list[Entry], zone: Zone) -> tuple[Item, ...]:
    """Make an item for each entry, in the archive's order."""
    return tuple(_item(at, entry, zone) for at, entry in enumerate(entries))


def _item(at: int, entry: Entry, zone: Zone) -> Item:
    cells = (
        "" if entry.packed < 0 else amounts.short_size(entry.packed),
        amounts.time(entry.modified * 1_000_000_000, zone) if entry.modified else "",
        amounts.short_size(entry.size),
    )
    is_folder = entry.name.endswith(b"/")
    text = shown.name(entry.name) + (f" {entry.note}" if entry.note else "")
    return Item(cells, text, at, Style.FOLDER if is_folder else Style.PLAIN)


def note(entries: list[Entry], said: str) -> str:
    """Say how much there is."""
    size = amounts.size(sum(entry.size for entry in entries))
    things = "1 entry" if len(entries) == 1 else f"{len(entries):,} entries"
    return f"{things} of {size}" + (f"; {said}" if said else "")

"""Reads the list of an archive: the ranges that it is in, and no more."""

from anoncloud.errors import AnonymousCloudError
from anoncloud.ui import shown
from anoncloud.ui.doing.desk import Desk
from anoncloud.ui.doing.looks import Source
from anoncloud.ui.events import Heard, Shown
from anoncloud.ui.looking_effects import Subject
from anoncloud.ui.viewing import archives
from anoncloud.ui.viewing.packed import Missing, Sparse
from anoncloud.ui.viewing.said import Unread
from anoncloud.ui.viewing.table import Items


async def show(desk: Desk, subject: Subject, source: Source, title: str, first: bytes) -> None:
    """Show what is in an archive, as it becomes known."""
    number, looked = desk.looks.begin(source)
    desk.tell(Shown(archives.contents(number, title, subject)))
    sparse = Sparse(source.size)
    sparse.add(0, first)
    listed = archives.listing(first, sparse)
    zone = desk.state().zone
    while looked.wanted:
        missing, said = await desk.here.in_thread(_read_on, listed)
        items = archives.items_of(listed.entries, zone)
        note = archives.note(listed.entries, said if missing is None else "reading ...")
        desk.tell(Heard(number, Items(items, note)))
        if missing is None:
            return
        try:
            data = await source.read(missing.offset, missing.length)
        except AnonymousCloudError as error:
            desk.tell(Heard(number, Unread(shown.text(str(error)))))
            return
        if len(data) < missing.length:
            desk.tell(Heard(number, Unread("the file is shorter now than it was")))
            return
        sparse.add(missing.offset, data)


def _read_on(
    listed: archives.ZipList | archives.TarList,
) -> tuple[Missing | None, str]:
    """Read as much as is known of the archive; blocking."""
    try:
        return None, listed.read()
    except Missing as missing:
        return missing, ""

"""What the explorer keeps from one start to the next: bookmarks, and the file of keys is read."""

from pathlib import Path

from anoncloud.client.cache import write_whole
from anoncloud.errors import LocalFileError
from anoncloud.ui.bookmarks import Bookmarks, parse_bookmarks
from anoncloud.ui.doing.desk import Desk
from anoncloud.ui.effects import Remember
from anoncloud.ui.keymap import Keymap

BOOKMARKS = "bookmarks"
KEYS = "keys.toml"
"""Names of files in the state folder."""


async def remember(desk: Desk, effect: Remember) -> None:
    """Keep the bookmarks."""
    folder = desk.here.profile.folder
    content = "".join(f"{line}\n" for line in effect.bookmarks.lines()).encode()
    await desk.here.in_thread(_write, folder, content)


def _write(folder: Path, content: bytes) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        message = f"making {folder}: {error.strerror}"
        raise LocalFileError(message, "check who owns the folder above") from error
    write_whole(folder / BOOKMARKS, content)


def bookmarks(folder: Path, home: str) -> Bookmarks:
    """Read the bookmarks.

    :raises UsageError: a line of them makes no sense.
    """
    return parse_bookmarks(_text(folder / BOOKMARKS).splitlines(), home)


def keymap(folder: Path) -> Keymap:
    """Read the file of keys.

    :raises UsageError: a line of it can't be followed.
    """
    return Keymap.of(_text(folder / KEYS))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "surrogateescape")
    except FileNotFoundError:
        return ""
    except OSError as error:
        message = f"reading {path}: {error.strerror}"
        raise LocalFileError(message, "check the permissions") from error

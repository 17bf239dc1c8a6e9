"""What the explorer keeps from one start to the next: bookmarks and the transfers' limit.

The file of keys is only read.
"""

from pathlib import Path

from anoncloud.client.cache import write_whole
from anoncloud.errors import LocalFileError, UsageError
from anoncloud.ui.bookmarks import Bookmarks, parse_bookmarks
from anoncloud.ui.doing.desk import Desk
from anoncloud.ui.effects import Remember
from anoncloud.ui.keymap import Keymap

BOOKMARKS = "bookmarks"
KEYS = "keys.toml"
LIMIT = "limit"
"""Names of files in the state folder."""


async def remember(desk: Desk, effect: Remember) -> None:
    """Keep the bookmarks."""
    content = "".join(f"{line}\n" for line in effect.bookmarks.lines()).encode()
    await desk.here.in_thread(_write, desk.here.profile.folder, BOOKMARKS, content)


async def keep_limit(desk: Desk, rate: int | None) -> None:
    """Keep how many bytes a second transfers may move."""
    content = b"" if rate is None else b"%d\n" % rate
    await desk.here.in_thread(_write, desk.here.profile.folder, LIMIT, content)


def limit(folder: Path) -> int | None:
    """Read how many bytes a second transfers may move; None for as many as there are.

    :raises UsageError: what is kept is no number.
    """
    text = _text(folder / LIMIT).strip()
    if text and not (text.isascii() and text.isdigit()):
        message = f"reading {folder / LIMIT}: it does not hold a number of bytes a second"
        raise UsageError(message, "set the limit again, by :limit")
    return int(text) if text else None


def _write(folder: Path, name: str, content: bytes) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        message = f"making {folder}: {error.strerror}"
        raise LocalFileError(message, "check who owns the folder above") from error
    write_whole(folder / name, content)


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

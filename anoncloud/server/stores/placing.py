"""A whole blob's file on its way from aside to under its name; durable with its folder's sync."""

from contextlib import suppress
from pathlib import Path
from typing import Final

from anoncloud.disk.replacing import sync_folder

LETTERS: Final = "abcdefghijklmnopqrstuvwxyz234567"
"""What the names of folders are made of: one letter each, two folders deep."""


def is_there(path: Path) -> bool:
    """Whether a file is there, or may be."""
    try:
        return path.exists()
    except OSError:
        return True  # better too much is left than too little


def place(aside: Path, target: Path) -> None:
    """Rename a file into the tree, with the folders that it needs.

    :raises OSError: the disk's word.
    """
    try:
        aside.replace(target)
    except FileNotFoundError:  # the first blob in this folder of the tree
        for folder in (target.parent.parent, target.parent):
            folder.mkdir(mode=0o700, exist_ok=True)
            try:
                sync_folder(folder.parent)
            except OSError:
                with suppress(OSError):
                    folder.rmdir()  # or the next blob would take it for durable
                raise
        aside.replace(target)


def lay_out(folder: Path) -> None:
    """Make all folders of the tree, durably, before several processes put blobs into it.

    Or one could put a blob into a folder that another has made, and not synced yet.

    :raises OSError: the disk's word.
    """
    for first in LETTERS:
        for second in LETTERS:
            (folder / first / second).mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_folder(folder / first)
    sync_folder(folder)

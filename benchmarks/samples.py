"""What is moved: random bytes as one large file or many small ones, and their digests."""

import hashlib
import os
import shutil
from pathlib import Path
from typing import Final

_PIECE: Final = 1 << 20
SMALL_FILE: Final = 4096


def make_file(path: Path, size: int) -> None:
    """Write *size* random bytes."""
    with path.open("wb") as file:
        for begun in range(0, size, _PIECE):
            file.write(os.urandom(min(_PIECE, size - begun)))


def make_folder(path: Path, count: int, size: int = SMALL_FILE) -> None:
    """Write *count* files of *size* random bytes, a hundred in each folder."""
    for number in range(count):
        folder = path / f"{number // 100:04}"
        if number % 100 == 0:
            folder.mkdir(parents=True)
        (folder / f"{number:06}").write_bytes(os.urandom(size))


def change_middle(path: Path, length: int) -> None:
    """Write *length* other random bytes over the middle of a file."""
    with path.open("r+b") as file:
        file.seek((path.stat().st_size - length) // 2)
        file.write(os.urandom(length))


def insert_byte(path: Path) -> None:
    """Insert one random byte in the middle of a file; its second half moves."""
    longer = path.with_name(f"{path.name}.longer")
    half = path.stat().st_size // 2
    with path.open("rb") as old, longer.open("wb") as new:
        while piece := old.read(min(_PIECE, half - old.tell())):
            new.write(piece)
        new.write(os.urandom(1))
        shutil.copyfileobj(old, new, _PIECE)
    longer.replace(path)


def digest(path: Path) -> str:
    """Give the SHA-256 of a file, or of every file below a folder and its name, in order."""
    if path.is_file():
        return _file_digest(path)
    names = sorted(each.relative_to(path) for each in path.rglob("*") if each.is_file())
    lines = "".join(f"{_file_digest(path / name)} {name}\n" for name in names)
    return hashlib.sha256(lines.encode()).hexdigest()


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)

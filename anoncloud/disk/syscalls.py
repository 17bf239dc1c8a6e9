"""Calls that Python has no name for: sync a file system, rename without replacing, keep memory."""

import ctypes
import errno
import os
from collections.abc import Iterable
from typing import Any, Final

from anoncloud.limits import MIB

_AT_FDCWD: Final = -100
_RENAME_NOREPLACE: Final = 1
_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_KEPT_FREE: Final = 64 * MIB
_MAPPED_ALONE: Final = 16 * MIB
"""Pieces of memory from here on go back to the system when they are freed."""
_NOT_HERE: Final = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP})


def sync_disk(folders: Iterable[str]) -> None:
    """Sync the file systems of *folders*, each once; every one, where the system can't choose."""
    seen: set[int] = set()
    for folder in folders:
        device = os.stat(folder).st_dev
        if device not in seen:
            seen.add(device)
            _sync_file_system(folder)


def rename_new(source: str, target: str) -> None:
    """Rename *source* to *target* only if nobody has that name, whoever else tries just now.

    :raises FileExistsError: somebody has.
    """
    failed = _call("renameat2", _AT_FDCWD, source, _AT_FDCWD, target, _RENAME_NOREPLACE)
    if failed == errno.EEXIST:
        raise FileExistsError(failed, os.strerror(failed), target)
    if failed in _NOT_HERE:
        os.link(source, target)
        os.unlink(source)
    elif failed:
        raise OSError(failed, os.strerror(failed), target)


def keep_memory() -> None:
    """Let freed memory stay with this process: bulk bytes take it again at once.

    Otherwise the C library gives pieces of some hundred KiB back to the system each time, and every
    page of them is cleared and mapped anew when it is used: a third of a transfer's system time.
    """
    mallopt: Any = getattr(_library, "mallopt", None)
    if mallopt is not None:
        mallopt(_M_TRIM_THRESHOLD, _KEPT_FREE)
        mallopt(_M_MMAP_THRESHOLD, _MAPPED_ALONE)


def _sync_file_system(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        failed = _call("syncfs", descriptor)
    finally:
        os.close(descriptor)
    if failed in _NOT_HERE:
        os.sync()
    elif failed:
        raise OSError(failed, os.strerror(failed), folder)


def _call(name: str, *arguments: int | str) -> int:
    """Call a function of the C library; give the error number, 0 for none."""
    function: Any = getattr(_library, name, None)
    if function is None:
        return errno.ENOSYS
    passed = (os.fsencode(one) if isinstance(one, str) else one for one in arguments)
    return ctypes.get_errno() if function(*passed) else 0


_library = ctypes.CDLL(None, use_errno=True)

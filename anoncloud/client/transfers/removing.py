"""Local files removed for good, and nothing but what was named: no link is ever followed.

Folders on the way are opened one below the other and never through a symbolic link, so that what
is removed lies below the top, whatever another program renames meanwhile.
"""

import os
import stat
from typing import Final

from anoncloud.client.transfers.localfiles import fault
from anoncloud.client.tree import names

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


def remove_below(top: str, parts: names.Path) -> None:
    """Remove what lies at *parts* below the folder *top*; a folder only if nothing is in it.

    :raises LocalFileError: it can't be removed. That it is not there is no fault.
    """
    descriptor = -1
    try:
        descriptor = os.open(top, _FOLDER)
        for part in parts[:-1]:
            inner = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        status = os.stat(parts[-1], dir_fd=descriptor, follow_symlinks=False)
        if stat.S_ISDIR(status.st_mode):
            os.rmdir(parts[-1], dir_fd=descriptor)
        else:
            os.unlink(parts[-1], dir_fd=descriptor)
    except FileNotFoundError:
        return
    except OSError as error:
        place = os.path.join(top, os.fsdecode(b"/".join(parts)))
        raise fault("removing", place, error) from error
    finally:
        if descriptor >= 0:
            os.close(descriptor)

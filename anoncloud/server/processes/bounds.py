"""How much a worker may take of the machine, as whom it runs, and what it can never do again."""

import ctypes
import os
import pwd
import resource
from typing import Final

from anoncloud.errors import LocalError
from anoncloud.limits import MAX_TRANSFERS
from anoncloud.server.settings import Settings

FEW_FILES: Final = 256
"""Files that a worker may have open beside its connections, and what comes in on them."""
CPU_TIME: Final = 3600
"""Seconds of processor time that one connection may cost, where it has a worker of its own."""
_NO_NEW_PRIVILEGES: Final = 38
"""``PR_SET_NO_NEW_PRIVS`` of prctl(2)."""


def narrow(settings: Settings, *, once: bool) -> None:
    """Bound this process, which can get no more rights from now on."""
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_DATA, settings.worker_memory)
    if once:
        _limit(resource.RLIMIT_CPU, CPU_TIME)
        _limit(resource.RLIMIT_NOFILE, FEW_FILES)
    elif settings.max_connections:
        # A worker without a file left could not be given a connection, and would end with all.
        each = 1 + MAX_TRANSFERS
        _limit(resource.RLIMIT_NOFILE, settings.max_connections * each + FEW_FILES)
    ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)


def user_named(name: str) -> pwd.struct_passwd:
    """Give the system's user of that name.

    :raises LocalError: there is none.
    """
    try:
        return pwd.getpwnam(name)
    except KeyError as error:
        message = f"worker_user is {name!r}, and this system has no such user"
        raise LocalError(message, "make that user, or leave worker_user out") from error


def become(user: pwd.struct_passwd) -> None:
    """Be *user* from now on, in that user's group alone.

    :raises LocalError: only root can become it.
    """
    if user.pw_uid == os.geteuid():
        return
    try:
        os.setgroups([])
        os.setresgid(user.pw_gid, user.pw_gid, user.pw_gid)
        os.setresuid(user.pw_uid, user.pw_uid, user.pw_uid)
    except PermissionError as error:
        message = f"becoming the user {user.pw_name!r}, as worker_user says: {error.strerror}"
        raise LocalError(message, "start the server as root, or leave worker_user out") from error


def _limit(kind: int, most: int) -> None:
    """Set both limits, as far down as they are not lower already."""
    _, hard = resource.getrlimit(kind)
    limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (limit, limit))

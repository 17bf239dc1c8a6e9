"""The sandbox of a worker: its own stores and sockets, and nothing else of the machine."""

import sysconfig
from pathlib import Path
from typing import Final

import anoncloud
from anoncloud.errors import LocalError
from anoncloud.server.assembly import BLOBS, DATABASE
from anoncloud.server.modes import Wish
from anoncloud.server.processes import landlock, seccomp
from anoncloud.server.processes.bounds import become, user_named
from anoncloud.server.processes.landlock import Rule
from anoncloud.server.settings import Settings

LEAST_VERSION: Final = 2
"""Of Landlock: the first could not allow to rename files from one folder into another."""
_READ: Final = landlock.READ_FILE | landlock.READ_DIR
_CHANGE: Final = landlock.READ_FILE | landlock.WRITE_FILE | landlock.TRUNCATE
_KEEP: Final = (
    _READ | _CHANGE | landlock.MAKE_FILE | landlock.MAKE_DIR | landlock.REMOVE_FILE
    | landlock.REMOVE_DIR | landlock.REFER
)  # fmt: skip


def shut_in(settings: Settings) -> list[str]:
    """Shut this process in, as far as the settings want and the system can; say what it can't.

    It becomes the user of the settings in between: files are allowed with the rights that it has
    now, and afterwards it can't become anybody.

    :raises LocalError: it can't, and the sandbox is required; or it can't become that user.
    """
    user = user_named(settings.worker_user) if settings.worker_user else None
    missing = [] if settings.sandbox is Wish.OFF else _files(settings)
    if user is not None:
        become(user)
    if settings.sandbox is not Wish.OFF:
        missing += _calls()
    if missing and settings.sandbox is Wish.REQUIRED:
        message = f'sandbox is "required", and {"; ".join(missing)}'
        raise LocalError(message, 'update the system, or set sandbox to "auto"')
    return missing


def rules(settings: Settings) -> list[Rule]:
    """Give what a worker may do to files."""
    state = settings.state_dir
    code = {sysconfig.get_path(one) for one in ("stdlib", "platstdlib", "purelib", "platlib")}
    read = {Path(anoncloud.__file__).parent, *map(Path, code), *_certificates(settings)}
    return [
        Rule(state / BLOBS, _KEEP),
        *(Rule(path, _CHANGE) for path in sorted(state.glob(f"{DATABASE}*"))),
        *(Rule(path, _READ) for path in sorted(read) if path.exists()),
    ]


def _certificates(settings: Settings) -> list[Path]:
    """Give the folders whose certificates are read again when they change."""
    found = [endpoint.removeprefix("haproxy:").split(":") for endpoint in settings.listen]
    return [Path(parts[1]) for parts in found if parts[0] == "tls" and len(parts) > 1]


def _files(settings: Settings) -> list[str]:
    if landlock.version() < LEAST_VERSION:
        return ["this kernel has no Landlock, so workers may open any file that their user may"]
    try:
        landlock.restrict(rules(settings))
    except OSError as error:
        return [f"files are not shut off: {error.strerror}"]
    return []


def _calls() -> list[str]:
    if not seccomp.is_there():
        return ["libseccomp or pyseccomp is not installed, so workers may call all of the kernel"]
    try:
        seccomp.forbid()
    except OSError as error:
        return [f"system calls are not shut off: {error.strerror}"]
    return []

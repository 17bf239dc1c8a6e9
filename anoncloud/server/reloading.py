"""The settings read again while the server runs, on SIGHUP: what may change does, at once.

A file with mistakes changes nothing: the settings that held go on holding, and the log says why.
The log file is opened again at the same time, and on SIGUSR1.
"""

import signal
from collections.abc import Callable
from types import FrameType
from typing import Any

import attrs
from twisted.application.service import Service
from twisted.logger import Logger
from twisted.python.failure import Failure

from anoncloud.errors import UsageError
from anoncloud.server.logs import Log
from anoncloud.server.settings import SETTINGS, Settings
from anoncloud.server.supervisor import Supervisor


def merge(old: Settings, new: Settings) -> tuple[Settings, list[str], list[str]]:
    """Give what holds from now on; the names of what changes, and of what takes a restart."""
    differ = [name for name in SETTINGS if getattr(old, name) != getattr(new, name)]
    changed = [name for name in differ if SETTINGS[name].reloads]
    values = {name: getattr(new, name) for name in changed}
    return attrs.evolve(old, **values), changed, [name for name in differ if name not in changed]


@attrs.define
class Reloading:
    """Reads settings by *read*, starting from *settings*, and puts them in force by *obey*."""

    _settings: Settings
    _read: Callable[[], Settings]
    _obey: Callable[[Settings], None]
    _supervisor: Supervisor
    _log_file: Log | None = None
    _log = Logger()

    def reload(self) -> None:
        """Read the settings, and put in force what may change."""
        self._supervisor.reloading()
        try:
            self._change(self._read())
        except UsageError as error:
            self._log.error("the settings stay as they were: {error}", error=str(error))
        except Exception:  # noqa: BLE001 - whoever waits for the end is to hear of it
            self._log.failure("reading the settings again", Failure())
        self._supervisor.ready()

    def reopen(self) -> None:
        """Open the log file again."""
        if self._log_file is not None:
            self._log_file.reopen()

    def _change(self, new: Settings) -> None:
        self._settings, changed, restart = merge(self._settings, new)
        if self._log_file is not None:
            self._log_file.obey(self._settings)
        self._obey(self._settings)
        self._log.info(
            "read the settings again; changed: {changed}", changed=", ".join(changed) or "nothing"
        )
        for name in restart:
            self._log.warn("the setting {name} has changed, which takes a restart", name=name)


class Signals(Service):
    """Listens for signals while it runs, and does what is asked outside of their handlers."""

    def __init__(self, reactor: Any, calls: dict[signal.Signals, Callable[[], None]]) -> None:
        self._reactor = reactor
        self._calls = calls
        self._before: dict[signal.Signals, Any] = {}

    def startService(self) -> None:  # noqa: N802 - Twisted's
        super().startService()
        for number in self._calls:
            self._before[number] = signal.signal(number, self._signalled)

    def stopService(self) -> None:  # noqa: N802 - Twisted's
        for number, before in self._before.items():
            signal.signal(number, before)
        super().stopService()

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        del frame
        self._reactor.callFromThread(self._calls[signal.Signals(number)])


def reload_by_signals(reloading: Reloading, reactor: Any) -> Signals:
    """Make the service that reloads on SIGHUP, and opens the log again on SIGUSR1."""
    calls = {signal.SIGHUP: reloading.reload, signal.SIGUSR1: reloading.reopen}
    return Signals(reactor, calls)

"""The server's log: text or JSON, to twistd's own place or to a file that can be opened again.

What is in it is decided where it is written: a name of a user's file, a key or, unless asked, an
address never gets here. Debugging events are passed over.
"""

import json
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

from twisted.logger import (
    ILogObserver,
    LogEvent,
    Logger,
    LogLevel,
    eventAsText,
    formatEvent,
    formatEventAsClassicLogText,
)
from twisted.python.components import Componentized
from twisted.python.logfile import LogFile
from zope.interface import implementer

from anoncloud.errors import LocalError
from anoncloud.server.settings import LogFormat, Settings

MODE: Final = 0o640
"""Of a log file: logs are for the owner, and for the group that reads logs."""
TWISTD_LOG: Final = "twistd.log"
"""Where twistd logs when it runs in the background; it is rotated at one megabyte."""
OWN_OPTIONS: Final = ("logger", "logfile", "syslog")
"""twistd's own options of logs, which win over ours."""


def as_text(event: LogEvent) -> str:
    """Write an event as twistd does."""
    return formatEventAsClassicLogText(event) or ""


def as_json(event: LogEvent) -> str:
    """Write an event as one object in one line: time, level, where, text, and traceback if any."""
    failure = event.get("log_failure")
    fields: dict[str, str] = {
        "time": datetime.fromtimestamp(event["log_time"], UTC).isoformat(timespec="milliseconds"),
        "level": event.get("log_level", LogLevel.info).name,
        "where": str(event.get("log_namespace", "")),
        "text": formatEvent(event),
    }
    if failure is not None:
        fields["traceback"] = eventAsText(event, includeTimestamp=False, includeSystem=False)
    return json.dumps(fields) + "\n" if fields["text"] or failure else ""


FORMS: Final[Mapping[LogFormat, Callable[[LogEvent], str]]] = {
    LogFormat.TEXT: as_text,
    LogFormat.JSON: as_json,
}


@implementer(ILogObserver)
class Log:
    """Writes what happens, from the level *info* on."""

    _log = Logger()

    def __init__(self, settings: Settings, otherwise: Any) -> None:
        """Write where *settings* say, and to the file object *otherwise* if they do not.

        :raises LocalError: the file can't be opened.
        """
        self._otherwise = otherwise
        self._form = FORMS[settings.log_format]
        self._file = settings.log_file
        self._out = self._open()

    def __call__(self, event: LogEvent) -> None:
        """Write one event."""
        if event.get("log_level", LogLevel.info) < LogLevel.info:
            return
        text = self._form(event)
        if text:
            self._out.write(text)
            self._out.flush()

    def obey(self, settings: Settings) -> None:
        """Write from now on as *settings* say, and where; a file is opened again.

        If it can't be opened, it goes on where it was, and that is logged.
        """
        self._form = FORMS[settings.log_format]
        self._file = settings.log_file
        self.reopen()

    def reopen(self) -> None:
        """Open the file again, which somebody may have moved away."""
        before = self._out
        try:
            self._out = self._open()
        except LocalError as error:
            self._log.error("{error}", error=str(error))
            return
        if before is not self._otherwise:
            with suppress(OSError):  # what a full disk did not take is lost
                before.close()

    def _open(self) -> Any:
        if self._file is None:
            return self._otherwise
        try:
            self._file.touch(MODE)
            return self._file.open("a", encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            message = f"opening the log file {self._file}: {error.strerror}"
            hint = "make its folder, or let the server's user write there"
            raise LocalError(message, hint) from error


def log_of(options: Mapping[str, Any] | None, settings: Settings) -> Log | None:
    """Make the log for a twistd with these *options*; None if they ask for another one.

    :raises LocalError: the file can't be opened.
    """
    given = options or {}
    if any(given.get(name) for name in OWN_OPTIONS):
        return None
    return Log(settings, sys.stdout if given.get("nodaemon") else LogFile(TWISTD_LOG, "."))


def install(log: Log | None, application: Any) -> None:
    """Let twistd, which is about to begin logging for *application*, take this log."""
    if log is not None and isinstance(application, Componentized):
        application.setComponent(ILogObserver, log)

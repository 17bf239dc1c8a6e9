"""Starts the explorer on this terminal, and sees that the terminal is well afterwards."""

import gc
import os
import signal
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import anoncloud.client.lean  # noqa: F401 - before anything imports Twisted
from anoncloud.client.accounts import Surroundings
from anoncloud.client.lean import reactor
from anoncloud.client.profile import Profile
from anoncloud.errors import AnonymousCloudError, LocalFileError
from anoncloud.ui.app import App
from anoncloud.ui.doing import keeping
from anoncloud.ui.model import Explorer
from anoncloud.ui.painter import Painter
from anoncloud.ui.pane import Pane
from anoncloud.ui.places import Local, Remote
from anoncloud.ui.terminal import Signals, Terminal, stop_here

LOG: Final = "explorer.log"
"""Where bugs are written down, in the state folder."""
_BUG: Final = 70
_FEW_COLLECTIONS: Final = 100_000
"""New objects before Python looks for cycles; a drive's tree is many objects and has none."""


def main(state: Path) -> int:
    """Run the explorer on standard input's terminal; give the exit code."""
    gc.set_threshold(_FEW_COLLECTIONS)
    _forget_guessed_locale()
    try:
        return _Session(state).run()
    except AnonymousCloudError as error:
        sys.stderr.write(
            f"anoncloud: {error.message}\n" + (f"hint: {error.hint}\n" if error.hint else "")
        )
        return error.exit_code


def _forget_guessed_locale() -> None:
    """Let a terminal without UTF-8 be one: in the locale "C" Python takes another (PEP 538)."""
    if sys.flags.utf8_mode and "PYTHONUTF8" not in os.environ:
        os.environ.pop("LC_CTYPE", None)


class _Session:
    """The parts of a running explorer."""

    def __init__(self, state: Path) -> None:
        home = os.path.expanduser("~")  # noqa: PTH111 - "~" stays where there is no home
        keymap, bookmarks = keeping.keymap(state), keeping.bookmarks(state, home)
        self._log = _open_log(state)
        here = Surroundings(reactor, os.urandom, _microseconds, _in_thread, Profile(state))
        self._terminal = Terminal(reactor, 0, self._hear, self._gone, self._drained)
        rows, columns = self._terminal.size()
        self._painter = Painter(os.environ, rows, columns)
        self._terminal.know(self._painter.keys)
        explorer = Explorer(
            panes=(Pane(Local(_folder())), Pane(Remote(()))),
            rows=rows,
            columns=columns,
            bookmarks=bookmarks,
            keymap=keymap,
            home=home,
            zone=datetime.fromtimestamp,
            unicode=self._painter.unicode,
            scrolls=self._painter.margins,
        )
        self._app = App(here, explorer, self._painter, _stop_reactor, self._suspend)
        self._signals = Signals(reactor)

    def run(self) -> int:
        reactor.callWhenRunning(self._begin)
        stderr = os.dup(2)
        os.dup2(self._log, 2)  # what is written there must not fall onto the screen
        try:
            reactor.run()
        finally:
            self._signals.forget()
            self._app.leave()
            os.dup2(stderr, 2)
            self._painter.close()
            self._terminal.close()
        crashed = self._app.crashed
        if crashed is None:
            return 0
        sys.stderr.write(f"anoncloud: this is a bug: {type(crashed).__name__}: {crashed}\n")
        return _BUG

    def _begin(self) -> None:
        _log_to(self._log)
        signals, app = self._signals, self._app
        signals.on(signal.SIGWINCH, app.resized)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signals.on(number, app.quit)
        signals.on(signal.SIGINT, app.interrupted)
        signals.on(signal.SIGTSTP, self._suspend)
        signals.on(signal.SIGCONT, app.continued)
        try:
            app.start(self._terminal)
        except Exception as error:  # noqa: BLE001 - the reactor would go on without it
            app.crash(error)

    def _suspend(self) -> None:
        self._app.suspended()
        stop_here(reactor, self._app.continued)

    def _hear(self, key: str) -> None:
        self._app.hear(key)

    def _drained(self) -> None:
        self._app.drained()

    def _gone(self) -> None:
        self._app.quit()


def _open_log(state: Path) -> int:
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        return os.open(state / LOG, flags, 0o600)
    except OSError as error:
        message = f"writing {state / LOG}: {error.strerror}"
        raise LocalFileError(
            message, "check who owns the folder, or set ANONCLOUD_STATE"
        ) from error


def _log_to(log: int) -> None:
    """Let warnings and bugs be written to *log*, and nothing else."""
    from twisted.logger import (  # noqa: PLC0415 - after the first picture would be too late
        FilteringLogObserver,
        LogLevel,
        LogLevelFilterPredicate,
        globalLogBeginner,
        textFileLogObserver,
    )

    file = os.fdopen(os.dup(log), "a", encoding="utf-8", errors="backslashreplace", buffering=1)
    level = LogLevelFilterPredicate(LogLevel.warn)
    observer = FilteringLogObserver(textFileLogObserver(file), [level])
    globalLogBeginner.beginLoggingTo([observer], discardBuffer=True, redirectStandardIO=False)


def _folder() -> str:
    """Give the folder that the explorer was started in; the root, if it is gone."""
    try:
        return os.getcwd()  # noqa: PTH109 - text
    except OSError:
        return "/"


def _microseconds() -> int:
    return time.time_ns() // 1000


def _in_thread(function: Any, *arguments: Any, **named: Any) -> Any:
    from twisted.internet.threads import deferToThreadPool  # noqa: PLC0415 - when first used

    return deferToThreadPool(reactor, reactor.getThreadPool(), function, *arguments, **named)


def _stop_reactor() -> None:
    if reactor.running and not reactor._stopped:  # noqa: SLF001 - stop() twice raises
        reactor.stop()

"""A question on the terminal, whose answer may come, or never come because of Ctrl-C.

Questions are asked while the reactor runs, from its thread or from another one. Nobody may be stuck
in reading then: the reader looks now and then whether the command was given up meanwhile.
"""

import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from typing import Final, TypeVar

Answer = TypeVar("Answer")

LOOK: Final = 0.2
"""Seconds between looks at whether the command was given up."""


def read_answer(ask: Callable[[], None], given_up: threading.Event) -> str:
    """Ask, and read a line from standard input; nothing once *given_up* is set, as by Ctrl-C."""
    if threading.current_thread() is not threading.main_thread():
        ask()
        return _wait(given_up)
    before = signal.getsignal(signal.SIGINT)
    try:
        # The reactor's own handler would only ask the reactor to stop, which waits for us. Ours
        # stands before the question does, so that no Ctrl-C falls between the two.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        ask()
        return _wait(given_up)
    except KeyboardInterrupt:
        given_up.set()
    finally:
        signal.signal(signal.SIGINT, before)
    os.kill(os.getpid(), signal.SIGINT)  # now for the reactor
    return ""


def _wait(given_up: threading.Event) -> str:
    while not given_up.is_set():
        if select.select([sys.stdin], [], [], LOOK)[0]:
            return sys.stdin.readline()
    return ""


def undisturbed(ask: Callable[[], Answer]) -> Answer:
    """Let *ask* wait for its answer in the reactor's thread, while nothing else is under way.

    Ctrl-C raises KeyboardInterrupt in it, and SIGTERM ends the process, as without a reactor.
    """
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        return ask()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

"""What both sides ask of the kernel for a connection: no delay, and a watch over the far end.

A peer that vanishes without a word, because a cable was pulled or a machine lost its power, leaves
a connection that looks as ever. The kernel is told to probe a silent one, and to end one whose
bytes nobody takes. A proxy on the way would answer in the peer's place; so the protocol has its own
signs of life, too (docs/protocol.rst section 2).
"""

import socket
from contextlib import suppress
from typing import Any, Final

from anoncloud.limits import LINE_TIMEOUT

_PROBES: Final = 4
"""A silence of LINE_TIMEOUT is cut into so many parts: one, and then a probe after each."""


def watch(transport: Any) -> None:
    """Set up the connection under *transport*, as far as it and this system have what it takes."""
    with suppress(OSError):  # a unix socket has no such option
        transport.setTcpNoDelay(True)
    line = getattr(transport, "socket", None)
    if not isinstance(line, socket.socket) or line.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _options(int(LINE_TIMEOUT)):
        option = getattr(socket, name, None)
        if option is not None:
            with suppress(OSError):  # a system may know the name and refuse the option
                line.setsockopt(socket.IPPROTO_TCP, option, value)


def push(transport: Any) -> None:
    """Let the kernel take what was just written, not only at the reactor's next turn.

    A turn is long while many move bulk bytes, and whoever waits for a short answer would wait for
    one more of them. What goes wrong here goes wrong again at that turn, and is seen to then.
    """
    write = getattr(transport, "doWrite", None)
    if write is not None:
        write()


def _options(seconds: int) -> tuple[tuple[str, int], ...]:
    part = seconds // _PROBES
    return (
        ("TCP_KEEPIDLE", part),
        ("TCP_KEEPALIVE", part),  # its name on macOS
        ("TCP_KEEPINTVL", part),
        ("TCP_KEEPCNT", _PROBES - 1),
        ("TCP_USER_TIMEOUT", seconds * 1000),
    )

"""What a listener and its worker say to each other: AMP commands over a Unix socket pair.

Both ends are ours. A command without an answer is one that nobody waits for.
"""

from typing import Any, ClassVar, Final

from twisted.protocols import amp

MOST_TEXT: Final = 60_000
"""Bytes of a line of the log that are passed on; a value of AMP has 65,535 at most."""


class Serve(amp.Command):
    """To a worker: serve a connection, which came in by the endpoint of that index."""

    arguments: ClassVar[list[Any]] = [
        (b"number", amp.Integer()),
        (b"endpoint", amp.Integer()),
        (b"family", amp.Integer()),
        (b"descriptor", amp.Descriptor()),
    ]


class TurnAway(amp.Command):
    """To a worker: end a connection, for its network has as many as it may."""

    arguments: ClassVar[list[Any]] = [(b"number", amp.Integer())]
    requiresAnswer = False


class GoDown(amp.Command):
    """To a worker: tell the peers, let them go, and end."""

    requiresAnswer = False


class Change(amp.Command):
    """To a worker: these settings hold from now on."""

    arguments: ClassVar[list[Any]] = [(b"settings", amp.String())]
    requiresAnswer = False


class Ping(amp.Command):
    """To a worker: say that you are there."""


class InStep(amp.Command):
    """To the listener: say when all was taken that was said before, and who is online now."""

    response: ClassVar[list[Any]] = [(b"online", amp.Integer())]


class Hear(amp.Command):
    """To a worker: another process said *word* of *topic* on a board."""

    arguments: ClassVar[list[Any]] = [
        (b"board", amp.Integer()),
        (b"topic", amp.String()),
        (b"word", amp.String()),
    ]
    requiresAnswer = False


class Say(Hear):
    """To the listener: tell it to all who attend to the topic."""


class Attend(amp.Command):
    """To the listener: begin, or cease, to pass on what is said of a topic."""

    arguments: ClassVar[list[Any]] = [
        (b"board", amp.Integer()),
        (b"topic", amp.String()),
        (b"begin", amp.Boolean()),
    ]
    requiresAnswer = False


class Came(amp.Command):
    """To the listener: a connection's true network, which a proxy has told."""

    arguments: ClassVar[list[Any]] = [
        (b"number", amp.Integer()),
        (b"network", amp.Unicode()),
    ]
    requiresAnswer = False


class Agreed(amp.Command):
    """To the listener: a connection has agreed on keys."""

    arguments: ClassVar[list[Any]] = [(b"number", amp.Integer())]
    requiresAnswer = False


class Left(amp.Command):
    """To the listener: a connection has ended."""

    arguments: ClassVar[list[Any]] = [(b"number", amp.Integer())]
    requiresAnswer = False


class Counted(amp.Command):
    """To the listener: what was counted since the last time, as ``Tally.take`` gives it."""

    arguments: ClassVar[list[Any]] = [(b"counts", amp.String())]
    requiresAnswer = False


class Log(amp.Command):
    """To the listener: write this into the log."""

    arguments: ClassVar[list[Any]] = [
        (b"level", amp.Unicode()),
        (b"namespace", amp.Unicode()),
        (b"text", amp.Unicode()),
    ]
    requiresAnswer = False


class Ready(amp.Command):
    """To the listener: connections may come."""

    requiresAnswer = False

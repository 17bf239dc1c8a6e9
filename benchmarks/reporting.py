"""A process of a benchmark that does one thing and prints what came of it as a line of JSON."""

import json
from collections.abc import Coroutine
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred

reactor: Any = _reactor


def report(work: Coroutine[Any, Any, dict[str, Any]]) -> None:
    """Run the reactor until *work* is done, and print its result."""
    outcome: list[Any] = []
    running = Deferred.fromCoroutine(work)
    _ = running.addBoth(outcome.append).addBoth(lambda _: reactor.callLater(0, reactor.stop))
    reactor.run()
    if not isinstance(outcome[0], dict):
        outcome[0].raiseException()
    print(json.dumps(outcome[0]))

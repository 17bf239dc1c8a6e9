"""A link to a little server in memory."""

from collections.abc import Coroutine
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.link import Credentials, Link, Terms, log_in_as
from anoncloud.crypto.keys import SigningKey
from anoncloud.wire import messages
from tests.support.client import Store
from tests.support.client_wire import LittleServer
from tests.support.entropy import counting
from tests.support.pairs import STATIC

KEY = SigningKey(bytes(range(32)))
"""What the account of these tests logs in with."""
BLOB = b"b" * 16


class LinkTestCase(SynchronousTestCase):
    """A test with a little server, and a link to it that has not begun."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.store = Store()
        self.store.accounts["ada"] = (KEY.public, b"sealed keyring")
        self.server = LittleServer(self.store, self.clock)
        self.heads: list[messages.LoggedIn] = []
        self.link = self.make()

    def make(self, key: SigningKey = KEY) -> Link:
        """Make a link that logs in with *key*."""
        log_in = log_in_as(Credentials("ada", key), self.heads.append)
        terms = Terms(STATIC.public, counting(b"link"))
        return Link(self.clock, self.server.endpoint, terms, log_in)

    def begin(self, coroutine: Coroutine[Any, Any, Any]) -> "Deferred[Any]":
        """Start the link and a coroutine, and let both sides talk."""
        self.link.start()
        running: Deferred[Any] = Deferred.fromCoroutine(coroutine)
        self.server.run()
        return running

    def wait(self, seconds: float = 60.0) -> None:
        """Let so much time pass, a little at a time."""
        for _ in range(int(seconds * 4)):
            self.server.run(0.25)

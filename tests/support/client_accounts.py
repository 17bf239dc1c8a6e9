"""Programs on several machines that get in at one little server in memory."""

from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client import accounts
from anoncloud.client.accounts import OpenAccount, Registration, Surroundings
from anoncloud.client.address import Address, Invitation
from anoncloud.client.kit import Kit
from anoncloud.client.profile import Profile
from anoncloud.crypto.passphrases import Argon2
from anoncloud.limits import ARGON2_MEMORY_FLOOR, ARGON2_PASSES_FLOOR
from tests.support.client import Store, Ticking, in_thread
from tests.support.client_wire import LittleServer
from tests.support.entropy import counting
from tests.support.pairs import STATIC

COST = Argon2(ARGON2_PASSES_FLOOR, ARGON2_MEMORY_FLOOR)
INVITATION = Invitation(Address("box.example", 9650, STATIC.public), b"i" * 16)
PASSPHRASE = "correct horse"


class AccountTestCase(SynchronousTestCase):
    """A server without accounts."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.store = Store(page=100)
        self.server = LittleServer(self.store, self.clock)
        self.here = self.machine(b"one")
        self.patch(accounts, "HostnameEndpoint", self.endpoint)

    def endpoint(self, reactor: object, host: str, port: int, timeout: float) -> Any:
        """Lead to the little server, and nowhere else."""
        self.assertEqual((host, port), ("box.example", 9650))
        return self.server.endpoint

    def machine(self, seed: bytes) -> Surroundings:
        """Give the surroundings of a program on a machine that remembers nothing."""
        profile = Profile(Path(self.mktemp()))
        return Surroundings(self.clock, counting(seed), Ticking(), in_thread, profile)

    def begin(self, coroutine: Coroutine[Any, Any, Any]) -> "Deferred[Any]":
        """Begin a coroutine, and let both sides talk."""
        running: Deferred[Any] = Deferred.fromCoroutine(coroutine)
        self.server.run()
        return running

    def run_now(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Give what a coroutine gives as soon as both sides have talked."""
        return self.successResultOf(self.begin(coroutine))

    def fails(self, kind: type[Exception], coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Give the exception of *kind* that a coroutine ends with; the link is over then."""
        failure = self.failureResultOf(self.begin(coroutine), kind)
        self.assertTrue(all(end.pipe.gone for end in self.server.endpoint.ends))
        return failure.value

    def wait(self, seconds: float) -> None:
        """Let so much time pass, a little at a time."""
        for _ in range(int(seconds * 4)):
            self.server.run(0.25)

    def register(self) -> tuple[Kit, OpenAccount]:
        """Register ``ada``."""
        drawn: Registration = self.run_now(
            accounts.draw(self.here, INVITATION, "ada", PASSPHRASE, COST)
        )
        opened: OpenAccount = self.run_now(accounts.register(self.here, drawn))
        return drawn.kit, opened

    def heard(self, kind: type[Any]) -> list[Any]:
        """Give the messages of *kind* that came to the server, over all connections."""
        return [
            said
            for end in self.server.endpoint.ends
            for said in end.heard
            if isinstance(said, kind)
        ]

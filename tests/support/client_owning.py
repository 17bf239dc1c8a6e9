"""Owners of accounts on a real house in memory, and what may happen at each of their requests."""

import enum
from collections.abc import Callable
from typing import Any

from twisted.internet.error import ConnectionLost

from anoncloud.client import kit as kits
from anoncloud.client import protocol
from anoncloud.client.accounts import OpenAccount, Surroundings
from anoncloud.client.kit import Kit
from anoncloud.client.owning import Owner, own
from anoncloud.crypto.passphrases import AccountKeys, account_keys
from anoncloud.errors import Code, ConnectionCut, Refused
from anoncloud.wire import messages
from tests.evil.house import PASSPHRASE, EvilTestCase


class Crash(Exception):
    """The program ended in the middle."""


class Happening(enum.Enum):
    """What happens at a request."""

    CRASH_BEFORE = "the program ends, and nothing was asked"
    CRASH_AFTER = "it is carried out, and the program ends"
    CUT_BEFORE = "the connection is cut, and nothing was asked"
    CUT_AFTER = "it is carried out, and the connection is cut before the answer"


ENDINGS = (Happening.CRASH_BEFORE, Happening.CRASH_AFTER)
CUTS = (Happening.CUT_BEFORE, Happening.CUT_AFTER)
STEPS = (messages.ReplaceKeyring, messages.DropRecovery, messages.SetRecovery, messages.Commit)
"""The requests that change something; these are counted."""


class OwningTestCase(EvilTestCase):
    """Ada, whose laptop stays logged in, and who has her kit at hand."""

    def setUp(self) -> None:
        self.made: dict[tuple[Any, ...], AccountKeys] = {}
        self.machines = 0
        super().setUp()
        self.patch(kits, "account_keys", self.keys)
        self.laptop, self.kit = self.register()
        self.asked: list[type[messages.Message]] = []

    def machine(self, seed: bytes) -> Surroundings:
        """Give the surroundings of a program on a new machine, which draws what none has drawn."""
        self.machines += 1
        return super().machine(seed + b" %d" % self.machines)

    def keys(self, passphrase: str, secret: Any, *rest: Any) -> AccountKeys:
        """Give an account's keys; the same ones are worked out once."""
        known = (passphrase, secret.expose(), *rest)
        if known not in self.made:
            self.made[known] = account_keys(passphrase, secret, *rest)
        return self.made[known]

    def own(
        self, kit: Kit | None = None, passphrase: str = PASSPHRASE, here: Surroundings | None = None
    ) -> Owner:
        """Log in as the owner, on a machine that remembers nothing if no other is named."""
        owner: Owner = self.now(own(here or self.machine(b"desk"), kit or self.kit, passphrase))
        return owner

    def close(self, owner: Owner) -> None:
        """Leave."""
        self.now(owner.opened.close())

    def opens(self, kit: Kit, passphrase: str = PASSPHRASE) -> bool:
        """Tell whether kit and passphrase open the account; other faults than a refusal are."""
        running = self.begin(self.log_in(kit, passphrase))
        if not hasattr(running.result, "value"):
            opened: OpenAccount = self.successResultOf(running)
            self.now(opened.close())
            return True
        refusal = self.failureResultOf(running, Refused).value
        self.assertIs(refusal.code, Code.LOGIN)
        self.clock.advance(24 * 3600 + 1)  # what delays logins is forgotten
        return False

    def write(self, name: bytes, here: Surroundings | None = None) -> None:
        """Make a folder from the laptop, or another machine that stays logged in."""
        opened = self.resume(here or self.laptop)
        self.now(opened.drive.make_folder((name,)))
        self.now(opened.close())

    def read(self, here: Surroundings | None = None) -> list[bytes]:
        """List the drive's root."""
        opened = self.resume(here or self.laptop)
        names = [node.name for node in opened.drive.entries(())]
        self.now(opened.close())
        return names

    def at(self, number: int, happening: Happening) -> Callable[[], None]:
        """Let it happen, once, at the *number*-th step from now on that changes something.

        Gives the way to make an end of it; all such steps are in ``asked``. What is asked again
        because its connection was about to end is one step.
        """
        original = protocol.ClientProtocol.ask
        self.asked = []
        happened = False

        async def ask(connection: Any, make: Callable[[int], messages.Message]) -> Any:
            nonlocal happened
            kind = type(make(1))
            if kind in STEPS and self.asked[-1:] != [kind]:
                self.asked.append(kind)
            if kind not in STEPS or len(self.asked) != number or happened:
                return await original(connection, make)
            if happening in {Happening.CRASH_AFTER, Happening.CUT_AFTER}:
                await original(connection, make)
            happened = True
            connection.transport.lose(ConnectionLost())
            if happening in ENDINGS:
                raise Crash
            message = "the connection was cut"
            raise ConnectionCut(message)

        return self.patch(protocol.ClientProtocol, "ask", ask).restore

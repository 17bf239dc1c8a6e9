"""An account whose device lets others in by codes, at a house that may mean harm."""

from collections.abc import Coroutine
from typing import Any

from twisted.internet.defer import CancelledError, Deferred

from anoncloud.client.accounts import Surroundings
from anoncloud.client.address import Address
from anoncloud.client.pairing import come_in, let_in
from anoncloud.client.pairing_code import PairingCode
from anoncloud.crypto.keys import PairingSecret
from anoncloud.ids import DriveId
from anoncloud.server.contracts import Head
from anoncloud.wire import messages
from anoncloud.wire.records import record_hash
from tests.evil.house import EvilTestCase

PAIRING = (
    messages.OpenPairing,
    messages.JoinPairing,
    messages.SayPairing,
)
"""The requests that carry what devices say to each other."""


class PairingTestCase(EvilTestCase):
    """``ada`` has a laptop, and wants to use a phone.

    :ivar codes: those that the laptop has shown, each to whoever looks.
    :ivar asked: the names that its owner was asked about.
    :ivar says: what its owner says to them.
    """

    def setUp(self) -> None:
        super().setUp()
        self.laptop, self.kit = self.register()
        self.opened = self.resume(self.laptop)
        self.phone = self.machine(b"phone")
        self.codes: list[PairingCode] = []
        self.asked: list[bytes] = []
        self.says: bool | Deferred[bool] = True
        self._running: list[Deferred[Any]] = []
        self.addCleanup(self._give_up)

    def _give_up(self) -> None:
        """Cancel what a test has left running."""
        for running in self._running:
            if not running.called:
                _ = running.addErrback(lambda why: why.trap(CancelledError))
                running.cancel()
        self.settle()

    def _begin(self, command: Coroutine[Any, Any, Any]) -> "Deferred[Any]":
        running: Deferred[Any] = Deferred.fromCoroutine(command)
        self._running.append(running)
        self.settle()
        return running

    async def ask(self, name: bytes) -> bool:
        """Ask the laptop's owner."""
        self.asked.append(name)
        return self.says if isinstance(self.says, bool) else await self.says

    def open(self) -> "Deferred[Any]":
        """Let the laptop show a code, and wait for a device."""
        return self._begin(let_in(self.laptop, self.opened, self.codes.append, self.ask))

    def come(
        self,
        code: PairingCode | None = None,
        address: Address | None = None,
        here: Surroundings | None = None,
        name: bytes = b"phone",
    ) -> "Deferred[Any]":
        """Type the newest code, or *code*, on the phone."""
        address, code = address or self.opened.address, code or self.codes[-1]
        return self._begin(come_in(here or self.phone, address, code, name))

    def wait(self, seconds: float) -> None:
        """Let so much time pass, a little at a time."""
        for _ in range(int(seconds)):
            self.clock.advance(1)
            self.settle()

    def roll_back(self) -> None:
        """Let the house take the newest record away."""
        kept = self.house.rooms.journal.drives[DriveId(self.opened.keyring.drive)]
        kept.records.pop()
        kept.head = Head(len(kept.records), record_hash(kept.records[-1]))

    def devices(self) -> tuple[set[bytes], set[bytes]]:
        """Give the names of the devices in the journal, and the keys that the server lets in."""
        journal = {device.name for device in self.opened.drive.tree.devices.values()}
        enrolled = self.now(self.house.rooms.accounts.list_devices("ada"))
        return journal, set(enrolled.devices)

    def assert_let_in(self, *names: bytes) -> None:
        """See that the devices *names* can log in, and no others, by journal and server alike."""
        journal, server = self.devices()
        self.assertEqual(journal, set(names))
        self.assertEqual(server, set(self.opened.drive.tree.devices))

    def said(self) -> list[bytes]:
        """Give all messages of pairings that came to the house."""
        return [request.message for kind in PAIRING for request in self.house.heard(kind)]


def other(code: PairingCode) -> PairingCode:
    """Give the code with one word that is wrong."""
    first, *rest = code.secret.expose()
    return PairingCode(code.slot, PairingSecret(bytes([first ^ 1, *rest])))

"""Attack 21: somebody in the middle, with a long-term key of their own.

Whatever is done, nothing leaves but the greeting and the handshake's first message, in which there
is no name and nothing made from a passphrase; nobody is asked anything, and it ends with exit 10.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from anoncloud.client import accounts, staying
from anoncloud.client.address import Invitation
from anoncloud.client.owning import own
from anoncloud.client.pairing import come_in, let_in
from anoncloud.client.pairing_code import PairingCode
from anoncloud.client.recovering import recover
from anoncloud.client.recovery import draw_recovery
from anoncloud.crypto.keys import PairingSecret, ServerSecret
from anoncloud.errors import HandshakeFailed
from anoncloud.wire.connection import GREETING
from tests.evil.asserting import assert_named, assert_no_half, snapshot
from tests.evil.house import COST, PASSPHRASE, EvilTestCase
from tests.support.entropy import counting
from tests.support.processes import FLOOR, Device, Server, SystemTestCase
from tests.support.processes import PASSPHRASE as TYPED
from tests.system.proxies import Proxy

HELLO = len(GREETING) + 4 + 1248
"""Bytes of the greeting and of the first message (docs/protocol.rst section 3)."""


class WaysInTests(EvilTestCase):
    """Every way to a server that the client's library has."""

    def setUp(self) -> None:
        super().setUp()
        self.here, self.kit = self.register()
        self.opened = self.resume(self.here)
        self.code = PairingCode(7, PairingSecret(bytes(4)))

    async def never(self, name: bytes) -> bool:
        """Fail: somebody would have been asked."""
        del name
        self.fail("somebody was asked")

    def ways(self) -> dict[str, Callable[[], Coroutine[Any, Any, Any]]]:
        """Give every way in, by what it is for."""
        new, address = self.machine(b"new"), self.kit.address
        invitation = Invitation(address, b"i" * 16)
        drawn = self.now(accounts.draw(new, invitation, "bob", PASSPHRASE, COST))
        recovery = draw_recovery(address, "ada", counting(b"recovery"))
        return {
            "terms": lambda: accounts.read_terms(new, address),
            "register": lambda: accounts.register(new, drawn),
            "log in": lambda: self.log_in(self.kit),
            "resume": lambda: staying.resume(self.here),
            "leave": lambda: staying.leave(self.here),
            "own": lambda: own(new, self.kit, PASSPHRASE),
            "recover": lambda: recover(new, recovery),
            "come in": lambda: come_in(new, address, self.code, b"new"),
            "let in": lambda: let_in(
                self.here, self.opened, lambda _: self.fail("a code was shown"), self.never
            ),
        }

    def test_nothing_but_the_hello(self) -> None:
        """Each of them says the hello and no more, changes no file, and is told by its name."""
        ways = self.ways()
        self.house.start(ServerSecret(b"m" * 32))  # by the same name, with another key
        self.now(self.opened.link.stop())
        folder = self.here.profile.folder
        before = snapshot(folder)
        for name, way in ways.items():
            self.house.visits.clear()
            assert_named(self, self.fault(way()), HandshakeFailed)
            self.assertNotEqual(self.house.visits, [], name)
            for visit in self.house.visits:
                self.assertEqual(len(visit.server.received), HELLO, name)
                self.assertNotIn(b"ada", visit.server.received)
                self.assertEqual(visit.server.heard, [])
            assert_no_half(self, folder, before)

    def test_hellos_have_nothing_in_common(self) -> None:
        """Two hellos share no byte run but their frame: they do not tell who it is, nor say so."""
        self.house.start(ServerSecret(b"m" * 32))
        self.house.visits.clear()
        self.fault(staying.resume(self.here))
        self.fault(self.log_in(self.kit))
        said = [bytes(visit.server.received)[len(GREETING) + 4 :] for visit in self.house.visits]
        runs = [{one[at : at + 8] for at in range(len(one) - 8)} for one in said]
        self.assertGreaterEqual(len(runs), 2)
        for number, one in enumerate(runs):
            for other in runs[number + 1 :]:
                self.assertEqual(one & other, set())


class CommandTests(SystemTestCase):
    """The commands, as they are typed: no question, no word too many, exit code 10."""

    def setUp(self) -> None:
        super().setUp()
        self.house: Server = self.server()
        self.user: Device = self.ada(self.house)
        make = ("recovery", "make", "--kit", self.folder / "kit")
        into = ("--recovery-file", self.folder / "recovery")
        self.user.do(*make, *into, ANONCLOUD_PASSPHRASE=TYPED)
        self.middle = Proxy(self.server(name="middle").port, record=True)
        self.addCleanup(self.middle.close)
        self.turned = self.house.address_by(self.middle.port)

    def test_commands(self) -> None:
        """Commands of a device, of an owner, and of somebody new."""
        account = self.user.state / "account.json"
        account.write_text(account.read_text().replace(self.house.address, self.turned))
        new = self.file("new passphrase", b"another battery staple horse\n")
        claim = ("--kit", self.folder / "kit", "--server", self.turned)
        words = ("--new-passphrase-file", new)
        stranger, kit = self.device("stranger"), ("--new-kit", self.folder / "new kit")
        recover = ("recover", "--recovery-key-file", self.folder / "recovery", *words, *kit)
        commands: list[tuple[Device, tuple[Any, ...]]] = [
            (self.user, ("ls",)),
            (self.user, ("put", new, "/")),
            (self.user, ("devices",)),
            (self.user, ("devices", "revoke", "laptop")),
            (self.user, ("pair", "-y")),
            (self.user, ("logout",)),
            (self.user, ("passphrase", *claim, *words)),
            (self.user, ("kit", "new", *claim, *kit)),
            (self.user, ("recovery", "make", *claim, "--recovery-file", self.folder / "r")),
            (self.user, ("recovery", "drop", *claim)),
            (self.user, ("account", "delete", *claim, "--confirm", "ada")),
            (stranger, ("login", *claim)),
            (stranger, ("register", self.turned, "bob", *FLOOR)),
            (stranger, (*recover, "--server", self.turned)),
        ]
        for device, command in commands:
            said = len(self.middle.streams)
            done = device.run(*command, ANONCLOUD_PASSPHRASE=TYPED)
            self.assertEqual(done.code, 10, (command, done.err))
            self.assertIn("key", done.err)
            streams = self.middle.streams[said:]
            self.assertTrue(streams, command)
            for stream, _ in streams:
                self.assertEqual(len(stream), HELLO, command)

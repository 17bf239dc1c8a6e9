"""Where a server says that it is."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.server.service import DEFAULT_PORT, public_place
from anoncloud.server.settings import Settings


class PublicPlaceTests(SynchronousTestCase):
    """What peers are told to connect to."""

    def test_port(self) -> None:
        """The first port that something listens on is told, with the host that is set."""
        for listen, port in (
            (("tcp:1",), 1),
            (("tcp:1:interface=127.0.0.1", "tcp:2"), 1),
            (("unix:/run/socket", "tcp:2"), 2),
            (("tls:3:certificate=9",), 3),
            (("unix:/run/socket",), DEFAULT_PORT),
        ):
            settings = Settings(listen=listen, public_host="cloud.example")
            self.assertEqual(public_place(settings), ("cloud.example", port), listen)

    def test_given_port(self) -> None:
        """A port that stands behind the host is told instead, as a proxy or systemd has it."""
        for host, place in (
            ("cloud.example:443", ("cloud.example", 443)),
            ("[2001:db8::1]:443", ("2001:db8::1", 443)),
            ("2001:db8::1", ("2001:db8::1", 1)),
        ):
            self.assertEqual(public_place(Settings(listen=("tcp:1",), public_host=host)), place)

    def test_host(self) -> None:
        """Without a setting it is the name that this machine has for itself."""
        self.patch(__import__("socket"), "getfqdn", lambda: "box.example")
        self.assertEqual(public_place(Settings(listen=("tcp:1",))), ("box.example", 1))

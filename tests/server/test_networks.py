"""Networks: who is held back together."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.server.networks import network_of


class NetworkTests(SynchronousTestCase):
    """The network of an address."""

    def test_networks(self) -> None:
        """IPv4 by address, however it is written; IPv6 by its first half; no address by itself."""
        for host, network in (
            ("192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("::FFFF:c000:0201", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:0DB8:1:2::", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::6", "2001:db8:1:3::/64"),
            ("fe80::1%eth0", "fe80::/64"),
            ("::1", "::/64"),
            ("", ""),
            ("a proxy's word", "a proxy's word"),
        ):
            self.assertEqual(network_of(host), network)

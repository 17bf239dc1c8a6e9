"""What workers count, and what the listener counts itself, added up."""

import socket

from anoncloud.server.conditions import Allowance
from anoncloud.server.metrics.table import Count
from anoncloud.server.metrics.tally import Tally
from anoncloud.server.processes.protocol import ListenerEnd
from tests.server.processes.test_crew import CrewTestCase


class CountingTests(CrewTestCase):
    """The tally of a crew."""

    def test_connections(self) -> None:
        """Connections count when the listener lets them in, or finds no room for them."""
        self.allowance = Allowance(connections=1)
        for _ in range(2):
            ours, theirs = socket.socketpair()
            self.addCleanup(ours.close)
            self.crew.take(0, theirs, "192.0.2.1")
            self.addCleanup(theirs.close)
        counts = self.crew.tally.counts
        self.assertEqual((counts[Count.CONNECTIONS, ""], counts[Count.TURNED_AWAY, ""]), (1, 1))

    def test_proxied(self) -> None:
        """So does one that found no room when a proxy had told where it comes from."""
        self.allowance = Allowance(connections_per_address=1)
        for number in (1, 2):
            self.take(None)
            ListenerEnd(self.crew, number).came(number=number, network="192.0.2.1")
        self.assertEqual(self.crew.tally.counts[Count.TURNED_AWAY, ""], 1)

    def test_workers(self) -> None:
        """What workers say that they have counted is added up."""
        for number in (1, 2):
            tally = Tally()
            tally.count(Count.REQUESTS, "Ping", number)
            ListenerEnd(self.crew, number).counted(counts=tally.take())
        self.assertEqual(self.crew.tally.counts[Count.REQUESTS, "Ping"], 3)

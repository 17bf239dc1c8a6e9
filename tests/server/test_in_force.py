"""The settings as the rules want them."""

from typing import Any

import attrs

from anoncloud.server import in_force
from anoncloud.server.collector import Collector, Keep
from anoncloud.server.conditions import Allowance, Registration, Terms
from anoncloud.server.settings import SETTINGS, Settings
from tests.support.server import ServerTestCase

NAMES = {
    "connections": "max_connections",
    "connections_per_address": "max_connections_per_address",
    "handshakes": "max_handshakes",
    "handshakes_per_address": "max_handshakes_per_address",
    "users_online": "max_users_online",
}
"""Fields of an allowance that are called otherwise in the settings."""


class InForceTests(ServerTestCase):
    """From settings to rules."""

    def test_allowance(self) -> None:
        """Every field of an allowance comes from its setting, all of which may change."""
        given: dict[str, Any] = {}
        for number, field in enumerate(attrs.fields(Allowance), 1):
            name = NAMES.get(field.name, field.name)
            self.assertTrue(SETTINGS[name].reloads, name)
            given[name] = number
        allowance = in_force.allowance(Settings(**given))
        self.assertEqual(attrs.astuple(allowance), tuple(range(1, len(given) + 1)))

    def test_terms(self) -> None:
        """So do the terms."""
        settings = Settings(
            registration=Registration.OPEN, max_accounts=1, quota=2, least_passphrase_score=4
        )
        self.assertEqual(in_force.terms(settings), Terms(Registration.OPEN, 1, 2, 4))

    def test_obey(self) -> None:
        """Newer settings take the place of those that hold, where the rules look for them."""
        house = self.rooms.house
        collector = Collector(house, Keep(0, 0))
        settings = Settings(quota=7, idle_time=500, keep_dropped_days=1)
        in_force.obey(house, collector, settings)
        self.assertEqual((house.terms.quota, house.allowance.idle_time), (7, 500))
        self.assertEqual(collector.keep, Keep.of(settings))

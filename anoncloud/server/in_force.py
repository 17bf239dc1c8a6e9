"""The settings as the rules want them, and how newer ones take their place."""

from anoncloud.server.collector import Collector, Keep
from anoncloud.server.conditions import Allowance, Terms
from anoncloud.server.house import House
from anoncloud.server.settings import Settings


def terms(settings: Settings) -> Terms:
    """Give the terms on which accounts are made."""
    return Terms(
        settings.registration,
        settings.max_accounts,
        settings.quota,
        settings.least_passphrase_score,
    )


def allowance(settings: Settings) -> Allowance:
    """Give how much of the server there is for its peers."""
    return Allowance(
        connections=settings.max_connections,
        connections_per_address=settings.max_connections_per_address,
        handshakes=settings.max_handshakes,
        handshakes_per_address=settings.max_handshakes_per_address,
        users_online=settings.max_users_online,
        message_rate=settings.message_rate,
        bytes_in_flight=settings.bytes_in_flight,
        idle_time=settings.idle_time,
        handshake_time=settings.handshake_time,
        quota_total=settings.quota_total,
        lowest_free_disk=settings.lowest_free_disk,
        log_addresses=settings.log_addresses,
    )


def obey(house: House, collector: Collector, settings: Settings) -> None:
    """Put in force what may change while the server runs."""
    house.terms, house.allowance = terms(settings), allowance(settings)
    collector.keep = Keep.of(settings)

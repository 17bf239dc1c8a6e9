"""Every metric in one table: name, meaning, label. Nothing else is told.

No label's value is ever a name, an address or an identifier: a kind of request, a code, an outcome.
"""

import enum
from typing import Final

import attrs

PREFIX: Final = "anoncloud_"


@attrs.frozen
class Metric:
    """One metric: its name without the prefix, what it means, and its label's name, if any."""

    name: str
    text: str
    label: str = ""


class Count(enum.Enum):
    """What only grows; Prometheus adds ``_total`` to the names."""

    CONNECTIONS = Metric("connections_accepted", "Connections that were let in.")
    TURNED_AWAY = Metric("connections_refused", "Connections that found no room.")
    HANDSHAKES = Metric("handshakes", "Connections that agreed on keys.")
    BROKEN = Metric("protocol_errors", "Connections that broke the protocol.")
    LOGINS = Metric("logins", "Logins, by whether they were let in.", "outcome")
    RECEIVED = Metric("received_bytes", "Bytes that came from peers.")
    SENT = Metric("sent_bytes", "Bytes that were written to peers.")
    REQUESTS = Metric("requests", "Requests that were answered, by kind.", "kind")
    REFUSALS = Metric("refusals", "Requests that were refused, by code.", "code")
    ROUNDS = Metric("collector_rounds", "Rounds of the garbage collector.", "outcome")
    COLLECTED = Metric("collected_blobs", "Blobs that the garbage collector removed.")


class Figure(enum.Enum):
    """What is so at the moment."""

    CONNECTED = Metric("connections", "Connections that are open.")
    ONLINE = Metric("users_online", "Accounts that are logged in.")
    ACCOUNTS = Metric("accounts", "Accounts.")
    BLOBS = Metric("blobs", "Blobs, kept for drives or for a while.")
    STORED = Metric("stored_bytes", "Bytes of all drives' blobs.")
    DROPPED = Metric("dropped_bytes", "Bytes of removed blobs that are still kept.")
    FREE = Metric("disk_free_bytes", "Bytes that are free where blobs are stored.")


SQL_SECONDS: Final = Metric("sql_seconds", "How long SQL transactions took, waiting included.")
SQL_BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


def exposed_names() -> set[str]:
    """Give the names under which all of it is read."""
    counts = {f"{PREFIX}{one.value.name}_total" for one in Count}
    figures = {f"{PREFIX}{one.value.name}" for one in Figure}
    sql = {f"{PREFIX}{SQL_SECONDS.name}_{end}" for end in ("bucket", "count", "sum")}
    return counts | figures | sql

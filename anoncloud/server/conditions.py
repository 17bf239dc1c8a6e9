"""On what conditions a server takes people in, and how much each of them may have of it."""

import enum

import attrs

from anoncloud.limits import HANDSHAKE_TIMEOUT, IDLE_TIMEOUT, MIB


class Registration(enum.Enum):
    """Who may make an account."""

    OPEN = "open"
    INVITATION = "invitation"
    CLOSED = "closed"


@attrs.frozen
class Terms:
    """On what terms accounts are made.

    :ivar max_accounts: how many there may be, 0 for any number.
    :ivar quota: what each may store, in bytes, 0 for no limit.
    :ivar least_score: what a passphrase must be worth, as zxcvbn counts it; clients see to it.
    """

    registration: Registration
    max_accounts: int = 0
    quota: int = 0
    least_score: int = 0


@attrs.frozen
class Allowance:
    """How much of a server there is for its peers; 0 is any number, except for times.

    :ivar users_online: accounts that are logged in at once, however often each is.
    :ivar handshakes: connections at once whose keys are not agreed on.
    :ivar message_rate: requests of one connection a second.
    :ivar bytes_in_flight: of one connection, what came in of blobs and is not written yet.
    :ivar idle_time: seconds of silence that a peer who has logged in may keep.
    :ivar handshake_time: seconds until keys must be agreed on.
    :ivar quota_total: bytes that all accounts together may store.
    :ivar lowest_free_disk: bytes of the disk that uploads leave free.
    """

    connections: int = 0
    connections_per_address: int = 0
    handshakes: int = 0
    handshakes_per_address: int = 0
    users_online: int = 0
    message_rate: int = 0
    bytes_in_flight: int = 16 * MIB
    idle_time: float = IDLE_TIMEOUT
    handshake_time: float = HANDSHAKE_TIMEOUT
    quota_total: int = 0
    lowest_free_disk: int = 0
    log_addresses: bool = False

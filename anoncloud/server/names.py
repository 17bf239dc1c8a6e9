"""What an account may be called, as a server refuses what it may not."""

from anoncloud.errors import Code, Refused
from anoncloud.wire.account_names import FAULT, advice


def check_account_name(name: str) -> None:
    """See that *name* may be an account's.

    :raises Refused: NAME_INVALID; the hint has the form that would do, if there is one.
    """
    instead = advice(name)
    if instead:
        raise Refused(Code.NAME_INVALID, FAULT, instead)

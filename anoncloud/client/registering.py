"""What a registration must be before anything is worked out for it: its name, and its terms."""

from typing import Final

from anoncloud.client.address import Invitation
from anoncloud.errors import Code, Refused, UsageError
from anoncloud.wire import messages
from anoncloud.wire.account_names import FAULT, advice

NOTHING_MADE: Final = frozenset(
    {Code.NAME_TAKEN, Code.NAME_INVALID, Code.INVITATION, Code.NOT_ALLOWED, Code.TOO_MANY}
)
"""Refusals of a registration after which there is surely no account that it made."""
_INVITED: Final = 1
_NOBODY: Final = 2


def check_name(account: str) -> None:
    """See that *account* may be the name of an account.

    :raises UsageError: the hint has the form that would do, if there is one.
    """
    instead = advice(account)
    if instead:
        raise UsageError(FAULT, instead)


def check_terms(terms: messages.Terms, invitation: Invitation) -> None:
    """See that the server takes registrations, and from whoever holds *invitation*.

    :raises Refused: as the server itself would, which also knows which codes are good.
    """
    if terms.registration == _NOBODY:
        message = "this server takes no registrations"
        raise Refused(Code.NOT_ALLOWED, message, "ask its owner")
    if terms.registration == _INVITED and not invitation.code:
        message = "this server takes registrations by invitation only"
        raise Refused(Code.INVITATION, message, "ask its owner for an invitation link")

"""What anybody is told of the terms on which accounts are made."""

from typing import Final

from anoncloud.server.conditions import Registration
from anoncloud.server.house import House
from anoncloud.wire import messages

_NUMBERS: Final = {
    Registration.OPEN: 0,
    Registration.INVITATION: 1,
    Registration.CLOSED: 2,
}
"""Who may register, as it is said on the wire."""


async def read_terms(house: House, message: messages.ReadTerms) -> messages.Message:
    """Tell who may register, and what a passphrase must be worth."""
    terms = house.terms
    return messages.Terms(message.request, _NUMBERS[terms.registration], terms.least_score)

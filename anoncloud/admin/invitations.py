"""How invitations are named and shown to the server's owner; their codes are not kept."""

import base64
import binascii
from collections.abc import Sequence
from typing import Final

from anoncloud.admin.outcome import UNITS, moment
from anoncloud.errors import UsageError
from anoncloud.server.account_contract import Invitation
from anoncloud.server.identity import INVITATION_LENGTH
from anoncloud.server.invitations import code_hash

_SHOWN: Final = 12
"""Hexadecimal digits that name an invitation."""
_FEWEST: Final = 4
_COLUMNS: Final = "{:<12}  {:<30}  {}"


def listing(invitations: Sequence[Invitation], now: float) -> list[str]:
    """Give the lines that show *invitations*, with a head, or that there are none."""
    if not invitations:
        return ["There are no invitations."]
    rows = [(name(one), _state(one, now), _quota(one.quota)) for one in invitations]
    return [_COLUMNS.format(*row) for row in (("NAME", "STATE (UTC)", "QUOTA"), *rows)]


def name(invitation: Invitation) -> str:
    """Name an invitation, by its code's hash."""
    return invitation.code_hash.hex()[:_SHOWN]


def chosen(invitations: Sequence[Invitation], given: str) -> Invitation:
    """Find the invitation that *given* means: its link, or the beginning of its name.

    :raises UsageError: there is none, or more than one.
    """
    begin = _hash_of_link(given) if "." in given else given.lower()
    hint = "run 'anoncloud-admin invitations' to see their names"
    if len(begin) < _FEWEST:
        message = f"the name of an invitation is given by {_FEWEST} characters at least"
        raise UsageError(message, hint)
    found = [one for one in invitations if one.code_hash.hex().startswith(begin)]
    if len(found) != 1:
        message = "several invitations begin so" if found else "there is no such invitation"
        raise UsageError(message, hint)
    return found[0]


def _hash_of_link(link: str) -> str:
    """Give the hash of the code at the end of an invitation link."""
    try:
        code = base64.b64decode(link.strip().rpartition(".")[2] + "==", b"-_", validate=True)
    except (binascii.Error, ValueError):
        code = b""
    if len(code) != INVITATION_LENGTH:
        message = "this is not an invitation link"
        raise UsageError(message, "copy it whole, or give the invitation's name")
    return code_hash(code).hex()


def _state(invitation: Invitation, now: float) -> str:
    if invitation.used:
        return f"used since {moment(invitation.used)}"
    if invitation.expires <= now:
        return f"expired since {moment(invitation.expires)}"
    return f"open until {moment(invitation.expires)}"


def _quota(quota: int | None) -> str:
    if quota is None:
        return "the server's"
    if not quota:
        return "none"
    for size, unit in UNITS:
        if quota % size == 0:
            return f"{quota // size} {unit}"
    return f"{quota} B"

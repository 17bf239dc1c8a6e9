"""What the door asks the shell for (``ui.entering``), and what the shell says to it.

There is one door at most, so that its number is always the same.
"""

import enum
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from anoncloud.client.accounts import Registration
    from anoncloud.client.address import Address, Invitation
    from anoncloud.client.pairing_code import PairingCode
    from anoncloud.client.recovery import Recovery
    from anoncloud.client.strength import Rule
    from anoncloud.ui.entering.paper import Paper
    from anoncloud.ui.layers import Layer

DOOR: Final = -1
"""The number that Heard bears, for the door."""


class Way(enum.Enum):
    """How a person gets in."""

    REGISTER = "make a new account"
    KIT = "log in with kit and passphrase"
    CODE = "log in by a code that another device shows"
    RECOVERY = "make a recovery key"
    """Not a way in, but one to keep for later; taken by who is logged in."""


@attrs.frozen
class ShowDoor:
    """Show the ways in, unless somebody is logged in."""


@attrs.frozen
class Take:
    """Take a way; the door does this itself."""

    way: Way


@attrs.frozen
class Applying:
    """Who wants an account, on which server, on a device of what name."""

    invitation: "Invitation"
    account: str
    device: bytes


@attrs.frozen
class AskTerms:
    """Ask the server whether it takes this registration; answered by Next."""

    applying: Applying


@attrs.frozen
class Judge:
    """Judge a passphrase that is being typed; answered by Judged."""

    passphrase: str = attrs.field(repr=False)
    rule: "Rule"


@attrs.frozen
class DrawKit:
    """Make keys and kit, of which the server hears nothing yet; answered by Next."""

    applying: Applying
    rule: "Rule"
    passphrase: str = attrs.field(repr=False)


@attrs.frozen
class MakeAccount:
    """Make the account, whose kit is in its owner's hands."""

    drawn: "Registration" = attrs.field(repr=False)
    device: bytes


@attrs.frozen
class LogIn:
    """Log in with a kit, by its line or the name of its file."""

    kit: str = attrs.field(repr=False)
    passphrase: str = attrs.field(repr=False)
    device: bytes


@attrs.frozen
class ComeIn:
    """Log in by the code that another device shows."""

    address: "Address"
    code: "PairingCode" = attrs.field(repr=False)
    device: bytes


@attrs.frozen
class SavePaper:
    """Write a paper's line into a new file, by its name as it was typed; answered by Next."""

    paper: "Paper"
    file: str


@attrs.frozen
class AskRecovery:
    """Ask for what it takes to make a recovery key."""


@attrs.frozen
class DrawRecovery:
    """See that a kit, by its line or its file, opens the account; make a key; answered by Next."""

    kit: str = attrs.field(repr=False)
    passphrase: str = attrs.field(repr=False)


@attrs.frozen
class TakeRecovery:
    """Let a recovery key open the account, which is in its owner's hands."""

    recovery: "Recovery" = attrs.field(repr=False)
    drawn: DrawRecovery


EnteringEffect = (
    ShowDoor
    | Take
    | AskTerms
    | Judge
    | DrawKit
    | MakeAccount
    | LogIn
    | ComeIn
    | SavePaper
    | AskRecovery
    | DrawRecovery
    | TakeRecovery
)


@attrs.frozen
class Next:
    """The step that comes next."""

    step: "Layer"


@attrs.frozen
class Wrong:
    """It could not be done; safe text."""

    text: str


@attrs.frozen
class Judged:
    """What a passphrase is worth; safe text."""

    passphrase: str = attrs.field(repr=False)
    text: str


@attrs.frozen
class Inside:
    """The device is logged in."""

"""What an alarm leads to, and what the shell says to it.

There is one alarm at most, so that its number is always the same.
"""

from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from anoncloud.client.accepting import Doubt

ALARM: Final = -2
"""The number that Heard bears, for the alarm."""


@attrs.frozen
class GoReadOnly:
    """Ask the server nothing more, and change nothing: show what this device knows."""


@attrs.frozen
class LookAtServer:
    """Read all that the server shows, and say what it is; answered by Seen."""


@attrs.frozen
class AskFolder:
    """Ask to which local folder to export."""


@attrs.frozen
class Export:
    """Save what can be read into a new local folder, as it was typed."""

    folder: str


@attrs.frozen
class AskWord:
    """Show what there is to accept, and ask for the account's name."""


@attrs.frozen
class Accept:
    """Go on with what the server shows; *word* is what was typed for the account's name."""

    doubt: "Doubt"
    word: str


AlarmEffect = GoReadOnly | LookAtServer | AskFolder | Export | AskWord | Accept


@attrs.frozen
class Seen:
    """What the server shows; safe texts."""

    texts: tuple[str, ...]


@attrs.frozen
class Settled:
    """What the alarm was about has been accepted."""

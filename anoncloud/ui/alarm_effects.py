"""What an alarm leads to."""

import attrs


@attrs.frozen
class GoReadOnly:
    """Ask the server nothing more, and change nothing: show what this device knows."""

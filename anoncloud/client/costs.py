"""The cost of Argon2id over an account's life: it may rise, and never falls.

Or a server, or a thief of a device, could wait for a kit that is cheaper to guess at. What it was
is in the journal (docs/formats.rst section 6.3, NoteKeys).
"""

from anoncloud.client.tree.affairs import Affairs
from anoncloud.crypto.passphrases import Argon2
from anoncloud.errors import UsageError
from anoncloud.limits import KIB, MIB


def highest(cost: Argon2, affairs: Affairs) -> Argon2:
    """Give the passes and the memory of *cost*, or of what was noted, whichever is more."""
    memory = max(cost.memory, affairs.memory_kib * KIB)
    return Argon2(max(cost.passes, affairs.passes), memory)


def check_cost(cost: Argon2, least: Argon2) -> None:
    """See that *cost* is one, and not lower than *least*.

    :raises UsageError: it is.
    """
    cost.check()
    if cost.passes < least.passes or cost.memory < least.memory:
        message = "the new kit would be easier to guess at than the account was before"
        memory = -(-least.memory // MIB)
        raise UsageError(message, f"take at least {least.passes} passes over {memory} MiB")

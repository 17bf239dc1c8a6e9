"""Pairing codes: ``SLOT-word-word-word-word``, as one device shows it and a person types it.

The slot says where the two devices meet, and the server knows it; the words are 32 random bits that
it must not learn (docs/formats.rst section 2.7).
"""

import re
from typing import Final, Self

import attrs

from anoncloud.client.pairing_words import EVEN, ODD
from anoncloud.crypto.keys import PairingSecret
from anoncloud.errors import UsageError
from anoncloud.limits import MAX_SLOT

_AGAIN: Final = "look at the other device and type it again; the code is still good"


@attrs.frozen
class PairingCode:
    """A pairing's *slot*, and the *secret* of its words."""

    slot: int
    secret: PairingSecret

    def text(self) -> str:
        """Write it for a person to read, who must be the only one."""
        words = (_words(place)[byte] for place, byte in enumerate(self.secret.expose()))
        return "-".join([str(self.slot), *words])

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what a person typed; capitals, spaces and hyphens do not matter.

        :raises UsageError: it can't be right; says which word, and nothing of the words.
        """
        slot, *words = re.split(r"[\s-]+", text.strip().lower())
        if len(words) != PairingSecret.LENGTH or not slot.isdecimal() or not slot.isascii():
            message = f"a pairing code is a number and {PairingSecret.LENGTH} words"
            raise UsageError(message, _AGAIN)
        if not 0 < int(slot[: len(str(MAX_SLOT)) + 1]) <= MAX_SLOT:
            message = f"the number of a pairing code is at most {MAX_SLOT}"
            raise UsageError(message, _AGAIN)
        secret = bytes(_byte(place, word) for place, word in enumerate(words))
        return cls(int(slot), PairingSecret(secret))


def _words(place: int) -> tuple[str, ...]:
    return ODD if place % 2 else EVEN


def _byte(place: int, word: str) -> int:
    words = _words(place)
    if word not in words:
        message = f"word {place + 1} of the pairing code is none that can stand there"
        raise UsageError(message, _AGAIN)
    return words.index(word)

"""Two devices agree on keys by a short code, over a relay that may be evil.

Source: SPAKE2 (Abdalla and Pointcheval, "Simple password-based encrypted key exchange protocols",
2005), on the group of Ed25519, as the library spake2 does it; docs/formats.rst section 2.7. Whoever
does not know the code has one guess in one exchange, and learns nothing from a wrong one.

The library confirms nothing: a wrong code gives other keys, under which nothing opens. Its
arithmetic takes longer for some numbers than for others, which is why a code is of use once only.
"""

import enum
from typing import Any, Final

import attrs
from nacl.bindings import crypto_core_ed25519_is_valid_point as is_point
from spake2 import SPAKE2_A, SPAKE2_B

from anoncloud.crypto.derive import Purpose, derive
from anoncloud.crypto.entropy import Entropy
from anoncloud.crypto.keys import PairingKey, PairingSecret, SealingKey
from anoncloud.errors import Tampered

MESSAGE: Final = 33
"""Bytes of the one message of each end: which end it is of, and a point of the group."""
_CONTEXT: Final = b"anoncloud 1 pairing "


class End(enum.Enum):
    """Which of the two devices: the one that lets in, or the one that comes."""

    OLD = "old"
    NEW = "new"


@attrs.frozen
class PairingKeys:
    """What both ends agree on: under what the new device seals, and under what the old one does."""

    from_new: SealingKey
    from_old: SealingKey


class Exchange:
    """One end of one exchange, good for one answer.

    *server_key* is the X25519 key by which this end knows the server: it must be the same for both.

    :ivar message: what goes to the other end; 33 bytes.
    """

    def __init__(
        self, end: End, secret: PairingSecret, server_key: bytes, entropy: Entropy
    ) -> None:
        make = SPAKE2_A if end is End.OLD else SPAKE2_B
        old, new = (_CONTEXT + one.value.encode() + b"\x00" + server_key for one in End)
        self._exchange: Any = make(secret.expose(), idA=old, idB=new, entropy_f=entropy)
        self.message: bytes = self._exchange.start()

    def agree(self, received: bytes, slot: int) -> PairingKeys:
        """Agree on keys with whoever sent *received* by the slot *slot*.

        They are the other end's too only if it knows the code, the server's key and the slot.

        :raises Tampered: *received* is no message of the other end, or it is the second one.
        """
        message = "pairing: what the other device sent is not what it should be"
        # The library takes the neutral element in an encoding that is not its canonical one.
        if len(received) != MESSAGE or not is_point(received[1:]):
            raise Tampered(message)
        try:
            agreed = PairingKey(self._exchange.finish(received))
        except Exception as error:  # the library raises whatever its parts do
            raise Tampered(message) from error
        context = slot.to_bytes(2, "big")
        return PairingKeys(
            derive(agreed, Purpose.PAIRING_NEW, SealingKey, context),
            derive(agreed, Purpose.PAIRING_OLD, SealingKey, context),
        )

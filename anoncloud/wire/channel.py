"""Frames to sealed frames and back, with a counter and a key for each direction.

Both ends count alike, so keys change without a message: after 2**16 frames or 1 GiB of sealed bytes
in one direction its key is replaced and its counter starts from zero (docs/protocol.rst 4.3).
"""

from anoncloud.crypto.noise import CipherState
from anoncloud.limits import REKEY_BYTES, REKEY_FRAMES


class Direction:
    """What one end seals, or opens, in order."""

    def __init__(
        self, cipher: CipherState, *, frames: int = REKEY_FRAMES, length: int = REKEY_BYTES
    ) -> None:
        self._cipher = cipher
        self._frames = frames
        self._length = length
        self._sealed = 0

    def seal(self, plaintext: bytes) -> bytes:
        """Seal the next frame's body."""
        sealed = self._cipher.seal(plaintext)
        self._count(len(sealed))
        return sealed

    def open(self, sealed: bytes | memoryview) -> bytes:
        """Open the next frame's body; anything but the very next one is refused."""
        plaintext = self._cipher.open(sealed)
        self._count(len(sealed))
        return plaintext

    def _count(self, length: int) -> None:
        self._sealed += length
        if self._cipher.counter >= self._frames or self._sealed >= self._length:
            self._cipher.rekey()
            self._sealed = 0

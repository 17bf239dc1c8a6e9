"""Randomness as an argument: the core draws it only through a function that it is handed."""

from collections.abc import Callable
from os import urandom

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20

Entropy = Callable[[int], bytes]
"""Give that many random bytes. Programs hand over ``os.urandom``, tests a counting source."""

system_entropy: Entropy = urandom


def filler(length: int, entropy: Entropy) -> bytes:
    """Give *length* bytes that look like sealed ones: the ChaCha20 keystream of a fresh key.

    The system's generator is several times slower, and a 4 MiB blob may want most of it.
    """
    keystream = Cipher(ChaCha20(entropy(32), bytes(16)), mode=None).encryptor()
    return keystream.update(bytes(length))

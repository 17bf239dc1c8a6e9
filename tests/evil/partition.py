"""One ciphertext of XChaCha20-Poly1305 that is authentic under two keys.

Poly1305 is a polynomial over a prime field, and who knows the keys can solve for its coefficients:
two blocks of ciphertext are enough to bring two keys to the same tag (Len, Grubbs, Ristenpart:
partitioning oracle attacks, 2021, section 3). Whoever guesses keys asks about two with one box.
"""

from itertools import count
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20

PRIME: Final = 2**130 - 5
BLOCK: Final = 16
_CLAMP: Final = 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
_CONSTANTS: Final = b"expand 32-byte k"


def two_key_box(keys: tuple[bytes, bytes], place: bytes, nonce: bytes, length: int) -> bytes:
    """Make a box, nonce first, whose ciphertext of *length* bytes opens under both at *place*.

    *length* is a multiple of 16, and two blocks at least; what it opens to is noise.
    """
    (r1, s1), (r2, s2) = (_one_time(key, nonce) for key in keys)
    blocks = _blocks(place) + [0] * (length // BLOCK) + [_lengths(len(place), length)]
    free = len(_blocks(place))  # the first two blocks of the ciphertext are the unknowns
    weight = len(blocks) - free
    a1, b1, a2, b2 = (pow(r, weight - n, PRIME) for r in (r1, r2) for n in (0, 1))
    inverse = pow(a1 * b2 - a2 * b1, -1, PRIME)
    for number in count():
        tag = number.to_bytes(BLOCK, "little")
        filled = [0 if free <= n < free + 2 else block + 2**128 for n, block in enumerate(blocks)]
        want1 = ((number - s1) % 2**128 - _sum(filled, r1)) % PRIME
        want2 = ((number - s2) % 2**128 - _sum(filled, r2)) % PRIME
        x = (want1 * b2 - want2 * b1) * inverse % PRIME - 2**128
        y = (a1 * want2 - a2 * want1) * inverse % PRIME - 2**128
        if 0 <= x < 2**128 and 0 <= y < 2**128:  # one time in about sixteen
            head = x.to_bytes(BLOCK, "little") + y.to_bytes(BLOCK, "little")
            return nonce + head + bytes(length - 2 * BLOCK) + tag
    raise AssertionError


def _one_time(key: bytes, nonce: bytes) -> tuple[int, int]:
    """Give Poly1305's r and s for *key* and a nonce of 24 bytes (RFC 8439 section 2.6)."""
    subkey = hchacha20(key, nonce[:16])
    stream = Cipher(ChaCha20(subkey, bytes(8) + nonce[16:]), mode=None).encryptor()
    block = stream.update(bytes(32))
    return int.from_bytes(block[:16], "little") & _CLAMP, int.from_bytes(block[16:], "little")


def _blocks(content: bytes) -> list[int]:
    padded = content + bytes(-len(content) % BLOCK)
    return [
        int.from_bytes(padded[at : at + BLOCK], "little") for at in range(0, len(padded), BLOCK)
    ]


def _lengths(place: int, ciphertext: int) -> int:
    return place | ciphertext << 64


def _sum(blocks: list[int], r: int) -> int:
    total = 0
    for block in blocks:
        total = (total + block) * r % PRIME
    return total


def hchacha20(key: bytes, nonce: bytes) -> bytes:
    """HChaCha20 (draft-irtf-cfrg-xchacha-03 section 2.2): 32 bytes from a nonce of 16."""
    start = _CONSTANTS + key + nonce
    state = [int.from_bytes(start[at : at + 4], "little") for at in range(0, 64, 4)]
    for _ in range(10):
        for column in range(4):
            _quarter(state, column, column + 4, column + 8, column + 12)
        for column in range(4):
            _quarter(
                state,
                column,
                4 + (column + 1) % 4,
                8 + (column + 2) % 4,
                12 + (column + 3) % 4,
            )
    return b"".join(word.to_bytes(4, "little") for word in state[:4] + state[12:])


def _quarter(state: list[int], a: int, b: int, c: int, d: int) -> None:
    for first, second, third, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        state[first] = (state[first] + state[second]) & 0xFFFFFFFF
        word = state[third] ^ state[first]
        state[third] = (word << turn | word >> 32 - turn) & 0xFFFFFFFF

"""Randomness that a test knows beforehand."""

from hashlib import shake_256

from anoncloud.crypto.entropy import Entropy


def counting(seed: bytes = b"") -> Entropy:
    """Give a source whose draw number *n* (from 0) is SHAKE256(seed, n as 8 bytes big-endian)."""
    drawn = 0

    def draw(length: int) -> bytes:
        nonlocal drawn
        material = seed + drawn.to_bytes(8, "big")
        drawn += 1
        return shake_256(material).digest(length)

    return draw


def replaying(*draws: bytes) -> Entropy:
    """Give a source that hands out *draws* in order, and nothing of another length or after."""
    waiting = list(draws)

    def draw(length: int) -> bytes:
        drawn = waiting.pop(0)
        if len(drawn) != length:
            message = f"{length} random bytes were drawn where {len(drawn)} were planned"
            raise AssertionError(message)
        return drawn

    return draw

"""Change bytes in the ways that a network, a disk or an evil peer does."""

from collections.abc import Iterator
from itertools import pairwise


def flip(whole: bytes, bit: int) -> bytes:
    """Give *whole* with one *bit* (counted from the first byte's lowest) turned over."""
    changed = bytearray(whole)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def flips(whole: bytes) -> Iterator[bytes]:
    """Give *whole* with every bit turned over, one at a time."""
    for bit in range(len(whole) * 8):
        yield flip(whole, bit)


def cuts(whole: bytes) -> Iterator[bytes]:
    """Give every beginning of *whole* that is not the whole."""
    for length in range(len(whole)):
        yield whole[:length]


def split(whole: bytes, at: list[int]) -> list[bytes]:
    """Cut *whole* at the places *at*, each taken modulo its length; nothing is lost."""
    places = sorted({0, len(whole), *(place % (len(whole) + 1) for place in at)})
    return [whole[begin:end] for begin, end in pairwise(places)]

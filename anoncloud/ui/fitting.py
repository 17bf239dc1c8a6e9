"""Text cut into strings that curses places as ``ui.cells`` counted them; nothing harmful in it.

Names are made safe long before (``ui.shown``); this is what holds if anything else is not.
"""

import ctypes
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Final

from anoncloud.ui.cells import clusters

_NOBODY_SEES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def pieces(text: str, *, unicode: bool) -> Iterator[tuple[str, int]]:
    """Give *text* as strings that curses places as they are counted, each with its cells."""
    if text.isascii():
        yield (text if text.isprintable() else _printable(text)), len(text)
        return
    plain = ""
    for cluster, cells in clusters(text):
        if cluster.isascii():
            plain += _printable(cluster)
            continue
        if plain:
            yield plain, len(plain)
            plain = ""
        if cells:
            yield (_placed(cluster, cells) if unicode else "?" * cells), cells
    if plain:
        yield plain, len(plain)


def _printable(text: str) -> str:
    return "".join(one if one.isprintable() else "?" for one in text)


@cache
def _placed(cluster: str, cells: int) -> str:
    """Give *cluster*, or the nearest that curses counts as *cells*."""
    if any(unicodedata.category(one) in _NOBODY_SEES for one in cluster):
        return "?" * cells
    taken = [_wcwidth(one) for one in cluster]
    if min(taken) >= 0 and sum(taken) == cells and taken[0]:
        return cluster
    if 0 < taken[0] <= cells:
        return cluster[0] + " " * (cells - taken[0])
    return "?" * cells


def _wcwidth(character: str) -> int:
    """Count the cells of a character as the C library does, and curses with it."""
    return int(_library.wcwidth(ctypes.c_wchar(character)))


_library = ctypes.CDLL(None)

"""Text that curses places as ``ui.cells`` counted it; nothing harmful in it.

Names are made safe long before (``ui.shown``); this is what holds if anything else is not.
"""

import ctypes
import unicodedata
from functools import cache
from typing import Final

from anoncloud.ui.cells import cell, clusters, width

_NOBODY_SEES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def fitted(text: str, *, unicode: bool) -> tuple[str, int]:
    """Give *text* so that each part takes as many cells in curses as were counted; and how many."""
    if text.isascii():
        return (text if text.isprintable() else _printable(text)), len(text)
    if unicode and all(map(_steady, text)):
        return text, width(text)
    made, taken = "", 0
    for cluster, cells in clusters(text):
        if cluster.isascii():
            made += _printable(cluster)
            taken += len(cluster)
        else:
            made += _placed(cluster, cells) if unicode and cells else "?" * cells
            taken += cells
    return made, taken


@cache
def _steady(character: str) -> bool:
    """Tell whether a character may always stay as it is, whatever stands beside it."""
    seen = unicodedata.category(character) not in _NOBODY_SEES
    return seen and _wcwidth(character) == cell(character) > 0


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

"""Landlock: what this process may never again do to files and the network, by the kernel itself.

Three system calls and two structures of landlock(7), in every form from Linux 5.13 on; what the
kernel does not know yet is left out. The bindings on PyPI are unreleased or know files alone.
"""

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import attrs

EXECUTE: Final = 1 << 0
WRITE_FILE: Final = 1 << 1
READ_FILE: Final = 1 << 2
READ_DIR: Final = 1 << 3
REMOVE_DIR: Final = 1 << 4
REMOVE_FILE: Final = 1 << 5
MAKE_DIR: Final = 1 << 7
MAKE_FILE: Final = 1 << 8
REFER: Final = 1 << 13
TRUNCATE: Final = 1 << 14
_OF_FILES: Final = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | 1 << 15
"""Rights that a rule for one file may give; the others are of folders."""
_KNOWN: Final = ((1, 13), (2, 14), (3, 15), (5, 16))
"""From which version of Landlock on it has how many rights to files."""
_NETWORK_FROM: Final = 4
_BIND_AND_CONNECT: Final = 0b11
_SCOPES_FROM: Final = 6
_SOCKETS_AND_SIGNALS: Final = 0b11
"""No abstract Unix sockets and no signals of processes outside."""
_CREATE, _ADD, _RESTRICT = 444, 445, 446
"""The system calls' numbers, alike on all machines but alpha."""
_VERSION: Final = 1
_PATH_BENEATH: Final = 1
_library: Final = ctypes.CDLL(None, use_errno=True)


@attrs.frozen
class Rule:
    """What may be done to *path*, and all that lies below it."""

    path: Path
    rights: int


def version() -> int:
    """Give the version of Landlock that this kernel has; 0 for none."""
    found = _library.syscall(_CREATE, None, ctypes.c_size_t(0), _VERSION)
    return max(int(found), 0)


def restrict(rules: Iterable[Rule]) -> None:
    """Allow what *rules* say, and nothing else of all that Landlock knows, for good.

    No file can be run, no network be reached, no port be bound; what is open stays open. Holds for
    this thread and those that it starts, so it must come before all others.

    :raises OSError: the kernel does not do it.
    """
    known = version()
    if not known:
        raise OSError(ctypes.get_errno(), "this kernel has no Landlock")
    rights = (1 << max(count for since, count in _KNOWN if since <= known)) - 1
    attributes = [rights]
    if known >= _NETWORK_FROM:
        attributes.append(_BIND_AND_CONNECT)
    if known >= _SCOPES_FROM:
        attributes.append(_SOCKETS_AND_SIGNALS)
    packed = struct.pack(f"={len(attributes)}Q", *attributes)
    ruleset = _call(_CREATE, packed, ctypes.c_size_t(len(packed)), 0)
    try:
        for rule in rules:
            _add(ruleset, rule, rights)
        _call(_RESTRICT, ruleset, 0)
    finally:
        os.close(ruleset)


def _add(ruleset: int, rule: Rule, rights: int) -> None:
    descriptor = os.open(rule.path, os.O_PATH | os.O_CLOEXEC)
    try:
        allowed = rule.rights & rights & (-1 if rule.path.is_dir() else _OF_FILES)
        packed = struct.pack("=Qi", allowed, descriptor)
        _call(_ADD, ruleset, _PATH_BENEATH, packed, 0)
    finally:
        os.close(descriptor)


def _call(number: int, *arguments: object) -> int:
    result = int(_library.syscall(number, *arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"Landlock: {os.strerror(code)}")
    return result

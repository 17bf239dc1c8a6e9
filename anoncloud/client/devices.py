"""The devices of an account: all keys that may log in, named, renamed, and shut out for good.

The server knows which keys may log in, the journal which devices there are; only both together tell
the truth. A key that the server takes and the journal does not name is *hidden*: somebody who was
in has put it there, and would stay in through it.

To revoke a device takes three steps, each of which is harmless to do again: the server takes its
key no more; one record says so and begins a new epoch; the server takes no hidden key any more.
What is written then nobody opens who was shut out (docs/formats.rst section 6.7). A run that was
cut short leaves a device that is cut off and still named, or a hidden key, so it can be seen.
"""

import enum
import os
from collections.abc import Iterable
from typing import Final

import attrs

from anoncloud.client import epochs
from anoncloud.client.drive import Drive, unexpected
from anoncloud.client.tree import changes, names
from anoncloud.client.tree.affairs import Device
from anoncloud.client.tree.draft import Draft
from anoncloud.errors import NotFound, RemoteError, UsageError
from anoncloud.wire import messages

ROUNDS: Final = 8
"""How often the server is asked again whether hidden keys are left."""
SHOWN: Final = 16
"""Hexadecimal digits of a key that are shown; a person may name a device by as few as ..."""
LEAST: Final = 4
"""... these."""


class State(enum.Enum):
    """What server and journal say of a device."""

    ENROLLED = "enrolled"
    HALF = "cut off"
    """Named by the journal, and not taken by the server: half revoked, or half enrolled."""
    HIDDEN = "hidden"


@attrs.frozen
class Listed:
    """One key: the *device* as the journal has it, None if it is hidden; whether it is this one."""

    key: bytes
    device: Device | None
    state: State
    mine: bool

    @property
    def shown(self) -> str:
        """The beginning of its key in hexadecimal."""
        return self.key.hex()[:SHOWN]


async def listed(drive: Drive) -> list[Listed]:
    """Give all devices, the oldest first, then the keys that are hidden."""
    at_server = await _at_server(drive)
    known = sorted(drive.tree.devices.values(), key=lambda one: (one.enrolled, one.key))
    mine = drive.journal.keyring.device
    found = [
        Listed(
            one.key, one, State.ENROLLED if one.key in at_server else State.HALF, one.key == mine
        )
        for one in known
    ]
    hidden = sorted(at_server - drive.tree.devices.keys())
    return found + [Listed(key, None, State.HIDDEN, key == mine) for key in hidden]


async def _at_server(drive: Drive) -> set[bytes]:
    """Ask for the keys that may log in, and read the journal on.

    In this order: an honest device is in the journal before its key is at the server.
    """
    answer = await drive.peer.ask(messages.ListDevices)
    if not isinstance(answer, messages.Devices):
        raise unexpected(answer)
    await drive.catch_up()
    return set(answer.keys)


def choose(found: Iterable[Listed], called: str) -> Listed:
    """Give the device that a person names, by its name or by the beginning of its key.

    :raises NotFound: there is none.
    :raises UsageError: there are several.
    """
    rows = list(found)
    typed = {called, names.show(os.fsencode(called))}  # as it is shown, or as it is
    chosen = [one for one in rows if one.device and names.show(one.device.name) in typed]
    if not chosen and len(called) >= LEAST:
        chosen = [one for one in rows if one.key.hex().startswith(called.lower())]
    if len(chosen) == 1:
        return chosen[0]
    if chosen:
        keys = ", ".join(one.shown for one in chosen)
        message = f"{len(chosen)} devices are called {called}"
        raise UsageError(message, f"name it by its key: {keys}")
    message = f"no device is called {called}"
    raise NotFound(message, "run 'anoncloud devices' to see those that there are, and their keys")


async def rename(drive: Drive, device: Listed, name: bytes) -> None:
    """Call a device otherwise, on all devices.

    :raises NotFound: it is hidden, or was revoked meanwhile.
    """
    operation = changes.RenameDevice(device.key, names.check_name(name))
    await drive.change(lambda draft: draft.add(operation))


async def revoke(drive: Drive, devices: Iterable[Listed]) -> list[Listed]:
    """Shut *devices* out, and every hidden key; gives all that were shut out.

    :raises UsageError: this device is one of them.
    :raises RemoteError: the server still takes keys that it was told to forget. Their owners open
        nothing that is written from now on all the same.
    """
    gone = {one.key: one for one in devices}
    if any(one.mine for one in gone.values()):
        message = "this device can't revoke itself"
        raise UsageError(message, "run 'anoncloud logout' on it, or revoke it from another device")
    for one in gone.values():
        if one.state is not State.HIDDEN:
            await _forget(drive, one.key)

    def plan(draft: Draft) -> None:
        for key in gone:
            if draft.device(key) is not None:
                draft.add(changes.RevokeDevice(key))
        draft.add(epochs.new_epoch(drive.journal.keyring, draft, drive.entropy))

    await drive.change(plan)
    await _forget_unknown(drive, gone)
    return list(gone.values())


async def _forget_unknown(drive: Drive, gone: dict[bytes, Listed]) -> None:
    """Take back all that the journal does not name; add what was hidden to *gone*.

    Only now, for they are all that tells of a new epoch that is needed. Whoever is in may add more
    meanwhile, so it is done until there are none.
    """
    for _ in range(ROUNDS):
        unknown = await _at_server(drive) - drive.tree.devices.keys()
        if not unknown:
            return
        for key in sorted(unknown):
            await _forget(drive, key)
            gone.setdefault(key, Listed(key, None, State.HIDDEN, mine=False))
    message = "the devices are revoked, but the server goes on to let their keys in"
    raise RemoteError(message, "they open nothing new, but it does not obey: ask its owner")


async def _forget(drive: Drive, key: bytes) -> None:
    await drive.peer.ask(lambda request: messages.ForgetDevice(request, key))

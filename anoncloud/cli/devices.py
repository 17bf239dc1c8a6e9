"""The commands of the devices that stay logged in: devices, devices rename, devices revoke."""

import os
from typing import Any

import click

from anoncloud.cli.output import Output, time_text
from anoncloud.cli.program import Program, with_drive
from anoncloud.client.accounts import OpenAccount, Surroundings
from anoncloud.client.devices import Listed, State, choose, listed, rename, revoke
from anoncloud.client.drive import Drive
from anoncloud.client.tree import names
from anoncloud.errors import RemoteError


@click.group("devices", invoke_without_command=True, no_args_is_help=False)
@click.pass_context
def devices_command(context: click.Context) -> int:
    """List the devices that stay logged in, and every other key that may log in.

    The asterisk is this device. A key that is marked as hidden was announced by no device: whoever
    has put it there was in. Revoke it.
    """
    if context.invoked_subcommand is not None:
        return 0
    program: Program = context.obj

    async def command(here: Surroundings, account: OpenAccount) -> None:
        del here
        found = await listed(account.drive)
        program.output.result([value(one) for one in found], lines(found))
        warn(program.output, found)

    return program.run(with_drive(command))


@devices_command.command("rename")
@click.argument("device")
@click.argument("name")
@click.pass_obj
def rename_command(program: Program, device: str, name: str) -> int:
    """Call DEVICE by another NAME, on all devices. DEVICE is its name, or how its key begins."""
    wanted = os.fsencode(name)

    async def command(here: Surroundings, account: OpenAccount) -> None:
        del here
        (chosen,) = await _chosen(account.drive, (device,))
        await rename(account.drive, chosen, wanted)
        shown = names.show(wanted)
        result = {"key": chosen.key.hex(), "name": shown}
        program.output.result(result, [f"the device {chosen.shown} is called {shown}"])

    return program.run(with_drive(command))


@devices_command.command("revoke")
@click.argument("devices", nargs=-1, required=True)
@click.pass_obj
def revoke_command(program: Program, devices: tuple[str, ...]) -> int:
    """Shut DEVICES out, by their names or how their keys begin. There is no undo.

    They are cut off at once, and read nothing that is written from now on. What they have read they
    know. Keys that are hidden are taken back, too.
    """

    async def command(here: Surroundings, account: OpenAccount) -> None:
        del here
        chosen = await _chosen(account.drive, devices)
        gone = await revoke(account.drive, chosen)
        account.keep_keyring()
        result = {"revoked": [value(one) for one in gone], "epoch": account.drive.journal.epoch}
        said = [f"revoked {_named(one)}, whose key begins with {one.shown}" for one in gone]
        program.output.result(result, said)

    return program.run(with_drive(command))


async def _chosen(drive: Drive, called: tuple[str, ...]) -> list[Listed]:
    found = await listed(drive)
    return [choose(found, one) for one in called]


def value(one: Listed) -> dict[str, Any]:
    """Give what programs are told of a device."""
    device = one.device
    return {
        "name": names.show(device.name) if device else None,
        "key": one.key.hex(),
        "enrolled": device.enrolled / 1e6 if device else None,
        "state": one.state.value,
        "this": one.mine,
    }


def lines(found: list[Listed]) -> list[str]:
    """Give a line for each device."""
    return [
        " ".join(
            (
                "*" if one.mine else " ",
                time_text(one.device.enrolled * 1000) if one.device else " " * len(time_text(0)),
                one.shown,
                _named(one) + (" (cut off, not yet revoked)" if one.state is State.HALF else ""),
            )
        )
        for one in found
    ]


def _named(one: Listed) -> str:
    return names.show(one.device.name) if one.device else "(hidden)"


def warn(output: Output, found: list[Listed]) -> None:
    """Say what is not as it should be, and what to do."""
    half = [one for one in found if one.state is State.HALF]
    if half:
        command = f"anoncloud devices revoke {half[0].shown}"
        output.note(f"what was revoked in part can read what is written; run '{command}'")
    hidden = [one.shown for one in found if one.state is State.HIDDEN]
    if hidden:
        keys = "1 key" if len(hidden) == 1 else f"{len(hidden)} keys"
        message = f"the server lets in {keys} that no device has announced"
        hint = f"somebody was in; run 'anoncloud devices revoke {' '.join(hidden)}'"
        output.error(RemoteError(message, hint))

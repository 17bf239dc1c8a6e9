"""The command that lets a new device in by a code, and what that device does instead of a login."""

import os
from typing import Final

import click

from anoncloud.cli.output import Output
from anoncloud.cli.program import Program, with_drive
from anoncloud.cli.secrets import ask
from anoncloud.client.accounts import OpenAccount, Surroundings
from anoncloud.client.address import Invitation
from anoncloud.client.pairing import come_in, let_in
from anoncloud.client.pairing_code import PairingCode
from anoncloud.client.staying import resume
from anoncloud.client.tree import names
from anoncloud.errors import UsageError
from anoncloud.limits import PAIRING_TIMEOUT

_MINUTES: Final = int(PAIRING_TIMEOUT // 60)


@click.command("pair")
@click.option("-y", "--yes", is_flag=True, help="Let in whoever knows the code, without asking.")
@click.pass_obj
def pair_command(program: Program, yes: bool) -> int:  # noqa: FBT001 - click gives it
    """Let a new device in by a code, which it is told by the person who uses both.

    Shows the code, waits for the device, and asks before it is let in. It can use the drive then,
    as this device can; it gets neither the kit nor the passphrase.
    """
    output = program.output
    if not yes and not output.can_ask:
        message = "somebody must say yes to the new device, and there is nobody to ask"
        raise UsageError(message, "use -y to let in whoever knows the code")

    async def command(here: Surroundings, account: OpenAccount) -> None:
        async def agree(name: bytes) -> bool:
            question = f"let the device '{names.show(name)}' use the drive?"
            return yes or await here.in_thread(output.ask, question)

        name = await let_in(here, account, lambda code: _show(output, account, code), agree)
        if name is None:
            output.exit_code = output.interrupted("nobody was let in")
            return
        shown = names.show(name)
        output.result({"device": shown}, [f"The device '{shown}' is logged in."])

    return program.run(with_drive(command))


def _show(output: Output, account: OpenAccount, code: PairingCode) -> None:
    address = str(account.address)
    output.result(
        {"address": address, "code": code.text(), "seconds": int(PAIRING_TIMEOUT)},
        [
            "Run this on the new device:",
            "",
            f"    anoncloud login --from-device {address}",
            "",
            "and type this code there, when you are asked for it:",
            "",
            f"    {code.text()}",
            "",
            f"It is good once, and for {_MINUTES} minutes. Waiting for the device ...",
        ],
    )


def log_in_from_device(program: Program, address: str, device_name: str) -> int:
    """Log in by the code that another device shows, and stay logged in."""
    server = Invitation.parse(address).address
    code = PairingCode.parse(ask("Pairing code", "type the code that the other device shows"))

    async def command(here: Surroundings) -> None:
        account = await come_in(here, server, code, os.fsencode(device_name))
        opened = await resume(here)
        await opened.close()
        shown = names.show(account.encode())
        program.output.result(
            {"account": account, "address": str(opened.address)}, [f"Logged in as {shown}."]
        )

    return program.run(command)

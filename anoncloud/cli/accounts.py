"""The commands that get in and out of an account on this machine: login, logout."""

import os
import socket
from pathlib import Path

import click

from anoncloud.cli.program import Program
from anoncloud.cli.secrets import PassphraseSource, passphrase_options, read_kit
from anoncloud.client.accounts import OpenAccount, Surroundings
from anoncloud.client.address import Invitation
from anoncloud.client.owning import own
from anoncloud.client.staying import leave, log_out, resume, stay_logged_in
from anoncloud.errors import Exists, NotLoggedIn, UsageError

device_name_option = click.option(
    "--device-name", default=socket.gethostname, help="What to call this device."
)


def check_free(program: Program) -> None:
    """See that nobody is logged in on this machine."""
    if program.surroundings().profile.is_logged_in():
        message = "an account is logged in on this machine already"
        raise Exists(message, "run 'anoncloud logout' first, or use another --state folder")


@click.command("login")
@click.option("--kit", "given", help="The kit's line, or the name of its file.")
@click.option("--server", metavar="ADDRESS", help="Where the kit's server is by now.")
@click.option(
    "--from-device",
    metavar="ADDRESS",
    help="Log in by the code that 'anoncloud pair' shows on another device.",
)
@passphrase_options
@device_name_option
@click.pass_obj
def login_command(  # noqa: PLR0913 - each is an option of the command
    program: Program,
    given: str | None,
    server: str | None,
    from_device: str | None,
    passphrase_file: Path | None,
    passphrase_command: str | None,
    device_name: str,
) -> int:
    """Log in on this machine, and stay logged in: with kit and passphrase, or by a code."""
    check_free(program)
    if from_device is not None:
        if given or server or passphrase_file or passphrase_command:
            message = "--from-device takes a code, and no kit and no passphrase"
            raise UsageError(message, "leave the other options out")
        from anoncloud.cli.pairing import log_in_from_device  # noqa: PLC0415 - for few logins only

        return log_in_from_device(program, from_device, device_name)
    kit = read_kit(given or os.environ.get("ANONCLOUD_KIT"))
    address = None if server is None else Invitation.parse(server).address
    passphrase = PassphraseSource(passphrase_file, passphrase_command).read()

    async def command(here: Surroundings) -> None:
        opened = (await own(here, kit, passphrase, address)).opened
        try:
            await stay_logged_in(here, opened, os.fsencode(device_name))
        finally:
            await opened.close()
        value = {"account": kit.account, "address": str(opened.address)}
        program.output.result(value, [f"Logged in as {kit.account}."])

    return program.run(command)


@click.command("logout")
@click.option("--force", is_flag=True, help="Forget the account here even if the server is away.")
@click.pass_obj
def logout_command(program: Program, force: bool) -> int:  # noqa: FBT001 - click gives it
    """Take this device's key back, and forget the account on this machine."""

    async def command(here: Surroundings) -> None:
        if force:
            here.profile.forget()
        else:
            await _log_out(here)
        program.output.result({"logged_in": False}, ["Logged out."])

    return program.run(command)


async def _log_out(here: Surroundings) -> None:
    known = here.profile.load()
    try:
        opened: OpenAccount = await resume(here)
    except NotLoggedIn:  # the journal has revoked it already
        await leave(here)
        return
    try:
        await log_out(here, opened, known.keys.login.public)
    finally:
        await opened.close()

"""The commands around accounts: register, login, logout."""

import os
import socket
from pathlib import Path

import click

from anoncloud.cli.program import Program
from anoncloud.cli.secrets import PassphraseSource, read_kit
from anoncloud.client.accounts import (
    OpenAccount,
    Surroundings,
    log_in,
    log_out,
    register,
    resume,
    stay_logged_in,
)
from anoncloud.client.address import Invitation
from anoncloud.client.kit import Kit
from anoncloud.crypto.passphrases import Argon2
from anoncloud.errors import Exists, LocalFileError
from anoncloud.limits import ARGON2_MEMORY, ARGON2_PASSES, MIB

_passphrase_file = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path),
    help="Read the passphrase from the first line of this file.",
)
_passphrase_command = click.option(
    "--passphrase-command", help="Run this command and take the first line that it prints."
)
_stay = click.option(
    "--stay/--no-stay",
    default=True,
    help="Keep a device key, so that no passphrase is asked for again (default), or don't.",
)
_device_name = click.option(
    "--device-name", default=socket.gethostname, help="What to call this device."
)


@click.command("register")
@click.argument("invitation")
@click.argument("account")
@click.option(
    "--kit",
    "kit_file",
    type=click.Path(path_type=Path),
    help="Write the kit to this new file (mode 0600) and do not show it.",
)
@click.option("--argon2-memory", type=int, default=ARGON2_MEMORY // MIB, help="MiB; default 256.")
@click.option("--argon2-passes", type=int, default=ARGON2_PASSES, help="Passes; default 3.")
@_passphrase_file
@_passphrase_command
@_stay
@_device_name
@click.pass_obj
def register_command(  # noqa: PLR0913 - each is an option of the command
    program: Program,
    invitation: str,
    account: str,
    kit_file: Path | None,
    argon2_memory: int,
    argon2_passes: int,
    passphrase_file: Path | None,
    passphrase_command: str | None,
    stay: bool,  # noqa: FBT001 - click gives it
    device_name: str,
) -> int:
    """Make an account on the server that INVITATION names.

    The kit that is shown or written is needed, together with the passphrase, to get into the
    account from anywhere else. Nobody can replace it.
    """
    invited = Invitation.parse(invitation)
    cost = Argon2(argon2_passes, argon2_memory * MIB)
    cost.check()
    _check_free(program)
    if kit_file is not None and kit_file.exists():
        message = f"the file {kit_file} exists already"
        raise Exists(message, "choose another name for the kit")
    passphrase = PassphraseSource(passphrase_file, passphrase_command).read(new=True)

    async def command(here: Surroundings) -> None:
        kit, opened = await register(here, invited, account, passphrase, cost)
        try:
            _hand_over(program, kit, kit_file)
            if stay:
                await stay_logged_in(here, opened, device_name.encode())
        finally:
            await opened.close()

    return program.run(command)


def _check_free(program: Program) -> None:
    if program.surroundings().profile.is_logged_in():
        message = "an account is logged in on this machine already"
        raise Exists(message, "run 'anoncloud logout' first, or use another --state folder")


def _hand_over(program: Program, kit: Kit, kit_file: Path | None) -> None:
    """Give the kit to its owner before anything else can go wrong."""
    value = {"account": kit.account, "address": str(kit.address), "kit": kit.line()}
    if kit_file is None:
        program.output.result(
            value,
            [
                f"Account {kit.account} is made. This is its kit; print it or keep it safe:",
                "",
                kit.line(),
                "",
                "Without the kit AND the passphrase nobody can open the drive, you included.",
            ],
        )
        return
    try:
        descriptor = os.open(kit_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(kit.line() + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        program.output.result(value, [kit.line()])
        message = f"writing the kit to {kit_file}: {error.strerror}"
        raise LocalFileError(message, "keep the line above instead") from error
    program.output.result(
        {**value, "kit": str(kit_file)},
        [f"Account {kit.account} is made. Its kit is in {kit_file}; keep a copy elsewhere."],
    )


@click.command("login")
@click.option("--kit", "given", help="The kit's line, or the name of its file.")
@_passphrase_file
@_passphrase_command
@_device_name
@click.pass_obj
def login_command(
    program: Program,
    given: str | None,
    passphrase_file: Path | None,
    passphrase_command: str | None,
    device_name: str,
) -> int:
    """Log in on this machine with kit and passphrase, and stay logged in."""
    _check_free(program)
    kit = read_kit(given or os.environ.get("ANONCLOUD_KIT"))
    passphrase = PassphraseSource(passphrase_file, passphrase_command).read()

    async def command(here: Surroundings) -> None:
        opened = await log_in(here, kit, passphrase)
        try:
            await stay_logged_in(here, opened, device_name.encode())
        finally:
            await opened.close()
        value = {"account": kit.account, "address": str(kit.address)}
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
            known = here.profile.load()
            opened: OpenAccount = await resume(here)
            try:
                await log_out(here, opened, known.device)
            finally:
                await opened.close()
        program.output.result({"logged_in": False}, ["Logged out."])

    return program.run(command)

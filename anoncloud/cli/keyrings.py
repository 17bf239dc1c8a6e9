"""The commands of a keyring that is kept in a file: keyring export, check, restore."""

from pathlib import Path
from typing import Final

import click

from anoncloud.cli.kits import check_place
from anoncloud.cli.owners import Claim, claimed, secret_options
from anoncloud.cli.program import Program
from anoncloud.cli.secrets import SecretSource, choose
from anoncloud.client.accounts import Surroundings
from anoncloud.client.export import Export, open_export, seal_export
from anoncloud.client.owning import own
from anoncloud.client.strength import rule_for
from anoncloud.disk.replacing import write_new
from anoncloud.errors import LocalFileError, UsageError
from anoncloud.limits import MAX_EXPORT

_SECRET: Final = "export passphrase"  # noqa: S105 - what it is called
_FILE: Final = click.argument("file", type=click.Path(path_type=Path))


@click.group("keyring")
def keyring_command() -> None:
    """Keep the account's keyring in a file, in case that the server loses or spoils it.

    The file is sealed by a passphrase of its own. Nobody logs in by it, but who opens it, and has
    what the server stores, reads the drive as it was then.
    """


@keyring_command.command("export")
@claimed
@secret_options(_SECRET, "secret")
@_FILE
@click.pass_obj
def export_command(program: Program, claim: Claim, secret: SecretSource, file: Path) -> int:
    """Write the keyring to the new FILE (mode 0600), sealed by a passphrase."""
    check_place("file", file)
    passphrase, given = claim.source.read(), secret.given()

    async def command(here: Surroundings) -> None:
        name = claim.kit.account
        rule = rule_for(claim.address, name, 0)
        chosen = await choose(program.output, here.in_thread, secret, given, rule)
        owner = await own(here, claim.kit, passphrase, claim.server)
        try:
            exported = Export(str(owner.opened.address), name, owner.newest())
        finally:
            await owner.opened.close()
        cost = claim.kit.cost
        sealed: bytes = await here.in_thread(seal_export, exported, chosen, cost, here.entropy)
        _write(file, sealed)
        said = f"The keyring of {name} is in {file}; what opens it is its own passphrase."
        program.output.result({**_value(exported), "file": str(file)}, [said])

    return program.run(command)


@keyring_command.command("check")
@secret_options(_SECRET, "secret")
@_FILE
@click.pass_obj
def check_command(program: Program, secret: SecretSource, file: Path) -> int:
    """See that FILE opens, and say whose keyring is in it. No server is asked."""
    content, passphrase = _read(file), secret.read()

    async def command(here: Surroundings) -> None:
        exported: Export = await here.in_thread(open_export, content, passphrase)
        value = _value(exported)
        count = value["epochs"]
        keys = "1 key" if count == 1 else f"{count} keys"
        said = f"{file} opens: the keyring of {exported.account}, with {keys} of the drive"
        program.output.result(value, [said])

    return program.run(command)


@keyring_command.command("restore")
@claimed
@secret_options(_SECRET, "secret")
@_FILE
@click.pass_obj
def restore_command(program: Program, claim: Claim, secret: SecretSource, file: Path) -> int:
    """Give the server the keyring of FILE to keep again, if its own does not open any more."""
    content = _read(file)
    passphrase, other = claim.source.read(), secret.read()

    async def command(here: Surroundings) -> None:
        exported: Export = await here.in_thread(open_export, content, other)
        name = claim.kit.account
        if exported.account != name:
            message = f"the file has the keyring of {exported.account}, and the kit is {name}'s"
            raise UsageError(message, "give the kit and the file of one account")
        owner = await own(here, claim.kit, passphrase, claim.server, exported.keyring)
        try:
            await owner.put_back()
        finally:
            await owner.opened.close()
        program.output.result(_value(exported), [f"The server keeps the keyring of {name} again."])

    return program.run(command)


def _value(exported: Export) -> dict[str, str | int]:
    """Say what a file holds, for programs (docs/commands.rst section 3.2)."""
    epochs = len(exported.keyring.epochs)
    return {"account": exported.account, "address": exported.address, "epochs": epochs}


def _write(file: Path, sealed: bytes) -> None:
    try:
        write_new(file, sealed)
    except OSError as error:
        message = f"writing the keyring to {file}: {error.strerror}"
        raise LocalFileError(message, "choose another place") from error


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_EXPORT + 1)
    except OSError as error:
        message = f"reading {file}: {error.strerror}"
        raise LocalFileError(message, "check the file") from error

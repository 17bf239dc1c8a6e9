"""The commands of an account's keys: passphrase, kit, recovery, recover."""

from pathlib import Path
from typing import Final

import click

from anoncloud.cli.kits import Paper, check_place, hand_over, of_kit, of_recovery, take_back
from anoncloud.cli.output import Output
from anoncloud.cli.owners import (
    Claim,
    as_owner,
    claimed,
    cost_of,
    cost_options,
    secret_options,
    server_option,
)
from anoncloud.cli.program import Program
from anoncloud.cli.secrets import SecretSource, choose
from anoncloud.client.accounts import Surroundings, read_terms
from anoncloud.client.address import Address, Invitation
from anoncloud.client.owning import Owner, own
from anoncloud.client.recovering import recover
from anoncloud.client.recovery import parse_recovery
from anoncloud.client.strength import rule_for
from anoncloud.errors import Code, Refused

_NEW: Final = "new passphrase"
_VOID: Final = frozenset({Code.CHANGED, Code.LOGIN})
"""Refusals after which a paper surely opens nothing: somebody else was quicker."""
_NEW_KIT: Final = click.option(
    "--new-kit",
    "kit_file",
    type=click.Path(path_type=Path),
    help="Write the new kit to this new file (mode 0600) and do not show it.",
)


@click.command("passphrase")
@claimed
@secret_options(_NEW, "new")
@click.pass_obj
def passphrase_command(program: Program, claim: Claim, new: SecretSource) -> int:
    """Change the passphrase. The kit stays as it is; the old passphrase opens nothing any more.

    Devices that stay logged in do so still, and are told.
    """
    old, given = claim.source.read(), new.given()

    async def command(here: Surroundings) -> None:
        name = claim.kit.account
        typed = await _choose(program.output, here, claim.address, name, new, given)
        owner = await own(here, claim.kit, old, claim.server)
        try:
            await owner.change_passphrase(typed)
        finally:
            await owner.opened.close()
        value = {"account": name, "address": str(owner.opened.address)}
        program.output.result(value, [f"The passphrase of {name} is changed. Its kit stays."])

    return program.run(command)


async def _choose(  # noqa: PLR0913 - who asks, where, for whom, and how
    output: Output,
    here: Surroundings,
    address: Address,
    account: str,
    source: SecretSource,
    given: str | None,
) -> str:
    """Get a new passphrase that is worth what the server at *address* wants."""
    terms = await read_terms(here, address)
    rule = rule_for(address, account, terms.least_score)
    return await choose(output, here.in_thread, source, given, rule)


@click.group("kit")
def kit_command() -> None:
    """Make another kit.

    The kit that there is can't be shown again: no device keeps it, and the server never had it.
    """


@kit_command.command("new")
@claimed
@_NEW_KIT
@cost_options
@click.pass_obj
def new_command(
    program: Program,
    claim: Claim,
    kit_file: Path | None,
    argon2_memory: int | None,
    argon2_passes: int | None,
) -> int:
    """Make a new kit, with the same passphrase; the old one opens nothing any more.

    The account's keys change, and so does the drive's: who had the old kit reads nothing that is
    written from then on. The recovery key is dropped. Argon2id may cost more than before, not less.
    """
    check_place("kit", kit_file)
    passphrase = claim.source.read()

    async def command(owner: Owner) -> None:
        kit = owner.draw_kit(cost_of(owner.least_cost, argon2_memory, argon2_passes))
        paper = of_kit(kit, kit_file)
        value = _value(kit.address, paper)
        hand_over(program.output, value, [paper])
        try:
            await owner.take_kit(kit, passphrase)
        except BaseException as error:
            _doubt(program.output, paper, error, stands=owner.kit == kit)
            raise
        _tell(program.output, value, paper)

    return as_owner(program, claim, passphrase, command)


def _value(address: Address, paper: Paper) -> dict[str, str]:
    """Say what was made, for programs (docs/commands.rst section 3.2)."""
    kept = {paper.what.partition(" ")[0]: paper.kept}
    return {"account": paper.account, "address": str(address), **kept}


def _tell(output: Output, value: dict[str, str], paper: Paper) -> None:
    """Tell that a paper is good by now; give the result, unless the paper itself was it."""
    if paper.file is None:
        output.note(f"the {paper.what} opens the account by now")
    else:
        said = f"The {paper.what} of {paper.account} is in {paper.file}; keep a copy elsewhere."
        output.result(value, [said])


def _doubt(output: Output, paper: Paper, error: BaseException, *, stands: bool) -> None:
    """Tell what a paper is worth to which something happened."""
    if stands:
        output.note(
            f"the {paper.what} that you were given opens the account, and the old one does not; "
            "what is left to do is done when you log in with it"
        )
    elif isinstance(error, Refused) and error.code in _VOID:
        take_back(output, [paper])
    else:
        output.note(
            f"whether the {paper.what} that you were given opens the account is not known: try "
            "it, and keep what you had before until it does"
        )


@click.group("recovery")
def recovery_command() -> None:
    """Make or drop the recovery key, which opens the account without kit and passphrase."""


@recovery_command.command("make")
@claimed
@click.option(
    "--recovery-file",
    type=click.Path(path_type=Path),
    help="Write the recovery key to this new file (mode 0600) and do not show it.",
)
@click.pass_obj
def make_command(program: Program, claim: Claim, recovery_file: Path | None) -> int:
    """Make a recovery key. One that there was opens nothing any more."""
    check_place("recovery key", recovery_file)

    async def command(owner: Owner) -> None:
        recovery = owner.draw_recovery()
        paper = of_recovery(recovery, recovery_file)
        value = _value(recovery.address, paper)
        hand_over(program.output, value, [paper])
        try:
            await owner.take_recovery(recovery)
        except BaseException as error:
            _doubt(program.output, paper, error, stands=False)
            raise
        _tell(program.output, value, paper)

    return as_owner(program, claim, claim.source.read(), command)


@recovery_command.command("drop")
@claimed
@click.pass_obj
def drop_command(program: Program, claim: Claim) -> int:
    """Drop the recovery key: it opens nothing any more."""

    async def command(owner: Owner) -> None:
        dropped = await owner.drop_recovery()
        said = "The recovery key is dropped." if dropped else "There is no recovery key."
        value = {"account": claim.kit.account, "dropped": dropped}
        program.output.result(value, [said])

    return as_owner(program, claim, claim.source.read(), command)


@click.command("recover")
@secret_options("recovery key", "key")
@server_option
@secret_options(_NEW, "new")
@_NEW_KIT
@cost_options
@click.pass_obj
def recover_command(  # noqa: PLR0913 - each is an option of the command
    program: Program,
    key: SecretSource,
    server: str | None,
    new: SecretSource,
    kit_file: Path | None,
    argon2_memory: int | None,
    argon2_passes: int | None,
) -> int:
    """Get into an account by its recovery key: with a new kit and a new passphrase.

    The old ones open nothing any more, and the recovery key is used up. Devices that stay logged in
    do so still, and are told.
    """
    check_place("kit", kit_file)
    recovery = parse_recovery(key.read())
    given = new.given()

    async def command(here: Surroundings) -> None:
        output, name = program.output, recovery.account
        address = recovery.address if server is None else Invitation.parse(server).address
        typed = await _choose(output, here, address, name, new, given)
        found = await recover(here, recovery, address)
        try:
            kit = found.draw_kit(cost_of(found.least_cost, argon2_memory, argon2_passes))
            paper = of_kit(kit, kit_file)
            value = _value(kit.address, paper)
            hand_over(output, value, [paper])
            try:
                owner = await found.take_kit(kit, typed)
            except BaseException as error:
                _doubt(output, paper, error, stands=False)
                raise
            await owner.opened.close()
        finally:
            await found.close()
        _tell(output, value, paper)
        output.note("the recovery key is used up; 'anoncloud recovery make' makes another one")

    return program.run(command)

"""The command that makes an account: register.

Its order is that of docs/protocol.rst section 5.4: the server's terms, the name, a passphrase, the
kit in its owner's hands, and only then the account. While a person is asked no connection is open.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import click

from anoncloud.cli.accounts import check_free, device_name_option
from anoncloud.cli.kits import Paper, check_place, hand_over, of_kit, of_recovery, take_back
from anoncloud.cli.output import Output
from anoncloud.cli.program import Program
from anoncloud.cli.secrets import PassphraseSource, choose, passphrase_options
from anoncloud.client.accounts import Registration, Surroundings, draw, read_terms, register
from anoncloud.client.address import Invitation
from anoncloud.client.owning import enter
from anoncloud.client.recovery import Recovery, draw_recovery
from anoncloud.client.registering import NOTHING_MADE, check_name, check_terms
from anoncloud.client.staying import stay_logged_in
from anoncloud.client.strength import rule_for
from anoncloud.client.tree import names
from anoncloud.crypto.passphrases import Argon2
from anoncloud.errors import Refused
from anoncloud.limits import ARGON2_MEMORY, ARGON2_PASSES, MIB


@click.command("register")
@click.argument("invitation")
@click.argument("account")
@click.option(
    "--kit",
    "kit_file",
    type=click.Path(path_type=Path),
    help="Write the kit to this new file (mode 0600) and do not show it.",
)
@click.option("--recovery", is_flag=True, help="Make a recovery key too, and show it.")
@click.option(
    "--recovery-file",
    type=click.Path(path_type=Path),
    help="Make a recovery key too, and write it to this new file (mode 0600).",
)
@click.option("--argon2-memory", type=int, default=ARGON2_MEMORY // MIB, help="MiB; default 256.")
@click.option("--argon2-passes", type=int, default=ARGON2_PASSES, help="Passes; default 3.")
@passphrase_options
@click.option(
    "--stay/--no-stay",
    default=True,
    help="Keep a device key, so that no passphrase is asked for again (default), or don't.",
)
@device_name_option
@click.pass_obj
def register_command(  # noqa: PLR0913 - each is an option of the command
    program: Program,
    invitation: str,
    account: str,
    kit_file: Path | None,
    recovery: bool,  # noqa: FBT001 - click gives it
    recovery_file: Path | None,
    argon2_memory: int,
    argon2_passes: int,
    passphrase_file: Path | None,
    passphrase_command: str | None,
    stay: bool,  # noqa: FBT001 - click gives it
    device_name: str,
) -> int:
    """Make an account on the server that INVITATION names.

    The kit that is shown or written is needed, together with the passphrase, to get into the
    account from anywhere else. Nobody can replace it. A recovery key gets in without either.
    """
    invited = Invitation.parse(invitation)
    cost = Argon2(argon2_passes, argon2_memory * MIB)
    cost.check()
    check_name(account)
    called = names.check_name(os.fsencode(device_name))
    check_free(program)
    check_place("kit", kit_file)
    check_place("recovery key", recovery_file)
    source = PassphraseSource(passphrase_file, passphrase_command)
    given = source.given()

    async def command(here: Surroundings) -> None:
        output = program.output
        terms = await read_terms(here, invited.address)
        check_terms(terms, invited)
        rule = rule_for(invited.address, account, terms.least_score)
        passphrase = await choose(output, here.in_thread, source, given, rule)
        drawn = await draw(here, invited, account, passphrase, cost)
        papers = [of_kit(drawn.kit, kit_file)]
        key: Recovery | None = None
        if recovery or recovery_file is not None:
            key = draw_recovery(invited.address, account, here.entropy)
            papers.append(of_recovery(key, recovery_file))
        hand_over(output, _value(drawn, papers), papers)
        await _make(output, here, drawn, papers, called if stay else None)
        if key is not None:
            await _make_recovery(output, here, drawn, key)

    return program.run(command)


def _value(drawn: Registration, papers: Sequence[Paper]) -> dict[str, str]:
    """Say what was made, for programs (docs/commands.rst section 3.2)."""
    kept = {paper.what.partition(" ")[0]: paper.kept for paper in papers}
    return {"account": drawn.kit.account, "address": str(drawn.kit.address), **kept}


async def _make(
    output: Output,
    here: Surroundings,
    drawn: Registration,
    papers: Sequence[Paper],
    device: bytes | None,
) -> None:
    """Make the account whose owner has *papers*, and let this *device* stay logged in, if any.

    However it ends, it is told what the papers are worth.
    """
    try:
        opened = await register(here, drawn)
    except BaseException as error:
        if isinstance(error, Refused) and error.code in NOTHING_MADE:
            take_back(output, papers)
        else:
            _leave_in_doubt(output, papers[0])
        raise
    try:
        _tell(output, drawn, papers)
        if device is not None:
            await stay_logged_in(here, opened, device)
    finally:
        await opened.close()


def _leave_in_doubt(output: Output, kit: Paper) -> None:
    """Tell that an account may have been made, or not."""
    where = "the kit" if kit.file is None else f"--kit {kit.file}"
    output.note(
        "whether the account was made is not known: keep the kit, and try 'anoncloud login' with "
        f"{where} before you register again"
    )


def _tell(output: Output, drawn: Registration, papers: Sequence[Paper]) -> None:
    """Tell that the account is made; give the result, unless it was given with a paper."""
    name = drawn.kit.account
    if any(paper.file is None for paper in papers):
        output.note(f"account {name} is made")
        return
    where = [f"The {paper.what} is in {paper.file}." for paper in papers]
    lines = [f"Account {name} is made.", *where, "Keep copies elsewhere."]
    output.result(_value(drawn, papers), [" ".join(lines)])


async def _make_recovery(
    output: Output,
    here: Surroundings,
    drawn: Registration,
    recovery: Recovery,
) -> None:
    """Let *recovery*, which its owner has by now, open the account that was made."""
    try:
        owner = await enter(here, drawn.kit, drawn.keys, drawn.kit.address)
        try:
            await owner.take_recovery(recovery)
        finally:
            await owner.opened.close()
    except BaseException:
        output.note("the recovery key that you were given may open nothing: make another one")
        raise

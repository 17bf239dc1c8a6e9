"""The ways out of an alarm: accept what the server shows, or export what can be read."""

import os
from pathlib import Path
from typing import Any

import click

from anoncloud.cli.asking import undisturbed
from anoncloud.cli.output import Output, time_text
from anoncloud.cli.program import Program
from anoncloud.cli.secrets import PassphraseSource, ask, passphrase_options, read_kit
from anoncloud.client import accepting
from anoncloud.client.accepting import Doubt, Entrant
from anoncloud.client.accounts import Surroundings
from anoncloud.client.cache import Head
from anoncloud.client.salvage import REPORT, Salvaged, salvage
from anoncloud.client.transfers.localfiles import show_local
from anoncloud.errors import Tampered


@click.command("accept")
@click.option("--show", "only_show", is_flag=True, help="Only show what the server has.")
@click.option("--confirm", metavar="NAME", help="The account's name, if nobody can be asked.")
@click.option(
    "--kit",
    "given_kit",
    metavar="FILE",
    help="Come with the kit in this file, and with the passphrase.",
)
@passphrase_options
@click.pass_obj
def accept_command(  # noqa: PLR0913 - each is an option of the command
    program: Program,
    only_show: bool,  # noqa: FBT001
    confirm: str | None,
    given_kit: str | None,
    passphrase_file: Path | None,
    passphrase_command: str | None,
) -> int:
    """After an alarm, go on with the history that the server shows.

    What this device had seen of another history is given up: changes that only it had are gone from
    the drive. A record in the journal says so to all other devices. Asks for the account's name.
    The files of what was given up are kept in the state folder.
    """
    kit = None if given_kit is None else read_kit(given_kit)
    passphrase = PassphraseSource(passphrase_file, passphrase_command).read() if kit else ""

    async def command(here: Surroundings) -> None:
        entrant: Entrant
        if kit is None:
            entrant = accepting.as_device(here)
        else:
            entrant = await accepting.by_kit(here, kit, passphrase)
        doubt = await accepting.examine(here, entrant)
        lines = doubt.said(_when)
        if only_show:
            program.output.result(_value(doubt), lines)
            return
        word = _asked(program.output, lines) if confirm is None else confirm
        aside = await accepting.accept(here, entrant, doubt, word)
        said = f"Accepted. What was given up lies in {show_local(aside)}."
        program.output.result({**_value(doubt), "aside": str(aside)}, [said])

    return program.run(command)


def _asked(output: Output, lines: list[str]) -> str:
    for line in (*lines, "Accepting gives up what only this device has seen; nothing undoes it."):
        output.reply(line)
    hint = "type it, or use --confirm"
    return undisturbed(lambda: ask("Name of the account, to accept", hint))


def _when(time: int) -> str:
    return time_text(time * 1000)


def _value(doubt: Doubt) -> dict[str, Any]:
    """Say what there is, for programs (docs/commands.rst section 3.2)."""
    accepted = [
        {
            "key": one.key.hex(),
            "time": one.time / 1e6,
            "seen": _head(Head(one.seen, one.seen_hash)),
            "accepted": _head(Head(one.accepted, one.accepted_hash)),
        }
        for one in doubt.accepted
    ]
    seen, shown = _head(doubt.seen), _head(doubt.shown)
    return {"account": doubt.account, "seen": seen, "shown": shown, "accepted": accepted}


def _head(head: Head) -> dict[str, Any]:
    return {"records": head.number, "hash": head.hash.hex()}


@click.command("export")
@click.argument("folder", type=click.Path(path_type=Path))
@click.pass_obj
def export_command(program: Program, folder: Path) -> int:
    """Save all of the drive that this device can still read into the new FOLDER.

    Works after an alarm, and without the server too: then there is only the list of what is in the
    drive. What could not be saved stands in FOLDER/report.txt.
    """

    async def command(here: Surroundings) -> None:
        progress = program.output.progress("exporting")
        try:
            made = await salvage(here, folder, progress)
        finally:
            progress.close()
        _told(program.output, made)

    return program.run(command)


def _told(output: Output, made: Salvaged) -> None:
    shown = show_local(made.folder)
    listed = f"{made.entries} entries are listed in {shown}, {made.saved} of them saved"
    value = {
        "folder": os.fspath(made.folder),
        "entries": made.entries,
        "saved": made.saved,
        "missing": made.missing,
        "wrong": made.wrong,
    }
    output.result(value, [listed])
    for wrong in made.wrong:
        output.note(wrong)
    if made.missing:
        message = f"{len(made.missing)} files or links could not be saved"
        output.error(Tampered(message, f"see {shown}/{REPORT} for which, and why"))

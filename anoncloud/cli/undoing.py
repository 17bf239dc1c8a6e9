"""The command that takes back what was done: undo."""

from typing import Any

import click

from anoncloud.cli.output import time_text
from anoncloud.cli.program import Program, with_drive
from anoncloud.client.accounts import OpenAccount, Surroundings
from anoncloud.client.inverses import Did
from anoncloud.client.tree import names
from anoncloud.client.undoing import TakenBack, undo
from anoncloud.client.undone import Undone

MOST_SHOWN = 20
"""Lines for one record; a record may be about thousands of files."""


@click.command("undo")
@click.option("-n", "--count", type=click.IntRange(min=1), default=1, help="Records to take back.")
@click.option("--redo", is_flag=True, help="Take back the newest undo.")
@click.pass_obj
def undo_command(program: Program, count: int, redo: bool) -> int:  # noqa: FBT001
    """Take back the newest record of the journal, and say what that did."""

    async def command(here: Surroundings, account: OpenAccount) -> None:
        undone = Undone(here.profile.cache(account.keyring.drive).undone)
        taken = await undo(account.drive, undone, count, redo=redo)
        program.output.result({"undone": [_value(one) for one in taken]}, lines(taken))

    return program.run(with_drive(command))


def _value(taken: TakenBack) -> dict[str, Any]:
    return {
        "record": taken.record,
        "made": taken.time / 1e6,
        "did": [_did_value(did) for did in taken.did],
    }


def _did_value(did: Did) -> dict[str, str]:
    value = {"action": did.action, "path": names.show_path(did.path)}
    if did.action == "moved":
        value["was"] = names.show_path(did.was)
    return value


def lines(taken: list[TakenBack]) -> list[str]:
    """Say what was taken back, and what that did."""
    said = []
    for one in taken:
        said.append(f"took back record {one.record} of {time_text(one.time * 1000)}:")
        said += [f"  {did.said(names.show_path)}" for did in one.did[:MOST_SHOWN]]
        if not one.did:
            said.append("  what it made goes with a folder of an earlier record")
        if len(one.did) > MOST_SHOWN:
            said.append(f"  and {len(one.did) - MOST_SHOWN} more")
    return said

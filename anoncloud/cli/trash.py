"""The commands of the trash, and of what was there before: trash, restore."""

from typing import Any

import click

from anoncloud.cli.amounts import MOMENT
from anoncloud.cli.looking_back import numbered_version
from anoncloud.cli.options import DRIVE_PATH
from anoncloud.cli.output import Output, node_line, size_text, time_text
from anoncloud.cli.program import Program, with_drive
from anoncloud.client import arranging
from anoncloud.client.accounts import OpenAccount, Surroundings
from anoncloud.client.drive import Drive
from anoncloud.client.tree import changes, names
from anoncloud.client.tree.described import node_value
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.listing import origin
from anoncloud.client.tree.nodes import File, Node, below
from anoncloud.errors import NotFound, UsageError


@click.command("restore")
@click.argument("path", type=DRIVE_PATH, required=False)
@click.option("--to", "target", type=DRIVE_PATH, help="Bring it back to this place.")
@click.option("--version", type=click.IntRange(min=1), help="Make version N the newest again.")
@click.pass_obj
def restore_command(
    program: Program, path: names.Path | None, target: names.Path | None, version: int | None
) -> int:
    """Bring PATH back from the trash; without PATH, list what lies there."""
    if version is not None and (path is None or target is not None):
        message = "--version makes a version of the file PATH the newest again"
        raise UsageError(message, "name the file, and leave --to out")

    async def command(here: Surroundings, account: OpenAccount) -> None:
        del here
        drive = account.drive
        if path is None:
            _list(program.output, drive)
        elif version is not None:
            await _restore_version(program.output, drive, path, version)
        else:
            placed = await drive.restore(in_trash(drive, path).node, target)
            shown = names.show_path(placed)
            program.output.result({"restored": shown}, [f"restored {shown}"])

    return program.run(with_drive(command))


async def _restore_version(output: Output, drive: Drive, path: names.Path, number: int) -> None:
    shown = names.show_path(path)
    file = drive.stat(path)
    version = numbered_version(file, shown, number)
    newest = isinstance(file, File) and number == len(file.versions)
    if not newest:

        def plan(draft: Draft) -> None:
            draft.add(changes.PutVersion(file.node, version))

        await drive.change(plan)
    said = "is the newest already" if newest else "is the newest again"
    value = {"restored": shown, "version": number, "unchanged": newest}
    output.result(value, [f"version {number} of {shown} {said}"])


@click.group("trash", no_args_is_help=False)
def trash_command() -> None:
    """Look into the trash, or empty it."""


@trash_command.command("list")
@click.pass_obj
def list_command(program: Program) -> int:
    """List what lies in the trash, the newest first."""

    async def command(here: Surroundings, account: OpenAccount) -> None:
        del here
        _list(program.output, account.drive)

    return program.run(with_drive(command))


@trash_command.command("empty")
@click.option("--older-than", "before", type=MOMENT, help="Only what was trashed before TIME.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def empty_command(program: Program, before: int | None, yes: bool) -> int:  # noqa: FBT001
    """Remove what lies in the trash for good."""
    output = program.output
    if not yes and not output.can_ask:
        message = "emptying the trash can't be undone, and there is nobody to ask"
        raise UsageError(message, "use -y if it shall be done without asking")

    async def command(here: Surroundings, account: OpenAccount) -> None:
        del here
        drive = account.drive
        found = [node for node in drive.trashed() if before is None or node.trashed < before]
        if found and not yes and not output.ask(_question(drive, found)):
            output.exit_code = output.interrupted("nothing was removed")
            return
        removed = [names.show_path(origin(drive.tree, node)) for node in found]
        await arranging.remove(drive, found, forever=True)
        shown = f"removed {_things(len(found))} for good"
        output.result({"removed": removed, "forever": True}, [shown])

    return program.run(with_drive(command))


def _question(drive: Drive, found: list[Node]) -> str:
    inside = (one for node in found for one in below(drive.tree, node.node))
    size = size_text(sum(one.size for one in inside if isinstance(one, File)))
    return f"remove {_things(len(found))} ({size}) from the trash for good?"


def _things(count: int) -> str:
    return "1 thing" if count == 1 else f"{count} things"


def _list(output: Output, drive: Drive) -> None:
    shown = [(origin(drive.tree, node), node) for node in drive.trashed()]
    values: list[dict[str, Any]] = [
        {**node_value(where, node), "trashed": node.trashed / 1e6} for where, node in shown
    ]
    lines = [
        f"{time_text(node.trashed * 1000)}  " + node_line(names.show_path(where), node, long=False)
        for where, node in shown
    ]
    output.result(values, lines)


def in_trash(drive: Drive, path: names.Path) -> Node:
    """Give what was trashed last from *path*.

    :raises NotFound: nothing was.
    """
    for node in drive.trashed():
        if origin(drive.tree, node) == path:
            return node
    message = f"nothing in the trash was at {names.show_path(path)}"
    raise NotFound(message, "run 'anoncloud trash list' to see what is there")

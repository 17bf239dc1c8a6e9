"""The commands that look at single things and rearrange them: ls, stat, mkdir, mv, cp, rm."""

from typing import Any

import click

from anoncloud.cli.looking_back import at_option, tree_at
from anoncloud.cli.options import DRIVE_PATH, existing_option, policy
from anoncloud.cli.output import node_line, size_text, time_text
from anoncloud.cli.program import Program, with_drive
from anoncloud.cli.trash import in_trash
from anoncloud.client import arranging
from anoncloud.client.accepting import said_of
from anoncloud.client.accounts import OpenAccount, Surroundings
from anoncloud.client.transfers.policies import Existing
from anoncloud.client.tree import names
from anoncloud.client.tree.described import node_value
from anoncloud.client.tree.listing import entries, walk
from anoncloud.client.tree.nodes import File, Folder, Node, path_of
from anoncloud.client.tree.tree import Tree
from anoncloud.errors import Exists, UsageError


@click.command("ls")
@click.argument("path", type=DRIVE_PATH, default="/")
@click.option("-l", "--long", is_flag=True, help="Show size and time too.")
@click.option("-r", "--recursive", is_flag=True, help="Show everything below as well.")
@at_option
@click.pass_obj
def ls_command(
    program: Program,
    path: names.Path,
    long: bool,  # noqa: FBT001
    recursive: bool,  # noqa: FBT001
    at: int | None,
) -> int:
    """List what is at PATH."""

    async def command(here: Surroundings, account: OpenAccount) -> None:
        del here
        tree = await tree_at(account.drive, at)
        if recursive:
            shown = [(where, node) for where, node in walk(tree, path) if where != path]
            lines = [node_line(names.show_path(where), node, long=long) for where, node in shown]
        else:
            shown = [(path_of(tree, node.node), node) for node in entries(tree, path)]
            lines = [node_line(names.show(node.name), node, long=long) for _, node in shown]
        program.output.result([node_value(where, node) for where, node in shown], lines)

    return program.run(with_drive(command))


@click.command("stat")
@click.argument("path", type=DRIVE_PATH, default="/")
@click.pass_obj
def stat_command(program: Program, path: names.Path) -> int:
    """Show all that is known of PATH; of the root, the drive itself."""

    async def command(here: Surroundings, account: OpenAccount) -> None:
        del here
        value = await _described(account, path)
        lines = [f"{key.replace('_', ' ')}: {_readable(key, value[key])}" for key in value]
        program.output.result(value, lines)

    return program.run(with_drive(command))


async def _described(account: OpenAccount, path: names.Path) -> dict[str, Any]:
    drive = account.drive
    node = drive.stat(path)
    value = node_value(path, node)
    if isinstance(node, File):
        value["versions"] = len(node.versions)
        streams = node.version.streams
        value["blobs"] = len({extent.blob for stream in streams for extent in stream.extents})
    elif isinstance(node, Folder) and path:
        value["entries"] = len(drive.entries(path))
    elif not path:
        usage = await drive.usage()
        value = {
            "path": "/",
            "type": "folder",
            "account": account.account,
            "server": f"{account.address.host}:{account.address.port}",
            "records": drive.journal.head.number,
            "newest_record": drive.journal.newest / 1e6,
            "stored": usage.stored,
            "quota": usage.quota,
            "trashed": len(drive.tree.trash),
            "devices": len(drive.tree.devices),
            "accepted": _accepted(drive.tree),
        }
    return value


def _accepted(tree: Tree) -> list[str]:
    """Tell which histories were gone on with after an alarm."""
    devices = {device.key: device.name for device in tree.devices.values()}
    accepted = tree.affairs.accepted
    return [f"{said_of(one, devices)} on {time_text(one.time * 1000)}" for one in accepted]


def _readable(key: str, value: Any) -> str:
    if key in {"size", "stored"} or (key == "quota" and value):
        return f"{size_text(value)} ({value} bytes)"
    if key == "quota":
        return "none"
    if key in {"modified", "newest_record"}:
        return time_text(int(value * 1e9)) if value else "never"
    if key == "accepted":
        return "; ".join(value) or "none"
    return str(value)


@click.command("mkdir")
@click.argument("paths", type=DRIVE_PATH, nargs=-1, required=True)
@click.option("-p", "--parents", is_flag=True, help="Make missing folders above, too.")
@click.pass_obj
def mkdir_command(program: Program, paths: tuple[names.Path, ...], parents: bool) -> int:  # noqa: FBT001
    """Make folders."""

    async def command(here: Surroundings, account: OpenAccount) -> None:
        del here
        for path in paths:
            await account.drive.make_folder(path, parents=parents)
        made = [names.show_path(path) for path in paths]
        program.output.result({"made": made}, [])

    return program.run(with_drive(command))


@click.command("mv")
@click.argument("sources", type=DRIVE_PATH, nargs=-1, required=True)
@click.argument("target", type=DRIVE_PATH)
@click.pass_obj
def mv_command(program: Program, sources: tuple[names.Path, ...], target: names.Path) -> int:
    """Move or rename; into TARGET if it is a folder."""

    async def command(here: Surroundings, account: OpenAccount) -> None:
        del here
        moved = await arranging.move(account.drive, sources, target)
        program.output.result({"moved": [names.show_path(path) for path in moved]}, [])

    return program.run(with_drive(command))


@click.command("cp")
@click.argument("sources", type=DRIVE_PATH, nargs=-1, required=True)
@click.argument("target", type=DRIVE_PATH)
@click.option("-r", "--recursive", is_flag=True, help="Folders too, with all below them.")
@existing_option(Existing.FAIL)
@click.pass_obj
def cp_command(
    program: Program,
    sources: tuple[names.Path, ...],
    target: names.Path,
    recursive: bool,  # noqa: FBT001
    existing: str,
) -> int:
    """Copy inside the drive, without sending any bytes; into TARGET if it is a folder."""

    async def command(here: Surroundings, account: OpenAccount) -> None:
        drive = account.drive
        if not recursive:
            found = [drive.stat(source) for source in sources]
            _refuse_folders(sources, found, "copying", "copy")
        terms = policy(program, existing, here.in_thread)
        done = await arranging.copy(drive, sources, target, terms)
        value = {
            "copied": [names.show_path(path) for path in done.paths],
            "files": done.files,
            "skipped": done.skipped,
        }
        program.output.result(value, [])

    return program.run(with_drive(command))


def _refuse_folders(
    paths: tuple[names.Path, ...], found: list[Node], doing: str, to_do: str
) -> None:
    for path, node in zip(paths, found, strict=True):
        if isinstance(node, Folder):
            message = f"{doing} {names.show_path(path)}: it is a folder"
            raise Exists(message, f"use -r to {to_do} it with all below it")


@click.command("rm")
@click.argument("paths", type=DRIVE_PATH, nargs=-1, required=True)
@click.option("-r", "--recursive", is_flag=True, help="Folders too, with all below them.")
@click.option("--forever", is_flag=True, help="Do not keep it in the trash; it can't come back.")
@click.option("--trashed", is_flag=True, help="With --forever: what lies in the trash already.")
@click.pass_obj
def rm_command(
    program: Program,
    paths: tuple[names.Path, ...],
    recursive: bool,  # noqa: FBT001
    forever: bool,  # noqa: FBT001
    trashed: bool,  # noqa: FBT001
) -> int:
    """Put files and folders into the trash."""
    if trashed and not forever:
        message = "--trashed goes with --forever"
        raise UsageError(message, "add --forever, or use 'anoncloud trash' to see what lies there")

    async def command(here: Surroundings, account: OpenAccount) -> None:
        del here
        drive = account.drive
        found = [in_trash(drive, path) if trashed else drive.stat(path) for path in paths]
        if not recursive:
            _refuse_folders(paths, found, "removing", "remove")
        await arranging.remove(drive, found, forever=forever)
        removed = [names.show_path(path) for path in paths]
        program.output.result({"removed": removed, "forever": forever}, [])

    return program.run(with_drive(command))

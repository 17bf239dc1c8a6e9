"""The commands that look at the drive and rearrange it: ls, stat, mkdir, mv, rm, restore."""

from typing import Any

import click

from anoncloud.cli.options import DRIVE_PATH
from anoncloud.cli.output import node_line, node_value, size_text, time_text
from anoncloud.cli.program import Program, with_drive
from anoncloud.client.accounts import OpenAccount, Surroundings
from anoncloud.client.drive import Drive
from anoncloud.client.tree import changes, names
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.nodes import File, Folder, Node, path_of
from anoncloud.errors import Exists, NotFound, UsageError


@click.command("ls")
@click.argument("path", type=DRIVE_PATH, default="/")
@click.option("-l", "--long", is_flag=True, help="Show size and time too.")
@click.option("-r", "--recursive", is_flag=True, help="Show everything below as well.")
@click.pass_obj
def ls_command(program: Program, path: names.Path, long: bool, recursive: bool) -> int:  # noqa: FBT001
    """List what is at PATH."""

    async def command(here: Surroundings, account: OpenAccount) -> None:
        del here
        drive = account.drive
        if recursive:
            shown = [(where, node) for where, node in drive.walk(path) if where != path]
            lines = [node_line(names.show_path(where), node, long=long) for where, node in shown]
        else:
            shown = [(path_of(drive.tree, node.node), node) for node in drive.entries(path)]
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
        }
    return value


def _readable(key: str, value: Any) -> str:
    if key in {"size", "stored"} or (key == "quota" and value):
        return f"{size_text(value)} ({value} bytes)"
    if key == "quota":
        return "none"
    if key in {"modified", "newest_record"}:
        return time_text(int(value * 1e9)) if value else "never"
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
        drive = account.drive
        if len(sources) > 1 and not isinstance(drive.stat(target), Folder):
            message = f"{names.show_path(target)} is not a folder"
            raise UsageError(message, "several things can only be moved into a folder")
        moved = [names.show_path(await drive.move(source, target)) for source in sources]
        program.output.result({"moved": moved}, [])

    return program.run(with_drive(command))


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
        raise UsageError(message)

    async def command(here: Surroundings, account: OpenAccount) -> None:
        del here
        drive = account.drive
        found = [_in_trash(drive, path) if trashed else drive.stat(path) for path in paths]
        for path, node in zip(paths, found, strict=True):
            if isinstance(node, Folder) and not recursive:
                message = f"{names.show_path(path)} is a folder"
                raise Exists(message, "use -r to remove it with all below it")

        def plan(draft: Draft) -> None:
            for node in found:
                if not trashed:
                    draft.add(changes.Trash(node.node))
                if forever:
                    draft.add(changes.Purge(node.node))

        await drive.change(plan)
        removed = [names.show_path(path) for path in paths]
        program.output.result({"removed": removed, "forever": forever}, [])

    return program.run(with_drive(command))


@click.command("restore")
@click.argument("path", type=DRIVE_PATH, required=False)
@click.option("--to", "target", type=DRIVE_PATH, help="Bring it back to this place.")
@click.pass_obj
def restore_command(program: Program, path: names.Path | None, target: names.Path | None) -> int:
    """Bring PATH back from the trash; without PATH, list what lies there."""

    async def command(here: Surroundings, account: OpenAccount) -> None:
        del here
        drive = account.drive
        if path is None:
            shown = [(_origin(drive, node), node) for node in drive.trashed()]
            values = [
                {**node_value(where, node), "trashed": node.trashed / 1e6} for where, node in shown
            ]
            lines = [
                f"{time_text(node.trashed * 1000)}  "
                + node_line(names.show_path(where), node, long=False)
                for where, node in shown
            ]
            program.output.result(values, lines)
            return
        placed = await drive.restore(_in_trash(drive, path).node, target)
        shown_path = names.show_path(placed)
        program.output.result({"restored": shown_path}, [f"restored {shown_path}"])

    return program.run(with_drive(command))


def _origin(drive: Drive, node: Node) -> names.Path:
    """Tell where a trashed node was."""
    return (*path_of(drive.tree, node.parent), node.name)


def _in_trash(drive: Drive, path: names.Path) -> Node:
    """Give what was trashed last from *path*."""
    for node in drive.trashed():
        if _origin(drive, node) == path:
            return node
    message = f"nothing in the trash was at {names.show_path(path)}"
    raise NotFound(message, "run 'anoncloud restore' to see what is there")

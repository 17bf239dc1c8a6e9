"""The commands that look at much of the drive at once: tree, find, du, history."""

import os
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

import attrs
import click

from anoncloud.cli.amounts import MOMENT, SIZE
from anoncloud.cli.drawing import count, draw, twigs
from anoncloud.cli.options import DRIVE_PATH
from anoncloud.cli.output import size_text, time_text
from anoncloud.cli.program import Program, with_drive
from anoncloud.client.accounts import OpenAccount, Surroundings
from anoncloud.client.tree import names
from anoncloud.client.tree.described import node_value
from anoncloud.client.tree.listing import walk
from anoncloud.client.tree.nodes import File, Folder, Link, Node
from anoncloud.client.tree.sizes import Sizes, sizes
from anoncloud.errors import Exists, UsageError

DEPTH = click.IntRange(min=0)


@click.command("tree")
@click.argument("path", type=DRIVE_PATH, default="/")
@click.option("-L", "--level", "depth", type=click.IntRange(min=1), help="Go so deep, no deeper.")
@click.option("-d", "--folders", "folders_only", is_flag=True, help="Folders only.")
@click.pass_obj
def tree_command(program: Program, path: names.Path, depth: int | None, folders_only: bool) -> int:  # noqa: FBT001
    """Draw what is below PATH."""

    async def command(here: Surroundings, account: OpenAccount) -> None:
        del here
        drive = account.drive
        top = drive.stat(path)
        drawn = list(twigs(drive.tree, path, top, depth, folders_only=folders_only))
        counts = count(drawn)
        value: dict[str, Any] = attrs.asdict(counts)
        value["nodes"] = [{**node_value(one.path, one.node), "depth": one.depth} for one in drawn]
        lines = list(draw(drawn, ascii_only=program.output.ascii_only))
        program.output.result(value, [*lines, "", counts.line(folders_only=folders_only)])

    return program.run(with_drive(command))


Wanted = Callable[[Node], bool]
_KINDS = {"f": File, "d": Folder, "l": Link}


@click.command("find")
@click.argument("path", type=DRIVE_PATH, default="/")
@click.option("--name", help="Names that match this pattern, such as '*.jpg'.")
@click.option("--type", "kind", type=click.Choice(list(_KINDS)), help="Files, folders or links.")
@click.option("--larger", type=SIZE, help="Files of more bytes than SIZE.")
@click.option("--smaller", type=SIZE, help="Files of fewer bytes than SIZE.")
@click.option("--newer", type=MOMENT, help="Changed after TIME.")
@click.option("--older", type=MOMENT, help="Changed before TIME.")
@click.option("-0", "--null", "raw", is_flag=True, help="Write raw bytes, each path with a NUL.")
@click.pass_obj
def find_command(  # noqa: PLR0913 - each is an option of the command
    program: Program,
    path: names.Path,
    name: str | None,
    kind: str | None,
    larger: int | None,
    smaller: int | None,
    newer: int | None,
    older: int | None,
    raw: bool,  # noqa: FBT001
) -> int:
    """Give the paths at and below PATH of all that fits every option."""
    if raw and program.output.as_json:
        message = "-0 writes raw bytes, and --json text"
        raise UsageError(message, "use one of them")
    wanted = wanted_by(name, kind, (larger, smaller), (newer, older))

    async def command(here: Surroundings, account: OpenAccount) -> None:
        del here
        found = [pair for pair in walk(account.drive.tree, path) if wanted(pair[1])]
        if raw:
            program.output.raw(b"".join(b"/" + b"/".join(where) + b"\0" for where, _ in found))
            return
        values = [node_value(where, node) for where, node in found]
        program.output.result(values, [names.show_path(where) for where, _ in found])

    return program.run(with_drive(command))


def wanted_by(
    name: str | None,
    kind: str | None,
    size: tuple[int | None, int | None],
    moment: tuple[int | None, int | None],
) -> Wanted:
    """Judge nodes by the options of find: pattern, type, bounds of size and of time."""
    larger, smaller = size
    newer, older = moment
    tests: list[Wanted] = []
    if name is not None:
        pattern = os.fsencode(name)
        tests.append(lambda node: fnmatchcase(node.name, pattern))
    if kind is not None:
        tests.append(lambda node: isinstance(node, _KINDS[kind]))
    if larger is not None:
        tests.append(lambda node: isinstance(node, File) and node.size > larger)
    if smaller is not None:
        tests.append(lambda node: isinstance(node, File) and node.size < smaller)
    if newer is not None:
        tests.append(lambda node: node.modified > newer * 1000)
    if older is not None:
        tests.append(lambda node: node.modified < older * 1000)
    return lambda node: all(test(node) for test in tests)


@click.command("du")
@click.argument("path", type=DRIVE_PATH, default="/")
@click.option("-s", "--summary", is_flag=True, help="Only PATH itself.")
@click.option("-L", "--level", "depth", type=DEPTH, help="Show folders so deep, no deeper.")
@click.option("--stored", is_flag=True, help="What older versions and the trash hold, too.")
@click.pass_obj
def du_command(
    program: Program,
    path: names.Path,
    summary: bool,  # noqa: FBT001
    depth: int | None,
    stored: bool,  # noqa: FBT001
) -> int:
    """Show how many bytes are below PATH, folder by folder."""
    if summary and depth:
        message = "-s shows PATH alone, and -L folders below it"
        raise UsageError(message, "use one of them")
    most = 0 if summary else depth

    async def command(here: Surroundings, account: OpenAccount) -> None:
        del here
        found = [
            (where, node, held)
            for where, node, held in sizes(account.drive.tree, path, stored=stored)
            if most is None or len(where) - len(path) <= most
        ]
        values = [_size_value(node_value(where, node), held, stored) for where, node, held in found]
        lines = [size_line(names.show_path(where), held, stored=stored) for where, _, held in found]
        program.output.result(values, [_SIZES_HEAD, *lines] if stored else lines)

    return program.run(with_drive(command))


def _size_value(node: dict[str, Any], held: Sizes, stored: bool) -> dict[str, Any]:  # noqa: FBT001
    value: dict[str, Any] = {key: node[key] for key in node if key in {"path", "path_hex"}}
    value["size"] = held.size
    if stored:
        value |= {"stored": held.held, "older": held.older, "trash": held.trash}
    return value


_SIZES_HEAD = f"{'size':>11}  {'stored':>11}  {'older':>11}  {'trash':>11}  path"


def size_line(shown: str, held: Sizes, *, stored: bool) -> str:
    """Say how much is below one folder."""
    columns = (held.size, held.held, held.older, held.trash) if stored else (held.size,)
    return "  ".join([*(f"{size_text(one):>11}" for one in columns), shown])


@click.command("history")
@click.argument("path", type=DRIVE_PATH)
@click.pass_obj
def history_command(program: Program, path: names.Path) -> int:
    """List the versions of the file PATH, the newest last."""

    async def command(here: Surroundings, account: OpenAccount) -> None:
        del here
        file = account.drive.stat(path)
        if not isinstance(file, File):
            message = f"listing the versions of {names.show_path(path)}: it is not a file"
            raise Exists(message, "only files have versions")
        values = []
        lines = [f"{'version':>7}  {'stored':<19}  {'size':>11}  {'modified':<19}"]
        for number, kept in enumerate(file.versions, start=1):
            version = kept.version
            values.append(
                {
                    "version": number,
                    "stored": kept.stored / 1e6,
                    "size": version.size,
                    "modified": version.modified / 1e9,
                    "mode": f"{version.mode:04o}",
                }
            )
            stored, modified = time_text(kept.stored * 1000), time_text(version.modified)
            lines.append(f"{number:>7}  {stored}  {size_text(version.size):>11}  {modified}")
        program.output.result(values, lines)

    return program.run(with_drive(command))

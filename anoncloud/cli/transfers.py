"""The commands that move bytes: put, get, cat."""

import os
import sys
import time
from pathlib import Path
from typing import Any

import click

from anoncloud.cli.files import DRIVE_PATH
from anoncloud.cli.program import Program, with_drive
from anoncloud.client import names
from anoncloud.client.accounts import OpenAccount, Surroundings
from anoncloud.client.downloads import download
from anoncloud.client.drive import Drive
from anoncloud.client.folders import Downloader, upload_folder
from anoncloud.client.localfiles import Source, StreamTarget, reported
from anoncloud.client.nodes import File, Folder, Node, find
from anoncloud.client.uploads import Uploader
from anoncloud.errors import Exists, LocalError, NotFound, UsageError

_STREAM_MODE = 0o600


@click.command("put")
@click.argument("sources", nargs=-1, required=True)
@click.argument("target")
@click.option("-r", "--recursive", is_flag=True, help="Folders too, with all below them.")
@click.option("-p", "--parents", is_flag=True, help="Make missing folders above TARGET.")
@click.pass_obj
def put_command(
    program: Program,
    sources: tuple[str, ...],
    target: str,
    recursive: bool,  # noqa: FBT001
    parents: bool,  # noqa: FBT001
) -> int:
    """Store local files in the drive; - is standard input.

    Into TARGET if that is a folder or ends with a slash, else as TARGET. A file that exists gets a
    new version. With -r a folder joins the one that is there.
    """
    place = DRIVE_PATH.convert(target, None, None)

    async def command(here: Surroundings, account: OpenAccount) -> None:
        drive = account.drive
        progress = program.output.progress("storing")
        uploader = Uploader(drive, here.in_thread, progress, here.clock)
        into = _is_folder(drive, place) or target.endswith("/") or len(sources) > 1
        if into and not parents and not recursive:
            find(drive.tree, place)
        try:
            for source in sources:
                try:
                    await _put(program, drive, uploader, source, place, into=into,
                               recursive=recursive, parents=parents)
                except LocalError as error:
                    program.output.error(error)
            await uploader.finish()
        finally:
            progress.close()
        _report_stored(program, uploader)

    return program.run(with_drive(command))


async def _put(  # noqa: PLR0913 - the command's arguments for one source
    program: Program,
    drive: Drive,
    uploader: Uploader,
    source: str,
    place: names.Path,
    *,
    into: bool,
    recursive: bool,
    parents: bool,
) -> None:
    if source == "-":
        if into:
            message = "standard input has no name"
            raise UsageError(message, "give the name of the file in the drive")
        await uploader.add(_standard_input, place, parents=parents)
        return
    path = Path(source)
    name = os.fsencode(path.resolve().name if path.name in {"", ".."} else path.name)
    target = (*place, names.check_name(name)) if into else place
    with reported("reading", names.show(os.fsencode(path))):
        is_folder = path.is_dir()
    if not is_folder:
        await uploader.add(lambda: Source.open(path), target, parents=parents or into)
    elif recursive:
        await upload_folder(drive, uploader, path, target, program.output.error)
    else:
        message = f"reading {names.show(os.fsencode(path))}: it is a folder"
        raise UsageError(message, "use -r to store it with all below it")


def _standard_input() -> Source:
    return Source(sys.stdin.buffer, "standard input", time.time_ns(), _STREAM_MODE)


def _is_folder(drive: Drive, place: names.Path) -> bool:
    try:
        return isinstance(drive.stat(place), Folder)
    except NotFound:
        return False


def _report_stored(program: Program, uploader: Uploader) -> None:
    stored = uploader.stored
    for file in stored:
        if file.renamed:
            program.output.note(
                f"another device stored a file of that name meanwhile; yours is "
                f"{names.show_path(file.path)}"
            )
    value = [
        {"path": names.show_path(file.path), "size": file.size, "renamed": file.renamed}
        for file in stored
    ]
    program.output.result({"stored": value}, [])


@click.command("get")
@click.argument("sources", type=DRIVE_PATH, nargs=-1, required=True)
@click.argument("target")
@click.option("-r", "--recursive", is_flag=True, help="Folders too, with all below them.")
@click.option("-f", "--force", is_flag=True, help="Replace local files that exist.")
@click.pass_obj
def get_command(
    program: Program,
    sources: tuple[names.Path, ...],
    target: str,
    recursive: bool,  # noqa: FBT001
    force: bool,  # noqa: FBT001
) -> int:
    """Bring files down from the drive; TARGET - is standard output.

    Into TARGET if that is a folder, else as TARGET. A file appears there whole or not at all.
    """
    if target == "-":
        return _to_standard_output(program, sources)
    place = Path(target)

    async def command(here: Surroundings, account: OpenAccount) -> None:
        progress = program.output.progress("fetching")
        downloader = Downloader(account.drive, here.in_thread, progress, force)
        into = place.is_dir()
        fetched: list[str] = []
        try:
            if len(sources) > 1 and not into:
                message = f"{names.show(os.fsencode(place))} is not a folder"
                raise UsageError(message, "several things can only be brought into a folder")
            for source in sources:
                try:
                    node = account.drive.stat(source)
                    local = place / os.fsdecode(node.name) if into and source else place
                    await _get(program, downloader, source, node, local, recursive=recursive)
                    fetched.append(names.show(os.fsencode(local)))
                except LocalError as error:
                    program.output.error(error)
        finally:
            progress.close()
        program.output.result({"fetched": fetched}, [])

    return program.run(with_drive(command))


async def _get(  # noqa: PLR0913 - the command's arguments for one source
    program: Program,
    downloader: Downloader,
    source: names.Path,
    node: Node,
    local: Path,
    *,
    recursive: bool,
) -> None:
    if isinstance(node, File):
        await downloader.file(node, local)
    elif recursive:
        await downloader.folder(node, local, program.output.error)
    else:
        message = f"{names.show_path(source)} is a folder"
        raise UsageError(message, "use -r to bring it down with all below it")


@click.command("cat")
@click.argument("sources", type=DRIVE_PATH, nargs=-1, required=True)
@click.pass_obj
def cat_command(program: Program, sources: tuple[names.Path, ...]) -> int:
    """Write files of the drive to standard output."""
    return _to_standard_output(program, sources)


def _to_standard_output(program: Program, sources: tuple[names.Path, ...]) -> int:
    async def command(here: Surroundings, account: OpenAccount) -> None:
        target = StreamTarget(sys.stdout.buffer, "standard output")
        files = [_file(account.drive, source) for source in sources]
        for file in files:
            await download(account.drive, file.version, target, here.in_thread, _silent)

    return program.run(with_drive(command))


def _file(drive: Drive, path: names.Path) -> File:
    node: Any = drive.stat(path)
    if not isinstance(node, File):
        message = f"{names.show_path(path)} is a folder"
        raise Exists(message, "only files can be written to standard output")
    return node


def _silent(_: int) -> None:
    """Show no progress: the file itself goes to the terminal."""

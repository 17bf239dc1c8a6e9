"""The command that stores local files: put."""

import os
import stat
import sys
import time
from pathlib import Path

import attrs
import click

from anoncloud.cli.limiting import dry_run_option, keep_to, limit_option
from anoncloud.cli.options import (
    DRIVE_PATH,
    DRIVE_TEXT,
    LOCAL_PATH,
    chosen_by,
    existing_option,
    filter_options,
    policy,
)
from anoncloud.cli.program import Program, with_drive
from anoncloud.client.accounts import OpenAccount, Surroundings
from anoncloud.client.drive import Drive
from anoncloud.client.threads import Watcher
from anoncloud.client.transfers.folders import UploadChoice, upload_folder
from anoncloud.client.transfers.localfiles import reported, show_local
from anoncloud.client.transfers.policies import Existing
from anoncloud.client.transfers.rehearsing import RehearsedDrive, RehearsedUploader
from anoncloud.client.transfers.sources import StreamSource
from anoncloud.client.transfers.uploads import Item, Terms, Uploader
from anoncloud.client.tree import names
from anoncloud.client.tree.nodes import Folder, find, look_up
from anoncloud.errors import Code, Exists, LocalError, Refused, UsageError

_STREAM_MODE = 0o600


@click.command("put")
@click.argument("sources", type=LOCAL_PATH, nargs=-1, required=True)
@click.argument("target", type=DRIVE_TEXT)
@click.option("-r", "--recursive", is_flag=True, help="Folders too, with all below them.")
@click.option("-p", "--parents", is_flag=True, help="Make missing folders above TARGET.")
@click.option("--follow", is_flag=True, help="Store what symbolic links lead to, not the links.")
@click.option("--checksum", is_flag=True, help="Compare contents, not only sizes and times.")
@dry_run_option
@existing_option(Existing.REPLACE)
@filter_options
@limit_option
@click.pass_obj
def put_command(  # noqa: PLR0913 - each is an option of the command
    program: Program,
    sources: tuple[str, ...],
    target: str,
    recursive: bool,  # noqa: FBT001
    parents: bool,  # noqa: FBT001
    follow: bool,  # noqa: FBT001
    checksum: bool,  # noqa: FBT001
    dry_run: bool,  # noqa: FBT001
    existing: str,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    limit: int | None,
) -> int:
    """Store local files in the drive; - is standard input.

    Into TARGET if that is a folder or ends with a slash, else as TARGET. A file that exists gets a
    new version, which holds only what is new; one that has not changed is left alone. With -r a
    folder joins the one that is there.
    """
    place = DRIVE_PATH.convert(target, None, None)
    choice = UploadChoice(chosen_by(include, exclude), follow)

    async def attempt(here: Surroundings, account: OpenAccount) -> bool:
        """Store everything; False if what an earlier upload had left there is gone by now."""
        keep_to(limit, here, account)
        drive = RehearsedDrive(account.drive, here.clock()) if dry_run else account.drive
        progress = program.output.progress("storing")
        kind = RehearsedUploader if dry_run else Uploader
        uploader = kind(
            drive,
            here.in_thread,
            progress,
            program.output.error,
            account.unfinished(here),
            Terms(policy(program, existing, here.in_thread), checksum),
        )
        _expect(progress, sources)
        try:
            into = _is_folder(drive, place, is_said=target.endswith("/") or len(sources) > 1)
            if into and not parents and not recursive:
                find(drive.tree, place)  # says what is missing
            putting = _Putting(program, drive, uploader, choice, recursive, parents or into)
            await putting.put_all(sources, place, into=into)
        except Refused as error:
            if error.code is not Code.BLOB_UNKNOWN or not uploader.carries_on or "-" in sources:
                raise
            return False
        finally:
            progress.close()
            uploader.close()
        _report_stored(program, uploader, dry_run=dry_run)
        return True

    async def command(here: Surroundings, account: OpenAccount) -> None:
        if not await attempt(here, account):
            await attempt(here, account)

    return program.run(with_drive(command))


def _is_folder(drive: Drive, place: names.Path, *, is_said: bool) -> bool:
    """Whether things go into *place*: it is a folder, or is said to be one.

    :raises Exists: it is said to be one, and is something else.
    """
    there = look_up(drive.tree, place)
    if is_said and there is not None and not isinstance(there, Folder):
        message = f"{names.show_path(place)} is not a folder"
        raise Exists(message, "choose another place")
    return is_said or isinstance(there, Folder)


@attrs.frozen
class _Putting:
    """One call of put, over its sources."""

    program: Program
    drive: Drive
    uploader: Uploader
    choice: UploadChoice
    recursive: bool
    parents: bool

    async def put_all(self, sources: tuple[str, ...], place: names.Path, *, into: bool) -> None:
        """Store all sources; what is wrong with one is told, and the others are stored."""
        for source in sources:
            try:
                await self.put(source, place, into=into)
            except LocalError as error:
                self.program.output.error(error)
        await self.uploader.finish()

    async def put(self, source: str, place: names.Path, *, into: bool) -> None:
        if source == "-":
            if into:
                message = "standard input has no name"
                raise UsageError(message, "give the name of the file in the drive")
            await self.uploader.add_source(_standard_input, place, parents=self.parents)
            return
        path = Path(source)
        target = (*place, names.check_name(_name_of(path))) if into else place
        with reported("reading", path):
            status = path.stat()
        if not stat.S_ISDIR(status.st_mode):
            await self.uploader.add(Item(source, status, target), parents=self.parents)
        elif self.recursive:
            await upload_folder(
                self.drive, self.uploader, source, target, self.program.output.error, self.choice
            )
        else:
            message = f"reading {show_local(path)}: it is a folder"
            raise UsageError(message, "use -r to store it with all below it")


def _expect(progress: Watcher, sources: tuple[str, ...]) -> None:
    """Tell *progress* of all that is no folder; a folder's files are told when it is read."""
    for source in sources:
        if source == "-":
            progress.expect(1, None)
            progress.file("standard input", None)
        elif os.path.isfile(source):  # noqa: PTH113 - there may be ten thousand
            progress.expect(1, os.path.getsize(source))  # noqa: PTH202


def _name_of(path: Path) -> bytes:
    """Give a local path's own name, for ``.`` and ``..`` too."""
    return os.fsencode(path.resolve().name if path.name in {"", ".."} else path.name)


def _standard_input() -> StreamSource:
    return StreamSource(sys.stdin.buffer, "standard input", time.time_ns(), _STREAM_MODE)


def _report_stored(program: Program, uploader: Uploader, *, dry_run: bool) -> None:
    for file in uploader.stored:
        if file.renamed and not dry_run:
            program.output.note(
                f"the name was taken meanwhile; the file is {names.show_path(file.path)}"
            )
    if program.output.as_json or dry_run:
        lines = [f"would store {names.show_path(file.path)}" for file in uploader.stored]
        value = [
            {"path": names.show_path(file.path), "size": file.size, "renamed": file.renamed}
            for file in uploader.stored
        ]
        program.output.result(
            {"stored": value, "unchanged": uploader.unchanged, "dry_run": dry_run}, lines
        )

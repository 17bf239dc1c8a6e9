"""The commands that bring files down: get, cat."""

import os
import sys
from pathlib import Path

import attrs
import click

from anoncloud.cli.limiting import dry_run_option, keep_to, limit_option
from anoncloud.cli.looking_back import (
    at_option,
    check_options,
    find_recovered,
    numbered_version,
    recovered,
    tree_at,
    version_option,
)
from anoncloud.cli.options import (
    DRIVE_PATH,
    LOCAL_PATH,
    chosen_by,
    existing_option,
    filter_options,
    policy,
)
from anoncloud.cli.program import Program, with_drive
from anoncloud.client.accounts import OpenAccount, Surroundings
from anoncloud.client.drive import Drive
from anoncloud.client.transfers import fetching
from anoncloud.client.transfers.downloads import download
from anoncloud.client.transfers.localfiles import show_local
from anoncloud.client.transfers.policies import Existing
from anoncloud.client.transfers.targets import StreamTarget
from anoncloud.client.tree import names
from anoncloud.client.tree.nodes import File, Folder
from anoncloud.client.tree.tree import Tree
from anoncloud.client.tree.versions import Version
from anoncloud.errors import Exists, LocalError, UsageError


@click.command("get")
@click.argument("sources", type=DRIVE_PATH, nargs=-1, required=True)
@click.argument("target", type=LOCAL_PATH)
@click.option("-r", "--recursive", is_flag=True, help="Folders too, with all below them.")
@click.option("-f", "--force", is_flag=True, help="The same as --existing replace.")
@dry_run_option
@existing_option(Existing.FAIL)
@filter_options
@version_option
@at_option
@limit_option
@click.pass_obj
def get_command(  # noqa: PLR0913 - each is an option of the command
    program: Program,
    sources: tuple[names.Path, ...],
    target: str,
    recursive: bool,  # noqa: FBT001
    force: bool,  # noqa: FBT001
    dry_run: bool,  # noqa: FBT001
    existing: str,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    version: int | None,
    at: int | None,
    limit: int | None,
) -> int:
    """Bring files down from the drive; TARGET - is standard output.

    Into TARGET if that is a folder, else as TARGET. A file appears there whole or not at all; one
    that is there already, with the same size and time, is left alone.
    """
    check_options(sources, version, at)
    if target == "-":
        _check_in_earnest(dry_run=dry_run)
        return _to_standard_output(program, sources, version, at)
    chosen = chosen_by(include, exclude)

    async def command(here: Surroundings, account: OpenAccount) -> None:
        keep_to(limit, here, account)
        terms = fetching.Terms(
            policy(program, "replace" if force else existing, here.in_thread),
            chosen,
            dry_run=dry_run,
        )
        progress = program.output.progress("fetching")
        tree = await tree_at(account.drive, at)
        fetcher = fetching.Fetcher(
            account.drive, tree, here.in_thread, progress, program.output.error, terms
        )
        getting = _Getting(program, account.drive, tree, fetcher, recursive, version)
        try:
            await getting.get(sources, Path(target))
        finally:
            progress.close()
        _report_fetched(program, fetcher, dry_run=dry_run)

    return program.run(with_drive(command))


@attrs.frozen
class _Getting:
    """One call of get, over its sources.

    :ivar version: the number of the version that is wanted; None for the newest.
    """

    program: Program
    drive: Drive
    tree: Tree
    fetcher: fetching.Fetcher
    recursive: bool
    version: int | None

    async def get(self, sources: tuple[names.Path, ...], place: Path) -> None:
        """Bring all sources to *place*; what is wrong with one is told, and the others come."""
        into = place.is_dir()
        if len(sources) > 1 and not into:
            message = f"{show_local(place)} is not a folder"
            raise UsageError(message, "several things can only be brought into a folder")
        for source in sources:
            try:
                await self._one(source, place, into=into)
            except LocalError as error:
                self.program.output.error(error)

    async def _one(self, source: names.Path, place: Path, *, into: bool) -> None:
        node = find_recovered(self.tree, self.drive, source)
        if isinstance(node, Folder) and not self.recursive:
            message = f"{names.show_path(source)} is a folder"
            raise UsageError(message, "use -r to bring it down with all below it")
        local = place / os.fsdecode(node.name) if into and source else place
        for error in recovered(self.tree, self.drive, node):
            self.program.output.error(error)
        if self.version is None:
            await self.fetcher.fetch(node, local)
        else:
            wanted = numbered_version(node, names.show_path(source), self.version)
            await self.fetcher.version(wanted, local)


def _report_fetched(program: Program, fetcher: fetching.Fetcher, *, dry_run: bool) -> None:
    if program.output.as_json or dry_run:
        fetched = [show_local(path) for path in fetcher.fetched]
        program.output.result(
            {"fetched": fetched, "unchanged": fetcher.unchanged, "dry_run": dry_run},
            [f"would bring down {shown}" for shown in fetched],
        )


def _check_in_earnest(*, dry_run: bool) -> None:
    if dry_run:
        message = "--dry-run does not go with standard output"
        raise UsageError(message, "name a local TARGET, or leave it out")


@click.command("cat")
@click.argument("sources", type=DRIVE_PATH, nargs=-1, required=True)
@version_option
@at_option
@click.pass_obj
def cat_command(
    program: Program, sources: tuple[names.Path, ...], version: int | None, at: int | None
) -> int:
    """Write files of the drive to standard output."""
    check_options(sources, version, at)
    return _to_standard_output(program, sources, version, at)


def _to_standard_output(
    program: Program, sources: tuple[names.Path, ...], version: int | None, at: int | None
) -> int:
    async def command(here: Surroundings, account: OpenAccount) -> None:
        target = StreamTarget(sys.stdout.buffer, "standard output")
        drive = account.drive
        tree = await tree_at(drive, at)
        wanted = [_version(tree, drive, source, version) for source in sources]
        for one in wanted:
            await download(drive, one, target, here.in_thread, _silent)

    return program.run(with_drive(command))


def _version(tree: Tree, drive: Drive, path: names.Path, number: int | None) -> Version:
    node = find_recovered(tree, drive, path)
    if not isinstance(node, File):
        message = f"{names.show_path(path)} is not a file"
        raise Exists(message, "only files can be written to standard output")
    if number is None:
        return node.version
    return numbered_version(node, names.show_path(path), number)


def _silent(_: int) -> None:
    """Show no progress: the file itself goes to the terminal."""

"""The commands that keep a folder and a local one in step: sync, watch."""

from collections.abc import Callable
from typing import Any

import attrs
import click
from twisted.internet.defer import CancelledError

from anoncloud.cli.limiting import dry_run_option, keep_to, limit_option
from anoncloud.cli.options import DRIVE_PATH, LOCAL_PATH, chosen_by, filter_options
from anoncloud.cli.program import Program, with_drive
from anoncloud.client.accounts import OpenAccount, Surroundings
from anoncloud.client.transfers.comparing_down import DownComparison
from anoncloud.client.transfers.comparing_up import UpComparison
from anoncloud.client.transfers.localfiles import show_local
from anoncloud.client.transfers.mirror_down import MirrorDown
from anoncloud.client.transfers.mirror_up import MirrorUp
from anoncloud.client.transfers.mirroring import Choice, Mirrored
from anoncloud.client.transfers.policies import Existing, Policy
from anoncloud.client.transfers.uploads import Terms, Uploader
from anoncloud.client.tree import names
from anoncloud.errors import AnonymousCloudError

_delete = click.option(
    "--delete", is_flag=True, help="Remove what the other side has not; replace other kinds."
)
_checksum = click.option(
    "--checksum", is_flag=True, help="Compare contents, not only sizes and times."
)


@attrs.frozen
class _Mirror:
    """One mirroring, as it was asked for."""

    program: Program
    here: Surroundings
    account: OpenAccount
    choice: Choice
    dry_run: bool = False

    async def up(self, local: str, path: names.Path) -> Mirrored:
        """Make *path* in the drive like *local*."""
        drive, complain = self.account.drive, self.program.output.error
        comparison = UpComparison(drive, local, path, complain, self.choice)
        plan = await self.here.in_thread(comparison.run)
        if self.dry_run or not plan.told().changes:
            told: Mirrored = plan.told()
            return told
        progress = self.program.output.progress("storing")
        terms = Terms(Policy(Existing.REPLACE), self.choice.by_content)
        unfinished = self.account.unfinished(self.here)
        uploader = Uploader(drive, self.here.in_thread, progress, complain, unfinished, terms)
        try:
            return await MirrorUp(drive, uploader, complain).carry_out(plan)
        finally:
            progress.close()
            uploader.close()

    async def down(self, path: names.Path, local: str) -> Mirrored:
        """Make *local* like *path* in the drive."""
        drive, complain = self.account.drive, self.program.output.error
        comparison = DownComparison(drive, path, local, complain, self.choice)
        plan = await self.here.in_thread(comparison.run)
        if self.dry_run:
            told: Mirrored = plan.told(local)
            return told
        progress = self.program.output.progress("fetching")
        mirror = MirrorDown(drive, local, self.here.in_thread, progress, complain)
        try:
            return await mirror.carry_out(plan)
        finally:
            progress.close()

    def report(self, done: Mirrored) -> None:
        """Say what was done, or would be."""
        value = {**attrs.asdict(done), "dry_run": self.dry_run}
        lines = _would(done) if self.dry_run else [_summary(done)]
        self.program.output.result(value, lines)


def _would(done: Mirrored) -> list[str]:
    return [
        f"would {verb} {shown}"
        for verb, paths in (
            ("remove", done.removed),
            ("make", done.made),
            ("copy", done.copied),
            ("link", done.linked),
            ("adjust", done.adjusted),
        )
        for shown in paths
    ]


def _summary(done: Mirrored) -> str:
    counted = (
        (len(done.copied), "copied"),
        (len(done.made), "folders made"),
        (len(done.linked), "links made"),
        (len(done.adjusted), "adjusted"),
        (len(done.removed), "removed"),
    )
    return ", ".join(
        [*(f"{count} {what}" for count, what in counted if count), f"{done.unchanged} unchanged"]
    )


@click.command("sync")
@click.argument("direction", type=click.Choice(["up", "down"]))
@click.argument("source")
@click.argument("target")
@dry_run_option
@_delete
@_checksum
@filter_options
@limit_option
@click.pass_obj
def sync_command(  # noqa: PLR0913 - each is an option of the command
    program: Program,
    direction: str,
    source: str,
    target: str,
    dry_run: bool,  # noqa: FBT001 - click gives it
    delete: bool,  # noqa: FBT001 - click gives it
    checksum: bool,  # noqa: FBT001 - click gives it
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    limit: int | None,
) -> int:
    """Make one folder like another: up LOCAL PATH, or down PATH LOCAL.

    What is new or changed goes over; what is unchanged is left alone. Nothing is removed without
    --delete: from the drive into the trash, from the local disk for good.
    """
    choice = Choice(chosen_by(include, exclude), delete, checksum)
    path = DRIVE_PATH.convert(target if direction == "up" else source, None, None)

    async def command(here: Surroundings, account: OpenAccount) -> None:
        keep_to(limit, here, account)
        mirror = _Mirror(program, here, account, choice, dry_run)
        mirrored = mirror.up(source, path) if direction == "up" else mirror.down(path, target)
        mirror.report(await mirrored)

    return program.run(with_drive(command))


@click.command("watch")
@click.argument("local", type=LOCAL_PATH)
@click.argument("path", type=DRIVE_PATH)
@click.option(
    "--every",
    type=click.IntRange(1, 24 * 3600),
    default=600,
    show_default=True,
    help="Look at everything after so many seconds, though no change was heard of.",
)
@_delete
@_checksum
@filter_options
@limit_option
@click.pass_obj
def watch_command(  # noqa: PLR0913 - each is an option of the command
    program: Program,
    local: str,
    path: names.Path,
    every: int,
    delete: bool,  # noqa: FBT001 - click gives it
    checksum: bool,  # noqa: FBT001 - click gives it
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    limit: int | None,
) -> int:
    """Sync LOCAL up to PATH now, and again whenever something in it changes, until Ctrl-C."""
    from anoncloud.client.watching import Changes, FolderWatch, keep_doing  # noqa: PLC0415

    choice = Choice(chosen_by(include, exclude), delete, checksum)

    async def command(here: Surroundings, account: OpenAccount) -> None:
        keep_to(limit, here, account)
        mirror = _Mirror(program, here, account, choice)
        changes = Changes(here.reactor, every)
        watch = FolderWatch(here.reactor, changes.note)
        watch.startReading()
        tell_once = _once(program)

        def tell(error: AnonymousCloudError) -> None:
            program.output.note(f"{error}; trying again")

        async def once() -> None:
            if not await here.in_thread(watch.arm, local):
                tell_once(
                    f"not every folder in {show_local(local)} can be watched; "
                    f"changes there are found every {every} seconds"
                )
            await account.drive.catch_up()
            done = await mirror.up(local, path)
            if done.changes:
                mirror.report(done)

        try:
            await keep_doing(once, changes, here.reactor, tell)
        except CancelledError:
            program.output.note("ended; what was confirmed is safe")
        finally:
            watch.close()

    return program.run(with_drive(command))


def _once(program: Program) -> Callable[[str], Any]:
    """Say each remark only the first time."""
    said: set[str] = set()

    def say(line: str) -> None:
        if line not in said:
            program.output.note(line)
        said.add(line)

    return say

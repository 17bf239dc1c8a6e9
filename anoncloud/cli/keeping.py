"""The commands that keep a drive healthy: verify, retain, compact."""

import time
from typing import Any, Final

import attrs
import click

from anoncloud.cli.limiting import dry_run_option
from anoncloud.cli.options import DRIVE_PATH
from anoncloud.cli.output import size_text, time_text
from anoncloud.cli.program import Program, with_drive
from anoncloud.client import retention
from anoncloud.client.accounts import OpenAccount, Surroundings
from anoncloud.client.transfers.compacting import Compactor
from anoncloud.client.transfers.verifying import Damage, Verifier, sample, stored_versions
from anoncloud.client.tree import names
from anoncloud.errors import Tampered, UsageError

_PERCENT: Final = click.FloatRange(0, 100, min_open=True)


@click.command("verify")
@click.argument("path", type=DRIVE_PATH, default="/")
@click.option(
    "--sample", "percent", type=_PERCENT, default=100.0, help="Only so many of 100 versions."
)
@click.pass_obj
def verify_command(program: Program, path: names.Path, percent: float) -> int:
    """Read back every version of every file at and below PATH, and see that it is whole.

    Of the root (default), what lies in the trash too. Goes on after each damaged file.
    """
    damaged: list[dict[str, Any]] = []

    def tell(damage: Damage) -> None:
        where = damage.where
        shown = names.show_path(where.path) + (" (in the trash)" if where.trashed else "")
        moment = time_text(where.stored * 1000)
        message = f"verifying {shown}, the version of {moment}: {damage.fault}"
        program.output.error(Tampered(message, "store the file again from a good copy"))
        damaged.append(
            {
                "path": names.show_path(where.path),
                "stored": where.stored / 1e6,
                "trashed": where.trashed,
                "fault": damage.fault,
            }
        )

    async def command(here: Surroundings, account: OpenAccount) -> None:
        drive = account.drive
        progress = program.output.progress("verifying")
        verifier = Verifier(drive, here.in_thread, progress, tell)
        try:
            versions = list(sample(stored_versions(drive.tree, path), percent, drive.entropy))
            progress.expect(len(versions), sum(one.version.size for one in versions))
            await verifier.verify(versions)
        finally:
            progress.close()
        value = {"versions": verifier.versions, "size": verifier.size, "damaged": damaged}
        line = f"{verifier.versions} versions of {size_text(verifier.size)} read back"
        program.output.result(value, [f"{line}; {len(damaged)} damaged"])

    return program.run(with_drive(command))


@click.command("retain")
@click.argument("path", type=DRIVE_PATH, default="/")
@click.option("--versions", type=click.IntRange(1), help="Keep so many versions of each file.")
@click.option(
    "--keep-days", type=click.FloatRange(0), help="Keep what a file was in so many last days."
)
@click.option("--trash-days", type=click.FloatRange(0), help="Keep trash so many days.")
@dry_run_option
@click.pass_obj
def retain_command(  # noqa: PLR0913 - each is an option of the command
    program: Program,
    path: names.Path,
    versions: int | None,
    keep_days: float | None,
    trash_days: float | None,
    dry_run: bool,  # noqa: FBT001 - click gives it
) -> int:
    """Let go of older versions, and of what has been in the trash long enough. There is no undo.

    A version stays if any option keeps it; the newest always does. Without --versions and
    --keep-days all versions stay; without --trash-days the trash does.
    """
    if versions is None and keep_days is None and trash_days is None:
        message = "nothing says what is to be kept"
        raise UsageError(message, "give --versions, --keep-days or --trash-days")
    now = time.time_ns() // 1000

    def ago(days: float | None) -> int | None:
        return None if days is None else now - int(days * retention.DAY)

    rules = retention.Rules(versions, ago(keep_days), ago(trash_days))

    async def command(here: Surroundings, account: OpenAccount) -> None:
        del here
        drive = account.drive
        top = drive.stat(path).node
        freed: int | None = None
        if dry_run:
            retired = retention.rehearse(drive, top, rules, now)
        else:
            before = (await drive.usage()).stored
            retired = await retention.retire(drive, top, rules)
            freed = before - (await drive.usage()).stored
        value = {**attrs.asdict(retired), "freed": freed, "dry_run": dry_run}
        would = "would go" if dry_run else "went"
        line = f"{retired.versions} versions and {retired.purged} things in the trash {would}"
        size = "" if freed is None else f", which frees {size_text(max(0, freed))}"
        program.output.result(value, [f"{line}, with {retired.blobs} blobs{size}"])

    return program.run(with_drive(command))


@click.command("compact")
@click.option(
    "--threshold",
    type=click.IntRange(1, 100),
    default=50,
    show_default=True,
    help="Rewrite blobs of which less than so many per cent is in use.",
)
@dry_run_option
@click.pass_obj
def compact_command(program: Program, threshold: int, dry_run: bool) -> int:  # noqa: FBT001
    """Free the space that blobs take which hold mostly what was removed."""

    async def command(here: Surroundings, account: OpenAccount) -> None:
        del here
        progress = program.output.progress("compacting")
        compactor = Compactor(account.drive, threshold, progress, program.output.error)
        try:
            await compactor.run(dry_run=dry_run)
        finally:
            progress.close()
        done = compactor.done
        value = {**attrs.asdict(done), "dry_run": dry_run}
        would = "would be" if dry_run else "were"
        line = f"{done.rewritten} of {done.blobs} blobs {would} rewritten"
        moved, freed = size_text(done.moved), size_text(done.freed)
        program.output.result(value, [f"{line}: {moved} moved, {freed} freed"])

    return program.run(with_drive(command))

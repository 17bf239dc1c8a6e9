"""What is done with an older version of a file: it becomes the newest again, or comes down."""

import os
from pathlib import Path

from anoncloud.client.transfers import fetching
from anoncloud.client.transfers.policies import Existing, Policy
from anoncloud.client.tree.changes import PutVersion
from anoncloud.client.tree.draft import Draft
from anoncloud.errors import UsageError
from anoncloud.ui import shown
from anoncloud.ui.doing.desk import Desk
from anoncloud.ui.doing.reading import number_of
from anoncloud.ui.doing.sources import stored_version
from anoncloud.ui.doing.transfer import Transfer
from anoncloud.ui.events import LocalChanged
from anoncloud.ui.looking_effects import GetVersion, RestoreVersion
from anoncloud.ui.places import Local


async def restore_version(desk: Desk, effect: RestoreVersion) -> None:
    """Make a version the newest again; those after it stay."""
    stored = effect.stored

    def plan(draft: Draft) -> None:
        draft.add(PutVersion(number_of(stored.node), stored_version(desk, stored)))

    await desk.drive.change(plan)
    said = f"version {stored.number} of {shown.name(stored.name)} is the newest again"
    desk.good(said, "u takes that back")


async def get_version(desk: Desk, effect: GetVersion) -> None:
    """Bring a version down, beside what has its name there."""
    stored = effect.stored
    version = stored_version(desk, stored)
    folder = _local_folder(desk)
    target = Path(folder, os.fsdecode(stored.name))

    async def work(transfer: Transfer) -> None:
        terms = fetching.Terms(Policy(Existing.RENAME))
        fetcher = fetching.Fetcher(
            desk.drive, desk.drive.tree, desk.here.in_thread, transfer, transfer.complain, terms
        )
        try:
            await fetcher.version(version, target)
        finally:
            desk.tell(LocalChanged(folder))

    desk.queue.add(f"down: {shown.name(stored.name)}, version {stored.number}", work)


def _local_folder(desk: Desk) -> str:
    """Give the folder of the local disk that one of the panes shows.

    :raises UsageError: none does.
    """
    state = desk.state()
    for pane in (state.other, state.pane):
        if isinstance(pane.place, Local):
            return pane.place.path
    message = "neither pane shows a folder of the local disk"
    raise UsageError(message, "let the other pane show where the file shall go")

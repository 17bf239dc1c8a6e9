"""One upload of the explorer: all that was marked in one go; with a move it is removed then."""

import os
from collections.abc import Sequence

from anoncloud.client.interrupted import Interrupted
from anoncloud.client.threads import finishing
from anoncloud.client.transfers import putting, uploads
from anoncloud.client.transfers.localtree import LocalItem
from anoncloud.client.transfers.policies import Existing, Policy
from anoncloud.errors import Code, NotLoggedIn, Refused
from anoncloud.ui.doing import disk
from anoncloud.ui.doing.asking import Asking
from anoncloud.ui.doing.carrying import left_of
from anoncloud.ui.doing.desk import Desk
from anoncloud.ui.doing.transfer import Transfer, Work
from anoncloud.ui.events import LocalChanged

_REPLACE = Policy(Existing.REPLACE)


def work_up(desk: Desk, job: Interrupted, asking: Asking) -> Work:
    """Give what carries the upload *job* out; *asking* asks about files that exist."""
    folder = os.fsdecode(job.local)
    sources = [
        (os.path.join(folder, os.fsdecode(here)), (*job.remote, there))  # noqa: PTH118 - any name
        for here, there in job.names
    ]

    async def work(transfer: Transfer) -> None:
        policy = asking.policy(into_drive=True, transfer=transfer)
        try:
            stored = await upload(desk, transfer, sources, policy)
        except Refused as error:
            if error.code is not Code.BLOB_UNKNOWN:
                raise
            # What an earlier upload had left there is gone by now.
            stored = await upload(desk, transfer, sources, policy)
        if job.moving and not transfer.errors:
            with finishing(transfer):
                await desk.here.in_thread(disk.remove_stored, stored)
            desk.tell(LocalChanged(folder))

    return work


async def upload(
    desk: Desk, transfer: Transfer, sources: Sequence[putting.Going], policy: Policy = _REPLACE
) -> list[LocalItem]:
    """Store local files and folders in one go; give what of them is in the drive by now."""
    following = desk.following
    if following is None or following.account is None:
        message = "storing files: the server has not answered yet"
        raise NotLoggedIn(message, "wait for the connection, and try again")
    uploader = uploads.Uploader(
        following.drive,
        desk.here.in_thread,
        transfer,
        transfer.complain,
        left_of(desk, following, sources),
        uploads.Terms(policy),
    )
    try:
        stored = await putting.put_all(following.drive, uploader, sources, transfer.complain)
    finally:
        uploader.close()
    transfer.left = len(uploader.left)
    return stored

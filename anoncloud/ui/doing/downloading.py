"""One download of the explorer: all that was marked in one go; with a move it is removed then."""

import os
from pathlib import Path

from anoncloud.client import arranging
from anoncloud.client.interrupted import Interrupted
from anoncloud.client.threads import finishing
from anoncloud.client.transfers import fetching
from anoncloud.client.tree.listing import inside
from anoncloud.client.tree.nodes import Folder, Node, Space, find
from anoncloud.client.tree.tree import Tree
from anoncloud.errors import LocalError
from anoncloud.ids import ROOT
from anoncloud.ui.doing import changing
from anoncloud.ui.doing.asking import Asking
from anoncloud.ui.doing.desk import Desk
from anoncloud.ui.doing.reading import tree_of
from anoncloud.ui.doing.transfer import Transfer, Work
from anoncloud.ui.events import LocalChanged
from anoncloud.ui.places import Past, Remote


def work_down(desk: Desk, job: Interrupted, asking: Asking, past: Past | None = None) -> Work:
    """Give what carries the download *job* out, from the drive as it is or as it was.

    *asking* asks about files that exist.
    """
    folder = os.fsdecode(job.local)

    async def work(transfer: Transfer) -> None:
        tree = await tree_of(desk, past or Remote(job.remote))
        terms = fetching.Terms(asking.policy(into_drive=False, transfer=transfer))
        fetcher = fetching.Fetcher(
            desk.drive, tree, desk.here.in_thread, transfer, transfer.complain, terms
        )
        wanted = _wanted(desk, transfer, job, tree, is_past=past is not None)
        try:
            await fetcher.fetch_all(wanted)
        finally:
            desk.tell(LocalChanged(folder))
        transfer.left = len(fetcher.left)
        if job.moving and not transfer.errors:
            gone = [one for node, _ in wanted for one in _all_but(tree, node, fetcher.left)]
            with finishing(transfer):
                await arranging.remove(desk.drive, gone)

    return work


def _wanted(
    desk: Desk, transfer: Transfer, job: Interrupted, tree: Tree, *, is_past: bool
) -> list[tuple[Node, Path]]:
    """Give what comes, and where to; what is not there any more is complained about."""
    wanted = []
    for there, here in job.names:
        path = (*job.remote, there)
        try:
            if is_past:
                node = changing.recovered(desk, tree, path, transfer.complain)
            else:
                node = find(tree, path)
        except LocalError as error:
            transfer.complain(error)
        else:
            wanted.append((node, Path(os.fsdecode(job.local), os.fsdecode(here))))
    return wanted


def _all_but(space: Space, top: Node, left: list[Node]) -> list[Node]:
    """Give what *top* consists of without *left*, in as few pieces as can be."""
    kept = {one.node for one in left}
    for one in left:
        above = one
        while above.node not in {top.node, ROOT}:
            kept.add(above.parent)
            above = space.node(above.parent) or top
    waiting, given = [top], []
    while waiting:
        node = waiting.pop()
        if node.node not in kept:
            given.append(node)
        elif isinstance(node, Folder):
            waiting += inside(space, node.node)
    return given

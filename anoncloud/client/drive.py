"""What a user can do with a drive; knows no network, only a :class:`Peer`.

Every change goes one way: a *plan* writes a draft over the tree as it is now, the draft becomes a
record, the server appends it if nobody was faster. If somebody was, the newer records are folded
and the plan is made again, so two clients never undo each other's work.
"""

from collections.abc import Callable
from typing import Final

from twisted.internet.defer import DeferredLock

from anoncloud.client.cache import Head
from anoncloud.client.journal import Journal
from anoncloud.client.peer import Peer
from anoncloud.client.sealing import seal_record
from anoncloud.client.tree import changes, listing, names
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.nodes import Node, find, path_of
from anoncloud.client.tree.planning import (
    FOLDER_MODE,
    add_folder,
    destination,
    ensure_folders,
    free_name,
    stands,
)
from anoncloud.client.tree.tree import Tree
from anoncloud.crypto.entropy import Entropy
from anoncloud.crypto.fingerprints import Fingerprints
from anoncloud.errors import Code, ConnectionCut, Exists, Forked, NotFound, Refused, RemoteError
from anoncloud.ids import ROOT, NodeId
from anoncloud.limits import MAX_BLOBS_PER_RECORD, MAX_RECORD
from anoncloud.wire import messages, records

Plan = Callable[[Draft], None]
"""Write into a draft what is to change; may be called again on a newer tree."""

MAX_TRIES: Final = 100
"""How often a plan is made again before the drive is called too busy."""


class Drive:
    """One drive, open: its journal here, its *peer* there, *clock* for microseconds since 1970."""

    def __init__(
        self, journal: Journal, peer: Peer, entropy: Entropy, clock: Callable[[], int]
    ) -> None:
        self.journal = journal
        self.peer = peer
        self.entropy = entropy
        self._clock = clock
        self._turn = DeferredLock()
        keyring = journal.keyring
        self.prints = Fingerprints(keyring.epochs[0], keyring.drive)

    @property
    def tree(self) -> Tree:
        """The drive as it was at the newest record that is known here."""
        return self.journal.tree

    @property
    def id(self) -> bytes:
        """The drive's identifier."""
        return self.journal.keyring.drive

    async def catch_up(self, claimed: Head | None = None) -> None:
        """Fold all that the server has and this device has not seen.

        *claimed* is a head that the server named at login; what it then shows must agree with it.
        """
        if claimed is not None:
            self.journal.check_head(claimed.number, claimed.hash)
        async with self._turn:
            await self._catch_up()

    async def _catch_up(self) -> None:
        while True:
            page = await self.page(self.journal.head.number)
            self.journal.absorb(page.records)
            if self.journal.head.number >= page.head:
                self.journal.check_reached(page.head)
                return
            if not page.records:
                message = "the server names records that it does not show"
                raise Forked(message, "it holds back what others have written; ask its owner")

    async def page(self, after: int) -> messages.JournalPage:
        """Read the records after number *after*, as many as come in one page."""
        page = await self.peer.ask(lambda request: messages.ReadJournal(request, self.id, after))
        if not isinstance(page, messages.JournalPage):
            raise unexpected(page)
        return page

    async def change(self, plan: Plan) -> None:
        """Commit what *plan* writes; all of it or nothing.

        :raises LocalError: the plan breaks a rule of the tree.
        :raises Refused: the server said no, for instance for want of space.
        """
        async with self._turn:
            for _ in range(MAX_TRIES):
                draft = Draft(self.tree, self._clock(), self.entropy)
                plan(draft)
                if draft.empty or await self._commit(draft):
                    return
                await self._catch_up()
        message = "committing a change: other devices were faster every time"
        raise Refused(Code.HEAD_MOVED, message, "try again when they are done")

    async def _commit(self, draft: Draft) -> bool:
        """Append *draft*; tell whether it is in the journal now."""
        head = self.journal.head
        keyring = self.journal.keyring
        header = records.Header(
            records.FORMAT,
            self.id,
            self.journal.epoch,
            head.number + 1,
            head.hash,
            draft.adds,
            draft.drops,
        )
        record = seal_record(keyring, header, draft.change(), self.entropy)
        blobs = max(len(header.adds), len(header.drops))
        if len(record) > MAX_RECORD or blobs > MAX_BLOBS_PER_RECORD:
            message = "this change is too large for one record of the journal"
            raise Exists(message, "do it in smaller parts")
        for _ in range(MAX_TRIES):
            try:
                answer = await self.peer.ask_once(lambda request: messages.Commit(request, record))
            except ConnectionCut:
                committed = await self._was_committed(header.number, records.record_hash(record))
                if committed is not None:
                    return committed
                # It may still be under way. The same record is never appended twice: send it again.
            except Refused as refusal:
                if refusal.code is not Code.HEAD_MOVED:
                    raise
                found = await self._was_committed(header.number, records.record_hash(record))
                return found is True
            else:
                if not isinstance(answer, messages.Committed) or answer.number != header.number:
                    raise unexpected(answer)
                self.journal.adopt(record, draft)
                return True
        message = "committing a change: the connection was cut every time"
        raise ConnectionCut(message, "check the network, and try again")

    async def _was_committed(self, number: int, wanted: bytes) -> bool | None:
        """Tell whether record *number* is the *wanted* one; None if there is no such record yet.

        After a cut only the journal knows whether a commit was done.
        """
        while self.journal.head.number < number:
            page = await self.page(self.journal.head.number)
            if not page.records:
                return None
            for record in page.records:
                self.journal.absorb((record,))
                if self.journal.head.number == number:
                    return self.journal.head.hash == wanted
        return False

    async def usage(self) -> messages.Usage:
        """Ask how many bytes the drive stores, and may."""
        answer = await self.peer.ask(lambda request: messages.ReadUsage(request, self.id))
        if not isinstance(answer, messages.Usage):
            raise unexpected(answer)
        return answer

    def stat(self, path: names.Path) -> Node:
        """Give the node at *path*."""
        return find(self.tree, path)

    def entries(self, path: names.Path) -> list[Node]:
        """Give what is in the folder at *path* in order of names; for a file, the file alone."""
        return listing.entries(self.tree, path)

    def walk(self, path: names.Path) -> list[tuple[names.Path, Node]]:
        """Give everything at and below *path*, each with its path, in order of paths."""
        return list(listing.walk(self.tree, path))

    async def make_folder(self, path: names.Path, *, parents: bool = False) -> None:
        """Make a folder; with *parents* also those above it, and an existing one is no fault."""

        def plan(draft: Draft) -> None:
            if parents:
                ensure_folders(draft, path)
                return
            if not path:
                message = "the drive's root exists already"
                raise Exists(message)
            parent = find(draft, path[:-1])
            add_folder(draft, parent.node, path[-1], draft.time * 1000, FOLDER_MODE)

        await self.change(plan)

    async def move(self, source: names.Path, target: names.Path) -> names.Path:
        """Move or rename; into *target* if it is a folder. Gives the new path."""
        moved = find(self.tree, source).node
        placed: list[names.Path] = []

        def plan(draft: Draft) -> None:
            parent, name = destination(draft, target, source[-1] if source else b"")
            draft.add(changes.Move(moved, parent, name))
            placed[:] = [path_of(draft, moved)]

        await self.change(plan)
        return placed[0]

    async def trash(self, path: names.Path) -> None:
        """Put what is at *path* into the trash."""
        node = find(self.tree, path).node
        await self.change(lambda draft: draft.add(changes.Trash(node)))

    def trashed(self) -> list[Node]:
        """Give what lies in the trash, the newest first."""
        nodes = [self.tree.nodes[number] for number in self.tree.trash]
        return sorted(nodes, key=lambda node: (-node.trashed, node.name))

    async def restore(self, node: NodeId, target: names.Path | None = None) -> names.Path:
        """Take *node* out of the trash, to where it was or to *target*. Gives its path.

        If the folder it was in is gone, it comes back to the root; if its name is taken there,
        under a numbered one.
        """
        placed: list[names.Path] = []

        def plan(draft: Draft) -> None:
            trashed = draft.node(node)
            if trashed is None or not trashed.trashed:
                message = "it is not in the trash"
                raise NotFound(message)
            if target is None:
                parent = trashed.parent if stands(draft, trashed.parent) else ROOT
                name = free_name(draft, parent, trashed.name, b"restored")
            else:
                parent, name = destination(draft, target, trashed.name)
            draft.add(changes.Restore(node, parent, name))
            placed[:] = [path_of(draft, node)]

        await self.change(plan)
        return placed[0]

    async def purge(self, nodes: list[NodeId]) -> None:
        """Forget for good what lies in the trash; its blobs are dropped."""

        def plan(draft: Draft) -> None:
            for node in nodes:
                draft.add(changes.Purge(node))

        await self.change(plan)


def unexpected(answer: object) -> RemoteError:
    """Name an answer that does not belong to its request."""
    message = f"the server answered with {type(answer).__name__}, which does not fit the request"
    return RemoteError(message)

"""A server that has changed its long-term key: whether the old key says so, and where it is noted.

Nobody is asked. What leads from the key that this client knows to a newer one is signed by each key
for the next, so only its owner can have said it (docs/protocol.rst section 5.4); anything else
breaks the connection. It is noted in the journal, for the drive's other clients.
"""

from collections.abc import Sequence
from contextlib import suppress

from anoncloud.client.drive import Drive
from anoncloud.client.tree.changes import NoteServer
from anoncloud.client.tree.draft import Draft
from anoncloud.crypto.server_keys import agreement_public, leading
from anoncloud.errors import HandshakeFailed, Refused
from anoncloud.wire.fields import Statement


class ServerWatch:
    """What the server, which was known by *known*, has said of its keys.

    :ivar key: its newest X25519 key.
    :ivar statements: what leads there from *known*.
    """

    def __init__(self, known: bytes) -> None:
        self._known = self.key = known
        self.statements: tuple[Statement, ...] = ()
        self._said: tuple[Statement, ...] = ()

    def hear(self, said: Sequence[Statement]) -> None:
        """Take the statements of a ServerKeys.

        :raises HandshakeFailed: they do not hold, or do not begin at the key that is known.
        """
        self.statements = leading(self._known, said)
        self._said = tuple(said)
        if self.statements:
            self.key = agreement_public(self.statements[-1].key)

    def check_kin(self, key: bytes) -> None:
        """See that the server held *key* once, or holds it now.

        :raises HandshakeFailed: nothing that it said shows so.
        """
        if key == self._known:
            return
        try:
            leading(key, self._said)
        except HandshakeFailed as error:
            message = "the server does not show that its key follows the one in the kit"
            raise HandshakeFailed(message, "check the address, and ask its owner") from error


async def note(drive: Drive, watch: ServerWatch) -> None:
    """Write what the journal does not say yet of the server's keys.

    A server that appends nothing now is no reason to read nothing: the next login notes it.
    """

    def plan(draft: Draft) -> None:
        noted = draft.affairs.server
        words = watch.statements
        keys = [word.key for word in words]
        if noted is not None and noted.key in keys:
            words = words[len(keys) - keys[::-1].index(noted.key) :]
        for word in words:
            draft.add(NoteServer(word.key, word.signer, word.signature))

    if watch.statements:
        with suppress(Refused):
            await drive.change(plan)

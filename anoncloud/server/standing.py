"""Who a peer has shown to be, and what it listens to until it goes."""

from collections.abc import Callable

from anoncloud.errors import Code, Refused
from anoncloud.ids import DriveId
from anoncloud.server.account_contract import Access, Account, Entry
from anoncloud.server.events import Board, Word


class Standing:
    """One peer's standing with the server.

    :ivar key: the public key that it logged in with.
    :ivar access: what that key is to the account.
    :ivar failed_logins: how often it was refused.
    :ivar is_over: nothing more is done for it; set at its going, or with its last answer.
    """

    def __init__(self) -> None:
        self.key = b""
        self.access = Access.NOBODY
        self.failed_logins = 0
        self.is_over = False
        self._account: Account | None = None
        self._leave: list[Callable[[], None]] = []

    @property
    def logged_in(self) -> bool:
        """Whether the peer has shown who it is."""
        return self._account is not None

    def admit(self, entry: Entry, key: bytes) -> None:
        """Take the peer for what *entry* says, by *key*."""
        self._account, self.access, self.key = entry.account, entry.access, key

    def check(self, allowed: frozenset[Access]) -> None:
        """See that what is *allowed* to some may be asked by this peer.

        :raises Refused: NOT_LOGGED_IN or NOT_ALLOWED.
        """
        if self.access in allowed:
            return
        self.account()
        message, hint = "this can't be asked with a device's key", "use kit and passphrase"
        if self.access is Access.RECOVERY:
            message = "this can't be asked with a recovery key"
            hint = "make a new kit with it, and log in with that"
        raise Refused(Code.NOT_ALLOWED, message, hint)

    def account(self) -> Account:
        """Give the account.

        :raises Refused: NOT_LOGGED_IN.
        """
        if self._account is None:
            message = "nobody is logged in on this connection"
            raise Refused(Code.NOT_LOGGED_IN, message, "log in first")
        return self._account

    def own(self, drive: bytes) -> DriveId:
        """Give the account's drive.

        :raises Refused: NOT_ALLOWED, alike for another's drive and for one that is not there.
        """
        account = self.account()
        if drive != account.drive:
            message = "this account has no such drive"
            raise Refused(Code.NOT_ALLOWED, message, "log in again")
        return account.drive

    def listen(self, board: Board[Word], topic: bytes, listener: Callable[[Word], None]) -> None:
        """Listen until the peer goes, which it may have done already."""
        self.until_gone(board.listen(topic, listener))

    def until_gone(self, leave: Callable[[], None]) -> None:
        """Call *leave* when the peer goes, which it may have done already."""
        if self.is_over:
            leave()
        else:
            self._leave.append(leave)

    def leave(self) -> None:
        """Hear nothing more: the peer has gone."""
        self.is_over = True
        self.withdraw()

    def withdraw(self) -> None:
        """Hear nothing more, and be counted nowhere: the peer was not let in."""
        leaving, self._leave = self._leave, []
        for leave in leaving:
            leave()

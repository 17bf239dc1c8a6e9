"""What one peer may ask, before and after it has logged in, and the answers.

Plain async over stores; knows no transport. A request's method stands in the table ``_METHODS``;
each returns the one answer, or None if it has sent it, or raises :class:`Refused`, which becomes
it. Only what breaks the protocol itself leaves as :class:`ProtocolBroken`, and ends the connection.
"""

import enum
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

import attrs
from twisted.internet.defer import Deferred, DeferredLock
from twisted.logger import Logger
from twisted.python.failure import Failure

from anoncloud.crypto.keys import verify
from anoncloud.errors import Code, ProtocolBroken, Refused
from anoncloud.ids import BlobId, DriveId
from anoncloud.limits import BLOB_SIZES, JOURNAL_PAGE, MAX_REQUESTS, MAX_TRANSFERS
from anoncloud.server.contracts import (
    Account,
    AccountStore,
    BlobStore,
    JournalStore,
    NewAccount,
)
from anoncloud.server.downloads import Download, Line
from anoncloud.server.events import Board, Word
from anoncloud.server.names import check_account_name
from anoncloud.server.staging import Staging
from anoncloud.server.uploads import Upload
from anoncloud.wire import messages

MAX_FAILED_LOGINS: Final = 3
"""After so many a connection is closed; delays across connections are another matter."""


class Registration(enum.Enum):
    """Who may make an account."""

    OPEN = "open"
    INVITATION = "invitation"
    CLOSED = "closed"


@attrs.frozen
class House:
    """What all sessions of a server share: its stores, its rules, its boards."""

    accounts: AccountStore
    journal: JournalStore
    blobs: BlobStore
    staging: Staging
    clock: Callable[[], float]
    registration: Registration
    max_accounts: int
    quota: int
    drives: Board[messages.JournalGrew] = attrs.Factory(Board)
    revoked: Board[None] = attrs.Factory(Board)
    """Topics are a drive and a device's public key: sessions so logged in hear that they end."""


class Channel(Line, Protocol):
    """The way back to the peer."""

    def send(self, message: messages.Message) -> None:
        """Send a message."""

    def trust(self) -> None:
        """Let the peer send frames of full length."""

    def hang_up(self) -> None:
        """End the connection when what was sent has gone out."""


class Session:
    """One peer's requests, from connection to disconnection."""

    _log = Logger()

    def __init__(self, house: House, channel: Channel, handshake_hash: bytes) -> None:
        self._house = house
        self._channel = channel
        self._handshake_hash = handshake_hash
        self._account: Account | None = None
        self._failed_logins = 0
        self._last = 0
        self._under_way: dict[int, Deferred[None]] = {}
        self._uploads: dict[int, Upload] = {}
        self._downloads: dict[int, Download] = {}
        self._leave: list[Callable[[], None]] = []
        self._revoked: Callable[[None], None] = lambda _: channel.hang_up()
        self._key = b""
        self._pages = DeferredLock()
        self._is_over = False

    @property
    def logged_in(self) -> bool:
        """Whether the peer has shown who it is."""
        return self._account is not None

    def receive(self, message: messages.Requests) -> None:
        """Take a message.

        :raises ProtocolBroken: it is a request whose number was used, or it grants too much.
        """
        if isinstance(message, messages.Credit):
            download = self._downloads.get(message.request)
            if download is not None:
                download.grant(message.length)
            return
        if message.request <= self._last:
            fault = "the peer used a request's number twice"
            raise ProtocolBroken(fault)
        self._last = message.request
        if isinstance(message, messages.StageBlob) and len(self._uploads) < MAX_TRANSFERS:
            self._uploads[message.request] = self._upload(message)
        answering = Deferred.fromCoroutine(self._answer(message))
        if not answering.called:
            self._under_way[message.request] = answering
            _ = answering.addBoth(lambda _: self._under_way.pop(message.request))

    def receive_bulk(self, request: int, data: memoryview) -> None:
        """Take bulk bytes; those of an upload that is answered already are let fall.

        :raises ProtocolBroken: no such transfer was ever announced, or it has no credit.
        """
        upload = self._uploads.get(request)
        if upload is not None:
            upload.arrive(data)
        elif request > self._last:
            message = "the peer sent bulk bytes for a transfer that it did not announce"
            raise ProtocolBroken(message)

    def close(self) -> None:
        """Give up what is under way: the peer has gone."""
        for upload in tuple(self._uploads.values()):
            upload.cancel()
        for download in tuple(self._downloads.values()):
            download.cancel()
        self._is_over = True
        for leave in self._leave:
            leave()

    async def _answer(self, message: Any) -> None:
        try:
            if len(self._under_way) >= MAX_REQUESTS:
                fault = "too many requests wait for their answers"
                raise Refused(Code.TOO_MANY, fault, "wait for some of them")
            name, anonymous = _METHODS[type(message)]
            if self._account is None and not anonymous:
                fault = "nobody is logged in on this connection"
                raise Refused(Code.NOT_LOGGED_IN, fault, "log in first")
            method: Callable[[Any], Awaitable[messages.Message | None]] = getattr(self, name)
            answer = await method(message)
        except Refused as refusal:
            answer = _refusal(message.request, refusal)
        except Exception:  # noqa: BLE001 - one request's fault is not the next one's
            self._log.failure("answering {kind}", Failure(), kind=type(message).__name__)
            fault = "the server has a fault"
            unavailable = Refused(Code.UNAVAILABLE, fault, "try again, or tell its owner")
            answer = _refusal(message.request, unavailable)
        upload = self._uploads.pop(message.request, None)
        if upload is not None:
            upload.close()
        if answer is not None:
            self._channel.send(answer)
        if self._failed_logins >= MAX_FAILED_LOGINS or self._is_over:
            self._channel.hang_up()

    def _upload(self, message: messages.StageBlob) -> Upload:
        return Upload(
            message.size,
            lambda length: self._channel.send(messages.Credit(message.request, length)),
        )

    def _own(self, drive: bytes) -> DriveId:
        """Give the account's drive.

        :raises Refused: NOT_ALLOWED, alike for another's drive and for one that is not there.
        """
        if self._account is None or drive != self._account.drive:
            message = "this account has no such drive"
            raise Refused(Code.NOT_ALLOWED, message, "log in again")
        return self._account.drive

    def _known(self) -> Account:
        if self._account is None:
            message = "nobody is logged in on this connection"
            raise Refused(Code.NOT_LOGGED_IN, message, "log in first")
        return self._account

    async def _register(self, message: messages.Register) -> messages.Message:
        house = self._house
        if house.registration is Registration.CLOSED:
            fault = "this server takes no registrations"
            raise Refused(Code.NOT_ALLOWED, fault, "ask its owner")
        check_account_name(message.account)
        by_invitation = house.registration is Registration.INVITATION or message.invitation
        await house.accounts.register(
            NewAccount(
                message.account,
                message.login_key,
                message.keyring,
                DriveId(message.drive),
                house.quota,
            ),
            message.invitation if by_invitation else None,
            house.max_accounts,
            int(house.clock()),
        )
        self._log.info("an account was registered")
        return messages.Done(message.request)

    async def _log_in(self, message: messages.LogIn) -> messages.Message:
        if self._account is not None:
            fault = "somebody is logged in on this connection already"
            raise Refused(Code.NOT_ALLOWED, fault, "use another connection")
        # The same work, in the same order, whether name, key or signature is wrong.
        account = await self._house.accounts.find(message.account, message.key)
        signed = self._handshake_hash + message.account.encode()
        proven = verify(message.key, messages.LOGIN_CONTEXT, signed, message.signature)
        if account is None or not proven:
            self._failed_logins += 1
            fault = "the login was refused: name, kit or passphrase is wrong, or it was revoked"
            raise Refused(Code.LOGIN, fault, "check the kit and type the passphrase again")
        # Before anything is waited for, or the key could be revoked unheard.
        self._listen(self._house.revoked, account.drive + message.key, self._revoked)
        head = await self._house.journal.head(account.drive)
        self._account, self._key = account, message.key
        self._channel.trust()
        self._listen(self._house.drives, account.drive, self._channel.send)
        return messages.LoggedIn(message.request, account.drive, head.number, head.hash)

    def _listen(self, board: Board[Word], topic: bytes, listener: Callable[[Word], None]) -> None:
        """Listen until the peer goes, which it may have done already."""
        leave = board.listen(topic, listener)
        self._leave.append(leave)
        if self._is_over:
            leave()

    async def _fetch_keyring(self, message: messages.FetchKeyring) -> messages.Message:
        return messages.Keyring(message.request, self._known().keyring)

    async def _enrol_device(self, message: messages.EnrolDevice) -> messages.Message:
        await self._house.accounts.enrol(self._known().name, message.key)
        return messages.Done(message.request)

    async def _forget_device(self, message: messages.ForgetDevice) -> messages.Message:
        account = self._known()
        await self._house.accounts.forget(account.name, message.key)
        self._house.revoked.say(account.drive + message.key, None, but=self._revoked)
        self._is_over |= message.key == self._key  # with the answer, which it still gets
        return messages.Done(message.request)

    async def _read_journal(self, message: messages.ReadJournal) -> None:
        drive = self._own(message.drive)
        # Pages go out one by one: whoever asks for many and does not listen must not fill memory.
        async with self._pages:
            await self._channel.ready()
            records, head = await self._house.journal.read(drive, message.after, JOURNAL_PAGE)
            self._channel.send(messages.JournalPage(message.request, tuple(records), head))

    async def _commit(self, message: messages.Commit) -> messages.Message:
        drive = self._known().drive
        now = int(self._house.clock())
        number = await self._house.journal.append(drive, message.record, now)
        grew = messages.JournalGrew(drive, number)
        self._house.drives.say(drive, grew, but=self._channel.send)
        return messages.Committed(message.request, number)

    async def _stage_blob(self, message: messages.StageBlob) -> messages.Message:
        upload = self._uploads.get(message.request)
        if upload is None:
            fault = f"only {MAX_TRANSFERS} transfers may be under way at once"
            raise Refused(Code.TOO_MANY, fault, "wait for some of them")
        drive, blob = self._own(message.drive), BlobId(message.blob)
        if message.size not in BLOB_SIZES:
            fault = f"no blob is {message.size} bytes long"
            raise Refused(Code.BLOB_SIZE, fault, "update the client")
        if await self._house.journal.may_stage(drive, blob, message.size):
            incoming = self._house.blobs.begin(blob)
            try:
                await upload.accept(incoming)
            except BaseException:
                await incoming.discard()
                raise
            await self._house.staging.finish(drive, blob, message.size, incoming)
        return messages.Done(message.request)

    async def _read_blob(self, message: messages.ReadBlob) -> messages.Message:
        drive, blob = self._own(message.drive), BlobId(message.blob)
        if len(self._downloads) >= MAX_TRANSFERS:
            fault = f"only {MAX_TRANSFERS} transfers may be under way at once"
            raise Refused(Code.TOO_MANY, fault, "wait for some of them")
        download = Download(message.request, message.packet, self._channel)
        self._downloads[message.request] = download
        try:
            size = await self._house.journal.holds(drive, blob)
            if not size:
                fault = "this drive has no such blob"
                raise Refused(Code.BLOB_UNKNOWN, fault, "the file may be gone for good")
            if message.offset + message.length > size:
                fault = "the blob is shorter than that"
                raise Refused(Code.RANGE_INVALID, fault, "update the client")
            await download.run(self._house.blobs, blob, message.offset, message.length)
        finally:
            del self._downloads[message.request]
        return messages.Done(message.request)

    async def _cancel(self, message: messages.Cancel) -> messages.Message:
        transfer = self._uploads.get(message.target) or self._downloads.get(message.target)
        if transfer is not None:
            transfer.cancel()
        return messages.Done(message.request)

    async def _read_usage(self, message: messages.ReadUsage) -> messages.Message:
        usage = await self._house.journal.usage(self._own(message.drive))
        return messages.Usage(message.request, usage.stored, usage.quota)

    async def _ping(self, message: messages.Ping) -> messages.Message:
        return messages.Done(message.request)


_METHODS: Final[dict[type[messages.Message], tuple[str, bool]]] = {
    messages.Register: ("_register", True),
    messages.LogIn: ("_log_in", True),
    messages.Ping: ("_ping", True),
    messages.FetchKeyring: ("_fetch_keyring", False),
    messages.EnrolDevice: ("_enrol_device", False),
    messages.ForgetDevice: ("_forget_device", False),
    messages.ReadJournal: ("_read_journal", False),
    messages.Commit: ("_commit", False),
    messages.StageBlob: ("_stage_blob", False),
    messages.ReadBlob: ("_read_blob", False),
    messages.Cancel: ("_cancel", False),
    messages.ReadUsage: ("_read_usage", False),
}
"""Each request's method, and whether it may be asked before logging in."""


def _refusal(request: int, refusal: Refused) -> messages.Refusal:
    return messages.Refusal(request, int(refusal.code), refusal.message, refusal.hint)

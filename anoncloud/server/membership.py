"""What an account may ask of what is its own: devices, journal, usage."""

from collections.abc import Callable

from twisted.internet.defer import DeferredLock

from anoncloud.limits import JOURNAL_PAGE
from anoncloud.server.house import Channel, House
from anoncloud.server.standing import Standing
from anoncloud.wire import messages


class Membership:
    """The requests of a peer who has logged in, but for its transfers."""

    def __init__(
        self, house: House, channel: Channel, standing: Standing, revoked: Callable[[None], None]
    ) -> None:
        self._house = house
        self._channel = channel
        self._standing = standing
        self._revoked = revoked
        self._pages = DeferredLock()

    async def list_devices(self, message: messages.ListDevices) -> messages.Message:
        """Give the keys of all devices."""
        enrolled = await self._house.accounts.list_devices(self._standing.account().name)
        return messages.Devices(message.request, enrolled.devices, int(enrolled.recovery))

    async def enrol_device(self, message: messages.EnrolDevice) -> messages.Message:
        """Let one more key log in."""
        account = self._standing.account()
        await self._house.accounts.enrol(account.name, message.key)
        self._house.gate.forget(account.name)
        return messages.Done(message.request)

    async def forget_device(self, message: messages.ForgetDevice) -> messages.Message:
        """Let a device's key log in no more, and end its connections."""
        account, accounts = self._standing.account(), self._house.accounts
        await accounts.forget(account.name, message.key)
        if await accounts.find(account.name, message.key) is None:  # not so of the login key
            self._house.revoked.say(account.drive + message.key, None, but=self._revoked)
            self._standing.is_over |= message.key == self._standing.key  # with this answer
        return messages.Done(message.request)

    async def read_journal(self, message: messages.ReadJournal) -> None:
        """Send a page of records."""
        drive = self._standing.own(message.drive)
        # Pages go out one by one: whoever asks for many and does not listen must not fill memory.
        async with self._pages:
            await self._channel.ready()
            records, head = await self._house.journal.read(drive, message.after, JOURNAL_PAGE)
            self._channel.send(messages.JournalPage(message.request, tuple(records), head))

    async def commit(self, message: messages.Commit) -> messages.Message:
        """Append a record, and tell the drive's other sessions."""
        drive = self._standing.account().drive
        now = int(self._house.clock())
        number = await self._house.journal.append(drive, message.record, now)
        grew = messages.JournalGrew(drive, number)
        self._house.drives.say(drive, grew, but=self._channel.send)
        return messages.Committed(message.request, number)

    async def read_usage(self, message: messages.ReadUsage) -> messages.Message:
        """Tell what a drive stores and may store."""
        usage = await self._house.journal.usage(self._standing.own(message.drive))
        return messages.Usage(message.request, usage.stored, usage.quota)

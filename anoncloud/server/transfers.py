"""What an account may ask of blobs: to take them, or back again, to give parts of them, to stop."""

from anoncloud.errors import Code, Refused
from anoncloud.ids import BlobId
from anoncloud.limits import BLOB_SIZES, MAX_TRANSFERS
from anoncloud.server.downloads import Download
from anoncloud.server.house import Channel, House
from anoncloud.server.removal import remove
from anoncloud.server.standing import Standing
from anoncloud.server.uploads import Upload
from anoncloud.wire import messages


class Transfers:
    """One peer's uploads and downloads, by the numbers of their requests."""

    def __init__(self, house: House, channel: Channel, standing: Standing) -> None:
        self._house = house
        self._channel = channel
        self._standing = standing
        self._uploads: dict[int, Upload] = {}
        self._downloads: dict[int, Download] = {}
        self._is_read = True

    def announce(self, message: messages.StageBlob) -> None:
        """Let bytes of a blob arrive from now on, if there is a place for them."""
        if len(self._uploads) < MAX_TRANSFERS:
            self._uploads[message.request] = Upload(
                message.size,
                lambda length: self._channel.send(messages.Credit(message.request, length)),
                self._eased,
            )

    def arrive(self, request: int, data: memoryview) -> bool:
        """Take bulk bytes; False if no upload of that number is under way.

        :raises ProtocolBroken: the upload may not get these bytes.
        """
        upload = self._uploads.get(request)
        if upload is not None:
            upload.arrive(data)
            self._limit()
        return upload is not None

    def grant(self, credit: messages.Credit) -> None:
        """Take credit for a download.

        :raises ProtocolBroken: it is too much.
        """
        download = self._downloads.get(credit.request)
        if download is not None:
            download.grant(credit.length)

    def answered(self, request: int) -> None:
        """Take no more bytes for a request: it has its answer."""
        upload = self._uploads.pop(request, None)
        if upload is not None:
            upload.close()
            self._eased()

    def close(self) -> None:
        """Give up what is under way: the peer has gone."""
        for upload in tuple(self._uploads.values()):
            upload.cancel()
        for download in tuple(self._downloads.values()):
            download.cancel()

    def _limit(self) -> None:
        """Read nothing more while too much waits to be written; what waits for more is written."""
        if self._is_read and self._unwritten() > self._house.allowance.bytes_in_flight:
            self._is_read = False
            self._channel.stop_reading()
            for upload in tuple(self._uploads.values()):
                upload.write()

    def _eased(self) -> None:
        if not self._is_read and self._unwritten() <= self._house.allowance.bytes_in_flight // 2:
            self._is_read = True
            self._channel.go_on_reading()

    def _unwritten(self) -> int:
        return sum(upload.unwritten for upload in self._uploads.values())

    async def stage_blob(self, message: messages.StageBlob) -> messages.Message:
        """Take a blob."""
        upload = self._uploads.get(message.request)
        if upload is None:
            raise _too_many()
        house = self._house
        drive, blob = self._standing.own(message.drive), BlobId(message.blob)
        if message.size not in BLOB_SIZES:
            fault = f"no blob is {message.size} bytes long"
            raise Refused(Code.BLOB_SIZE, fault, "update the client")
        with house.reservations.reserve(drive, blob, message.size) as others:
            if await house.journal.may_stage(drive, blob, message.size, others):
                await house.room.check(message.size, house.allowance)
                incoming = house.blobs.begin(blob)
                try:
                    await upload.accept(incoming)
                except BaseException:
                    await incoming.discard()
                    raise
                await house.staging.finish(drive, blob, message.size, incoming)
        return messages.Done(message.request)

    async def read_blob(self, message: messages.ReadBlob) -> messages.Message:
        """Send a part of a blob."""
        drive, blob = self._standing.own(message.drive), BlobId(message.blob)
        if len(self._downloads) >= MAX_TRANSFERS:
            raise _too_many()
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

    async def unstage(self, message: messages.Unstage) -> messages.Message:
        """Forget blobs that were staged and not committed: rows first, then bytes."""
        house, drive = self._house, self._standing.own(message.drive)
        # One that comes in once more may have its bytes in place already, and get its row later.
        blobs = [one for one in map(BlobId, message.blobs) if not house.reservations.is_coming(one)]
        names = await house.journal.unstage(drive, blobs, int(house.clock()))
        await remove(house.journal, house.blobs, names)
        return messages.Done(message.request)

    async def cancel(self, message: messages.Cancel) -> messages.Message:
        """Give up a transfer, if it is under way."""
        transfer = self._uploads.get(message.target) or self._downloads.get(message.target)
        if transfer is not None:
            transfer.cancel()
        return messages.Done(message.request)


def _too_many() -> Refused:
    message = f"only {MAX_TRANSFERS} transfers may be under way at once"
    return Refused(Code.TOO_MANY, message, "wait for some of them")

"""Clients that write until they are told to stop, in one process: the other half of test_crash.

Called with a folder, an address, and the number of clients. A line in the log FOLDER/acknowledged
is written, and synced, only after a file was acknowledged; one in FOLDER/begun before it is sent.
Ends when FOLDER/stop appears.
"""

import hashlib
import io
import os
import random
import sys
import time
from pathlib import Path
from typing import Any, BinaryIO

from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.threads import deferToThread

from anoncloud.client.accounts import OpenAccount, Surroundings, draw, register
from anoncloud.client.address import Invitation
from anoncloud.client.profile import Profile
from anoncloud.client.staying import resume, stay_logged_in
from anoncloud.client.transfers.sources import StreamSource
from anoncloud.client.transfers.uploads import Terms, Uploader
from anoncloud.client.tree import changes
from anoncloud.crypto.passphrases import Argon2
from anoncloud.errors import AnonymousCloudError, RemoteError
from anoncloud.limits import ARGON2_MEMORY_FLOOR, ARGON2_PASSES_FLOOR, KIB, MIB

reactor: Any = _reactor
PASSPHRASE = "correct horse battery staple"


def microseconds() -> int:
    """Give the time."""
    return time.time_ns() // 1000


def surroundings(state: Path) -> Surroundings:
    """Give a client what it needs."""
    return Surroundings(reactor, os.urandom, microseconds, deferToThread, Profile(state))


class Writer:
    """One client, its log, and what it draws its files from."""

    def __init__(self, folder: Path, name: str, logs: tuple[BinaryIO, BinaryIO]) -> None:
        self.here = surroundings(folder / name)
        self.name = name
        self._stop = folder / "stop"
        self._begun, self._acknowledged = logs
        self._drawn = random.Random(name)
        self._number = 0

    async def make(self, invitation: Invitation) -> OpenAccount:
        """Make the account, and keep a device logged in for whoever checks."""
        cost = Argon2(ARGON2_PASSES_FLOOR, ARGON2_MEMORY_FLOOR)
        drawn = await draw(self.here, invitation, self.name, PASSPHRASE, cost)
        opened = await register(self.here, drawn)
        await stay_logged_in(self.here, opened, b"writer")
        return opened

    async def write(self, opened: OpenAccount) -> None:
        """Write files until told to stop; a client that gives up is started again."""
        while not self._stop.exists():
            try:
                await self._write_some(opened)
            except RemoteError as error:
                sys.stderr.write(f"{self.name}: {error}\n")
                await opened.close()
                opened = await self._again()
        await opened.close()

    async def _again(self) -> OpenAccount:
        while True:
            try:
                return await resume(self.here)
            except RemoteError as error:
                sys.stderr.write(f"{self.name}: {error}\n")

    async def _write_some(self, opened: OpenAccount) -> None:
        uploader = Uploader(
            opened.drive,
            self.here.in_thread,
            lambda _: None,
            _complain,
            opened.unfinished(self.here),
            Terms(),
        )
        wrote: list[tuple[str, str]] = []
        for _ in range(self._drawn.choice((1, 1, 1, 5))):
            length = self._drawn.choice((0, 300, 20 * KIB, 20 * KIB, 300 * KIB))
            if self._drawn.random() < 0.02:
                length = 5 * MIB
            content = self._drawn.randbytes(length)
            self._number += 1
            name, known = f"f{self._number}", hashlib.sha256(content).hexdigest()
            await self._log(self._begun, f"{self.name} {name} {known} put\n")
            wrote.append((name, known))
            await uploader.add_source(
                lambda content=content: StreamSource(io.BytesIO(content), "content", 1, 0o600),
                (name.encode(),),
            )
        await uploader.finish()
        for name, known in wrote:
            await self._log(self._acknowledged, f"{self.name} {name} {known} put\n")
        if self._drawn.random() < 0.2:
            await self._remove(opened, *wrote[0])

    async def _remove(self, opened: OpenAccount, name: str, known: str) -> None:
        node = opened.drive.stat((name.encode(),)).node
        await self._log(self._begun, f"{self.name} {name} {known} rm\n")
        await opened.drive.change(lambda draft: draft.add(changes.Trash(node)))
        await opened.drive.purge([node])
        await self._log(self._acknowledged, f"{self.name} {name} {known} rm\n")

    async def _log(self, log: BinaryIO, line: str) -> None:
        def write() -> None:
            log.write(line.encode())
            os.fsync(log.fileno())

        await self.here.in_thread(write)


def _complain(error: AnonymousCloudError) -> None:
    """Take a complaint, which only a local file could cause, for what it is here: a bug."""
    raise error


async def run(folder: Path, invitation: Invitation, clients: int) -> None:
    """Make the accounts, say so, and let all of them write."""
    with (
        (folder / "begun").open("ab", buffering=0) as begun,
        (folder / "acknowledged").open("ab", buffering=0) as acknowledged,
    ):
        writers = [Writer(folder, f"writer{n}", (begun, acknowledged)) for n in range(clients)]
        opened = [await writer.make(invitation) for writer in writers]
        (folder / "ready").touch()
        await gatherResults(
            [
                Deferred.fromCoroutine(writer.write(account))
                for writer, account in zip(writers, opened, strict=True)
            ],
            consumeErrors=True,
        )


def main() -> None:
    """Run; the exit code is 1 if a client failed with what no cut explains."""
    folder, invitation = Path(sys.argv[1]), Invitation.parse(sys.argv[2])
    failed: list[Any] = []

    def begin() -> None:
        running = Deferred.fromCoroutine(run(folder, invitation, int(sys.argv[3])))
        _ = running.addErrback(failed.append).addBoth(lambda _: reactor.stop())

    reactor.suggestThreadPoolSize(20)
    reactor.callWhenRunning(begin)
    reactor.run()
    for failure in failed:
        sys.stderr.write(failure.getTraceback())
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()

"""Users who store and fetch random files at once: ``python -m benchmarks.crowd_users``.

Each is an account of its own by the client's library, with state on the disk, and compares each
file that comes down with what went up. At the end each opens its drive once more, as a device that
knows nothing, and looks at every file.
"""

import os
import random
import sys
import time
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from twisted.internet import reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.threads import deferToThread

from anoncloud.client.accounts import (
    HeadWatch,
    OpenAccount,
    Registration,
    Surroundings,
    link_to,
    open_drive,
    register,
)
from anoncloud.client.address import Invitation
from anoncloud.client.keyring import new_keyring
from anoncloud.client.kit import Kit
from anoncloud.client.link import Credentials, log_in_as
from anoncloud.client.profile import Profile
from anoncloud.client.transfers.ranges import Ranges
from anoncloud.client.transfers.uploads import Item, Terms, Uploader
from anoncloud.client.tree.nodes import File
from anoncloud.crypto.keys import AccountSecret, UnlockKey
from anoncloud.crypto.passphrases import AccountKeys, Argon2
from anoncloud.disk.syscalls import keep_memory
from anoncloud.limits import KIB, MIB
from benchmarks.guesses import random_key
from benchmarks.reporting import report

_SIZES: Final = (1 * KIB, 4 * MIB)
"""Files are as long as these and all between, short ones as often as long ones."""
_KEPT: Final = 20
"""Files that a user has; then one goes for each that comes."""
_AT_ONCE: Final = 25
"""Users who enter at once."""


class User:
    """One user, the digests of the files that are stored, and what went wrong."""

    def __init__(self, folder: Path, invitation: Invitation, number: int) -> None:
        self.files: dict[bytes, bytes] = {}
        self.wrong: list[str] = []
        self.stored = self.fetched = self.up = self.down = 0
        self._fetching = b""
        self._invitation = invitation
        self._name = f"user-{os.getpid()}-{number}"
        self._folder = folder / self._name
        self._lot = random.Random(self._name)
        self._keys = AccountKeys(random_key(), UnlockKey(os.urandom(UnlockKey.LENGTH)))
        self._keyring = new_keyring(os.urandom)
        self._here = self._surroundings("state")

    def _surroundings(self, name: str) -> Surroundings:
        profile = Profile(self._folder / name)
        return Surroundings(reactor, os.urandom, _microseconds, deferToThread, profile)

    async def enter(self) -> None:
        """Make the account; Argon2id is left out."""
        self._folder.mkdir()
        secret = AccountSecret.generate(os.urandom)
        kit = Kit(self._invitation.address, self._name, secret, Argon2())
        registration = Registration(self._invitation, kit, self._keys, self._keyring)
        self._account = await register(self._here, registration)

    async def work(self, end: float) -> None:
        """Store and fetch until *end*, both at once."""
        storing = [Deferred.fromCoroutine(self._store_all(end))]
        await gatherResults([*storing, Deferred.fromCoroutine(self._fetch_all(end))])

    async def check(self) -> None:
        """See with fresh eyes that every file is there, and is what it was."""
        await self._account.close()
        here, address = self._surroundings("fresh"), self._invitation.address
        watch = HeadWatch()
        link = link_to(here, address, log_in_as(Credentials(self._name, self._keys.login), watch))
        opened = self._keyring.opened()
        account = await open_drive(here, address, self._name, link, watch, opened)
        there = {node.name: node for node in account.drive.entries(())}
        if set(there) != set(self.files):
            self.wrong.append(f"{set(there) ^ set(self.files)} are there, or are not")
        for name in set(there) & set(self.files):
            await self._compare(account, name)
        await account.close()

    async def _store_all(self, end: float) -> None:
        number = 0
        while time.monotonic() < end:
            number += 1
            await self._store(b"%d" % number)
            if len(self.files) > _KEPT:
                gone = self._lot.choice([name for name in self.files if name != self._fetching])
                del self.files[gone]
                await self._account.drive.trash((gone,))
                await self._account.drive.purge(
                    [each.node for each in self._account.drive.trashed()]
                )

    async def _fetch_all(self, end: float) -> None:
        while time.monotonic() < end:
            if self.files:
                self._fetching = self._lot.choice(list(self.files))
                await self._compare(self._account, self._fetching)
            else:
                await deferToThread(time.sleep, 0.1)

    async def _store(self, name: bytes) -> None:
        low, high = _SIZES
        content = self._lot.randbytes(int(low * (high / low) ** self._lot.random()))
        path = self._folder / name.decode()
        path.write_bytes(content)
        uploader = Uploader(
            self._account.drive,
            deferToThread,
            lambda _: None,
            lambda error: self.wrong.append(f"storing {name!r}: {error}"),
            self._account.unfinished(self._here),
            Terms(),
        )
        await uploader.add(Item(str(path), path.stat(), (name,)))
        await uploader.finish()
        uploader.close()
        path.unlink()
        self.files[name] = blake2b(content).digest()
        self.stored += 1
        self.up += len(content)

    async def _compare(self, account: OpenAccount, name: bytes) -> None:
        node, wanted = account.drive.stat((name,)), self.files[name]
        if not isinstance(node, File):
            self.wrong.append(f"{name!r} is no file")
            return
        ranges = Ranges(account.drive, node.versions[-1].version)
        content = await ranges.read(0, ranges.size)
        ranges.close()
        if blake2b(content).digest() != wanted:
            self.wrong.append(f"{name!r} is not what it was")
        self.fetched += 1
        self.down += len(content)


async def run(invitation: Invitation, folder: Path, count: int, seconds: float) -> dict[str, Any]:
    """Let *count* users work for so long; give what they did, and what went wrong."""
    users = [User(folder, invitation, number) for number in range(count)]
    for at in range(0, count, _AT_ONCE):
        await _each(user.enter() for user in users[at : at + _AT_ONCE])
    print("ready", flush=True)
    await deferToThread(sys.stdin.readline)
    end = time.monotonic() + seconds
    await _each(user.work(end) for user in users)
    print("worked", flush=True)
    for at in range(0, count, _AT_ONCE):
        await _each(user.check() for user in users[at : at + _AT_ONCE])
    sums = {name: sum(getattr(user, name) for user in users) for name in _SUMS}
    return sums | {"wrong": [wrong for user in users for wrong in user.wrong]}


_SUMS: Final = ("stored", "fetched", "up", "down")


async def _each(work: Any) -> None:
    await gatherResults([Deferred.fromCoroutine(one) for one in work], consumeErrors=True)


def _microseconds() -> int:
    return time.time_ns() // 1000


def main() -> None:
    """Work as the command line says: invitation, folder, count, seconds."""
    link, folder, count, seconds = sys.argv[1:]
    keep_memory()
    report(run(Invitation.parse(link), Path(folder), int(count), float(seconds)))


if __name__ == "__main__":
    main()

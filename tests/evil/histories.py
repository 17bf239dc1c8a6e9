"""A drive whose house shows its devices other histories than they have seen."""

import os
from pathlib import Path
from typing import Any

import attrs

from anoncloud.client import accepting
from anoncloud.client.accounts import OpenAccount, Surroundings
from anoncloud.client.owning import own
from anoncloud.client.salvage import Salvaged, salvage
from anoncloud.client.staying import resume, stay_logged_in
from anoncloud.client.transfers.uploads import Item, Terms, Uploader
from anoncloud.errors import (
    AnonymousCloudError,
)
from anoncloud.wire.records import genesis_hash, record_hash
from tests.evil.asserting import assert_named
from tests.evil.house import PASSPHRASE, EvilTestCase
from tests.support.client_keeping import silent


class HistoriesTestCase(EvilTestCase):
    """Ada's laptop and tablet, and a house that shows each of them what it likes."""

    def setUp(self) -> None:
        super().setUp()
        self.laptop, self.kit = self.register()
        self.store = self.house.rooms.journal
        (self.drive,) = self.store.drives
        self.tablet = self.machine(b"tablet")
        owner = self.now(own(self.tablet, self.kit, PASSPHRASE))
        self.now(stay_logged_in(self.tablet, owner.opened, b"tablet"))
        self.now(owner.opened.close())
        self.change(self.laptop, "early")
        self.change(self.tablet, "both")
        self.go_on(self.laptop)

    def go_on(self, here: Surroundings) -> OpenAccount:
        """Open and close the account once."""
        opened = self.resume(here)
        self.now(opened.close())
        return opened

    def change(self, here: Surroundings, name: str) -> None:
        """Make a folder."""
        opened = self.resume(here)
        self.now(opened.drive.make_folder((name.encode(),)))
        self.now(opened.close())

    def put(self, here: Surroundings, name: str, content: bytes) -> None:
        """Store a file in the root."""
        path = Path(self.mktemp())
        path.write_bytes(content)
        opened = self.resume(here)

        async def store() -> None:
            unfinished = opened.unfinished(here)
            uploader = Uploader(
                opened.drive, here.in_thread, silent, self.fail, unfinished, Terms()
            )
            await uploader.add(Item(str(path), path.stat(), (os.fsencode(name),)))
            await uploader.finish()
            uploader.close()

        self.now(store())
        self.now(opened.close())

    def records(self) -> list[bytes]:
        """Give what the house has."""
        return list(self.store.drives[self.drive].records)

    def show(self, records: list[bytes]) -> None:
        """Let the house show another journal from now on."""
        last_hash = record_hash(records[-1]) if records else genesis_hash(self.drive)
        kept = self.store.drives[self.drive]
        kept.records = list(records)
        kept.head = attrs.evolve(kept.head, number=len(records), hash=last_hash)

    def roll_back(self) -> None:
        """Forget what the laptop did last."""
        before = self.records()
        self.change(self.laptop, "lost")
        self.show(before)

    def fork(self) -> None:
        """Show the tablet nothing of what the laptop did last, and let it write; and then all."""
        self.roll_back()
        self.change(self.tablet, "other")

    def names(self, here: Surroundings) -> list[bytes]:
        """Give the names in the root as a device sees them."""
        opened = self.go_on(here)
        return [node.name for node in opened.drive.entries(())]

    def alarm(self, here: Surroundings, kind: type[AnonymousCloudError]) -> AnonymousCloudError:
        """See that a device gives the alarm."""
        error = self.fault(resume(here))
        assert_named(self, error, kind)
        return error  # type: ignore[no-any-return]

    def examine(self, here: Surroundings) -> accepting.Doubt:
        """Look at what the house shows."""
        doubt: accepting.Doubt = self.now(accepting.examine(here, accepting.as_device(here)))
        return doubt

    def accept(self, here: Surroundings, doubt: accepting.Doubt, word: str = "ada") -> Any:
        """Make the coroutine that accepts."""
        return accepting.accept(here, accepting.as_device(here), doubt, word)

    def memory(self, here: Surroundings) -> Any:
        """Give what a device remembers of the drive: its head."""
        return here.profile.cache(self.drive).head()

    def save(self, here: Surroundings) -> Salvaged:
        """Export to a new folder."""
        made: Salvaged = self.now(salvage(here, Path(self.mktemp()), silent))
        return made

"""A drive with devices that stay logged in, in one little server in memory."""

from attrs import evolve

from anoncloud.client.devices import Listed, State, choose, listed, revoke
from anoncloud.client.drive import Drive
from anoncloud.client.keyring import DeviceKeys, device_keys
from anoncloud.client.tree import changes
from anoncloud.crypto.keys import DeviceSecret
from tests.support.client import KEYRING, DriveTestCase, MemoryPeer

LAPTOP, TABLET, PHONE = (device_keys(DeviceSecret(one * 32)) for one in (b"l", b"t", b"p"))
NAMES = {LAPTOP.login.public: b"laptop", TABLET.login.public: b"tablet"}
HIDDEN = b"\x01" * 32


class DevicesTestCase(DriveTestCase):
    """A laptop and a tablet, each with its drive open."""

    def setUp(self) -> None:
        super().setUp()
        account, _ = self.open(b"account")
        for keys in (LAPTOP, TABLET):
            self.enrol(account, keys, NAMES[keys.login.public])
        self.laptop, self.laptop_peer = self.open_as(LAPTOP, b"laptop")
        self.tablet, self.tablet_peer = self.open_as(TABLET, b"tablet")

    def enrol(self, drive: Drive, keys: DeviceKeys, name: bytes) -> None:
        """Enrol a device: in the journal, then at the server."""
        key = keys.login.public
        operation = changes.EnrolDevice(key, keys.agreement.public, name)
        self.run_now(drive.change(lambda draft: draft.add(operation)))
        self.store.devices.add(key)

    def open_as(self, keys: DeviceKeys, seed: bytes) -> tuple[Drive, MemoryPeer]:
        """Open the drive as a device does that knows the first drive key."""
        mine = evolve(KEYRING, recipients=(keys.agreement,), device=keys.login.public)
        return self.open(seed, keyring=mine)

    def rows(self, drive: Drive | None = None) -> list[Listed]:
        """List the devices."""
        found: list[Listed] = self.run_now(listed(drive or self.laptop))
        return found

    def seen(self, drive: Drive | None = None) -> list[tuple[bytes, State]]:
        """List them shortly."""
        return [(one.device.name if one.device else one.key, one.state) for one in self.rows(drive)]

    def revoke(self, *called: str, drive: Drive | None = None) -> list[Listed]:
        """Revoke devices by what a person calls them."""
        drive = drive or self.laptop
        found = self.rows(drive)
        gone: list[Listed] = self.run_now(revoke(drive, [choose(found, one) for one in called]))
        return gone

    def make(self, drive: Drive, name: bytes) -> None:
        """Make a folder."""
        self.run_now(drive.make_folder((name,)))

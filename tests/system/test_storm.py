"""Cuts and kills of either side, at any moment: the next command completes, and all is there once.

With ANONCLOUD_STORM=1000 a thousand of them; ANONCLOUD_STORM_SEED repeats one run.
"""

import os
import random
import shutil
import time

from tests.support.processes import Server, SystemTestCase, wait_until
from tests.system.drive_check import Disk, faults, fold, keyring_of
from tests.system.proxies import Proxy
from tests.system.storm import Storm, Wood, differences

STRIKES = int(os.environ.get("ANONCLOUD_STORM", "30"))
SEED = int(os.environ.get("ANONCLOUD_STORM_SEED", "0")) or random.SystemRandom().getrandbits(32)
DAYS = 2 * 24 * 3600


class StormTests(SystemTestCase):
    """One device, one server, and bad weather between them."""

    def test_storm(self) -> None:
        """After each storm both sides are equal byte for byte; at the end nothing is left over."""
        self.house = self.server()
        self.proxy = Proxy(self.house.port)
        self.addCleanup(self.proxy.close)
        self.ada = self.ada(self.house, self.proxy.port)
        self.drawn = random.Random(SEED)
        storm = Storm(self.drawn, self.house, self.proxy, self.ada)
        try:
            self._blow(storm)
        except Exception as error:
            message = f"ANONCLOUD_STORM_SEED={SEED}, strikes {storm.struck[-6:]}: {error}"
            raise self.failureException(message) from error

    def _blow(self, storm: Storm) -> None:
        stored = Wood(self.folder / "stored", self.drawn)
        mirrored = Wood(self.folder / "mirrored", self.drawn)
        back, other = self.folder / "back", self.folder / "other"
        while len(storm.struck) < STRIKES:
            shutil.rmtree(back, ignore_errors=True)
            back.mkdir()
            storm.over(self._strikes(), "put", "-r", "-p", stored.top, "/put/")
            storm.over(self._strikes(), "get", "-r", "/put/stored", back)
            self.assertEqual(differences(stored.top, back / "stored"), [])
            if self.drawn.random() < 0.5:
                shutil.rmtree(other, ignore_errors=True)
            storm.over(self._strikes(), "sync", "--delete", "up", mirrored.top, "/mirror")
            storm.over(self._strikes(), "sync", "--delete", "down", "/mirror", other)
            self.assertEqual(differences(mirrored.top, other), [])
            stored.change(losing=False)
            mirrored.change(losing=True)
        self.ada.do("verify", seconds=120)
        self._see_disk()

    def _strikes(self) -> int:
        return self.drawn.randrange(2, 6)

    def _see_disk(self) -> None:
        """See that after a collection the server's disk holds what the drive names, and no more."""
        self.house.stop()
        disk, keyring = Disk(self.house.state), keyring_of(self.ada.state)
        tree = fold(disk, keyring, self.folder / "scratch")
        self.assertEqual(faults(disk, tree, keyring), [])
        self._collect(self.house)
        named = {disk.blob(blob) for blob in tree.blobs}
        blobs = self.house.state / "blobs"

        def found() -> set[object]:
            return {path for path in blobs.rglob("*") if path.is_file()}

        wait_until(lambda: found() <= named, "the collection")
        self.assertEqual(found(), named)

    def _collect(self, server: Server) -> None:
        """Let a server collect at once what it would keep for a while."""
        past = time.time() - DAYS
        for path in (server.state / "blobs").rglob("*"):
            os.utime(path, (past, past))
        server.options = ("--keep-staged-hours", "0", "--keep-dropped-days", "0")
        server.start()

"""A disk so small that it is full at once: a tmpfs of its own, which only root may mount."""

import os
import subprocess
from pathlib import Path

import attrs
from twisted.trial.unittest import SkipTest

from anoncloud.limits import MIB
from tests.support.processes import SystemTestCase


@attrs.frozen
class SmallDisk:
    """A mounted disk of a size that can be changed."""

    path: Path

    @property
    def free(self) -> int:
        """Bytes that are free."""
        status = os.statvfs(self.path)
        return status.f_bavail * status.f_frsize

    def resize(self, mebibytes: int) -> None:
        """Make it larger or smaller."""
        _mount("-o", f"remount,size={mebibytes}m", str(self.path))

    def fill(self) -> Path:
        """Write to it until no byte is free; give the file that takes the room."""
        filler = self.path / "filler"
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(MIB))
            except OSError:
                pass  # that is what was wanted; the test looks at what is free
        return filler


def small_disk(test: SystemTestCase, name: str, mebibytes: int) -> SmallDisk:
    """Mount a disk for the length of a test.

    :raises SkipTest: this user, or this machine, can't mount one.
    """
    path = test.folder / name
    path.mkdir()
    if os.geteuid() != 0:
        message = "NOT TESTED: a full disk takes a tmpfs, and only root may mount one"
        raise SkipTest(message)
    try:
        _mount("-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(path))
    except subprocess.CalledProcessError as error:
        message = f"NOT TESTED: a full disk takes a tmpfs, and mount says: {error.stderr.strip()}"
        raise SkipTest(message) from error
    test.addCleanup(subprocess.run, ("umount", str(path)), check=True)
    return SmallDisk(path)


def _mount(*arguments: str) -> None:
    subprocess.run(("mount", *arguments), check=True, capture_output=True, text=True)

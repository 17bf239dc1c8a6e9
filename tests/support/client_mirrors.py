"""Local folders mirrored with a drive in memory, and pictures of both to compare."""

import stat
from pathlib import Path
from typing import Any

from anoncloud.client.transfers.comparing_down import DownComparison, DownPlan
from anoncloud.client.transfers.comparing_up import UpComparison, UpPlan
from anoncloud.client.transfers.mirror_down import MirrorDown
from anoncloud.client.transfers.mirror_up import MirrorUp
from anoncloud.client.transfers.mirroring import Choice, Mirrored
from anoncloud.client.transfers.uploads import Terms
from anoncloud.client.tree import names
from anoncloud.client.tree.listing import walk
from anoncloud.client.tree.nodes import File, Link
from tests.support.client import in_thread
from tests.support.client_keeping import KeepingTestCase, silent

TOP: names.Path = (b"top",)
"""Where folders are mirrored to."""

Picture = dict[str, tuple[Any, ...]]
"""For each path: kind, mode, time and content; a link has no mode."""


def picture(top: Path) -> Picture:
    """Give all that matters of a local folder."""
    return {str(path.relative_to(top)): _entry(path) for path in (top, *top.rglob("*"))}


def _entry(path: Path) -> tuple[Any, ...]:
    status = path.lstat()
    mode, modified = stat.S_IMODE(status.st_mode), status.st_mtime_ns
    if path.is_symlink():
        return "link", 0, modified, str(path.readlink())
    if path.is_dir():
        return "folder", mode, modified, None
    return "file", mode, modified, path.read_bytes()


class MirrorTestCase(KeepingTestCase):
    """A drive whose folder ``/top`` is mirrored; complaints are collected."""

    def plan_up(self, top: Path, **choice: Any) -> UpPlan:
        """Compare a local folder with the drive."""
        self.complaints.clear()
        chosen = Choice(**choice)
        return UpComparison(self.drive, str(top), TOP, self.complaints.append, chosen).run()

    def up(self, top: Path, **choice: Any) -> Mirrored:
        """Mirror a local folder up."""
        return self.carry_out_up(self.plan_up(top, **choice), **choice)

    def carry_out_up(self, plan: UpPlan, **choice: Any) -> Mirrored:
        """Do what was planned."""
        uploader = self.uploader(Terms(by_content=choice.get("by_content", False)))
        mirror = MirrorUp(self.drive, uploader, self.complaints.append)
        try:
            done: Mirrored = self.run_now(mirror.carry_out(plan))
        finally:
            uploader.close()
        return done

    def plan_down(self, top: Path, **choice: Any) -> DownPlan:
        """Compare the drive with a local folder."""
        self.complaints.clear()
        chosen = Choice(**choice)
        return DownComparison(self.drive, TOP, str(top), self.complaints.append, chosen).run()

    def down(self, top: Path, **choice: Any) -> Mirrored:
        """Mirror the drive down."""
        return self.carry_out_down(self.plan_down(top, **choice), top)

    def carry_out_down(self, plan: DownPlan, top: Path) -> Mirrored:
        """Do what was planned."""
        mirror = MirrorDown(self.drive, str(top), in_thread, silent, self.complaints.append)
        done: Mirrored = self.run_now(mirror.carry_out(plan))
        return done

    def picture_of_drive(self) -> Picture:
        """Give all that matters of the drive's folder."""
        found: Picture = {}
        for path, node in walk(self.drive.tree, TOP):
            shown = "/".join(name.decode() for name in path[1:]) or "."
            if isinstance(node, File):
                version = node.version
                content = self.read(version)
                found[shown] = ("file", version.mode, version.modified, content)
            elif isinstance(node, Link):
                found[shown] = ("link", 0, node.modified, node.target.decode())
            else:
                found[shown] = ("folder", node.mode, node.modified, None)
        return found

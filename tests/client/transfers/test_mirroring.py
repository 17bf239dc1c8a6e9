"""Two sides made alike: after a mirroring there is no difference left, whatever there was."""

import os
import shutil
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from anoncloud.client.transfers.mirroring import portions
from anoncloud.limits import MIB
from tests.support.client_mirrors import MirrorTestCase, picture

NAMES = ("a", "b", "c")
KINDS = ("file", "file", "folder", "folder", "link", "nothing")
TIMES = (1_000_000_000_000_000_001, 1_600_000_000_000_000_000)

paths = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3).map("/".join)
scenes = st.lists(
    st.tuples(
        paths,
        st.sampled_from(KINDS),
        st.sampled_from(("", "x", "y", "long" * 50)),
        st.sampled_from((0o600, 0o644, 0o755)),
        st.sampled_from(TIMES),
    ),
    min_size=2,
    max_size=12,
)


def build(top: Path, scene: list[tuple[str, str, str, int, int]]) -> None:
    """Make a local folder of some steps, each of which may undo an earlier one."""
    shutil.rmtree(top, ignore_errors=True)
    top.mkdir()
    times: dict[Path, int] = {}
    for path, kind, content, mode, modified in scene:
        place = top / path
        if place.parent.is_dir() and place.parent.resolve() == place.parent.absolute():
            clear(place)
            make(place, kind, content, mode)
            times[place] = modified
    for place in sorted((top, *top.rglob("*")), reverse=True):
        modified = times.get(place, TIMES[0])
        os.utime(place, ns=(modified, modified), follow_symlinks=False)


def clear(place: Path) -> None:
    """Remove what is at *place*."""
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


def make(place: Path, kind: str, content: str, mode: int) -> None:
    """Make one thing."""
    if kind == "file":
        place.write_text(content)
        place.chmod(mode)
    elif kind == "folder":
        place.mkdir()
        place.chmod(mode | 0o700)
    elif kind == "link":
        place.symlink_to(content or "a")


class BothWaysTests(MirrorTestCase):
    """Up from one folder, and down into another."""

    @settings(max_examples=100, deadline=None)
    @given(scenes, scenes, scenes, st.booleans())
    def test_both_sides_are_equal(self, first: Any, second: Any, other: Any, by_content: bool):
        """After mirroring up and down, with removal, three sides are equal, whatever they were."""
        self.setUp()
        here, there = Path(self.mktemp()), Path(self.mktemp())
        build(here, first)
        self.up(here, delete=True)
        build(here, second)
        build(there, other)
        would = self.plan_up(here, delete=True, by_content=by_content).told()
        did = self.up(here, delete=True, by_content=by_content)
        self.assertEqual(did, would)
        would = self.plan_down(there, delete=True, by_content=by_content).told(str(there))
        did = self.down(there, delete=True, by_content=by_content)
        self.assertEqual(did, would)
        self.assertEqual(self.complaints, [])
        if by_content:
            self.assertEqual(picture(there), picture(here))
        self.assert_equal_sides(here, there, by_content=by_content)
        self.assertEqual(self.up(here, delete=True, by_content=by_content).changes, 0)
        self.assertEqual(self.down(there, delete=True, by_content=by_content).changes, 0)

    def assert_equal_sides(self, here: Path, there: Path, *, by_content: bool) -> None:
        """See that the drive is *here*, and *there* is the drive.

        Without *by_content* a file of the same size and time counts as the same.
        """
        for place in (here, there):
            shown = {
                path: entry if by_content else entry[:-1] for path, entry in picture(place).items()
            }
            drive = {
                path: entry if by_content else entry[:-1]
                for path, entry in self.picture_of_drive().items()
            }
            self.assertEqual(drive, shown)

    def test_without_delete_nothing_is_lost(self) -> None:
        """Two folders mirrored into one place are both there, and so they come down."""
        one, two, there = Path(self.mktemp()), Path(self.mktemp()), Path(self.mktemp())
        build(one, [("a", "folder", "", 0o755, TIMES[0]), ("a/b", "file", "x", 0o644, TIMES[1])])
        build(two, [("a", "folder", "", 0o755, TIMES[0]), ("c", "link", "a", 0, TIMES[1])])
        build(there, [("b", "file", "own", 0o600, TIMES[0])])
        self.up(one)
        self.assertEqual(self.up(two).removed, [])
        self.down(there)
        self.assertEqual(set(picture(there)), {".", "a", "a/b", "b", "c"})
        self.assertEqual(self.complaints, [])

    def test_long_files(self) -> None:
        """Long files go over in pieces; a change in one makes a new version of it."""
        here, there = Path(self.mktemp()), Path(self.mktemp())
        here.mkdir()
        content = bytearray(Random(4).randbytes(3 * MIB))
        (here / "long").write_bytes(content)
        self.up(here)
        content[MIB] ^= 1
        (here / "long").write_bytes(content)
        self.assertEqual(self.up(here).copied, ["/top/long"])
        self.down(there)
        self.assertEqual((there / "long").read_bytes(), content)
        node = self.drive.stat((b"top", b"long"))
        self.assertEqual((len(node.versions), len(node.version.streams)), (2, 2))


class PortionsTests(MirrorTestCase):
    """Things divided among records."""

    @given(st.lists(st.integers(1, 2 * MIB), max_size=20))
    def test_portions(self, weights: list[int]) -> None:
        """All come in order, in portions that fit a record unless one thing alone does not."""
        found = list(portions(weights, lambda weight: weight))
        self.assertEqual([weight for portion in found for weight in portion], weights)
        for portion in found:
            self.assertTrue(sum(portion) <= MIB or len(portion) == 1)

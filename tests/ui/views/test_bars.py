"""The status line and what is said."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui.cells import Row, Style, row_width
from anoncloud.ui.events import Link, Progress, Status, TransferLine
from anoncloud.ui.views import bars
from tests.support import profile
from tests.support.screens_of_cells import STATUS

profile.load()

GIB = 2**30


def text(row: Row) -> str:
    """Give a row as text."""
    return "".join(span.text for span in row).strip()


def line(done: int = 1, total: int | None = 4, state: Progress = Progress.RUNNING) -> TransferLine:
    """Give a transfer at 1 KiB a second."""
    return TransferLine(1, "x", done, total, 1024.0, 3.0, state)


class StatusTests(SynchronousTestCase):
    """The status line."""

    def test_all(self) -> None:
        """Connection, space, age of the newest record, account."""
        said = text(bars.status(STATUS, (), 80))
        self.assertEqual(said, "online  12.0 GiB of 20.0 GiB  changed 2 min ago  ann@drive.example")

    def test_links(self) -> None:
        """Each way the connection can be is told, a lost one as an error."""
        for link, word in (
            (Link.OFFLINE, "offline"),
            (Link.CONNECTING, "connecting"),
            (Link.ONLINE, "online"),
            (Link.LOST, "line lost"),
        ):
            self.assertEqual(text(bars.status(Status(link=link), (), 80)), word)
        spans = bars.status(Status(link=Link.LOST), (), 80)
        self.assertIn(Style.ERROR, [span.style for span in spans])

    def test_space(self) -> None:
        """Without a quota what is used is told; a drive that is nearly full is a warning."""
        used = Status("a", "h", used=3 * GIB)
        self.assertIn("3.0 GiB used", text(bars.status(used, (), 80)))
        for share, style in ((8, Style.BAR), (9, Style.WARNING)):
            full = Status("a", "h", used=share * GIB, quota=10 * GIB)
            (span,) = (s for s in bars.status(full, (), 80) if "10.0 GiB" in s.text)
            self.assertEqual(span.style, style)

    def test_transfers(self) -> None:
        """What is under way, waits or has failed, all together."""
        for lines, said in (
            ((line(), line(3, 4)), "2 under way 50% 2.0 KiB/s"),
            ((line(), line(1, None)), "2 under way 2.0 KiB/s"),
            ((line(), line(state=Progress.WAITING)), "1 under way 25% 1.0 KiB/s, 1 waiting"),
            ((line(state=Progress.FAILED), line(state=Progress.PAUSED)), "1 waiting, 1 failed"),
            ((line(state=Progress.DONE),), ""),
        ):
            self.assertEqual(text(bars.status(Status(), lines, 80)), f"offline  {said}".strip())

    @given(st.integers(0, 120))
    def test_it_fits(self, columns: int) -> None:
        """What does not fit is left out whole, the least important first."""
        row = bars.status(STATUS, (line(),), columns)
        self.assertEqual(row_width(row), columns)
        whole = text(bars.status(STATUS, (line(),), 200)).split("  ")
        if columns:
            self.assertLessEqual(set(text(row).split("  ")) - {""}, set(whole))

    def test_now(self) -> None:
        """A clock that is behind the records' says now."""
        status = Status(newest=100, now=50)
        self.assertIn("changed now", text(bars.status(status, (), 80)))

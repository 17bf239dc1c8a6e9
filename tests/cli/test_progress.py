"""Progress: what the lines say, that they fit, and that nothing of them stays behind."""

import io

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.cli.progress import (
    EVERY,
    Count,
    Pace,
    ProgressLines,
    Tally,
    cells,
    cut,
    left,
    tell,
)
from anoncloud.client.threads import begin_file, expect, pass_files
from anoncloud.client.tree.names import show
from anoncloud.limits import MIB
from tests.support import profile
from tests.support.screens import Screen

profile.load()


def count(done: int, size: int | None, rate: int) -> Count:
    """Give a count that has gone on at *rate* for a second."""
    return Count(done, size, Pace([(0.0, 0), (1.0, rate)]))


class TellTests(SynchronousTestCase):
    """From the tally to text."""

    def test_one_long_file(self) -> None:
        """A single file has its name, bytes, rate and time left in one line."""
        told = count(12 * MIB, 40 * MIB, 8 * MIB)
        tally = Tally("storing", told, 1, 0, "a.iso", told)
        line = "storing a.iso  12.0 MiB of 40.0 MiB  8.0 MiB/s  0:04 left"
        self.assertEqual(tell(tally, 80), [line])

    def test_a_folder(self) -> None:
        """Many short files are counted."""
        tally = Tally("storing", count(3 * MIB, 4 * MIB, MIB), 10_000, 3_120)
        self.assertEqual(
            tell(tally, 80),
            ["storing  3,120 of 10,000 files  3.0 MiB of 4.0 MiB  1.0 MiB/s  0:01 left"],
        )

    def test_a_long_file_of_many(self) -> None:
        """A long file among others has a line of its own, and the whole has the next."""
        tally = Tally("fetching", count(50, 200, 10), 3, 1, "/d/x", count(30, 100, 10))
        self.assertEqual(
            tell(tally, 80),
            [
                "fetching /d/x  30 B of 100 B  10 B/s  0:07 left",
                "total  1 of 3 files  50 B of 200 B  10 B/s  0:15 left",
            ],
        )

    def test_a_stream(self) -> None:
        """What has no known length has neither a total nor an end."""
        told = count(MIB, None, MIB)
        tally = Tally("storing", told, 1, 0, "standard input", told)
        self.assertEqual(tell(tally, 80), ["storing standard input  1.0 MiB  1.0 MiB/s"])

    def test_time_left(self) -> None:
        """Time is told to the second, by hours where there are some, and not at all for days."""
        for seconds, told in ((0.4, "0:00"), (59.6, "1:00"), (754, "12:34"), (3723, "1:02:03")):
            self.assertEqual(left(seconds), [f"{told} left"])
        self.assertEqual(left(400_000), [])

    def test_no_more_than_there_is(self) -> None:
        """A file that has grown meanwhile does not go past its end."""
        self.assertEqual(
            tell(Tally("storing", count(30, 20, 0)), 80), ["storing  30 B of 30 B  0 B/s"]
        )

    def test_figures_give_way(self) -> None:
        """In a narrow terminal the least telling figures go, and then the name is cut."""
        told = count(12 * MIB, 40 * MIB, 8 * MIB)
        tally = Tally("storing", told, 1, 0, "/folder/of/long/names", told)
        for width, line in (
            (72, "storing …older/of/long/names  12.0 MiB of 40.0 MiB  8.0 MiB/s  0:04 left"),
            (58, "storing …er/of/long/names  12.0 MiB of 40.0 MiB  8.0 MiB/s"),
            (45, "storing …/of/long/names  12.0 MiB of 40.0 MiB"),
            (20, "storing …  12.0 MiB "),
        ):
            self.assertEqual(tell(tally, width), [line])

    @given(
        st.binary(min_size=1, max_size=60).map(show) | st.text("你好aé\u0301", max_size=40),
        st.integers(1, 120),
        st.integers(0, 10**15),
        st.none() | st.integers(0, 10**15),
        st.integers(0, 10**6),
        st.sampled_from(["…", "..."]),
    )
    def test_always_fits(
        self, name: str, width: int, done: int, size: int | None, files: int, ellipsis: str
    ) -> None:
        """No tally makes a line wider than the terminal, and none holds a control character."""
        tally = Tally("storing", count(done, size, 7), files, 0, name, count(done, size, 7))
        for line in tell(tally, width, ellipsis):
            self.assertLessEqual(cells(line), width)
            self.assertTrue(line.isprintable(), line)


class CutTests(SynchronousTestCase):
    """Text by cells."""

    def test_cells(self) -> None:
        """Wide characters take two cells, and accents that join take none."""
        for text, width in (("abc", 3), ("你好", 4), ("e\u0301", 1), ("é", 1), ("", 0)):
            self.assertEqual(cells(text), width)

    def test_the_end_stays(self) -> None:
        """What is cut off is the beginning; a wide character is never cut in two."""
        self.assertEqual(cut("abcdef", 6, "…"), "abcdef")
        self.assertEqual(cut("abcdef", 4, "…"), "…def")
        self.assertEqual(cut("abcdef", 5, "..."), "...ef")
        self.assertEqual(cut("a你好", 4, "…"), "…好")
        self.assertEqual(cut("abcdef", 1, "…"), "…")


class PaceTests(SynchronousTestCase):
    """The rate."""

    def test_lately(self) -> None:
        """Only the last seconds count, and a stop shows."""
        pace = Pace()
        pace.note(0, 0)
        self.assertEqual(pace.rate(), 0)
        pace.note(1, 1000)
        self.assertEqual(pace.rate(), 1000)
        for second in range(2, 20):
            pace.note(second, 1000)
        self.assertEqual(pace.rate(), 0)


class PaintTests(SynchronousTestCase):
    """The lines on a terminal."""

    def setUp(self) -> None:
        self.clock, self.screen = Clock(), Screen()
        self.lines = self.make(self.screen)

    def make(self, out: io.TextIOBase | None, **options: object) -> ProgressLines:
        return ProgressLines(Tally("storing"), out, self.clock.seconds, lambda: 60, **options)

    def later(self) -> None:
        """Let so much time go by that a paint may follow."""
        self.clock.advance(EVERY)

    def test_ten_a_second(self) -> None:
        """However often bytes are done, there are no more than ten paints a second."""
        self.lines.expect(1, 10**6)
        for _ in range(1000):
            self.clock.advance(0.001)
            self.lines(1000)
        self.assertLessEqual(self.screen.getvalue().count("storing"), 11)
        self.assertGreaterEqual(self.screen.getvalue().count("storing"), 9)

    def test_a_bare_call(self) -> None:
        """Work that knows nothing but bytes is shown too."""
        self.lines(500)
        self.later()
        self.lines(500)
        self.assertEqual(self.screen.shown(), ["storing  1000 B  9.8 KiB/s"])

    def test_two_lines_become_one(self) -> None:
        """When the long file is done its line goes, and nothing of it is left."""
        self.lines.expect(3, 300)
        self.lines.file("/a/long/name", 100)
        self.later()
        self.lines(100)
        self.assertEqual(len(self.screen.shown()), 2)
        self.later()
        self.lines.passed(1)
        shown = self.screen.shown()
        self.assertEqual(len(shown), 1, shown)
        self.assertTrue(shown[0].startswith("storing  1 of 3 files  100 B of 300 B"), shown)

    def test_other_words(self) -> None:
        """What else is said stands on a line of its own, and the next paint is below it."""
        self.lines.expect(2, 100)
        self.lines.file("x", 50)
        self.later()
        self.lines(10)
        self.lines.clear()
        self.assertEqual(self.screen.shown(), [])
        self.screen.write("anoncloud: a remark\n")
        self.later()
        self.lines(10)
        shown = self.screen.shown()
        self.assertEqual(shown[0], "anoncloud: a remark")
        self.assertEqual(len(shown), 3, shown)

    def test_the_end(self) -> None:
        """After the end nothing is there, and nothing more comes."""
        self.lines.expect(2, 100)
        self.lines.close()
        self.later()
        self.lines(10)
        self.assertEqual(self.screen.shown(), [])

    def test_what_needs_no_doing(self) -> None:
        """Files that are there already count as files, and their bytes leave the total."""
        self.lines.expect(3, 300)
        self.lines.passed(1, 100)
        self.later()
        self.lines(50)
        (shown,) = self.screen.shown()
        self.assertTrue(shown.startswith("storing  1 of 3 files  50 B of 200 B"), shown)

    def test_the_terminal_goes(self) -> None:
        """A terminal that has gone does not stop the work."""
        self.screen.close()

        class Gone(io.StringIO):
            def write(self, text: str) -> int:
                raise OSError

        lines = self.make(Gone())
        lines(1)
        self.later()
        lines(1)
        lines.close()

    def test_plain_letters(self) -> None:
        """Where the terminal knows few letters, names and the ellipsis are shown by those."""
        lines = self.make(
            self.screen, fitting=lambda text: text.encode("ascii", "backslashreplace").decode()
        )
        lines.expect(1, 10**9)
        self.later()
        lines.file("/" + "é" * 50, 10**9)
        (shown,) = self.screen.shown()
        self.assertTrue(shown.isascii(), shown)
        self.assertTrue(shown.startswith("storing ..."), shown)

    def test_silence(self) -> None:
        """Without a terminal nothing is written, and the tally is kept all the same."""
        lines = self.make(None)
        for step in (lambda: lines.expect(1, 2), lambda: lines(2), lines.clear, lines.close):
            step()
        self.assertEqual(self.screen.getvalue(), "")


class AnyProgressTests(SynchronousTestCase):
    """Work tells all it knows, to whatever it was given."""

    def test_a_function(self) -> None:
        """A function that only takes bytes is not asked for more."""
        done: list[int] = []
        expect(done.append, 1, 10)
        begin_file(done.append, "x", 10)
        pass_files(done.append)
        self.assertEqual(done, [])

    def test_lines(self) -> None:
        """Progress lines learn all of it."""
        clock, screen = Clock(), Screen()
        lines = ProgressLines(Tally("storing"), screen, clock.seconds, lambda: 80)
        expect(lines, 2, 100)
        begin_file(lines, "x", 50)
        clock.advance(EVERY)
        lines(50)
        self.assertEqual(len(screen.shown()), 2)
        clock.advance(EVERY)
        pass_files(lines, 1, 0)
        self.assertIn("1 of 2 files", screen.shown()[0])

"""Where everything stands: nothing overlaps, nothing is left over."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui import layout
from anoncloud.ui.model import LEAST_COLUMNS, LEAST_ROWS, Arrangement, Explorer
from tests.support import profile

profile.load()

explorers = st.builds(
    Explorer,
    rows=st.integers(LEAST_ROWS, 100),
    columns=st.integers(LEAST_COLUMNS, 300),
    arrangement=st.sampled_from(Arrangement),
    split=st.floats(0, 1),
)


class LayoutTests(SynchronousTestCase):
    """The areas of the panes."""

    @given(explorers)
    def test_every_cell_has_one_owner(self, made: Explorer) -> None:
        """The panes and their border cover the screen but for the bars, without overlapping."""
        areas = layout.areas(made)
        owned = sum(area.height * area.width for area in areas.values())
        rows = made.rows - layout.BARS
        if layout.border(made) is not None:
            owned += rows
        self.assertEqual(owned, rows * made.columns)
        corners = {
            (area.row + down, area.column + across)
            for area in areas.values()
            for down in (0, area.height - 1)
            for across in (0, area.width - 1)
        }
        for row, column in corners:
            self.assertEqual(sum(area.holds(row, column) for area in areas.values()), 1)

    @given(explorers)
    def test_there_is_room_for_entries(self, made: Explorer) -> None:
        """Every pane shows some, and the active one is always there."""
        areas = layout.areas(made)
        self.assertIn(made.active, areas)
        for side, area in areas.items():
            self.assertGreaterEqual(layout.entries_height(area), 2)
            self.assertEqual(layout.height(made, side), layout.entries_height(area))
            last = layout.first_entry(area) + layout.entries_height(area)
            self.assertEqual(last, area.row + area.height - 1)  # the footer

    def test_narrow(self) -> None:
        """One pane on a narrow terminal, two as soon as there is room."""
        for columns, panes in ((layout.TWO_PANES - 1, 1), (layout.TWO_PANES, 2)):
            self.assertEqual(len(layout.areas(Explorer(columns=columns))), panes)

"""What undo says that it has done."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.cli.undoing import MOST_SHOWN, lines
from anoncloud.client.inverses import Did
from anoncloud.client.undoing import TakenBack


class LinesTests(SynchronousTestCase):
    """lines."""

    def test_every_action(self) -> None:
        """Each action has its words, with names escaped."""
        did = [
            Did("trashed", (b"a\n",), (b"a\n",)),
            Did("restored", (b"b",), (b"b",)),
            Did("moved", (b"c",), (b"d", b"c")),
            Did("version", (b"e",), (b"e",)),
            Did("attributes", (b"f",), (b"f",)),
        ]
        self.assertEqual(
            lines([TakenBack(7, 0, did)]),
            [
                "took back record 7 of 1970-01-01 00:00:00:",
                "  put /a\\x0a into the trash",
                "  restored /b",
                "  moved /d/c back to /c",
                "  gave /e the content that it had before",
                "  gave /f the time and mode that it had before",
            ],
        )

    def test_many(self) -> None:
        """Of very many things the first are told, and how many more there are."""
        did = [Did("trashed", (b"%d" % number,), ()) for number in range(MOST_SHOWN + 5)]
        said = lines([TakenBack(1, 0, did), TakenBack(2, 0, did[:MOST_SHOWN])])
        self.assertEqual(said[MOST_SHOWN + 1], "  and 5 more")
        self.assertEqual(len(said), 2 * MOST_SHOWN + 3)

    def test_nothing_of_its_own(self) -> None:
        """A record whose things go with a folder says so."""
        self.assertIn("goes with a folder", lines([TakenBack(1, 0, [])])[1])

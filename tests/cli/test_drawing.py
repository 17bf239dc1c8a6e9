"""The tree as it is drawn."""

from anoncloud.cli.drawing import Counts, count, draw, twigs
from anoncloud.client.tree.names import parse_path
from tests.support.client_arranged import ArrangedTestCase

WHOLE = """\
/
├── a/
│   ├── b/
│   │   └── f
│   └── empty/
├── line\\x0abreak
└── z -> ../a\\x1b

3 folders, 2 files, 1 link"""


class DrawingTests(ArrangedTestCase):
    """twigs, draw, count."""

    def setUp(self) -> None:
        super().setUp()
        self.put("/a/b/f")
        self.mkdir("/a/empty")
        self.put("/line\nbreak")
        self.link("/z", b"../a\x1b")

    def drawn(
        self, path: str = "/", depth: int | None = None, *, folders: bool = False, **options: bool
    ) -> list[str]:
        """Draw what is at *path*."""
        where = parse_path(path.encode())
        found = list(twigs(self.drive.tree, where, self.node(path), depth, folders_only=folders))
        lines = list(draw(found, **{"ascii_only": False, **options}))
        return [*lines, "", count(found).line(folders_only=folders)]

    def test_whole(self) -> None:
        """Branches join what is in one folder, names are escaped, the top is not counted."""
        self.assertEqual(self.drawn(), WHOLE.splitlines())

    def test_ascii(self) -> None:
        """Where only ASCII can be shown, the drawing is ASCII, line for line."""
        plain = self.drawn(ascii_only=True)
        self.assertEqual(plain[1:4], ["|-- a/", "|   |-- b/", "|   |   `-- f"])
        self.assertTrue(all(line.isascii() for line in plain))
        self.assertEqual(len(plain), len(self.drawn()))

    def test_depth(self) -> None:
        """Nothing that lies deeper is drawn or counted."""
        self.assertEqual(
            self.drawn(depth=1)[1:],
            ["├── a/", "├── line\\x0abreak", "└── z -> ../a\\x1b", "", "1 folder, 1 file, 1 link"],
        )
        self.assertEqual(self.drawn(depth=0), ["/", "", "0 folders, 0 files"])

    def test_folders_only(self) -> None:
        """Only folders are drawn, the last of them as the last."""
        self.assertEqual(
            self.drawn(folders=True),
            ["/", "└── a/", "    ├── b/", "    └── empty/", "", "3 folders"],
        )

    def test_below(self) -> None:
        """What is below a path is drawn under it; a file is drawn alone."""
        self.assertEqual(self.drawn("/a/b"), ["/a/b", "└── f", "", "0 folders, 1 file"])
        self.assertEqual(self.drawn("/a/b/f"), ["/a/b/f", "", "0 folders, 0 files"])

    def test_deep(self) -> None:
        """As deep as a path may be."""
        self.run_now(self.drive.make_folder((b"d",) * 1000, parents=True))
        self.assertEqual(len(self.drawn("/d")), 1002)

    def test_counts(self) -> None:
        """One is not many."""
        self.assertEqual(Counts(1, 1, 1).line(folders_only=False), "1 folder, 1 file, 1 link")
        self.assertEqual(Counts(0, 2, 0).line(folders_only=False), "0 folders, 2 files")
        self.assertEqual(Counts(2, 9, 0).line(folders_only=True), "2 folders")

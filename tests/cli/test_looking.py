"""What find takes for its options, and the lines of du."""

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.cli.looking import size_line, wanted_by
from anoncloud.client.tree.nodes import File, Folder, Kept, Link, Node, pack
from anoncloud.client.tree.sizes import Sizes
from tests.support.client_samples import stream, version

TIME = 1_000_000


def file(name: bytes, size: int, modified: int = TIME) -> File:
    """Give a file that was changed at *modified* (microseconds)."""
    made = version(stream(1, size), modified=modified * 1000)
    return File(1, 0, name, pack((Kept(0, made),)))


NODES: tuple[Node, ...] = (
    file(b"a.jpg", 100),
    file(b"B.JPG", 200, TIME + 1),
    file(b"\xff.jpg", 300, TIME - 1),
    Folder(2, 0, b"c.jpg", TIME * 1000, 0o700),
    Link(3, 0, b"d.jpg", b"target", TIME * 1000 + 1),
)


class WantedTests(SynchronousTestCase):
    """wanted_by."""

    def check(self, expected: str, **options: Any) -> None:
        """See which nodes fit, by the first letter of their names."""
        wanted = wanted_by(
            options.get("name"),
            options.get("kind"),
            (options.get("larger"), options.get("smaller")),
            (options.get("newer"), options.get("older")),
        )
        found = "".join(chr(node.name[0]) for node in NODES if wanted(node))
        self.assertEqual(found, expected, options)

    def test_all(self) -> None:
        """Without options everything fits."""
        self.check("aB\xffcd")

    def test_names(self) -> None:
        """A pattern is for the whole name, and is told capitals from small letters."""
        self.check("a\xffcd", name="*.jpg")
        self.check("a", name="a.jpg")
        self.check("", name="jpg")
        self.check("ac", name="[ac].*")
        self.check("\xff", name="\udcff.*")
        self.check("aB\xffcd", name="?.???")

    def test_types(self) -> None:
        """Files, folders and links are told apart."""
        self.check("aB\xff", kind="f")
        self.check("c", kind="d")
        self.check("d", kind="l")

    def test_sizes(self) -> None:
        """Bounds are not reached themselves, and only files have a size."""
        self.check("\xff", larger=200)
        self.check("a", smaller=200)
        self.check("B", larger=100, smaller=300)
        self.check("aB\xff", larger=0)

    def test_times(self) -> None:
        """Bounds are not reached themselves, to the nanosecond."""
        self.check("Bd", newer=TIME)
        self.check("\xff", older=TIME)
        self.check("acd", newer=TIME - 1, older=TIME + 1)

    def test_together(self) -> None:
        """All options must fit."""
        self.check("\xff", name="*.jpg", kind="f", larger=100)
        self.check("", name="*.jpg", kind="d", larger=0)


class SizeLineTests(SynchronousTestCase):
    """size_line."""

    def test_lines(self) -> None:
        """One number, or four, before the path."""
        held = Sizes(2048, 100, 0, 3 * 2**20)
        self.assertEqual(size_line("/a", held, stored=False), "    2.0 KiB  /a")
        self.assertEqual(
            size_line("/a", held, stored=True),
            "    2.0 KiB        100 B          0 B      3.0 MiB  /a",
        )

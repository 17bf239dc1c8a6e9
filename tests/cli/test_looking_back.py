"""Options that lead to earlier versions and times, and where their content is found."""

from anoncloud.cli.looking_back import (
    check_options,
    find_recovered,
    numbered_version,
    recovered,
    tree_at,
)
from anoncloud.client.arranging import remove
from anoncloud.errors import Exists, NotFound, UsageError
from tests.support.client_arranged import ArrangedTestCase, content


class LookingBackTests(ArrangedTestCase):
    """check_options, numbered_version, tree_at, find_recovered, recovered."""

    def test_options(self) -> None:
        """A version and a time exclude each other, and a version is one file's."""
        one, two = ((b"a",),), ((b"a",), (b"b",))
        for sources, version, at in ((one, None, None), (one, 1, None), (two, None, 5)):
            check_options(sources, version, at)
        for sources, version, at in ((one, 1, 5), (two, 1, None)):
            self.assertRaises(UsageError, check_options, sources, version, at)

    def test_versions(self) -> None:
        """Versions count from the oldest; what there is is told."""
        self.put("/f", 1)
        error = self.assertRaises(NotFound, numbered_version, self.node("/f"), "/f", 2)
        self.assertIn("it has version 1 only", str(error))
        self.put("/f", 2)
        for number in (1, 2):
            self.assertEqual(numbered_version(self.node("/f"), "/f", number), content(number))
        error = self.assertRaises(NotFound, numbered_version, self.node("/f"), "/f", 3)
        self.assertIn("it has versions 1 to 2", str(error))
        self.assertRaises(Exists, numbered_version, self.node("/"), "/", 1)

    def test_now(self) -> None:
        """Without a time it is the drive as it is, in which nothing is lost."""
        self.put("/f", 1)
        tree = self.run_now(tree_at(self.drive, None))
        self.assertIs(tree, self.drive.tree)
        self.assertEqual(recovered(tree, self.drive, self.node("/")), [])

    def test_lost(self) -> None:
        """What is gone for good is told; of a folder, the rest is still there to be had."""
        self.put("/a/f", 1)
        moment = self.put("/a/g", 2)
        self.run_now(remove(self.drive, [self.node("/a/f")], forever=True))
        past = self.run_now(tree_at(self.drive, moment))
        error = self.assertRaises(NotFound, find_recovered, past, self.drive, (b"a", b"f"))
        self.assertIn("/a/f", str(error))
        past = self.run_now(tree_at(self.drive, moment))
        folder = find_recovered(past, self.drive, (b"a",))
        (error,) = recovered(past, self.drive, folder)
        self.assertIn("/a/f", str(error))
        self.assertEqual(self.shown(past), ["/a/", "/a/g 2"])
        self.assertEqual(find_recovered(past, self.drive, (b"a", b"g")).version, content(2))

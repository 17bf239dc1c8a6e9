"""Size and time of a file, read past everything else."""

from hypothesis import given
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.tree.nodes import File
from anoncloud.client.tree.outlines import outline
from tests.support.client_strategies import nodes


class OutlineTests(SynchronousTestCase):
    @given(nodes.filter(lambda node: isinstance(node, File)))
    def test_the_same(self, file: File) -> None:
        """They are those of the newest version taken apart, whatever it is made of."""
        self.assertEqual(outline(file), (file.size, file.modified))

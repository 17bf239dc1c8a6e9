"""What the commands of devices say."""

import io

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.cli.devices import lines, value, warn
from anoncloud.cli.output import Output
from anoncloud.client.devices import Listed, State
from anoncloud.client.tree.affairs import Device

KEY, OTHER, HIDDEN = (bytes([number]) * 32 for number in (0xAB, 0xCD, 0xEF))
MINE = Listed(KEY, Device(KEY, bytes(32), b"lap\ntop", 1_000_000), State.ENROLLED, mine=True)
HALF = Listed(OTHER, Device(OTHER, bytes(32), b"tablet", 2_500_000), State.HALF, mine=False)
STRANGER = Listed(HIDDEN, None, State.HIDDEN, mine=False)


class ShownTests(SynchronousTestCase):
    """Rows and warnings."""

    def setUp(self) -> None:
        self.err = io.StringIO()
        self.output = Output(as_json=False, quiet=False, err=self.err, doing="devices")

    def test_lines(self) -> None:
        """Each device has a line with its time, the beginning of its key, and its name escaped."""
        self.assertEqual(
            lines([MINE, HALF, STRANGER]),
            [
                "* 1970-01-01 00:00:01 abababababababab lap\\x0atop",
                "  1970-01-01 00:00:02 cdcdcdcdcdcdcdcd tablet (cut off, not yet revoked)",
                "                      efefefefefefefef (hidden)",
            ],
        )

    def test_values(self) -> None:
        """Programs get the whole key, and nothing for what a hidden key has not."""
        self.assertEqual(
            value(HALF),
            {
                "name": "tablet",
                "key": "cd" * 32,
                "enrolled": 2.5,
                "state": "cut off",
                "this": False,
            },
        )
        self.assertEqual(
            value(STRANGER),
            {"name": None, "key": "ef" * 32, "enrolled": None, "state": "hidden", "this": False},
        )
        self.assertTrue(value(MINE)["this"])

    def test_nothing_to_warn_of(self) -> None:
        """Where all is well nothing is added."""
        warn(self.output, [MINE])
        self.assertEqual((self.err.getvalue(), self.output.exit_code), ("", 0))

    def test_half(self) -> None:
        """What was revoked in part is told, with the command that finishes it."""
        warn(self.output, [MINE, HALF])
        self.assertIn("anoncloud devices revoke cdcdcdcdcdcdcdcd", self.err.getvalue())
        self.assertEqual(self.output.exit_code, 0)

    def test_hidden(self) -> None:
        """A hidden key is an error, with the command that takes it back."""
        warn(self.output, [MINE, STRANGER])
        self.assertIn("lets in 1 key that no device", self.err.getvalue())
        self.assertIn("anoncloud devices revoke efefefefefefefef", self.err.getvalue())
        self.assertEqual(self.output.exit_code, 10)

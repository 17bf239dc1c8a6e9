"""In how many processes a server serves."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.server.modes import ProcessMode, cores, mode_in_force


class ModeTests(SynchronousTestCase):
    """Modes."""

    def test_auto(self) -> None:
        """Left to the server it is one process on one core, and workers on more."""
        self.assertIs(mode_in_force(ProcessMode.AUTO, 1), ProcessMode.SINGLE)
        self.assertIs(mode_in_force(ProcessMode.AUTO, 2), ProcessMode.WORKERS)

    def test_said(self) -> None:
        """What was said holds, whatever the machine has."""
        for mode in (ProcessMode.SINGLE, ProcessMode.WORKERS, ProcessMode.PER_USER):
            for count in (1, 8):
                self.assertIs(mode_in_force(mode, count), mode)

    def test_cores(self) -> None:
        """There is at least one."""
        self.assertGreaterEqual(cores(), 1)

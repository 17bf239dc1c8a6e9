"""The process that makes pictures small: what it gives, and what becomes of one that does not."""

from twisted.internet.error import ProcessDone, ProcessExitedAlready, ProcessTerminated
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui.doing.pictures import Painter
from anoncloud.ui.viewing.picture import NotShown, Small

SMALL = b"1 1 1\n\xff\0\0\0"


class Process(StringTransport):
    """Stands for the process's streams."""

    def __init__(self):
        super().__init__()
        self.signals = []
        self.closed = False
        self.gone = False

    def closeStdin(self):
        self.closed = True

    def signalProcess(self, name):
        if self.gone:
            raise ProcessExitedAlready
        self.signals.append(name)


class PainterTests(SynchronousTestCase):
    def setUp(self):
        self.process = Process()
        self.painter = Painter(b"picture")
        self.painter.makeConnection(self.process)

    def ended(self, reason):
        self.painter.processEnded(Failure(reason))
        return self.successResultOf(self.painter.over)

    def test_given(self):
        self.assertEqual(self.process.value(), b"picture")
        self.assertTrue(self.process.closed)
        self.painter.outReceived(SMALL[:4])
        self.painter.outReceived(SMALL[4:])
        self.assertEqual(self.ended(ProcessDone(0)), Small(1, 1, (0xFF0000,), b"\0"))

    def test_refused(self):
        """Its last line says why; whatever it writes is safe to show."""
        self.painter.errReceived(b"Traceback\nwrong \x1b[31m")
        made = self.ended(ProcessTerminated(1))
        self.assertIsInstance(made, NotShown)
        self.assertTrue(made.message.startswith("wrong \\x1b[31m"))

    def test_killed(self):
        self.assertIn("too long", self.ended(ProcessTerminated(None, 9)).message)

    def test_nonsense(self):
        self.painter.outReceived(b"nonsense")
        self.assertIsInstance(self.ended(ProcessDone(0)), NotShown)

    def test_endless(self):
        """One that writes without end is ended."""
        for _ in range(10):
            self.painter.outReceived(bytes(1_000_000))
        self.assertTrue(self.process.signals)
        self.painter.errReceived(bytes(100_000))
        self.assertLess(len(self.painter._said), 10_000)

    def test_not_wanted(self):
        """Whoever waits no more ends it."""
        self.painter.over.cancel()
        self.failureResultOf(self.painter.over)
        self.assertEqual(self.process.signals, ["KILL"])
        self.painter.processEnded(Failure(ProcessTerminated(None, 9)))

    def test_gone_already(self):
        self.process.gone = True
        self.painter.over.cancel()
        self.failureResultOf(self.painter.over)

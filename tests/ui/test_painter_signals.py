"""What the painter does to signals: nothing, also while it paints."""

import subprocess
import sys

from twisted.trial.unittest import SynchronousTestCase

from tests.support.processes import CHECKOUT, environment

PROGRAM = """
import signal, threading
from pathlib import Path
from anoncloud.ui.cells import Span, block
from anoncloud.ui.covering import Picture
from anoncloud.ui.painter import Painter

painter = Painter({"TERM": "xterm-256color"}, 50, 200)
assert signal.getsignal(signal.SIGTSTP) is signal.SIG_DFL
signal.signal(signal.SIGTSTP, lambda *_: None)
pictures = [Picture(block([(Span(mark * 200),)] * 50, 200), None) for mark in "ab"]
bit, seen, ended = 1 << (signal.SIGTSTP - 1), [], threading.Event()

def look():
    for _ in range(1000):
        said = Path("/proc/self/status").read_text()
        seen.append(bool(int(said.split("SigIgn:")[1].split()[0], 16) & bit))
    ended.set()

threading.Thread(target=look).start()
while not ended.is_set():
    for picture in pictures:
        painter.paint(picture)
print(sum(seen), "of", len(seen))
"""


class SignalTests(SynchronousTestCase):
    def test_stopped_while_it_paints(self):
        """SIGTSTP is never ignored: who sends it while a picture is painted is heard."""
        said = subprocess.check_output(
            (sys.executable, "-c", PROGRAM), cwd=CHECKOUT, env=environment(), timeout=60
        )
        self.assertEqual(said, b"0 of 1000\n")

"""The terminal taken and given back, read and written, on a pair of pseudo-terminals."""

import fcntl
import os
import signal
import struct
import termios

from twisted.internet.testing import MemoryReactorClock
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui import terminal
from anoncloud.ui.decoding import ESCAPE_WAIT
from anoncloud.ui.terminal import NO_JOBS, Signals, Terminal, stop_here

MODES = slice(0, 4)


class Reactor(MemoryReactorClock):
    """Calls from signals at once."""

    def callFromThread(self, function, *arguments):
        function(*arguments)


class TerminalCase(SynchronousTestCase):
    def setUp(self):
        self.far, self.near = os.openpty()
        self.addCleanup(os.close, self.near)
        self.addCleanup(self.close_far)
        self.reactor = Reactor()
        self.keys, self.gone, self.drained = [], [], []
        self.terminal = Terminal(
            self.reactor,
            self.near,
            self.keys.append,
            lambda: self.gone.append(True),
            lambda: self.drained.append(True),
        )
        self.addCleanup(self.terminal.close)

    def close_far(self):
        if self.far >= 0:
            os.close(self.far)
            self.far = -1

    def modes(self):
        return termios.tcgetattr(self.near)[MODES]

    def type(self, data):
        os.write(self.far, data)
        self.terminal.doRead()

    def heard(self, length):
        """Read *length* bytes that were written to the terminal; they may come in parts."""
        found = b""
        while len(found) < length:
            found += os.read(self.far, length - len(found))
        return found


class TakingTests(TerminalCase):
    def test_taken_and_given_back(self):
        """Raw while it is ours, and afterwards just as it was found."""
        before = self.modes()
        self.terminal.take(b"hello")
        self.assertFalse(self.modes()[3] & (termios.ECHO | termios.ICANON | termios.ISIG))
        self.assertEqual(self.reactor.getReaders(), [self.terminal])
        self.terminal.give_back(b"bye")
        self.assertEqual(self.modes(), before)
        self.assertEqual(self.reactor.getReaders(), [])
        self.assertEqual(self.heard(8), b"hellobye")

    def test_twice(self):
        """To take it twice, or give it back twice, does nothing more."""
        self.terminal.take(b"a")
        self.terminal.take(b"b")
        self.terminal.give_back(b"c")
        self.terminal.give_back(b"d")
        self.assertEqual(self.heard(2), b"ac")

    def test_what_others_leave(self):
        """A program that had it meanwhile, and left it in disorder, changes nothing for us."""
        self.terminal.take(b"")
        ours = self.modes()
        self.terminal.give_back(b"")
        left = termios.tcgetattr(self.near)
        left[0] |= termios.IXOFF
        termios.tcsetattr(self.near, termios.TCSANOW, left)
        self.terminal.take(b"")
        self.assertEqual(self.modes(), ours)

    def test_the_shell_keeps_its_descriptor(self):
        """What the shell shares with us does not become non-blocking."""
        self.terminal.take(b"")
        self.assertTrue(os.get_blocking(self.near))
        self.assertFalse(os.get_blocking(self.terminal.fileno()))

    def test_nothing_is_written_that_is_not_ours(self):
        self.terminal.write(b"early")
        self.terminal.take(b"")
        self.terminal.give_back(b"")
        self.terminal.write(b"late")
        os.set_blocking(self.far, False)
        self.assertRaises(BlockingIOError, os.read, self.far, 100)

    def test_size(self):
        self.assertEqual(self.terminal.size(), (24, 80))
        fcntl.ioctl(self.near, termios.TIOCSWINSZ, struct.pack("HHHH", 10, 40, 0, 0))
        self.assertEqual(self.terminal.size(), (10, 40))


class ReadingTests(TerminalCase):
    def setUp(self):
        super().setUp()
        self.terminal.take(b"")

    def test_keys(self):
        self.type(b"a\x1b[A")
        self.assertEqual(self.keys, ["a", "up"])

    def test_lone_escape_by_timer(self):
        self.type(b"\x1b")
        self.assertEqual(self.keys, [])
        self.reactor.advance(ESCAPE_WAIT)
        self.assertEqual(self.keys, ["esc"])

    def test_escape_that_goes_on(self):
        self.type(b"\x1b")
        self.type(b"[B")
        self.reactor.advance(1)
        self.assertEqual(self.keys, ["down"])

    def test_strings_of_this_terminal(self):
        self.terminal.know({b"\x1bQ": "f5"})
        self.type(b"\x1bQ")
        self.assertEqual(self.keys, ["f5"])

    def test_double_click(self):
        for _ in range(2):
            self.type(b"\x1b[<0;3;4M")
        self.assertEqual(self.keys, ["mouse:click:3:2", "mouse:double:3:2"])

    def test_hung_up(self):
        """A terminal that is gone is told once, and left alone."""
        self.close_far()
        self.terminal.doRead()
        self.terminal.connectionLost(None)
        self.assertEqual(self.gone, [True])
        self.assertEqual(self.reactor.getReaders(), [])
        self.terminal.give_back(b"bye")
        self.terminal.take(b"")
        self.assertFalse(self.terminal.held)

    def test_no_reading_after_giving_back(self):
        """Nothing that was begun is told once another program has the terminal."""
        self.type(b"\x1b")
        self.terminal.give_back(b"")
        self.reactor.advance(1)
        self.assertEqual(self.keys, [])


class WritingTests(TerminalCase):
    def test_slow_terminal(self):
        """What a slow terminal does not take waits, in order, and blocks nobody."""
        self.terminal.take(b"")
        data = bytes(range(65, 91)) * 40_000
        self.terminal.write(data)
        self.assertTrue(self.terminal.busy)
        self.terminal.write(b"end")
        self.assertEqual(self.reactor.getWriters(), [self.terminal])
        read = b""
        while len(read) < len(data) + 3:
            read += os.read(self.far, 65536)
            if self.terminal.busy:
                self.terminal.doWrite()
        self.assertEqual(read, data + b"end")
        self.assertFalse(self.terminal.busy)
        self.assertEqual(self.reactor.getWriters(), [])
        self.assertTrue(self.drained)


class SignalsTests(SynchronousTestCase):
    def test_called_and_forgotten(self):
        before = signal.getsignal(signal.SIGUSR2)
        signals, heard = Signals(Reactor()), []
        signals.on(signal.SIGUSR2, lambda: heard.append(1))
        signals.on(signal.SIGUSR2, lambda: heard.append(2))
        signal.raise_signal(signal.SIGUSR2)
        self.assertEqual(heard, [2])
        signals.forget()
        self.assertEqual(signal.getsignal(signal.SIGUSR2), before)


class StoppingTests(SynchronousTestCase):
    def setUp(self):
        self.signals = Signals(Reactor())
        self.addCleanup(self.signals.forget)
        for number in (signal.SIGTSTP, signal.SIGCONT):
            self.signals.on(number, lambda: None)
        self.before = self.handlers()
        self.reactor, self.went_on = Reactor(), []

    def handlers(self):
        return signal.getsignal(signal.SIGTSTP), signal.getsignal(signal.SIGCONT)

    def stop(self, what_happens):
        """Stop, with a kernel that does *what_happens* instead."""
        killed = []

        def kill(*arguments):
            killed.append(arguments)
            self.assertEqual(signal.getsignal(signal.SIGTSTP), signal.SIG_DFL)
            what_happens()

        self.patch(terminal.os, "kill", kill)
        stop_here(self.reactor, lambda: self.went_on.append(self.handlers()))
        self.assertEqual(killed, [(0, signal.SIGTSTP)])

    def test_let_go_on(self):
        """What a shell lets go on can be stopped again at once, and goes on once."""
        self.stop(lambda: signal.raise_signal(signal.SIGCONT))
        self.assertEqual(self.handlers(), self.before)
        self.reactor.advance(NO_JOBS)
        self.assertEqual(self.went_on, [self.before])

    def test_no_shell(self):
        """Where nobody could let it go on it does so by itself."""
        self.stop(lambda: None)
        self.assertEqual(self.went_on, [])
        self.reactor.advance(NO_JOBS)
        self.assertEqual(self.went_on, [self.before])

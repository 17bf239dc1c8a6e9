"""The terminal that the explorer was lent: however it ends, or pauses, all of it is given back."""

import signal
import sys

from tests.support.tmux import sizeless
from tests.system.exploring import StoryCase

CRASHES = """
import anoncloud.ui.explorer as it
whole = it.picture
it.picture = lambda state: 1 / (state.columns != 77) and whole(state)
from anoncloud.start import main
main()
"""
"""An explorer with a bug in a view, which shows at one width alone."""
BUG = 70


class RestoredTests(StoryCase):
    def setUp(self):
        super().setUp()
        self.device = self.ada(self.remote)

    def begin(self):
        tmux = self.shell(self.device.state).run("echo before")
        tmux.still()
        return tmux, tmux.modes

    def restored(self, tmux, modes):
        """See that kernel and terminal are as they were, the old screen shows, nothing is left."""
        self.assertEqual(tmux.modes, modes)
        self.assertTrue(modes.shown)
        self.assertFalse(modes.alternate or modes.mouse or modes.keypad or modes.arrows)
        self.assertEqual(tmux.lines[1], "before", "\n".join(tmux.lines))
        self.assertFalse(tmux.shows("F10"))
        pasted = self.folder / "pasted"
        tmux.run(f"cat > {pasted}").until(lambda: tmux.foreground != tmux.pane)
        tmux.paste("text").press("Enter", "C-d")
        self.assertEqual(tmux.ended(), 0)
        self.assertEqual(pasted.read_bytes(), b"text\n")  # and no marks of a paste around it
        tmux.run("clear; echo; echo before").still()

    def test_ends(self):
        """By a key, by each signal that ends programs, and by a bug in the middle of things."""
        tmux, modes = self.begin()
        tmux.run("clear; echo; echo before").still()
        ends = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
        for end in (lambda: tmux.press("q"), *(lambda it=it: tmux.signal(it) for it in ends)):
            tmux.run("anoncloud").until("online")
            taken = tmux.modes
            self.assertTrue(taken.alternate and taken.mouse)
            self.assertNotEqual(taken.stty, modes.stty)
            end()
            self.assertEqual(tmux.ended(), 0)
            self.restored(tmux, modes)

    def test_crash(self):
        """A bug ends it with words and a code, and they stand on the terminal as it was."""
        tmux, modes = self.begin()
        program = self.file("crashes.py", CRASHES.encode())
        tmux.run(f"{sys.executable} {program}").until("online").resize(77, 20)
        tmux.until("anoncloud: this is a bug: ZeroDivisionError")
        self.assertEqual(tmux.ended(), BUG)
        tmux.resize(100, 28).still()
        self.restored(tmux, modes)

    def test_stopped(self):
        """Ctrl-Z and SIGTSTP give it to the shell; fg brings all back, at another size too."""
        tmux, modes = self.begin()
        tmux.run("anoncloud").until("online")
        explorer = tmux.foreground
        stops = (lambda: tmux.press("C-z"), lambda: tmux.signal(signal.SIGTSTP))
        for stop, size in zip(stops, ((80, 24), (100, 28)), strict=True):
            stop()
            tmux.until("ready>").until(lambda: tmux.foreground == tmux.pane).still()
            self.assertEqual(tmux.modes, modes)
            self.assertFalse(tmux.shows("F10"))
            tmux.resize(*size).run("echo between").until("between")
            tmux.run("fg").until("F10 Quit").until("letter.txt").until("online")
            self.assertEqual(tmux.foreground, explorer)
            self.assertTrue(tmux.modes.alternate and tmux.modes.mouse)
            self.assertFalse(tmux.shows("between") or tmux.modes.shown)
            tmux.press("F1").until("Moving about").press("Escape").until("F10 Quit")
        self.leave(tmux, self.device.state)
        self.restored(tmux, modes)

    def test_editor(self):
        """$EDITOR finds the terminal as the shell gave it, and what it does to it is undone."""
        seen = self.folder / "seen"
        script = f"#!/bin/sh\nstty -a > {seen}\necho EDITING; read line; stty raw -echo\n"
        editor = self.file("editor", script.encode(), 0o755)
        tmux, modes = self.begin()
        tmux.run(f"EDITOR={editor} anoncloud").until("online").press("End")
        taken = tmux.modes
        tmux.press("e").until("EDITING").until(seen.exists)
        self.assertEqual(tmux.modes, modes)
        self.assertEqual(sizeless(seen.read_text()), modes.stty)
        tmux.type("done").press("Enter").until("F10 Quit")
        tmux.still()
        self.assertEqual(tmux.modes, taken)
        self.leave(tmux, self.device.state)
        self.restored(tmux, modes)

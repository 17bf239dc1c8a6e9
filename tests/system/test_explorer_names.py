"""A thousand hostile names, carried up and down by the explorer, byte for byte."""

import os

import pyte.screens

from anoncloud.ui.cells import cell
from tests.support import hostile_names
from tests.support.explorers import OnScreen
from tests.support.processes import SystemTestCase

TAB, ENTER, PAGE_DOWN = b"\t", b"\r", b"\x1b[6~"
QUERY = b"\x1b]11;?\x07"
"""What the explorer itself asks the terminal, with a control byte at its end."""


class NamesTests(SystemTestCase):
    def test_up_and_down(self):
        """They are walked on both sides, one is renamed, and all come back as they were."""
        self.patch(pyte.screens, "wcwidth", cell)  # see ``hostile_names``
        contents = {name: b"%d" % at for at, name in enumerate(hostile_names.names())}
        for name, content in contents.items():
            self.file(b"here/names/" + name, content)
        (self.folder / "here" / "back").mkdir()
        device = self.ada(self.server())
        screen = OnScreen(device.state, self.folder / "here")
        self.addCleanup(screen.close)
        screen.until("names/").until("online").press(b"/", b"names", ENTER, b"c", ENTER)
        screen.until("done: up: names").press(TAB).until("drive:/").press(ENTER, b".")
        screen.until(" 1/1000").press(b"r").until("Move to").press(b"\x1b[H", b"x", ENTER)
        screen.until(lambda seen: not seen.shows(" 1/1000"))  # the cursor goes with it
        screen.press(b"g", *[PAGE_DOWN * 2] * 23).until("1000/1000")
        screen.press(b"\x7f").until("names/").press(TAB, b"\x1b", b"g", ENTER).until("here/back")
        screen.press(TAB, b"c").until("/here/back/").press(ENTER).until("done: down: names")
        screen.press(b"q")
        self.assertEqual(screen.exit_code(), 0)

        there = self.folder / "here" / "back" / "names"
        back = {os.fsencode(path.name): path.read_bytes() for path in there.iterdir()}
        (renamed,) = set(back) - set(contents)
        contents[renamed] = contents.pop(renamed[1:])
        self.assertEqual(back, contents)
        sent = screen.sent.replace(QUERY, b"")
        self.assertNotRegex(sent, rb"[\x00-\x06\x07\x0b\x0c\x10-\x1a\x1c-\x1f\x7f]")
        self.assertEqual((device.state / "explorer.log").read_text(), "")

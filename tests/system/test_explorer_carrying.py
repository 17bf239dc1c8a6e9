"""Stories of transfers in the explorer that something ends: the server, the user, or a kill."""

import random
import signal

from anoncloud.limits import MIB
from tests.support.processes import wait_until
from tests.system.exploring import StoryCase

LENGTH = 6 * MIB
SLOW = ":limit 1M"
"""Slow enough to be seen under way."""
FAST = ":limit none"


class CarryingTests(StoryCase):
    """Ada has a film, and her explorer shows the local folder and the drive."""

    def setUp(self):
        super().setUp()
        self.device = self.ada(self.remote)
        self.film = random.Random(5).randbytes(LENGTH)

    def uploading(self):
        """Begin to store the film, slowly."""
        self.file("here/film", self.film)
        tmux = self.explore(self.device).until("film")
        tmux.type(SLOW).press("Enter").type("/film").press("Enter", "F5").until("Copy to")
        return tmux.press("Enter").until("1 under way").until(lambda: share(tmux) > 0)

    def stored(self, tmux):
        """Wait until the film is in the drive, and see that it is the same."""
        tmux.type(FAST).press("Enter").until(lambda: "film" in self.listed(self.device))
        self.assertTrue(self.device.do("cat", "/film").out == self.film)
        self.assertEqual(self.listed(self.device), ["film"])

    def test_server_killed(self):
        """An upload that the server's death cuts carries on by itself once it is back."""
        tmux = self.uploading()
        self.remote.kill()
        tmux.until("line lost").until("1 under way")
        tmux.press("Escape").until("letter.txt")  # the keys go on meanwhile
        self.remote.start()
        self.stored(tmux.until("online").until("1 under way"))
        self.leave(tmux, self.device.state)

    def test_carried_on(self):
        """Whoever quits is asked what becomes of an upload, and carries it on at the next start."""
        tmux = self.uploading().press("q").until("1 transfer is under way")
        tmux.press("s").until_gone("1 transfer is under way").until("1 under way")
        tmux.press("q").until("carry on with them at the next start").press("c")
        self.assertEqual(tmux.ended(), 0)
        self.assertEqual(self.listed(self.device), [])
        tmux.run("clear; anoncloud").until("1 transfer carries on from last time")
        self.stored(tmux)
        self.leave(tmux, self.device.state)
        self.leave(tmux.run("clear; anoncloud").until("online").until("film"), self.device.state)
        self.assertFalse(tmux.shows("carries on"))

    def test_killed_in_download(self):
        """A killed explorer leaves no half file under its name; the next one brings a whole one."""
        self.file("film", self.film)
        self.device.do("put", self.folder / "film", "/")
        before = self.local()
        tmux = self.explore(self.device).press("Tab").until("film").type(SLOW).press("Enter")
        tmux.press("F5").until("Copy to").press("Enter").until(lambda: share(tmux) > 0)
        tmux.signal(signal.SIGKILL)
        wait_until(lambda: tmux.foreground == tmux.pane, "the shell to have its terminal")
        self.assertEqual({name for name in self.local() if not name.endswith(".part")}, before)
        tmux = self.explore(self.device).press("Tab").until("film")
        tmux.press("F5").until("Copy to").press("Enter").until("done: down: film")
        self.assertTrue((self.here / "film").read_bytes() == self.film)
        self.assertEqual(self.local(), before | {"film"})
        self.leave(tmux, self.device.state)

    def local(self):
        return {path.name for path in self.here.iterdir()}


def share(tmux):
    """Give how many hundredths of what is under way are done, as the status line says."""
    words = " ".join(tmux.lines).split("under way ")[-1].split()
    return int(words[0][:-1]) if words and words[0].endswith("%") else 0

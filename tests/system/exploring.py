"""What the explorer's stories in tmux share: Ada, her local folder, and her explorer in a shell."""

from pathlib import Path

from tests.support.processes import Device, SystemTestCase
from tests.support.tmux import Tmux, open_tmux

DARK_CURSOR = "005faf"
"""The colour of the row that the keys move, in the dark theme."""


class StoryCase(SystemTestCase):
    """A server, and Ada's folder "here" with a letter and another file in it."""

    def setUp(self):
        super().setUp()
        self.remote = self.server(*self.options)
        self.here = self.folder / "here"
        self.file("here/letter.txt", b"Dear Bob\n")
        self.file("here/sub/song", b"la la la\n")

    options: tuple[str, ...] = ()
    """What this server is started with."""

    def shell(self, state: Path, *size: int, **changes: str) -> Tmux:
        """Open a shell in "here" whose explorer has its state in *state*."""
        environ = {"ANONCLOUD_STATE": str(state), "ANONCLOUD_THEME": "dark", **changes}
        return open_tmux(self, self.here, *size, **environ)

    def explore(self, device: Device, *size: int, **changes: str) -> Tmux:
        """Open a shell, and the explorer in it, which is online."""
        return self.shell(device.state, *size, **changes).run("anoncloud").until("online")

    def leave(self, tmux: Tmux, state: Path) -> None:
        """Quit; nothing was written down as a bug."""
        tmux.press("q")
        self.assertEqual(tmux.ended(), 0)
        self.assertEqual((state / "explorer.log").read_text(), "")

    def listed(self, device: Device, *words: str) -> list[str]:
        """List the drive with the other program."""
        return device.do("ls", *words).out.decode().split("\n")[:-1]


def under_cursor(tmux: Tmux) -> str:
    """Give the text of the row that the keys move; "" if there is none."""
    screen = tmux.screen
    for row in range(screen.screen.lines):
        cells = [screen.cell(row, column) for column in range(screen.screen.columns)]
        text = "".join(cell.data for cell in cells if cell.bg == DARK_CURSOR)
        if text:
            return text.strip()
    return ""

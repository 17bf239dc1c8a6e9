"""Other programs by their words, on the terminal that they get meanwhile."""

import shutil
from typing import Final

from anoncloud.errors import UsageError
from anoncloud.ui import effects, shown
from anoncloud.ui.doing.desk import Desk
from anoncloud.ui.events import LocalChanged
from anoncloud.ui.places import Local

_STAYING: Final = '"$@"; printf "\\n[exit code %s; Enter goes back] " "$?"; read -r _'
"""Runs its arguments in a shell, and leaves what they printed in sight until Enter is pressed."""

_WAITING: Final = (
    "was=$(stty -g); stty -icanon -echo -isig min 1 time 1; "
    'dd bs=64 count=1 >/dev/null 2>&1; stty "$was"'
)
"""Takes one key, or all bytes of it that come together, and shows nothing."""


async def run_command(desk: Desk, effect: effects.RunCommand) -> None:
    """Run a program, and then look again at what the panes show of the local disk.

    :raises UsageError: there is no such program.
    """
    program = effect.words[0]
    if shutil.which(program) is None:
        message = f"running {shown.text(program)}: there is no such program"
        raise UsageError(message, "after :! comes a program of this machine and its arguments")
    await desk.lend(["/bin/sh", "-c", _STAYING, "sh", *effect.words])
    for pane in desk.state().panes:
        if isinstance(pane.place, Local):
            desk.tell(LocalChanged(pane.place.path))


async def show_shell(desk: Desk, effect: effects.ShowShell) -> None:
    """Show what the terminal held before, until a key is pressed."""
    del effect
    await desk.lend(["/bin/sh", "-c", _WAITING])

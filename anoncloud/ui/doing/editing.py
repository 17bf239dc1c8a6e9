"""Files opened in the user's own editor, which gets the terminal meanwhile.

A file of the drive is brought into a folder that only its owner can read, in memory where the
system has such a place, and is removed from there once what the editor left is stored.
"""

import os
import shlex
import shutil
import tempfile
from pathlib import Path
from typing import Final

from anoncloud.client.transfers import fetching
from anoncloud.client.transfers.localfiles import show_local
from anoncloud.client.transfers.policies import Existing, Policy
from anoncloud.client.tree.nodes import find
from anoncloud.errors import LocalFileError, UsageError
from anoncloud.ui import effects, shown
from anoncloud.ui.doing.desk import Desk
from anoncloud.ui.doing.reading import tree_of
from anoncloud.ui.doing.transfer import Transfer
from anoncloud.ui.doing.uploading import upload
from anoncloud.ui.events import LocalChanged
from anoncloud.ui.places import Local, Past, Remote

EDITORS: Final = ("VISUAL", "EDITOR")
"""Where the name of the user's editor stands."""
USUAL: Final = ("vi", "nano")


async def edit(desk: Desk, effect: effects.Edit) -> None:
    """Let the user change a file, and store what was made of it."""
    words, place, name = program(EDITORS, USUAL), effect.place, effect.entry.name
    if isinstance(place, Local):
        await desk.lend([*words, str(Path(place.path, os.fsdecode(name)))])
        desk.tell(LocalChanged(place.path))
        return
    file = await _fetch(desk, place, name)
    before = file.stat()
    await desk.lend([*words, str(file)])
    after = file.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        await _store(desk, file, (*place.path, name))
    await desk.here.in_thread(shutil.rmtree, file.parent)


async def _store(desk: Desk, file: Path, target: tuple[bytes, ...]) -> None:
    """Store what the editor left; where that fails, say where it lies."""
    shown_name = shown.name(target[-1])

    async def work(transfer: Transfer) -> None:
        await upload(desk, transfer, [(str(file), target)])

    transfer = desk.queue.add(f"up: {shown_name}", work)
    await transfer.over
    if transfer.errors:
        message = f"storing {shown_name}: {transfer.errors[0].message}"
        raise LocalFileError(message, f"what you have written is in {show_local(file)}")


async def _fetch(desk: Desk, place: Remote | Past, name: bytes) -> Path:
    await desk.opened()
    tree = await tree_of(desk, place)
    node = find(tree, (*place.path, name))
    folder = Path(tempfile.mkdtemp(prefix="anoncloud-", dir=private_place()))
    file = folder / os.fsdecode(name)
    terms = fetching.Terms(Policy(Existing.FAIL))

    async def work(transfer: Transfer) -> None:
        fetcher = fetching.Fetcher(
            desk.drive, tree, desk.here.in_thread, transfer, transfer.complain, terms
        )
        await fetcher.fetch(node, file)

    transfer = desk.queue.add(f"down: {shown.name(name)}", work)
    await transfer.over
    if not file.exists():
        shutil.rmtree(folder)
        message = f"fetching {shown.name(name)} failed"
        raise transfer.errors[0] if transfer.errors else LocalFileError(message, "try again")
    return file


def private_place() -> str | None:
    """Give a folder of the user's in memory, if there is one."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return runtime if runtime and os.access(runtime, os.W_OK) else None


def program(variables: tuple[str, ...], usual: tuple[str, ...]) -> list[str]:
    """Give the words of the user's program.

    :raises UsageError: there is none.
    """
    for named in (*filter(None, map(os.environ.get, variables)), *usual):
        words = shlex.split(named)
        if words and shutil.which(words[0]):
            return words
    message = f"there is no program to open it with: {', '.join(usual)} are not installed"
    raise UsageError(message, f"name one in ${variables[-1]}")

"""Which folders could complete a path that is typed, where no pane shows them."""

import os

from anoncloud.client.tree.listing import entries
from anoncloud.client.tree.nodes import Folder
from anoncloud.errors import AnonymousCloudError
from anoncloud.ui import places
from anoncloud.ui.doing.desk import Desk
from anoncloud.ui.doing.reading import tree_of
from anoncloud.ui.events import Heard
from anoncloud.ui.looking_effects import COMMAND, Completed, CompletePath
from anoncloud.ui.places import Local, Trash


async def complete_path(desk: Desk, effect: CompletePath) -> None:
    """Tell all lines that end in a folder of the place; none where that can't be read."""
    place = effect.place
    try:
        if isinstance(place, Local):
            found: list[bytes] = await desk.here.in_thread(_folders, place.path)
        elif isinstance(place, Trash):
            found = []
        else:
            nodes = entries(await tree_of(desk, place), place.path)
            found = [node.name for node in nodes if isinstance(node, Folder)]
    except (AnonymousCloudError, OSError):
        found = []  # whoever types sees that nothing completes it
    lines = (f"{effect.before}{places.decode(name)}/" for name in found)
    fitting = tuple(line for line in lines if line.startswith(effect.text))
    desk.tell(Heard(COMMAND, Completed(effect.text, fitting)))


def _folders(path: str) -> list[bytes]:
    with os.scandir(os.fsencode(path)) as found:
        return sorted(one.name for one in found if one.is_dir())

"""The list of transfers: shown, and told of what happens to them; and what quitting asks of it."""

from anoncloud.ui import hearing
from anoncloud.ui.dialogs.menu import Item, Menu
from anoncloud.ui.effects import Quit, Remember
from anoncloud.ui.events import Progress
from anoncloud.ui.model import Done, Explorer
from anoncloud.ui.viewing.transfers import NUMBER, Now, Transfers


def show(explorer: Explorer, _: str | None) -> Done:
    """Show the list."""
    return hearing.shown(explorer, Transfers.of(_now(explorer)))


def tell(explorer: Explorer) -> Done:
    """Tell the list, where it is shown, how the transfers are now."""
    return hearing.all_hear(explorer, NUMBER, _now(explorer)) if explorer.layers else (explorer, ())


def leave(explorer: Explorer, _: str | None) -> Done:
    """End; asks first if something is under way."""
    going = {Progress.RUNNING, Progress.WAITING, Progress.PAUSED}
    under_way = [one for one in explorer.transfers if one.state in going]
    kept = Remember(explorer.bookmarks)
    if not under_way:
        return explorer, (kept, Quit(carry_on=False))
    many, lasting = len(under_way), sum(one.lasting for one in under_way)
    things = "1 transfer is" if many == 1 else f"{many} transfers are"
    them = "them" if many == lasting else f"only {lasting} of them"
    carried = Item(
        f"end, and carry on with {them} at the next start", "c", (kept, Quit(carry_on=True))
    )
    items = (
        Item("stay", "s", ()),
        *((carried,) if lasting else ()),
        Item("end, and give them up", "g", (kept, Quit(carry_on=False))),
    )
    return explorer.over(Menu.of(f"{things} under way", items)), ()


def _now(explorer: Explorer) -> Now:
    return Now(explorer.transfers, explorer.limit, explorer.status.link)

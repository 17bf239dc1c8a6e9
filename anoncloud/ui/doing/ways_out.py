"""The ways out of an alarm that need work: look at what the server shows, accept it, export."""

import os
from pathlib import Path
from typing import Final

from anoncloud.client import accepting
from anoncloud.client.accepting import Doubt, When
from anoncloud.client.salvage import REPORT, Salvaged, salvage
from anoncloud.client.tree import names
from anoncloud.errors import AnonymousCloudError, UsageError
from anoncloud.ui import amounts, places, shown
from anoncloud.ui.alarm_effects import (
    ALARM,
    Accept,
    AskFolder,
    AskWord,
    Export,
    LookAtServer,
    Seen,
    Settled,
)
from anoncloud.ui.dialogs.ask import Ask
from anoncloud.ui.dialogs.form import Field, Form, Values
from anoncloud.ui.dialogs.message import said
from anoncloud.ui.doing.account import Account
from anoncloud.ui.doing.desk import Desk
from anoncloud.ui.effects import Effects
from anoncloud.ui.events import Heard, LocalChanged, Shown
from anoncloud.ui.lineedit import Line

_FOLDER: Final = "~/anoncloud-export"
_GIVES_UP: Final = "Accepting gives up what only this device has seen. Nothing undoes it."


async def look_at_server(desk: Desk, effect: LookAtServer) -> None:
    """Say in the alarm what the server shows; why, if nothing of it can be accepted."""
    del effect
    try:
        texts = tuple((await _doubt(desk)).said(_when(desk)))
    except AnonymousCloudError as error:
        texts = (str(error),)
    desk.tell(Heard(ALARM, Seen(texts)))


async def ask_word(desk: Desk, effect: AskWord) -> None:
    """Show what there is to accept, and ask for the account's name."""
    del effect
    try:
        doubt = await _doubt(desk)
    except AnonymousCloudError as error:
        desk.tell(Shown(said("It can't be accepted", shown.text(str(error)))))
        return

    def then(values: Values) -> Effects:
        accepting.check_word(doubt, values[0])
        return (Accept(doubt, values[0]),)

    says = (_GIVES_UP, *map(shown.text, doubt.said(_when(desk))))
    field = Field("Name of the account, to accept")
    desk.tell(Shown(Form("Accept what the server shows", (field,), then, says=says)))


async def accept(desk: Desk, effect: Accept) -> None:
    """Accept what the server shows, and open the account anew."""
    here = desk.here
    entrant = await here.in_thread(accepting.as_device, here)
    following = desk.following
    if following is not None:
        await following.link.stop()
    aside = await accepting.accept(here, entrant, effect.doubt, effect.word)
    desk.read_only = False
    desk.pasts.clear()
    desk.tell(Heard(ALARM, Settled()))
    where = names.show(os.fsencode(aside))
    desk.tell(Shown(said("Accepted", f"What was given up lies in {where}.")))
    _ = desk.begin(Account(desk).open())


async def _doubt(desk: Desk) -> Doubt:
    here = desk.here
    entrant = await here.in_thread(accepting.as_device, here)
    return await accepting.examine(here, entrant)


async def ask_folder(desk: Desk, effect: AskFolder) -> None:
    """Ask to which local folder to export."""
    del effect

    def then(text: str) -> Effects:
        if not text.strip():
            message = "there is no folder"
            raise UsageError(message, "type the name of a new one")
        return (Export(text.strip()),)

    says = "All that can be read is saved into this new local folder:"
    desk.tell(Shown(Ask("Export", Line.of(_FOLDER), then, says)))


async def export(desk: Desk, effect: Export) -> None:
    """Save what can be read, and say what came of it."""
    folder = places.from_home(effect.folder, desk.state().home)
    desk.good("exporting ...", "this may take a while")
    try:
        made: Salvaged = await salvage(desk.here, Path(folder).absolute(), lambda _: None)
    except AnonymousCloudError as error:
        desk.tell(Shown(said("Nothing was exported", shown.text(str(error)))))
        return
    told = [f"{made.entries} entries are listed, {made.saved} files and links are saved."]
    if made.missing:
        told.append(f"{len(made.missing)} are missing; {REPORT} there says which, and why.")
    elif made.wrong:
        told.append(f"{REPORT} there says what was wrong.")
    where = names.show(os.fsencode(made.folder))
    desk.tell(Shown(said("Exported", shown.text(f"To {where}."), *told)))
    desk.tell(LocalChanged(str(made.folder.parent)))


def _when(desk: Desk) -> When:
    zone = desk.state().zone
    return lambda time: amounts.time(time * 1000, zone)

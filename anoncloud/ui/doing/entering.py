"""What gets this device into an account, and then opens that (``ui.entering``)."""

import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import attrs

from anoncloud.client import owning, pairing
from anoncloud.client.accounts import OpenAccount, draw, read_terms, register
from anoncloud.client.kit_files import read_kit
from anoncloud.client.registering import NOTHING_MADE, check_terms
from anoncloud.client.staying import stay_logged_in
from anoncloud.client.strength import Verdict, check, judge, rule_for
from anoncloud.client.transfers.localfiles import reported, show_local
from anoncloud.crypto.passphrases import Argon2
from anoncloud.disk.replacing import write_new
from anoncloud.errors import AnonymousCloudError, Exists, Refused, UsageError
from anoncloud.limits import MAX_SCORE
from anoncloud.ui import entering_effects as entering
from anoncloud.ui import places, shown
from anoncloud.ui.doing.account import Account, show_door
from anoncloud.ui.doing.desk import Desk
from anoncloud.ui.entering.choosing import Choosing
from anoncloud.ui.entering.door import Door
from anoncloud.ui.entering.paper import Paper
from anoncloud.ui.entering_effects import DOOR, Inside, Judged, Next, Wrong
from anoncloud.ui.events import Heard, LocalChanged, Shown


async def show(desk: Desk, effect: entering.ShowDoor) -> None:
    """Show the ways in, unless somebody is logged in."""
    del effect
    _check_free(desk)
    show_door(desk)


async def ask_terms(desk: Desk, effect: entering.AskTerms) -> None:
    """Ask for a passphrase if the server takes the registration."""
    applying = effect.applying

    async def work() -> None:
        terms = await read_terms(desk.here, applying.invitation.address)
        check_terms(terms, applying.invitation)
        rule = rule_for(applying.invitation.address, applying.account, terms.least_score)
        _say(desk, Next(Choosing.of(applying, rule)))

    await _tried(desk, work())


async def judge_it(desk: Desk, effect: entering.Judge) -> None:
    """Tell what a passphrase is worth."""
    try:
        verdict = await desk.here.in_thread(judge, effect.passphrase, effect.rule.words)
        text = _worth(verdict, effect.rule.least)
    except UsageError as error:
        text = shown.text(str(error))
    _say(desk, Judged(effect.passphrase, text))


def _worth(verdict: Verdict, least: int) -> str:
    bar = "#" * verdict.score + "." * (MAX_SCORE - verdict.score)
    enough = "good enough" if verdict.score >= least else f"it must be worth {least}"
    said = " ".join(filter(None, (verdict.warning, *verdict.suggestions)))
    advice = "" if verdict.score >= least else said or "Add a word that nobody would expect."
    return f"[{bar}] worth {verdict.score} of {MAX_SCORE}: {enough}. {shown.text(advice)}".rstrip()


async def draw_kit(desk: Desk, effect: entering.DrawKit) -> None:
    """Make the kit, and give it to its owner."""
    applying = effect.applying

    async def work() -> None:
        await desk.here.in_thread(check, effect.passphrase, effect.rule)
        drawn = await draw(
            desk.here, applying.invitation, applying.account, effect.passphrase, Argon2()
        )
        making = entering.MakeAccount(drawn, applying.device)
        _say(desk, Next(Paper.of_kit(making, unicode=desk.state().unicode)))

    await _tried(desk, work())


async def make_account(desk: Desk, effect: entering.MakeAccount) -> None:
    """Make the account, and open it."""
    made = False

    async def work() -> None:
        nonlocal made
        opened = await register(desk.here, effect.drawn)
        made = True
        await _stay(desk, opened, effect.device)

    try:
        await _entered(desk, work())
    except AnonymousCloudError as error:
        if made:
            worth = "The account is made: log in with the kit."
        elif isinstance(error, Refused) and error.code in NOTHING_MADE:
            worth = "Nothing was made: the kit opens nothing."
        else:
            worth = "Whether the account was made is not known: keep the kit, and log in with it."
        _say(desk, Wrong(shown.text(f"{error}. {worth}")))


async def save_paper(desk: Desk, effect: entering.SavePaper) -> None:
    """Write a kit or a recovery key into a new file, and show it again."""
    paper = effect.paper
    path = Path(places.from_home(effect.file, desk.state().home)).absolute()

    async def work() -> None:
        await desk.here.in_thread(_write_new, path, paper.line.encode() + b"\n")
        desk.tell(LocalChanged(str(path.parent)))
        _say(desk, Next(attrs.evolve(paper, saved=show_local(path))))

    await _tried(desk, work())


def _write_new(path: Path, content: bytes) -> None:
    if os.path.lexists(path):
        message = f"writing {show_local(path)}: something of that name exists"
        raise Exists(message, "choose another name: nothing is overwritten")
    with reported("writing", path):
        write_new(path, content)


async def ask_recovery(desk: Desk, effect: entering.AskRecovery) -> None:
    """Ask for kit and passphrase, which it takes to make a recovery key."""
    del effect
    desk.tell(Shown(Door.to_recovery()))


async def draw_recovery(desk: Desk, effect: entering.DrawRecovery) -> None:
    """See that kit and passphrase open the account; draw a key that opens nothing yet."""

    async def work() -> None:
        owner = await _owner(desk, effect)
        try:
            recovery = owner.draw_recovery()
        finally:
            await owner.opened.close()
        taking = entering.TakeRecovery(recovery, effect)
        _say(desk, Next(Paper.of_recovery(taking, unicode=desk.state().unicode)))

    await _tried(desk, work())


async def take_recovery(desk: Desk, effect: entering.TakeRecovery) -> None:
    """Let the key open the account, now that its owner has it."""

    async def work() -> None:
        owner = await _owner(desk, effect.drawn)
        try:
            await owner.take_recovery(effect.recovery)
        finally:
            await owner.opened.close()
        _say(desk, Inside())
        desk.good("the recovery key opens the account by now")

    await _tried(desk, work())


async def _owner(desk: Desk, drawn: entering.DrawRecovery) -> owning.Owner:
    kit = await desk.here.in_thread(read_kit, drawn.kit)
    return await owning.own(desk.here, kit, drawn.passphrase)


async def log_in(desk: Desk, effect: entering.LogIn) -> None:
    """Log in with kit and passphrase."""

    async def work() -> None:
        kit = await desk.here.in_thread(read_kit, effect.kit)
        owner = await owning.own(desk.here, kit, effect.passphrase)
        await _stay(desk, owner.opened, effect.device)

    await _tried(desk, _entered(desk, work()))


async def come_in(desk: Desk, effect: entering.ComeIn) -> None:
    """Log in by another device's code."""

    async def work() -> None:
        await pairing.come_in(desk.here, effect.address, effect.code, effect.device)

    await _tried(desk, _entered(desk, work()))


async def _stay(desk: Desk, opened: OpenAccount, device: bytes) -> None:
    try:
        await stay_logged_in(desk.here, opened, device)
    finally:
        await opened.close()


async def _entered(desk: Desk, work: Coroutine[Any, Any, None]) -> None:
    """Do *work*, which logs this device in, and open the account for the panes."""
    await _free(desk, work)
    _say(desk, Inside())
    desk.shut_out = desk.read_only = False
    if desk.following is not None:
        await desk.following.link.stop()
    _ = desk.begin(Account(desk).open())


async def _free(desk: Desk, work: Coroutine[Any, Any, None]) -> None:
    try:
        _check_free(desk)
    except AnonymousCloudError:
        work.close()
        raise
    await work


async def _tried(desk: Desk, work: Coroutine[Any, Any, None]) -> None:
    """Do *work*; what goes wrong is told at the door, which shows the step before again."""
    try:
        await work
    except AnonymousCloudError as error:
        _say(desk, Wrong(shown.text(str(error))))
    except Exception:
        _say(desk, Wrong("this is a bug; see explorer.log in the state folder"))
        raise


def _check_free(desk: Desk) -> None:
    if desk.shut_out:
        return
    if desk.following is not None or desk.here.profile.is_logged_in():
        message = "an account is logged in on this machine already"
        raise Exists(message, "run 'anoncloud logout' first, or use another --state folder")


def _say(desk: Desk, said: object) -> None:
    desk.tell(Heard(DOOR, said))

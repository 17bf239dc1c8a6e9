"""What each way in asks for."""

import os
from collections.abc import Callable, Mapping
from typing import Final

from anoncloud.client.address import Invitation
from anoncloud.client.pairing_code import PairingCode
from anoncloud.client.registering import check_name
from anoncloud.client.tree import names
from anoncloud.errors import UsageError
from anoncloud.ui.dialogs.form import Field, Form, Values
from anoncloud.ui.effects import Effect, Effects
from anoncloud.ui.entering_effects import (
    Applying,
    AskTerms,
    ComeIn,
    DrawKit,
    DrawRecovery,
    LogIn,
    MakeAccount,
    SavePaper,
    TakeRecovery,
    Way,
)
from anoncloud.ui.lineedit import Line

_OWNER: Final = (
    Field("Kit: its line, or the name of its file"),
    Field("Passphrase", secret=True),
)
_UNDER_WAY: Final[Mapping[type, str]] = {
    AskTerms: "asking the server for its terms ...",
    DrawKit: "making keys and kit, which is work on purpose ...",
    MakeAccount: "making the account ...",
    LogIn: "working out the keys, which is work on purpose, and logging in ...",
    ComeIn: "waiting for the other device, where somebody must say yes ...",
    SavePaper: "writing the file ...",
    DrawRecovery: "working out the keys, which is work on purpose, and asking the server ...",
    TakeRecovery: "working out the keys once more, and telling the server ...",
}


def form(way: Way, device: str) -> Form:
    """Give the form of *way*."""
    return _FORMS[way](device)


def under_way(effect: Effect) -> str:
    """Tell what is being done."""
    return _UNDER_WAY[type(effect)]


def _register(device: str) -> Form:
    def then(values: Values) -> Effects:
        invitation, account, called = values
        invited = Invitation.parse(invitation)
        check_name(account)
        return (AskTerms(Applying(invited, account, _device(called))),)

    says = ("Whoever runs the server gives its address, or an invitation.",)
    fields = (Field("Address or invitation"), Field("Name of the account"), _called(device))
    return Form("A new account", fields, then, says=says)


def _kit(device: str) -> Form:
    def then(values: Values) -> Effects:
        kit, passphrase, called = values
        _check_given(kit, passphrase)
        return (LogIn(kit, passphrase, _device(called)),)

    return Form("Log in with kit and passphrase", (*_OWNER, _called(device)), then)


def _recovery(device: str) -> Form:
    del device

    def then(values: Values) -> Effects:
        _check_given(*values)
        return (DrawRecovery(*values),)

    says = ("It opens the account if kit or passphrase is lost. There is at most one.",)
    return Form("Make a recovery key", _OWNER, then, says=says)


def _check_given(kit: str, passphrase: str) -> None:
    if not kit.strip():
        message = "there is no kit"
        raise UsageError(message, "paste its line, or type the name of its file")
    if not passphrase:
        message = "there is no passphrase"
        raise UsageError(message, "type the one of the account")


def _code(device: str) -> Form:
    def then(values: Values) -> Effects:
        address, code, called = values
        server = Invitation.parse(address).address
        return (ComeIn(server, PairingCode.parse(code), _device(called)),)

    says = ("Run 'anoncloud pair' on a device that is logged in; it shows both.",)
    fields = (Field("Address of the server"), Field("Pairing code"), _called(device))
    return Form("Log in by a code", fields, then, says=says)


def _called(device: str) -> Field:
    return Field("What to call this device", Line.of(device))


def _device(called: str) -> bytes:
    return names.check_name(os.fsencode(called))


_FORMS: Final[Mapping[Way, Callable[[str], Form]]] = {
    Way.REGISTER: _register,
    Way.KIT: _kit,
    Way.CODE: _code,
    Way.RECOVERY: _recovery,
}

"""Who may log in, and when: what every store of accounts decides alike, in one transaction."""

from collections.abc import Mapping

import attrs

from anoncloud.errors import Code, Refused
from anoncloud.server.account_contract import Access, Account, Attempt, Entry
from anoncloud.server.delays import Kind, Rows, Schedules, subject


@attrs.frozen
class Known:
    """What a store knows for an attempt; of an unknown name nothing."""

    account: Account | None = None
    login_key: bytes | None = None
    recovery_key: bytes | None = None
    devices: frozenset[bytes] = frozenset()
    is_locked: bool = False

    @property
    def passing(self) -> frozenset[bytes]:
        """The keys that nothing holds back."""
        return self.devices if self.recovery_key is None else self.devices | {self.recovery_key}

    def entry(self, account: Account, access: Access) -> Entry | Refused:
        """Let in whoever has shown a key of *account*, unless it is locked."""
        return locked() if self.is_locked else Entry(account, access)


class TooSoon(Refused):
    """Nothing was evaluated, for something is held back.

    :ivar waits: for how many milliseconds, by what was looked at.
    :ivar passing: the account's keys that are not held back.
    """

    def __init__(
        self, what: str, hint: str, waits: Mapping[Kind, int], passing: frozenset[bytes]
    ) -> None:
        seconds = -(-max(waits.values()) // 1000)
        message = f"too many {what} were refused; try again in {seconds} seconds"
        super().__init__(Code.TOO_SOON, message, hint)
        self.waits = waits
        self.passing = passing


def decide(rows: Rows, schedules: Schedules, attempt: Attempt, known: Known) -> Entry | Refused:
    """Decide an attempt, and count it in *rows*; a refusal is given, for what was counted stays.

    An enrolled key is a device's even if it is the login key: or a stolen device could enrol
    guesses of the login key, and learn by trying them, without any delay, which one is right.
    That an account is locked is told to holders of its keys alone.
    """
    if known.account is not None and attempt.key in known.devices:
        return known.entry(known.account, Access.DEVICE)
    if known.account is not None and attempt.key == known.recovery_key:
        return known.entry(known.account, Access.RECOVERY)
    now = milliseconds(attempt.now)
    subjects = {kind: subject(kind, name) for kind, name in counted(attempt)}
    delays = {kind: rows.get(kind, one) for kind, one in subjects.items()}
    waits = {kind: schedules.of(kind).held(delay, now) for kind, delay in delays.items()}
    if any(waits.values()):
        return too_soon(waits, known.passing)
    if known.account is not None and attempt.key == known.login_key:
        rows.drop(Kind.ACCOUNT, subjects[Kind.ACCOUNT])
        return known.entry(known.account, Access.OWNER)
    for kind, delay in delays.items():
        rows.put(kind, subjects[kind], schedules.of(kind).counted(delay, 1, now))
    return wrong_login()


def held_back(
    rows: Rows, schedules: Schedules, network: str, now: float, kind: Kind = Kind.NETWORK
) -> int:
    """Tell for how many milliseconds a network is held back, "" for none; 0 if it is not."""
    if not network:
        return 0
    known = rows.get(kind, subject(kind, network))
    return schedules.network.held(known, milliseconds(now))


def penalise(  # noqa: PLR0913 - what is counted for whom, and when
    rows: Rows,
    schedules: Schedules,
    network: str,
    weight: int,
    now: float,
    kind: Kind = Kind.NETWORK,
) -> int:
    """Count *weight* failures of a network, unless it is held back; tell how long it is then."""
    if network and not held_back(rows, schedules, network, now, kind):
        one = subject(kind, network)
        known = rows.get(kind, one)
        counted = schedules.network.counted(known, weight, milliseconds(now))
        rows.put(kind, one, counted)
    return held_back(rows, schedules, network, now, kind)


def forget(rows: Rows, schedules: Schedules, now: float) -> None:
    """Forget what does not matter any more."""
    for kind in Kind:
        rows.forget(kind, *schedules.of(kind).bounds(milliseconds(now)))


def wrong_login() -> Refused:
    """Make the one refusal of all logins that are wrong in any way."""
    message = "the login was refused: name, kit or passphrase is wrong, or it was revoked"
    return Refused(Code.LOGIN, message, "check the kit and type the passphrase again")


def too_soon(waits: Mapping[Kind, int], passing: frozenset[bytes]) -> TooSoon:
    """Make the refusal of a login that was not evaluated."""
    hint = "a code from a device that is logged in, or the recovery key, gets you in without a wait"
    return TooSoon("logins", hint, waits, passing)


def changed() -> Refused:
    """Make the refusal of a request whose key was replaced, or whose account is gone."""
    message = "the keyring was replaced, or the account deleted, meanwhile"
    return Refused(Code.CHANGED, message, "log in anew, with the newest kit and passphrase")


def locked() -> Refused:
    """Make the refusal of all that an account asks which the server's owner has locked."""
    message = "the server's owner has locked this account"
    return Refused(Code.LOCKED, message, "ask the owner; nothing that is stored is touched")


def counted(attempt: Attempt) -> list[tuple[Kind, str]]:
    """Give all that an attempt counts for, if it is refused: kinds and their names."""
    found = [(Kind.ACCOUNT, attempt.name), (Kind.ALL, "")]
    return [*found, (Kind.NETWORK, attempt.network)] if attempt.network else found


def milliseconds(seconds: float) -> int:
    """Give seconds as the schedules have them."""
    return int(seconds * 1000)

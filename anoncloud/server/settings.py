"""What the server's owner may set: one TOML file, and options of the same names that win over it.

Everything has a default that suits a box at home. The fields of :class:`Settings` are the one table
of settings: name, default, how a value is read, whether it can change while the server runs, and
what it means. All mistakes are told at once, each with its place and with what is allowed;
``etc/anoncloud.toml`` shows every setting.
"""

import enum
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from anoncloud.errors import UsageError
from anoncloud.limits import (
    GIB,
    HANDSHAKE_TIMEOUT,
    IDLE_TIMEOUT,
    KEEPALIVE,
    LOGIN_TIMEOUT,
    MAX_SCORE,
    MIB,
)
from anoncloud.server import reading
from anoncloud.server.conditions import Registration
from anoncloud.server.modes import ProcessMode, Wish
from anoncloud.server.reading import Reader
from anoncloud.server.statements import read_statements
from anoncloud.server.times import DAY

LEAST_IN_FLIGHT: Final = 1 * MIB
LEAST_MEMORY: Final = 128 * MIB
MOST_WORKERS: Final = 256
LEAST_IDLE: Final = int(3 * KEEPALIVE)
"""Clients give a sign of life each KEEPALIVE seconds; two of them may be late."""
MOST_STOP: Final = 300


class LogFormat(enum.Enum):
    """How the log is written."""

    TEXT = "text"
    JSON = "json"


def default_state_dir() -> Path:
    """Where a server keeps its state: the system's place for root, else the user's own."""
    if os.geteuid() == 0:
        return Path("/var/lib/anoncloud")
    import platformdirs  # noqa: PLC0415 - only when nothing else is set

    return platformdirs.user_state_path("anoncloud-server")


@attrs.frozen
class Setting:
    """One row of the table: *text* says what it means, *reloads* that it may change at any time."""

    name: str
    read: Reader
    text: str
    reloads: bool


def _setting(default: Any, read: Reader, text: str, *, reloads: bool = True) -> Any:
    """Make a field of :class:`Settings`."""
    return attrs.field(default=default, metadata={"read": read, "text": text, "reloads": reloads})


@attrs.frozen
class Settings:
    """The settings of a server; sizes in bytes, 0 for no limit."""

    state_dir: Path = _setting(
        attrs.Factory(default_state_dir),
        reading.path,
        "Where key, database and blobs are kept.",
        reloads=False,
    )
    listen: tuple[str, ...] = _setting(
        ("tcp:9650",),
        reading.texts,
        "Listen here, for example tcp:9650 or tcp:9650:interface=127.0.0.1; may be repeated.",
        reloads=False,
    )
    public_host: str = _setting(
        "",
        reading.text,
        "The host that addresses and invitations name, with :PORT if it is another one.",
        reloads=False,
    )
    registration: Registration = _setting(
        Registration.INVITATION,
        reading.choice(Registration),
        "Who may make an account: open, invitation or closed.",
    )
    max_accounts: int = _setting(
        0, reading.count(), "How many accounts there may be; 0 for any number."
    )
    max_users_online: int = _setting(
        0, reading.count(), "How many accounts may be logged in at once; 0 for any number."
    )
    quota: int = _setting(
        0, reading.size, "What a new account may store, such as 50GiB; 0 for no limit."
    )
    quota_total: int = _setting(
        0, reading.size, "What all accounts together may store; 0 for no limit."
    )
    lowest_free_disk: int = _setting(
        1 * GIB, reading.size, "Take no uploads while the disk has less than this free."
    )
    least_passphrase_score: int = _setting(
        3,
        reading.count(0, MAX_SCORE),
        "What new passphrases must be worth, from 0 to 4, as zxcvbn counts.",
    )
    max_connections: int = _setting(
        1000, reading.count(), "How many connections there may be at once."
    )
    max_connections_per_address: int = _setting(100, reading.count(), "The same from one address.")
    max_handshakes: int = _setting(
        500, reading.count(), "How many connections may be agreeing on keys at once."
    )
    max_handshakes_per_address: int = _setting(50, reading.count(), "The same from one address.")
    message_rate: int = _setting(
        1000, reading.count(), "How many requests a second one connection may ask for long."
    )
    bytes_in_flight: int = _setting(
        16 * MIB,
        reading.size_from(LEAST_IN_FLIGHT),
        "What may come in on one connection before it is written.",
    )
    idle_time: int = _setting(
        int(IDLE_TIMEOUT),
        reading.count(LEAST_IDLE, DAY),
        "Seconds of silence after which a connection is cut.",
    )
    handshake_time: int = _setting(
        int(HANDSHAKE_TIMEOUT),
        reading.count(1, int(LOGIN_TIMEOUT)),
        "Seconds in which a connection must agree on keys.",
    )
    stop_time: int = _setting(
        10, reading.count(0, MOST_STOP), "Seconds that transfers have to end when the server stops."
    )
    process_mode: ProcessMode = _setting(
        ProcessMode.SINGLE,
        reading.choice(ProcessMode),
        "Who serves connections: single, workers, per-user, or auto.",
        reloads=False,
    )
    workers: int = _setting(
        0, reading.count(0, MOST_WORKERS), "How many workers there are; 0 for one a processor core."
    )
    worker_user: str = _setting(
        "",
        reading.name,
        "The system's user that workers run as, if the server is started by root.",
        reloads=False,
    )
    worker_memory: int = _setting(
        1 * GIB,
        reading.size_from(LEAST_MEMORY),
        "What one worker may take of memory, such as 1GiB.",
    )
    sandbox: Wish = _setting(
        Wish.AUTO,
        reading.choice(Wish),
        "Shut workers into a sandbox: auto, required or off.",
        reloads=False,
    )
    keep_dropped_days: int = _setting(
        7, reading.count(), "How long removed blobs are kept against theft and mistakes."
    )
    keep_staged_hours: int = _setting(
        24, reading.count(), "How long uploads that were cut off may be carried on."
    )
    log_format: LogFormat = _setting(
        LogFormat.TEXT,
        reading.choice(LogFormat),
        "How the log is written: text or json, which is one object a line.",
    )
    log_file: Path | None = _setting(
        None, reading.path, "Write the log into this file, and open it again on SIGHUP or SIGUSR1."
    )
    log_addresses: bool = _setting(
        False, reading.truth, "Log the addresses of peers that break the protocol: true or false."
    )
    metrics_listen: str = _setting(
        "",
        reading.private_endpoint,
        "Serve metrics and health at this endpoint, such as tcp:9651:interface=127.0.0.1.",
        reloads=False,
    )
    keep_addresses: bool = _setting(
        True,
        reading.truth,
        "Remember networks of refused logins over a restart: true or false.",
        reloads=False,
    )
    coarse_times: int = _setting(
        0,
        reading.count(),
        "Round times that are stored down to so many seconds; 0 for not at all.",
        reloads=False,
    )


SETTINGS: Final[Mapping[str, Setting]] = {
    field.name: Setting(field.name, **field.metadata) for field in attrs.fields(Settings)
}
"""The table, by name, in the order of ``etc/anoncloud.toml``."""


def read_settings(file: Path | None, options: Mapping[str, Any]) -> Settings:
    """Read the settings of *file*, and of the command line's *options*, which win.

    :raises UsageError: lists every mistake, each with its place and what is allowed.
    """
    mistakes: list[str] = []
    values: dict[str, Any] = {}
    for place, name, value in (*_of_file(file, mistakes), *_of_options(options)):
        setting = SETTINGS.get(name)
        if setting is None:
            there_are = ", ".join(SETTINGS)
            mistakes.append(f"{place}: {name}: there is no such setting; there are {there_are}")
            continue
        try:
            values[name] = setting.read(value)
        except ValueError as error:
            mistakes.append(f"{place}: {name} is {value!r}; allowed is {error}")
    if mistakes:
        message = "the settings have mistakes:\n  " + "\n  ".join(mistakes)
        raise UsageError(message, "see etc/anoncloud.toml for every setting")
    return Settings(**values)


def _of_options(options: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for name, value in options.items():
        yield f"--{name.replace('_', '-')}", name, value


def _of_file(file: Path | None, mistakes: list[str]) -> Iterator[tuple[str, str, Any]]:
    """Give place, name and value of each statement; faults of the file go to *mistakes*."""
    if file is None:
        return
    try:
        content = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        mistakes.append(f"{file} can't be read: {getattr(error, 'strerror', None) or error}")
        return
    for statement in read_statements(content):
        place = f"{file}:{statement.line}"
        if statement.fault:
            mistakes.append(f"{place}: {statement.fault}")
        else:
            yield place, statement.name, statement.value

"""``twistd anoncloud --check``: whether the settings are right; opens and changes nothing."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NoReturn

from twisted.internet.endpoints import serverFromString
from twisted.internet.error import CannotListenError

from anoncloud.errors import UsageError
from anoncloud.server.settings import SETTINGS, Settings, read_settings

ACTIVATED: Final = "systemd:"
"""Endpoints that are there only while systemd starts the server."""
EXAMPLES: Final = {"listen": "tcp:9650", "metrics_listen": "tcp:9651:interface=127.0.0.1"}


def check(file: Path | None, options: Mapping[str, Any]) -> NoReturn:
    """Read the settings, and end the process: with what they come to, or with all mistakes.

    :raises SystemExit: always.
    """
    try:
        settings = read_settings(file, options)
        for endpoint in settings.listen:
            check_endpoint(endpoint)
        if settings.metrics_listen:
            check_endpoint(settings.metrics_listen, "metrics_listen")
    except UsageError as error:
        message = f"twistd anoncloud: {error}"
        raise SystemExit(message) from error
    sys.stdout.write("\n".join(summary(settings)) + "\n")
    raise SystemExit(0)


def summary(settings: Settings) -> list[str]:
    """Say what the settings come to: where, and what is not as it would be without them."""
    plain = Settings()
    changed = [name for name in SETTINGS if getattr(settings, name) != getattr(plain, name)]
    return [
        "the settings are right",
        f"state folder: {settings.state_dir}",
        f"listens at: {', '.join(settings.listen)}",
        f"set other than by default: {', '.join(changed) or 'nothing'}",
    ]


def check_endpoint(endpoint: str, name: str = "listen") -> None:
    """See that somebody could listen at *endpoint* of the setting *name*, without doing it.

    :raises UsageError: nobody can.
    """
    if endpoint.removeprefix("haproxy:").startswith(ACTIVATED):
        return
    from twisted.internet import reactor  # noqa: PLC0415 - a twistd option chooses which one

    try:
        serverFromString(reactor, endpoint)
    except (ValueError, TypeError, LookupError, OSError, CannotListenError) as error:
        raise cannot_listen(endpoint, error, name) from error


def cannot_listen(endpoint: str, error: Exception, name: str = "listen") -> UsageError:
    """Say that *endpoint* makes no sense."""
    if endpoint.removeprefix("haproxy:").startswith(ACTIVATED):
        message = f"listen is {endpoint!r}, and systemd has given this process no such socket"
        return UsageError(message, "start it by its socket unit, or give another --listen")
    message = f"{name} is {endpoint!r}, where nobody can listen: {error}"
    return UsageError(message, f'give an endpoint such as "{EXAMPLES[name]}"')

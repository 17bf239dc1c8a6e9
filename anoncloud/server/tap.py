"""``twistd anoncloud``: the options, and the service made from them."""

from pathlib import Path
from typing import Any, ClassVar

from twisted.application.service import IService
from twisted.python import usage

_OPTIONS = {
    "state-dir": "Where key, database and blobs are kept.",
    "public-host": "The host name that addresses and invitations name.",
    "registration": "Who may make an account: open, invitation or closed.",
    "max-accounts": "How many accounts there may be; 0 for any number.",
    "quota": "What a new account may store, such as 50GiB; 0 for no limit.",
    "least-passphrase-score": "What new passphrases must be worth, from 0 to 4, as zxcvbn counts.",
    "max-connections": "How many connections there may be at once.",
    "max-connections-per-address": "The same from one address.",
    "keep-dropped-days": "How long removed blobs are kept against theft and mistakes.",
    "keep-staged-hours": "How long uploads that were cut off may be carried on.",
    "log-addresses": "Log the addresses of peers that break the protocol: true or false.",
    "keep-addresses": "Remember networks of refused logins over a restart: true or false.",
    "coarse-times": "Round times that are stored down to so many seconds; 0 for not at all.",
}


class Options(usage.Options):
    """The command line of the plugin; every option is a setting, and wins over the file."""

    synopsis = "[options]"
    longdesc = "A drive whose server can read nothing. With no options at all it works."
    optParameters: ClassVar[list[list[Any]]] = [
        ["config", "c", None, "Read the settings from this TOML file."],
        *([name, None, None, text] for name, text in _OPTIONS.items()),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.listen: list[str] = []

    def opt_listen(self, endpoint: str) -> None:
        """Listen here, for example tcp:9650 or tcp:9650:interface=127.0.0.1; may be repeated."""
        self.listen.append(endpoint)

    opt_l = opt_listen

    def given(self) -> dict[str, Any]:
        """Give what was said on the command line, by the settings' names."""
        said = {name.replace("-", "_"): self[name] for name in _OPTIONS if self[name] is not None}
        return said | ({"listen": list(self.listen)} if self.listen else {})


def makeService(options: Options) -> IService:
    """Make the server that *options* and the settings file describe."""
    # Imported here, because twistd imports this module to show the options of every plugin.
    from twisted.internet import reactor  # noqa: PLC0415

    from anoncloud.disk.syscalls import keep_memory  # noqa: PLC0415
    from anoncloud.errors import LocalError  # noqa: PLC0415
    from anoncloud.server.service import AnonymousCloud  # noqa: PLC0415
    from anoncloud.server.settings import read_settings  # noqa: PLC0415

    keep_memory()
    try:
        file = Path(options["config"]) if options["config"] else None
        return AnonymousCloud(read_settings(file, options.given()), reactor)
    except LocalError as error:
        # twistd shows a UsageError from here with a traceback, and this without.
        message = f"twistd anoncloud: {error}"
        raise SystemExit(message) from error

"""``twistd anoncloud``: the options, and the service made from them."""

import os
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

from twisted.application.service import IService
from twisted.python import usage

from anoncloud.server.settings import SETTINGS

REPEATED: Final = "listen"
"""The setting whose option may be given several times."""


class Options(usage.Options):
    """The command line of the plugin; every option is a setting, and wins over the file."""

    synopsis = "[options]"
    longdesc = "A drive whose server can read nothing. With no options at all it works."
    optFlags: ClassVar[list[list[Any]]] = [
        ["check", None, "Say whether the settings are right, and start nothing."],
    ]
    optParameters: ClassVar[list[list[Any]]] = [
        ["config", "c", None, "Read the settings from this TOML file."],
        *(
            [name.replace("_", "-"), None, None, setting.text]
            for name, setting in SETTINGS.items()
            if name != REPEATED
        ),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.listen: list[str] = []

    def opt_listen(self, endpoint: str) -> None:
        self.listen.append(endpoint)

    opt_listen.__doc__ = SETTINGS[REPEATED].text
    opt_l = opt_listen

    def postOptions(self) -> None:
        """Check the settings, if that is asked, before twistd does anything of its own.

        :raises SystemExit: always then, with exit code 0, or with 1 and all mistakes.
        """
        if self["check"]:
            from anoncloud.server.checking import check  # noqa: PLC0415 - as in makeService

            check(self.file(), self.given())

    def file(self) -> Path | None:
        """Give the settings file; twistd may change the folder that we are in later."""
        return Path(self["config"]).absolute() if self["config"] else None

    def given(self) -> dict[str, Any]:
        """Give what was said on the command line, by the settings' names."""
        options = {name: name.replace("_", "-") for name in SETTINGS if name != REPEATED}
        said = {name: self[option] for name, option in options.items() if self[option] is not None}
        return said | ({REPEATED: list(self.listen)} if self.listen else {})


def makeService(options: Options) -> IService:
    """Make the server that *options* and the settings file describe."""
    # Imported here, because twistd imports this module to show the options of every plugin.
    from twisted.internet import reactor  # noqa: PLC0415

    from anoncloud.disk.syscalls import keep_memory  # noqa: PLC0415
    from anoncloud.errors import LocalError  # noqa: PLC0415
    from anoncloud.server.logs import log_of  # noqa: PLC0415
    from anoncloud.server.service import AnonymousCloud  # noqa: PLC0415
    from anoncloud.server.settings import read_settings  # noqa: PLC0415
    from anoncloud.server.supervisor import Supervisor  # noqa: PLC0415
    from anoncloud.server.surroundings import Surroundings  # noqa: PLC0415

    keep_memory()
    try:
        read = partial(read_settings, options.file(), options.given())
        settings = read()
        surroundings = Surroundings(
            Supervisor(reactor, os.environ, os.getpid()), read, log_of(options.parent, settings)
        )
        return AnonymousCloud(settings, reactor, surroundings=surroundings)
    except LocalError as error:
        # twistd shows a UsageError from here with a traceback, and this without.
        message = f"twistd anoncloud: {error}"
        raise SystemExit(message) from error

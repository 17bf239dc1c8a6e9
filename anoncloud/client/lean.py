"""The reactor without what it brings along, which would be a third of a short command's start.

Twisted takes a missing pyOpenSSL for granted and leaves TLS out; so does asyncio, of which Twisted
wants three names, with a missing ssl. So both are missing while the reactor is imported, and there
again for whoever wants them. For its web client Twisted imports the standard library's cookies, and
with them HTTP, e-mail and URLs: a stand-in loads these when they are first used. This module must
come before any other one that imports Twisted.
"""

import sys
from types import ModuleType
from typing import Any, Final

_TLS: Final = ("OpenSSL", "ssl")
_COOKIES: Final = "http.cookiejar"


class _Cookies(ModuleType):
    """Stands for http.cookiejar until somebody wants something of it."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(_COOKIES) is self:
            del sys.modules[_COOKIES]
        import http.cookiejar  # noqa: PLC0415

        return getattr(http.cookiejar, name)


sys.modules.setdefault(_COOKIES, _Cookies(_COOKIES))
_hidden = [name for name in _TLS if name not in sys.modules]
sys.modules.update(dict.fromkeys(_hidden))  # type: ignore[arg-type]
try:
    import twisted.internet.endpoints
    import twisted.internet.reactor
finally:
    for _name in _hidden:
        del sys.modules[_name]

reactor: Any = twisted.internet.reactor

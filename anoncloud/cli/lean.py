"""The reactor without TLS, which would be a fifth of the start of a program that does not use it.

Twisted takes a missing pyOpenSSL for granted and leaves TLS out; so it is missing while the reactor
is imported, and there again for whoever wants it.
"""

import sys
from typing import Any

_hidden = "OpenSSL" not in sys.modules
if _hidden:
    sys.modules["OpenSSL"] = None  # type: ignore[assignment]
try:
    import twisted.internet.endpoints
    import twisted.internet.reactor
finally:
    if _hidden:
        del sys.modules["OpenSSL"]

reactor: Any = twisted.internet.reactor

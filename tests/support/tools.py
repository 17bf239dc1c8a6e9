"""Programs that some tests run, where they are installed."""

import shutil

from twisted.trial.unittest import SkipTest

PLACES = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"


def tool(name: str) -> str:
    """Find a program, or skip the test loudly."""
    found = shutil.which(name, path=PLACES)
    if found is None:
        message = f"no {name} here: what it makes of our files was NOT tested"
        raise SkipTest(message)
    return found

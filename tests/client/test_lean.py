"""The lean start: what is left out is not loaded, and is there for whoever wants it."""

import subprocess
import sys

from twisted.trial.unittest import SynchronousTestCase

from tests.support.processes import environment

FOR_NEW_ACCOUNTS = ("zxcvbn", "precis_i18n", "segno")
LEFT_OUT = ("OpenSSL", "http.client", "urllib.request", "email.parser", "ssl")


class LeanTests(SynchronousTestCase):
    """A fresh interpreter that has imported the reactor so."""

    def run_fresh(self, *lines: str) -> str:
        """Run *lines* after the import; give what they print."""
        script = "\n".join(("import sys", "import anoncloud.client.lean", *lines))
        return subprocess.run(
            (sys.executable, "-W", "ignore", "-c", script),
            capture_output=True,
            check=True,
            env=environment(),
            text=True,
            timeout=30,
        ).stdout.strip()

    def test_left_out(self) -> None:
        """Neither TLS nor the web comes along, even with all that a command needs."""
        said = self.run_fresh(
            "import anoncloud.cli.files",
            f"print([name for name in {LEFT_OUT} if name in sys.modules])",
        )
        self.assertEqual(said, "[]")

    def test_for_registrations_alone(self) -> None:
        """What only new accounts need is left out, even by the module that makes them."""
        said = self.run_fresh(
            "import anoncloud.cli.registering",
            f"print([name for name in {FOR_NEW_ACCOUNTS} if name in sys.modules])",
        )
        self.assertEqual(said, "[]")

    def test_there_again(self) -> None:
        """Whoever wants one of these modules gets the real one, however it is asked for."""
        said = self.run_fresh(
            "from http import cookiejar",
            "print(cookiejar.CookieJar.__module__)",
            "import http.cookiejar, ssl, OpenSSL.SSL, asyncio, urllib.request",
            "print(http.cookiejar.CookieJar.__module__, cookiejar.CookieJar is"
            " http.cookiejar.CookieJar)",
            "print(ssl.SSLContext.__name__, OpenSSL.SSL.Context.__name__, asyncio.run.__name__)",
        )
        self.assertEqual(
            said.splitlines(),
            ["http.cookiejar", "http.cookiejar True", "SSLContext Context run"],
        )

    def test_what_is_there_stays(self) -> None:
        """A module that was there before is not touched."""
        said = self.run_fresh("import http.cookiejar as later", "print(later.__name__)")
        self.assertEqual(said, "http.cookiejar")
        script = (
            "import sys, ssl, http.cookiejar as before, OpenSSL\n"
            "import anoncloud.client.lean, http.cookiejar\n"
            "print(before is sys.modules['http.cookiejar'], sys.modules['ssl'] is ssl,"
            " sys.modules['OpenSSL'] is OpenSSL)"
        )
        done = subprocess.run(
            (sys.executable, "-c", script),
            capture_output=True,
            check=True,
            env=environment(),
            text=True,
            timeout=30,
        )
        self.assertEqual(done.stdout.strip(), "True True True")

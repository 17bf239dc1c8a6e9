"""Imports go down the floors only, and each power has its one place (docs/architecture.rst)."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.crypto.derive import Purpose
from tests.support.floors import FLOORS, breaches, purposes
from tests.support.sources import modules, program, within


class ProgramTests(SynchronousTestCase):
    """The program itself."""

    def test_no_breaches(self) -> None:
        """Every module keeps every rule."""
        self.assertEqual(breaches(program()), [])

    def test_the_walk_sees_the_program(self) -> None:
        """The walk reads the modules that it should, and their imports."""
        found = {each.name: set(each.imports()) for each in program()}
        self.assertTrue(
            {"anoncloud", "anoncloud.errors", "anoncloud.wire.connection"} <= set(found)
        )
        self.assertIn("anoncloud.crypto.keys", found["anoncloud.wire.handshake"])
        self.assertIn("anoncloud.limits", found["anoncloud.crypto.passphrases"])
        self.assertTrue(any(within(name, "nacl") for name in found["anoncloud.crypto.keys"]))

    def test_each_purpose_has_one_use(self) -> None:
        """A purpose is used in one module, by one function and for one class of keys.

        Making and checking come in pairs, so a purpose may stand twice; two uses never share one.
        """
        used = purposes(program())
        self.assertEqual(set(used) - set(Purpose.__members__), set())
        self.assertTrue({"PASSPHRASE_SALT", "LOGIN", "KEYRING_SEAL", "RECORD_HASH"} <= set(used))
        for name, uses in used.items():
            self.assertEqual(len(uses), 1, (name, uses))
            self.assertTrue(all(function for _, function, _ in uses), (name, uses))


class WalkerTests(SynchronousTestCase):
    """The rules on made-up sources, so that they are known to fail."""

    def check(self, name: str, source: str, breach: str) -> None:
        """Check that *source* as the module *name* has *breach*, or none if that is empty."""
        others = dict.fromkeys((*FLOORS, "anoncloud", "anoncloud.server.stores.sql"), "")
        (found,) = (each for each in modules(others | {name: source}) if each.name == name)
        said = breaches([found])
        if breach:
            self.assertEqual(said, [f"{name} {breach}"])
        else:
            self.assertEqual(said, [])

    def test_allowed(self) -> None:
        """What goes down, stays within a folder or is in its place is no breach."""
        for name, source in (
            ("anoncloud.crypto.x", "import nacl\nfrom anoncloud.errors import Misuse"),
            ("anoncloud.crypto.entropy", "from os import urandom"),
            ("anoncloud.wire.x", "from anoncloud.crypto import keys\nfrom anoncloud import limits"),
            ("anoncloud.client.tree.x", "from anoncloud.client.peer import Peer\nimport time"),
            ("anoncloud.server.service", "from anoncloud.server import protocol"),
            (
                "anoncloud.server.stores.sql",
                "import sqlite3\nfrom twisted.enterprise import adbapi",
            ),
            ("anoncloud.ui.painter", "import curses\nfrom anoncloud.client.link import Link"),
            ("anoncloud.cli.output", "print(1)\nclick.echo(2)"),
            ("anoncloud.cli.x", "output.echo(1)\nimport anoncloud.gateway"),
        ):
            self.check(name, source, "")

    def test_climbing(self) -> None:
        """Imports that go up are found, however they are written and wherever they stand."""
        for name, source, target in (
            ("anoncloud.errors", "from anoncloud.crypto import keys", "crypto"),
            ("anoncloud.crypto.x", "import anoncloud.wire.frames", "wire.frames"),
            (
                "anoncloud.wire.x",
                "def f():\n    from anoncloud.client.tree.tree import Tree",
                "client.tree.tree",
            ),
            ("anoncloud.client.x", "from anoncloud.client import link", "client.link"),
            ("anoncloud.client.x", "from anoncloud.client.link import Link", "client.link"),
            ("anoncloud.client.tree.x", "import anoncloud.client.protocol", "client.protocol"),
            (
                "anoncloud.server.x",
                "if TYPE_CHECKING:\n    import anoncloud.server.tap",
                "server.tap",
            ),
            ("anoncloud.server.stores.x", "import anoncloud.server.service", "server.service"),
            ("anoncloud.client.link", "from anoncloud.ui import x", "ui"),
        ):
            self.check(name, source, f"imports anoncloud.{target}, which stands above it")

    def test_strangers(self) -> None:
        """Server and client, and cli and ui, never meet, nor a user's programs and the server."""
        for name, target in (
            ("anoncloud.server.x", "anoncloud.client.peer"),
            ("anoncloud.server.tap", "anoncloud.client.kit"),
            ("anoncloud.client.x", "anoncloud.server.contracts"),
            ("anoncloud.client.link", "anoncloud.server.session"),
            ("anoncloud.cli.x", "anoncloud.ui.shell"),
            ("anoncloud.ui.x", "anoncloud.cli.output"),
            ("anoncloud.cli.x", "anoncloud.server.stores"),
            ("anoncloud.gateway.x", "anoncloud.admin.main"),
        ):
            self.check(name, f"import {target}", f"imports {target}, a stranger")

    def test_hidden(self) -> None:
        """Imports that hide where they go are refused."""
        self.check("anoncloud.wire.x", "from . import y", "imports ..y relatively")
        self.check("anoncloud.wire.x", "from .y import z", "imports .y.z relatively")
        self.check("anoncloud.wire.x", "from msgspec import *", "imports all of msgspec")
        self.check("anoncloud.wire.x", "__import__('anoncloud.ui')", "uses __import__")
        for argument in ("x", "'anoncloud.ui.x'", "f'{x}'", "f'anoncloud.{x}'"):
            source = f"importlib.import_module({argument})"
            self.check("anoncloud.wire.x", source, "uses import_module")
        self.check("anoncloud.cli.x", "g = importlib.import_module", "uses import_module")
        self.check("anoncloud.cli.x", "importlib.import_module(f'anoncloud.cli.{x}')", "")

    def test_misplaced(self) -> None:
        """Each power is found outside its place."""
        for name, source, power in (
            ("anoncloud.wire.x", "from nacl import bindings", "nacl.bindings"),
            ("anoncloud.client.x", "import spake2", "spake2"),
            ("anoncloud.client.x", "import cryptography.x509", "cryptography.x509"),
            ("anoncloud.server.accounts", "import sqlite3", "sqlite3"),
            ("anoncloud.admin.x", "import psycopg", "psycopg"),
            (
                "anoncloud.server.service",
                "from twisted.enterprise import adbapi",
                "twisted.enterprise.adbapi",
            ),
            ("anoncloud.ui.shell", "import curses", "curses"),
        ):
            self.check(name, source, f"imports {power}")

    def test_impure(self) -> None:
        """Clocks, networks and randomness are found on the lower floors, and only there."""
        for power in (
            "time",
            "datetime.datetime",
            "random",
            "twisted.internet.defer",
            "os",
            "secrets",
        ):
            self.check("anoncloud.wire.x", f"import {power}", f"imports {power}")
            self.check("anoncloud.client.x", f"import {power}", "")
        self.check("anoncloud.errors", "from time import time", "imports time.time")
        self.check("anoncloud.crypto.entropy", "import time", "imports time")
        self.check("anoncloud.crypto.x", "nacl.utils.randombytes(3)", "uses randombytes")
        self.check("anoncloud.crypto.x", "entropy.system_entropy", "uses system_entropy")

    def test_printing(self) -> None:
        """Printing elsewhere is found, under each of its names."""
        self.check("anoncloud.cli.main", "print(1)", "calls print")
        self.check("anoncloud.client.x", "click.echo(1)", "calls click.echo")
        self.check("anoncloud.ui.x", "from click import secho", "imports click.secho")

    def test_unplaced(self) -> None:
        """A new module must be given a floor, and the package's root stands on the lowest."""
        self.check("anoncloud.extra", "", "stands on no floor")
        self.check("anoncloud", "import anoncloud.ids", "")
        self.check(
            "anoncloud", "import anoncloud.wire", "imports anoncloud.wire, which stands above it"
        )
        self.check("anoncloud.wire.x", "from anoncloud import __version__", "")
        nowhere = "imports anoncloud.x, and one of them stands on no floor"
        self.check("anoncloud.wire.x", "import anoncloud.x", nowhere)

    def test_purposes(self) -> None:
        """Two uses of one purpose are told apart by module, function and class of key."""
        found = modules(
            {
                "anoncloud.a": "derive(k, Purpose.ONE, FileKey)\nderive(j, Purpose.ONE, FileKey)",
                "anoncloud.b": "digest(derive.Purpose.TWO, x)\nkeyed_digest(k, Purpose.TWO, x)",
                "anoncloud.c": "derive(k, Purpose.SIX, FileKey)\nderive(k, Purpose.SIX, DriveKey)",
                "anoncloud.d": "x = Purpose.FOUR",
            }
        )
        self.assertEqual(
            purposes(found),
            {
                "ONE": {("anoncloud.a", "derive", "FileKey")},
                "TWO": {("anoncloud.b", "digest", ""), ("anoncloud.b", "keyed_digest", "")},
                "SIX": {
                    ("anoncloud.c", "derive", "FileKey"),
                    ("anoncloud.c", "derive", "DriveKey"),
                },
                "FOUR": {("anoncloud.d", "", "")},
            },
        )

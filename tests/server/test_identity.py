"""The server's key and address."""

import errno
import os
import stat
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.crypto.server_keys import agreement_key
from anoncloud.errors import LocalError
from anoncloud.server.identity import address, encode, load, load_or_make, make_state_dir
from tests.support.entropy import counting


class KeyTests(SynchronousTestCase):
    """The key in its file."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        make_state_dir(self.folder)
        self.path = self.folder / "server.key"

    def test_not_made(self) -> None:
        """Whoever needs the key of a server that runs makes no other one where it is missing."""
        error = self.assertRaises(LocalError, load, self.folder)
        self.assertIn("there is no server in", error.message)
        self.assertFalse(self.path.exists())
        made, _ = load_or_make(self.folder, counting())
        self.assertEqual(load(self.folder), made)

    def test_made_once(self) -> None:
        """The key is made at the first start, and is the same ever after."""
        made, is_new = load_or_make(self.folder, counting())
        self.assertTrue(is_new)
        self.assertEqual([secret.expose() for secret in made.secrets], [counting()(32)])
        self.assertEqual(made.public, agreement_key(made.secrets[0]).public)
        again, is_new = load_or_make(self.folder, counting(b"other"))
        self.assertFalse(is_new)
        self.assertEqual(again, made)

    def test_modes(self) -> None:
        """Nobody else can read key or folder, whatever the umask is."""
        previous = os.umask(0)
        self.addCleanup(os.umask, previous)
        folder = Path(self.mktemp()) / "deep" / "state"
        make_state_dir(folder)
        load_or_make(folder, counting())
        self.assertEqual(stat.S_IMODE(folder.stat().st_mode), 0o700)
        self.assertEqual(stat.S_IMODE((folder / "server.key").stat().st_mode), 0o600)
        self.assertEqual([path.name for path in folder.iterdir()], ["server.key"])

    def test_durable_before_its_name(self) -> None:
        """The key is on the disk before it has its name, and its name before it is used."""
        steps: list[str] = []
        for name in ("fsync", "replace"):
            real = getattr(os, name)

            def watched(*arguments: object, name: str = name, real: object = real) -> None:
                steps.append(name)
                real(*arguments)  # type: ignore[operator]

            self.patch(os, name, watched)
        load_or_make(self.folder, counting())
        self.assertEqual(steps, ["fsync", "replace", "fsync"])

    def test_damaged(self) -> None:
        """A key of another length is told as damaged, not replaced and not shown."""
        for content in (b"", b"k" * 31, b"k" * 33):
            self.path.write_bytes(content)
            error = self.assertRaises(LocalError, load_or_make, self.folder, counting())
            self.assertIn("damaged", error.message)
            self.assertNotIn("kkk", str(error))
            self.assertEqual(self.path.read_bytes(), content)

    def test_disk_fails(self) -> None:
        """A disk that fails leaves no half key."""

        def full(descriptor: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        broken = self.patch(os, "fsync", full)
        error = self.assertRaises(LocalError, load_or_make, self.folder, counting())
        self.assertIn("No space left", error.message)
        self.assertFalse(self.path.exists())
        broken.restore()
        self.assertTrue(load_or_make(self.folder, counting())[1])

    def test_unreadable(self) -> None:
        """A key that can't be read is told with its place."""
        self.path.mkdir()
        error = self.assertRaises(LocalError, load_or_make, self.folder, counting())
        self.assertIn(str(self.path), error.message)
        self.assertTrue(error.hint)

    def test_no_folder(self) -> None:
        """A state folder that can't be made is told with its place."""
        (self.folder / "file").touch()
        error = self.assertRaises(LocalError, make_state_dir, self.folder / "file" / "state")
        self.assertIn(str(self.folder / "file" / "state"), error.message)
        make_state_dir(self.folder)


class AddressTests(SynchronousTestCase):
    """Addresses and invitation links (docs/protocol.rst section 1)."""

    KEY = bytes(range(32))
    TEXT = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

    def test_form(self) -> None:
        """Host, port, key, and the invitation's code behind a dot; IPv6 in brackets."""
        self.assertEqual(
            address("cloud.example", 9650, self.KEY), f"anoncloud://cloud.example:9650/#{self.TEXT}"
        )
        self.assertEqual(address("::1", 1, self.KEY), f"anoncloud://[::1]:1/#{self.TEXT}")
        self.assertEqual(
            address("192.0.2.1", 1, self.KEY, b"\xff" * 16),
            f"anoncloud://192.0.2.1:1/#{self.TEXT}.{'_' * 21}w",
        )

    @given(st.binary(max_size=40))
    def test_encode(self, raw: bytes) -> None:
        """The alphabet is base64url's, and nothing pads it."""
        text = encode(raw)
        self.assertNotIn("=", text)
        self.assertEqual(len(text), (len(raw) * 8 + 5) // 6)
        self.assertTrue(text.isascii() and not set(text) & set("+/"))

"""What every attack must find.

The client ends by a name, falls silent, leaves nothing half-written, and says what to do.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.cli import wording
from anoncloud.errors import AnonymousCloudError
from tests.evil.house import PASSPHRASE, EvilHouse

END = 17
"""The length of an end mark's frame: one byte, and its tag."""


def assert_named(
    test: SynchronousTestCase, error: BaseException, kind: type[AnonymousCloudError]
) -> None:
    """See that a command ended with just this *kind*, and that the words on the screen help.

    They say what was being done, what is wrong and what to do, on one line, and tell no passphrase.
    """
    test.assertIs(type(error), kind, repr(error))
    assert isinstance(error, AnonymousCloudError)
    said = wording.line(error, "logging in")
    test.assertRegex(said, r"^[^\n]+: [^\n]+; [^\n]+$")
    test.assertTrue(wording.hint(error))
    test.assertNotIn(PASSPHRASE, said)


class Watch:
    """What is said to a house from a moment on."""

    def __init__(self, house: EvilHouse) -> None:
        self._house = house
        self._heard = len(house.heard())
        self._visits = len(house.visits)

    def asked(self) -> list[str]:
        """Give the kinds of messages that came since."""
        return self._house.asked()[self._heard :]

    def frames(self) -> list[tuple[int, ...]]:
        """Give, of each connection that was made since, the lengths of all frames."""
        return [tuple(visit.server.frames()) for visit in self._house.visits[self._visits :]]


def assert_silent(test: SynchronousTestCase, watch: Watch, allowed: Iterable[str]) -> None:
    """See that nothing was said but *allowed*, which does not depend on what the attack changed.

    After it a connection is ended, or simply cut.
    """
    test.assertEqual(watch.asked(), list(allowed))
    said = len(watch.asked()) + len(watch.frames())
    sent = [length for frames in watch.frames() for length in frames]
    test.assertIn(len(sent) - said, range(len(watch.frames()) + 1))
    test.assertEqual(sent.count(END), len(sent) - said)


def snapshot(folder: Path) -> dict[str, bytes]:
    """Give every file below *folder* with its content."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def assert_no_half(test: SynchronousTestCase, folder: Path, before: dict[str, bytes]) -> None:
    """See that *folder* is as it was *before*: nothing half-written, under whatever name."""
    after: Any = snapshot(folder)
    test.assertEqual(sorted(after), sorted(before))
    test.assertEqual([name for name in before if before[name] != after[name]], [])

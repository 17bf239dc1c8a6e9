"""Logging in while the login key is being replaced."""

from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.accounts import HeadWatch
from anoncloud.client.entrance import Entrance
from anoncloud.crypto.keys import SigningKey
from anoncloud.errors import Code, Refused
from anoncloud.wire import messages

OLD, NEW, OTHER = (SigningKey(bytes([number]) * 32) for number in (1, 2, 3))
HASH = bytes(64)


class Door:
    """A connection to a server that takes some keys, and refuses others with *code*."""

    def __init__(self, *taken: SigningKey, code: Code = Code.LOGIN) -> None:
        self._taken = {key.public for key in taken}
        self._code = code
        self.tried: list[bytes] = []

    async def ask(self, make: Any) -> messages.Message:
        asked = make(len(self.tried) + 1)
        self.tried.append(asked.key)
        if asked.key not in self._taken:
            raise Refused(self._code, "no")
        return messages.LoggedIn(asked.request, bytes(16), 0, bytes(32))


class EntranceTests(SynchronousTestCase):
    """Which key is tried when."""

    def setUp(self) -> None:
        self.watch = HeadWatch()
        self.entrance = Entrance("ada", OLD, self.watch)

    def enter(self, door: Any) -> "Deferred[None]":
        """Log in."""
        return Deferred.fromCoroutine(self.entrance(door, HASH))

    def tried(self, *keys: SigningKey) -> list[bytes]:
        """Give public keys."""
        return [key.public for key in keys]

    def test_one_key(self) -> None:
        """As long as nothing changes there is one key, and its head is judged."""
        door = Door(OLD)
        self.successResultOf(self.enter(door))
        self.assertEqual(door.tried, self.tried(OLD))
        self.assertIsNotNone(self.watch.first)

    def test_expected(self) -> None:
        """While a new key may stand it is tried first, and the old one after it is refused."""
        self.entrance.expect(NEW)
        for taken, tried in ((NEW, [NEW]), (OLD, [NEW, OLD])):
            door = Door(taken)
            self.successResultOf(self.enter(door))
            self.assertEqual(door.tried, self.tried(*tried))
        self.entrance.expect(OTHER)  # it was asked for once more, with another key
        door = Door(OLD)
        self.successResultOf(self.enter(door))
        self.assertEqual(door.tried, self.tried(OTHER, OLD))

    def test_changed(self) -> None:
        """When the new key stands, the old one is never said again."""
        self.entrance.expect(NEW)
        self.entrance.change(NEW)
        door = Door(OLD)
        self.assertIs(self.failureResultOf(self.enter(door), Refused).value.code, Code.LOGIN)
        self.assertEqual(door.tried, self.tried(NEW))

    def test_held_back(self) -> None:
        """A refusal that is not about the key is no reason to try another."""
        self.entrance.expect(NEW)
        door = Door(code=Code.TOO_SOON)
        self.assertIs(self.failureResultOf(self.enter(door), Refused).value.code, Code.TOO_SOON)
        self.assertEqual(door.tried, self.tried(NEW))

"""An account that is shown from the cache first, and then follows what the server has."""

from typing import Any

import attrs

from anoncloud.client import staying
from anoncloud.client.following import RETRY, Following, Stage
from anoncloud.client.tree.changes import KeyEvent, NoteKeys
from anoncloud.client.tree.nodes import look_up
from anoncloud.errors import Code, Forked, NotLoggedIn, Refused, RolledBack, Tampered, Unreachable
from anoncloud.limits import KEEPALIVE, SILENCE_TIMEOUT
from anoncloud.wire import messages
from tests.support.client_accounts import AccountTestCase


class FollowingTests(AccountTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.kit, self.opened = self.register()
        self.run_now(staying.stay_logged_in(self.here, self.opened, b"laptop"))
        self.run_now(self.opened.drive.make_folder((b"old",)))
        self.run_now(self.opened.close())
        self.stages: list[Stage] = []
        self.troubles: list[Any] = []

    def start(self) -> Following:
        """Open what this device remembers."""

        def changed() -> None:
            self.stages.append(self.followed.stage)

        begun = Following.begin(self.here, changed, self.troubles.append)
        self.followed: Following = self.run_now(begun)
        return self.followed

    def elsewhere(self, name: bytes, *, told: bool = True) -> None:
        """Let another device make a folder; if *told*, the server tells of it."""
        end = self.server.endpoint.ends[-1]
        other = self.run_now(staying.resume(self.here))
        self.run_now(other.drive.make_folder((name,)))
        self.run_now(other.close())
        self.server.endpoint.ends.append(end)
        if told:
            grew = messages.JournalGrew(self.followed.drive.id, len(self.store.journal))
            end.say(grew)
            self.server.run()

    def has(self, name: bytes) -> bool:
        """Tell whether the drive, as it is known, has a folder."""
        return look_up(self.followed.drive.tree, (name,)) is not None

    def test_cached_without_a_connection(self) -> None:
        """What is known is there before the server is asked anything."""
        attempts = self.server.endpoint.attempts
        self.start()
        self.assertTrue(self.has(b"old"))
        self.assertIs(self.followed.stage, Stage.CACHED)
        self.assertEqual(self.server.endpoint.attempts, attempts)
        self.assertIsNone(self.followed.account)

    def test_nobody_logged_in(self) -> None:
        self.here.profile.forget()
        begun = Following.begin(self.here, lambda: None, self.troubles.append)
        self.failureResultOf(self.begin(begun), NotLoggedIn)

    def test_confirmed(self) -> None:
        """Once the server has answered, the drive is current, and can be changed."""
        self.start()
        self.run_now(self.followed.connect())
        self.assertEqual(self.stages, [Stage.CURRENT])
        self.run_now(self.followed.drive.make_folder((b"new",)))
        self.followed.look()
        self.followed.look()
        self.assertEqual(self.stages, [Stage.CURRENT, Stage.CURRENT])

    def test_changed_while_away(self) -> None:
        """What others did while this device was off is there once the server has answered."""
        self.start()
        self.elsewhere(b"away", told=False)
        self.assertFalse(self.has(b"away"))
        self.run_now(self.followed.connect())
        self.assertTrue(self.has(b"away"))

    def test_told_of_others(self) -> None:
        """What another device does appears by itself."""
        self.start()
        self.run_now(self.followed.connect())
        self.elsewhere(b"pushed")
        self.assertTrue(self.has(b"pushed"))
        self.assertEqual(self.stages, [Stage.CURRENT, Stage.CURRENT])

    def test_vanished(self) -> None:
        """A server that is gone without a word is noticed, and told; then it connects again."""
        self.start()
        self.run_now(self.followed.connect())
        first = self.server.endpoint.ends[-1]
        self.server.judges.append(lambda end, spoken: end is first)
        self.wait(SILENCE_TIMEOUT + 2 * KEEPALIVE)
        self.assertEqual(self.stages, [Stage.CURRENT, Stage.CUT, Stage.CURRENT])

    def test_told_of_keys(self) -> None:
        """What another device notes of the keys is told once, as soon as it is read."""
        told: list[Any] = []
        self.here = attrs.evolve(self.here, told=told.append)
        self.start()
        self.run_now(self.followed.connect())
        end = self.server.endpoint.ends[-1]
        other = self.run_now(staying.resume(attrs.evolve(self.here, told=lambda _: None)))
        note = NoteKeys(KeyEvent.KIT, 3, 65536)
        self.run_now(other.drive.change(lambda draft: draft.add(note)))
        self.run_now(other.close())
        self.server.endpoint.ends.append(end)
        end.say(messages.JournalGrew(self.followed.drive.id, len(self.store.journal)))
        self.server.run()
        self.assertEqual([one.what for one in told], [KeyEvent.KIT])
        self.elsewhere(b"more")
        self.assertEqual(len(told), 1)

    def test_cut(self) -> None:
        """After a cut it connects again by itself, and reads what it has missed."""
        self.start()
        self.run_now(self.followed.connect())
        self.elsewhere(b"missed", told=False)
        self.server.cut()
        self.server.run()
        self.assertIs(self.stages[-1], Stage.CUT)
        self.assertFalse(self.has(b"missed"))
        self.wait(2)
        self.assertIs(self.stages[-1], Stage.CURRENT)
        self.assertTrue(self.has(b"missed"))

    def test_server_that_is_not_there(self) -> None:
        """It is tried again and again, and told; the cached drive stays."""
        self.start()
        self.server.endpoint.closed = True
        connecting = self.begin(self.followed.connect())
        self.wait(RETRY)
        self.assertIsInstance(self.troubles[0], Unreachable)
        self.assertNoResult(connecting)
        self.assertTrue(self.has(b"old"))
        self.server.endpoint.closed = False
        self.wait(3 * RETRY)
        self.successResultOf(connecting)
        self.assertIs(self.followed.stage, Stage.CURRENT)

    def test_given_up_while_connecting(self) -> None:
        """A program that ends does not wait for a server that is not there."""
        self.start()
        self.server.endpoint.closed = True
        connecting = self.begin(self.followed.connect())
        self.wait(1)
        connecting.addErrback(lambda _: None)
        connecting.cancel()
        self.run_now(self.followed.close())
        attempts = self.server.endpoint.attempts
        self.wait(30)
        self.assertEqual(self.server.endpoint.attempts, attempts)

    def test_revoked(self) -> None:
        self.start()
        self.store.devices.clear()
        error = self.failureResultOf(self.begin(self.followed.connect()), Refused).value
        self.assertIs(error.code, Code.LOGIN)
        self.assertTrue(self.has(b"old"))

    def test_revoked_after_a_cut(self) -> None:
        """A device that is not let in again after a cut is told so, though nobody asks."""
        self.start()
        self.run_now(self.followed.connect())
        self.store.devices.clear()
        self.server.cut()
        self.server.run()
        self.wait(5)
        (error,) = self.troubles
        self.assertIsInstance(error, Refused)
        self.assertIs(error.code, Code.LOGIN)

    def test_away_after_a_cut(self) -> None:
        """A server that does not come back is no trouble; it is tried again and again."""
        self.start()
        self.run_now(self.followed.connect())
        self.server.endpoint.closed = True
        self.server.cut()
        self.server.run()
        self.wait(600)
        self.assertEqual(self.troubles, [])
        self.server.endpoint.closed = False
        self.wait(60)
        self.assertIs(self.stages[-1], Stage.CURRENT)

    def test_rolled_back(self) -> None:
        """A server that has gone back is an alarm, and what is known stays readable."""
        self.start()
        self.store.journal.pop()
        self.failureResultOf(self.begin(self.followed.connect()), RolledBack)
        self.assertTrue(self.has(b"old"))
        self.assertIs(self.followed.stage, Stage.CACHED)

    def test_alarm_while_following(self) -> None:
        """A record that is not what it should be is told, though nobody waits for it."""
        self.start()
        self.run_now(self.followed.connect())
        self.elsewhere(b"forged", told=False)
        record = bytearray(self.store.journal[-1])
        record[-1] ^= 1
        self.store.journal[-1] = bytes(record)
        grew = messages.JournalGrew(self.followed.drive.id, len(self.store.journal))
        self.server.endpoint.ends[-1].say(grew)
        self.server.run()
        (alarm,) = self.troubles
        self.assertIsInstance(alarm, Tampered | Forked)
        self.assertTrue(self.has(b"old"))

    def test_close(self) -> None:
        self.start()
        self.run_now(self.followed.connect())
        self.run_now(self.followed.close())
        self.assertTrue(self.server.endpoint.ends[-1].pipe.gone)

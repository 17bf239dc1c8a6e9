"""Attacks 10 and 11: an older journal, and two devices that are shown different ones; ways out."""

from typing import Any

import attrs

from anoncloud.client import accepting, devices, journal
from anoncloud.client.accounts import Surroundings
from anoncloud.client.cache import Cache
from anoncloud.client.following import Following
from anoncloud.client.owning import own
from anoncloud.client.tree import changes
from anoncloud.errors import (
    Exists,
    Forked,
    LocalFileError,
    NotLoggedIn,
    RolledBack,
    Tampered,
    UsageError,
)
from anoncloud.wire.records import record_hash
from tests.evil.histories import HistoriesTestCase
from tests.evil.house import PASSPHRASE


class RolledBackTests(HistoriesTestCase):
    """An older journal in the newer one's place."""

    def test_refused(self) -> None:
        """It is an alarm each time; nothing is forgotten, and the hint names the ways out."""
        self.roll_back()
        seen = self.memory(self.laptop)
        for _ in range(2):
            error = self.alarm(self.laptop, RolledBack)
            self.assertIn("anoncloud accept", error.hint)
            self.assertIn("anoncloud export", error.hint)
        self.assertEqual(self.memory(self.laptop), seen)

    def test_word(self) -> None:
        """Looking changes nothing, and neither does any word but the account's name."""
        self.roll_back()
        seen, records = self.memory(self.laptop), self.records()
        doubt = self.examine(self.laptop)
        self.assertEqual((doubt.seen, doubt.shown.number), (seen, len(records)))
        for word in ("", "y", "yes", "Ada", "adaa", "bob"):
            error = self.fault(self.accept(self.laptop, doubt, word))
            self.assertIsInstance(error, UsageError)
        self.assertEqual(self.memory(self.laptop), seen)
        self.assertEqual(self.records(), records)
        self.alarm(self.laptop, RolledBack)

    def test_accepted(self) -> None:
        """It is gone on with, a record says so, and what was given up lies aside."""
        self.roll_back()
        seen, before = self.memory(self.laptop), self.records()
        doubt = self.examine(self.laptop)
        aside = self.now(self.accept(self.laptop, doubt))
        self.assertEqual(self.records()[:-1], before)
        opened = self.go_on(self.laptop)
        self.assertEqual([node.name for node in opened.drive.entries(())], [b"both", b"early"])
        (made,) = opened.drive.tree.affairs.accepted
        self.assertEqual((made.seen, made.seen_hash), (seen.number, seen.hash))
        self.assertEqual(made.accepted, len(before))
        self.assertEqual(made.accepted_hash, record_hash(before[-1]))
        self.assertEqual(made.key, self.laptop.profile.load().keyring.device)
        self.assertLessEqual({"head", "records"}, {path.name for path in aside.iterdir()})
        self.assertEqual(aside.stat().st_mode & 0o777, 0o700)
        self.change(self.laptop, "after")
        self.assertEqual(self.names(self.tablet), [b"after", b"both", b"early"])

    def test_told(self) -> None:
        """Another device, which had seen nothing else, is told who accepted what."""
        self.roll_back()
        self.now(self.accept(self.laptop, self.examine(self.laptop)))
        told: list[Any] = []
        self.go_on(attrs.evolve(self.tablet, told=told.append))
        (note,) = told
        said = accepting.said_of(note, {note.key: b"laptop"})
        self.assertRegex(said, r"^laptop accepted a history of \d+ records, .* gave up one of \d+")

    def test_once(self) -> None:
        """What was accepted holds: the journal that was given up is a fork from then on."""
        before = self.records()
        self.change(self.laptop, "lost")
        longer = self.records()
        self.show(before)
        self.now(self.accept(self.laptop, self.examine(self.laptop)))
        self.show(longer)
        self.alarm(self.laptop, Forked)

    def test_nothing_to_accept(self) -> None:
        """A journal that goes on from what was seen is accepted by nobody."""
        self.change(self.tablet, "newer")
        error = self.fault(accepting.examine(self.laptop, accepting.as_device(self.laptop)))
        self.assertIsInstance(error, Exists)

    def test_another_meanwhile(self) -> None:
        """What is accepted is what was looked at, and nothing else that is shown later."""
        before = self.records()
        self.roll_back()
        doubt = self.examine(self.laptop)
        self.show(before[:-1])
        self.assertIsInstance(self.fault(self.accept(self.laptop, doubt)), RolledBack)
        self.alarm(self.laptop, RolledBack)

    def test_seen_meanwhile(self) -> None:
        """If this device has seen more since it was looked at, it is looked at again first."""
        self.roll_back()
        doubt, seen = self.examine(self.laptop), self.memory(self.laptop)
        newer = attrs.evolve(seen, number=seen.number + 1)
        self.laptop.profile.cache(self.drive).remember(newer)
        before = self.records()
        error = self.fault(self.accept(self.laptop, doubt))
        self.assertIsInstance(error, UsageError)
        self.assertEqual((self.memory(self.laptop), self.records()), (newer, before))

    def test_crash(self) -> None:
        """Cut short after the record, it is an alarm still, and is accepted once more."""
        self.roll_back()
        doubt = self.examine(self.laptop)

        full = LocalFileError("no space", "make some")

        def crash(_: object) -> None:
            raise full

        patched = self.patch(Cache, "take_shown", crash)
        self.assertIsInstance(self.fault(self.accept(self.laptop, doubt)), LocalFileError)
        patched.restore()
        self.alarm(self.laptop, Forked)
        self.now(self.accept(self.laptop, self.examine(self.laptop)))
        self.assertEqual(self.names(self.laptop), [b"both", b"early"])

    def test_shut_out(self) -> None:
        """A journal from before a device was revoked can't be accepted: it would be in again."""
        before = self.records()
        opened = self.resume(self.laptop)
        found = self.now(devices.listed(opened.drive))
        chosen = [one for one in found if not one.mine]
        self.now(devices.revoke(opened.drive, chosen))
        self.now(opened.close())
        self.show(before)
        error = self.fault(accepting.examine(self.laptop, accepting.as_device(self.laptop)))
        self.assertIsInstance(error, RolledBack)
        self.assertIn("can't be accepted", error.message)
        self.assertIn("anoncloud export", error.hint)

    def test_shut_out_before_a_crash(self) -> None:
        """Nor if this device was killed before it kept the newest key: its records say enough."""
        before = self.records()
        opened = self.resume(self.laptop)
        found = self.now(devices.listed(opened.drive))
        self.now(devices.revoke(opened.drive, [one for one in found if not one.mine]))
        self.now(opened.link.stop())
        self.show(before)
        error = self.fault(accepting.examine(self.laptop, accepting.as_device(self.laptop)))
        self.assertIsInstance(error, RolledBack)
        self.assertIn("can't be accepted", error.message)

    def test_shut_out_by_kit(self) -> None:
        """Nor with the kit, whose keyring comes from the server, and may be as old as it likes."""
        before = self.records()
        opened = self.resume(self.laptop)
        found = self.now(devices.listed(opened.drive))
        self.now(devices.revoke(opened.drive, [one for one in found if not one.mine]))
        self.now(opened.close())
        self.show(before)
        seen = self.memory(self.laptop)
        entrant = self.now(accepting.by_kit(self.laptop, self.kit, PASSPHRASE))
        error = self.fault(accepting.examine(self.laptop, entrant))
        self.assertIsInstance(error, RolledBack)
        self.assertIn("can't be accepted", error.message)
        self.assertEqual((self.memory(self.laptop), self.records()), (seen, before))
        self.laptop.profile.forget()  # a device that has logged out knows no more of it
        doubt = self.now(accepting.examine(self.laptop, entrant))
        self.now(accepting.accept(self.laptop, entrant, doubt, "ada"))
        self.now(own(self.laptop, self.kit, PASSPHRASE))

    def test_given_up_elsewhere(self) -> None:
        """A program that still has what was given up keeps nothing of it in the cache."""
        self.roll_back_far()
        self.laptop.profile.cache(self.drive).forget_records()
        elsewhere = self.known(self.laptop)
        elsewhere.absorb(self.lost)
        self.now(self.accept(self.laptop, self.examine(self.laptop)))
        elsewhere.close()
        self.assertIsNone(self.laptop.profile.cache(self.drive).checkpoint())
        self.assertEqual(self.names(self.laptop), [b"both", b"early"])

    def test_mended(self) -> None:
        """A cache that does not fit what was seen goes when there is nothing to accept."""
        self.roll_back_far()
        sealed = self.laptop.profile.cache(self.drive).checkpoint()
        assert sealed is not None
        self.now(self.accept(self.laptop, self.examine(self.laptop)))
        self.laptop.profile.cache(self.drive).keep_checkpoint(sealed)
        self.alarm(self.laptop, RolledBack)
        error = self.fault(accepting.examine(self.laptop, accepting.as_device(self.laptop)))
        self.assertIsInstance(error, Exists)
        self.assertEqual(self.names(self.laptop), [b"both", b"early"])

    def roll_back_far(self) -> None:
        """Forget two things that the laptop did, and has a checkpoint of."""
        before = self.records()
        self.change(self.laptop, "lost")
        self.patch(journal, "CHECKPOINT_TAIL", 0)
        self.change(self.laptop, "lost too")
        self.lost = self.records()
        self.show(before)

    def known(self, here: Surroundings) -> journal.Journal:
        """Read the journal as another program of this device has it."""
        keyring = here.profile.load().keyring
        return journal.Journal(keyring, here.profile.cache(self.drive), here.entropy)

    def test_by_kit(self) -> None:
        """Who has lost the device to the roll-back comes with kit and passphrase."""
        self.roll_back()
        self.laptop.profile.forget()
        error = self.assertRaises(NotLoggedIn, accepting.as_device, self.laptop)
        self.assertIn("--kit", error.hint)
        self.assertIsInstance(self.fault(own(self.laptop, self.kit, PASSPHRASE)), RolledBack)
        entrant = self.now(accepting.by_kit(self.laptop, self.kit, PASSPHRASE))
        doubt = self.now(accepting.examine(self.laptop, entrant))
        self.now(accepting.accept(self.laptop, entrant, doubt, "ada"))
        owner = self.now(own(self.laptop, self.kit, PASSPHRASE))
        (made,) = owner.affairs.accepted
        self.assertEqual(made.key, owner.account.signing.public)


class ForkedTests(HistoriesTestCase):
    """Two devices that are shown different journals."""

    def test_refused(self) -> None:
        """The device whose change is not there gives the alarm, while it follows too."""
        self.fork()
        self.alarm(self.laptop, Forked)
        told: list[Any] = []
        following = self.now(Following.begin(self.laptop, lambda: None, told.append))
        self.assertIsInstance(self.fault(following.connect()), Forked)

    def test_accepted(self) -> None:
        """The other device's changes are taken; it is not surprised, and is told."""
        self.fork()
        self.now(self.accept(self.laptop, self.examine(self.laptop)))
        expected = [b"both", b"early", b"other"]
        self.assertEqual(self.names(self.laptop), expected)
        self.assertEqual(self.names(self.tablet), expected)

    def test_others_alarm(self) -> None:
        """Who had seen what was given up has an alarm still, and sees who accepted what."""
        before = self.records()
        self.change(self.laptop, "lost")
        self.go_on(self.tablet)
        self.show(before)
        self.now(self.accept(self.laptop, self.examine(self.laptop)))
        self.alarm(self.tablet, Forked)
        doubt = self.examine(self.tablet)
        said = "\n".join(doubt.said(str))
        self.assertRegex(said, r"\nlaptop accepted a history of \d+ records, .*, on \d+\.\n")
        self.assertIn("just what this device has seen", said)
        self.now(self.accept(self.tablet, doubt))
        self.assertEqual(self.names(self.tablet), [b"both", b"early"])
        self.assertEqual(len(self.go_on(self.laptop).drive.tree.affairs.accepted), 2)

    def test_forged(self) -> None:
        """What does not open under the keyring can't be accepted: no server makes a record."""
        self.roll_back()
        *kept, last = self.records()
        self.show([*kept, last[:-1] + bytes([last[-1] ^ 1])])
        entrant = accepting.as_device(self.laptop)
        self.assertIsInstance(self.fault(accepting.examine(self.laptop, entrant)), Tampered)
        self.alarm(self.laptop, RolledBack)

    def test_revoked_there(self) -> None:
        """A history that has shut this device out is not gone on with by it."""
        self.roll_back()
        known = self.laptop.profile.load().keyring
        assert known.device is not None
        self.insert(known, 1, changes.RevokeDevice(known.device))
        error = self.fault(accepting.examine(self.laptop, accepting.as_device(self.laptop)))
        self.assertIsInstance(error, NotLoggedIn)

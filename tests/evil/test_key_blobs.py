"""Attack 1: a keyring that was changed, swapped, taken from elsewhere or made at home.

Whatever comes instead of the right one is refused in the same words, and nothing that depends on a
key is said after it.
"""

from typing import Any

import attrs

from anoncloud.client.accounts import open_keyring
from anoncloud.client.keyring import (
    account_place,
    device_place,
    new_keyring,
    recovery_place,
    seal_device_keyring,
    seal_keyring,
)
from anoncloud.client.kit import Kit
from anoncloud.client.recovering import recover
from anoncloud.client.recovery import draw_recovery
from anoncloud.client.staying import resume
from anoncloud.crypto.keys import UnlockKey
from anoncloud.crypto.passphrases import AccountKeys
from anoncloud.errors import LocalFileError, WrongPassphrase
from anoncloud.limits import MAX_KEYRING
from anoncloud.wire import messages
from tests.evil.asserting import Watch, assert_named, assert_no_half, assert_silent, snapshot
from tests.evil.house import COST, PASSPHRASE, EvilTestCase
from tests.support.entropy import counting

ASKED = ["LogIn", "FetchKeyring"]


class KeyBlobTests(EvilTestCase):
    """Ada logs in, and the server gives her something else for her keyring."""

    def setUp(self) -> None:
        super().setUp()
        self.here, self.kit = self.register()
        self.keys = self.kit.keys(PASSPHRASE)
        self.real = self.now(self.house.rooms.accounts.keyring("ada", self.keys.login.public))
        self.content = open_keyring(self.real, self.keys.unlock, account_place(self.kit))
        self.served = self.real
        self.house.tricks.append(self.swap)

    def swap(self, said: Any) -> Any:
        """Give another keyring than the server would."""
        if isinstance(said, messages.Keyring):
            return [messages.Keyring(said.request, self.served)]
        return None

    def derive_once(self) -> None:
        """Let Ada's kit give the keys that were derived already, for Argon2id's work is known."""

        def known(kit: Kit, passphrase: str) -> AccountKeys:
            self.assertEqual((kit, passphrase), (self.kit, PASSPHRASE))
            return self.keys

        self.patch(Kit, "keys", known)

    def outcome(self, sealed: bytes) -> tuple[str, tuple[int, ...]]:
        """Log in where *sealed* is served; give what is told, and the frames that were sent."""
        self.served = sealed
        self.house.visits.clear()
        watch = Watch(self.house)
        error = self.fault(self.log_in(self.kit))
        assert_named(self, error, WrongPassphrase)
        assert_silent(self, watch, ASKED)
        (frames,) = watch.frames()
        return str(error), frames

    def sealed(self, unlock: UnlockKey, place: bytes) -> bytes:
        """Seal Ada's own keyring under another key, or at another place."""
        return seal_keyring(self.content, unlock, place, counting(b"evil"))

    def test_the_real_one(self) -> None:
        """The harness lets the real one through, so a refusal means something."""
        self.now(self.now(self.log_in(self.kit)).close())

    def test_every_bit(self) -> None:
        """Each bit of it turned, and each length that it could be cut to."""
        self.derive_once()
        told = set()
        for bit in range(8 * len(self.real)):
            flipped = bytearray(self.real)
            flipped[bit // 8] ^= 1 << bit % 8
            told.add(self.outcome(bytes(flipped)))
        for length in range(1, len(self.real)):
            told.add(self.outcome(self.real[:length]))
        for longer in (self.real + b"\x00", self.real * 2, bytes(MAX_KEYRING), b"\x00"):
            told.add(self.outcome(longer))
        self.assertEqual(len(told), 1)
        ((_, frames),) = told
        self.assertEqual(len(frames), 4)  # the handshake, LogIn, FetchKeyring, END

    def test_others(self) -> None:
        """Another account's, an older one, one for another place, and one that the server made."""
        bob_here, bob = self.register("bob", "battery staple correct horse")
        del bob_here
        bobs = bob.keys("battery staple correct horse")
        older = self.kit.keys("the passphrase before").unlock
        key, place = self.kit.address.key, account_place(self.kit)
        stronger = attrs.evolve(self.kit, cost=attrs.evolve(COST, passes=COST.passes + 1))
        other_server = attrs.evolve(self.kit, address=attrs.evolve(bob.address, key=b"k" * 32))
        device = self.here.profile.load()
        served = {
            "another account's": self.now(
                self.house.rooms.accounts.keyring("bob", bobs.login.public)
            ),
            "another account's key": self.sealed(bobs.unlock, place),
            "one of before a change of passphrase": self.sealed(older, place),
            "one for the recovery key": self.sealed(self.keys.unlock, recovery_place(key, "ada")),
            "one at another account": self.sealed(self.keys.unlock, account_place(bob)),
            "one at another cost": self.sealed(self.keys.unlock, account_place(stronger)),
            "one at another server": self.sealed(self.keys.unlock, account_place(other_server)),
            "a device's": (self.here.profile.folder / "keyring").read_bytes(),
            "a device's content": seal_device_keyring(
                device.keyring,
                attrs.evolve(device.keys, unlock=self.keys.unlock),
                place,
                counting(b"evil"),
            ),
            "a home-made one": seal_keyring(
                new_keyring(counting(b"evil")), UnlockKey(b"e" * 32), place, counting(b"evil")
            ),
        }
        self.derive_once()
        told = {name: self.outcome(sealed) for name, sealed in served.items()}
        self.assertEqual(len(set(told.values())), 1, told)

    def test_recovery_copy(self) -> None:
        """What comes for a recovery key's copy is judged alike, and never taken for another."""
        recovery = draw_recovery(self.kit.address, "ada", counting(b"recovery"))
        copy = recovery.seal(self.content, counting(b"copy"))
        accounts = self.house.rooms.accounts
        login, public = self.keys.login.public, recovery.login.public
        self.now(accounts.set_recovery("ada", login, public, copy))
        told = set()
        for wrong in (
            *(copy[:at] + bytes([copy[at] ^ 1]) + copy[at + 1 :] for at in range(len(copy))),
            self.real,
            self.sealed(recovery.unlock, account_place(self.kit)),
            self.sealed(self.keys.unlock, recovery.place),
            copy[:-1],
        ):
            self.served = wrong
            self.house.visits.clear()
            watch = Watch(self.house)
            error = self.fault(recover(self.machine(b"new"), recovery))
            assert_named(self, error, WrongPassphrase)
            assert_silent(self, watch, ASKED)
            told.add((str(error), *watch.frames()))
        self.assertEqual(len(told), 1)
        self.served = copy
        self.now(self.now(recover(self.machine(b"new"), recovery)).close())

    def test_device(self) -> None:
        """A device's keyring file that was changed in any bit opens nothing, and asks nobody."""
        path = self.here.profile.folder / "keyring"
        real = path.read_bytes()
        watch = Watch(self.house)
        told = set()
        wrong = [real[:-1], real + b"\x00", self.sealed(self.keys.unlock, device_place(b"", "x"))]
        for bit in range(8 * len(real)):
            flipped = bytearray(real)
            flipped[bit // 8] ^= 1 << bit % 8
            wrong.append(bytes(flipped))
        for changed in wrong:
            path.write_bytes(changed)
            before = snapshot(self.here.profile.folder)
            error = self.fault(resume(self.here))
            assert_named(self, error, LocalFileError)
            assert_no_half(self, self.here.profile.folder, before)
            told.add(str(error))
        self.assertEqual(len(told), 1)
        self.assertEqual(watch.frames(), [])

"""The channel: both ends change keys at the same frame, and nothing moves out of its place."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud import limits
from anoncloud.crypto.noise import TAG, CipherState
from anoncloud.errors import ProtocolBroken
from anoncloud.wire.channel import Direction
from tests.support.damage import cuts, flips
from tests.support.pairs import ciphers


class CountingCipher(CipherState):
    """A cipher that counts how often its key changed."""

    rekeys = 0

    def rekey(self) -> None:
        """Count, and change the key."""
        self.rekeys += 1
        super().rekey()


def directions(
    frames: int, length: int
) -> tuple[Direction, Direction, CountingCipher, CountingCipher]:
    """Give two ends of one direction with small limits, and their ciphers."""
    sender, receiver = CountingCipher(b"k" * 32), CountingCipher(b"k" * 32)
    return (
        Direction(sender, frames=frames, length=length),
        Direction(receiver, frames=frames, length=length),
        sender,
        receiver,
    )


class RekeyTests(SynchronousTestCase):
    """When keys change."""

    @given(st.integers(1, 9), st.integers(1, 300), st.lists(st.binary(max_size=99), max_size=40))
    def test_in_step(self, frames: int, length: int, plaintexts: list[bytes]) -> None:
        """With any limits, every frame opens, and neither end passes a limit under one key."""
        sealer, opener, sender, receiver = directions(frames, length)
        for plaintext in plaintexts:
            self.assertEqual(opener.open(sealer.seal(plaintext)), plaintext)
            self.assertEqual(sender.rekeys, receiver.rekeys)
            self.assertEqual(sender.counter, receiver.counter)
            self.assertLess(sender.counter, frames)

    def test_at_the_frame_limit(self) -> None:
        """The key changes after exactly so many frames, and the counter begins anew."""
        sealer, _, sender, _ = directions(3, 10**9)
        seen = []
        for _ in range(7):
            sealer.seal(b"")
            seen.append((sender.rekeys, sender.counter))
        self.assertEqual(seen, [(0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (2, 0), (2, 1)])

    def test_at_the_byte_limit(self) -> None:
        """Sealed bytes count, tag included, and begin anew with the key."""
        sealer, _, sender, _ = directions(10**9, 2 * (TAG + 4))
        seen = []
        for length in (4, 3, 0, 4, 100, 4, 4):
            sealer.seal(bytes(length))
            seen.append(sender.rekeys)
        self.assertEqual(seen, [0, 0, 1, 1, 2, 2, 3])

    def test_a_new_key_is_another(self) -> None:
        """The same frame sealed first under two keys gives other bytes."""
        sealer, _, _, _ = directions(1, 10**9)
        self.assertEqual(len({sealer.seal(b"same") for _ in range(9)}), 9)

    def test_ends_that_count_differently_part(self) -> None:
        """If one end changed its key elsewhere, the next frame would be refused."""
        sealer = Direction(CipherState(b"k" * 32), frames=2)
        opener = Direction(CipherState(b"k" * 32), frames=3)
        for _ in range(2):
            opener.open(sealer.seal(b"x"))
        self.assertRaises(ProtocolBroken, opener.open, sealer.seal(b"x"))

    def test_default_limits(self) -> None:
        """Keys change after 2**16 frames or 1 GiB, unless a caller says otherwise."""
        cipher = CountingCipher(b"k" * 32)
        direction = Direction(cipher)
        cipher.counter = limits.REKEY_FRAMES - 2
        direction.seal(b"")
        self.assertEqual((cipher.rekeys, limits.REKEY_FRAMES), (0, 2**16))
        direction.seal(b"")
        self.assertEqual(cipher.rekeys, 1)
        direction._sealed = limits.REKEY_BYTES - TAG - 1
        direction.seal(b"")
        self.assertEqual((cipher.rekeys, limits.REKEY_BYTES), (1, 2**30))
        direction.seal(b"")
        self.assertEqual(cipher.rekeys, 2)


class OrderTests(SynchronousTestCase):
    """Only the very next frame opens."""

    def test_replayed_reordered_and_left_out(self) -> None:
        """A frame again, a later one or one of the other direction is refused."""
        cipher, _ = ciphers()
        sealer = Direction(cipher)
        one, two, three = (sealer.seal(b"%d" % number) for number in range(3))
        for stream in ([one, one], [two], [one, three], [one, two, one]):
            opener = Direction(CipherState(b"k" * 32))
            for frame in stream[:-1]:
                opener.open(frame)
            self.assertRaises(ProtocolBroken, opener.open, stream[-1])
        other = Direction(CipherState(b"o" * 32))
        self.assertRaises(ProtocolBroken, other.open, one)

    def test_damage_is_refused(self) -> None:
        """Any flip or cut of a frame is refused."""
        frame = Direction(CipherState(b"k" * 32)).seal(b"frame")
        for wrong in (*flips(frame), *cuts(frame), frame + b"\x00"):
            self.assertRaises(ProtocolBroken, Direction(CipherState(b"k" * 32)).open, wrong)

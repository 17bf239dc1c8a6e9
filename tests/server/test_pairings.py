"""Pairings: what two devices say to each other, in one process and across two, and their end."""

from typing import Any

from anoncloud.errors import Code
from anoncloud.limits import (
    LOGIN_TIMEOUT,
    MAX_PAIRING_MESSAGES,
    MAX_SLOT,
    PAIRING_TIMEOUT,
)
from anoncloud.server.events import Board
from anoncloud.server.pairings import Pairings, Place
from anoncloud.server.stores.memory_pairings import Kept, MemoryPairings
from anoncloud.wire import messages
from tests.support.entropy import counting
from tests.support.server import ADA, BOB, ServerTestCase

CLOSED = messages.PairingClosed()


class Device:
    """One end: what it was sent, and how much time it has; fulfils ``pairings.End``."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.time: float | None = None

    def send(self, message: messages.Message) -> None:
        self.heard.append(message)

    def give_time(self, seconds: float) -> None:
        self.time = seconds


class Across:
    """One process's way to the other: what is said there is heard by the boards of the rest."""

    def __init__(self) -> None:
        self.others: list[Board[bytes]] = []
        self.attended: set[bytes] = set()

    def attend(self, topic: bytes, *, begin: bool) -> None:
        (self.attended.add if begin else self.attended.discard)(topic)

    def say(self, topic: bytes, word: bytes) -> None:
        for board in self.others:
            board.hear(topic, word)


class PairingTestCase(ServerTestCase):
    """A test with two devices, whose connections two processes have."""

    def setUp(self) -> None:
        super().setUp()
        self.old, self.new = Device(), Device()
        self.slots: dict[int, Kept] = {}
        self.steps = 0
        self.ways = [Across(), Across()]
        self.boards = [Board(way) for way in self.ways]
        for way, board in zip(self.ways, reversed(self.boards), strict=True):
            way.others.append(board)
        self.here, self.there = (self.process(number) for number in range(2))

    def process(self, number: int, seed: bytes = b"") -> Pairings:
        """Make the pairings of a process."""
        store = MemoryPairings(b"%d" % number, self.slots)
        clock = self.rooms.clock.seconds
        return Pairings(store, self.boards[number], clock, self.step, counting(seed))

    async def step(self) -> int:
        """Be in step with the other process."""
        self.steps += 1
        return 1

    def open(self) -> Place:
        """Open a slot for Ada, here."""
        self.place, self.slot = self.now(self.here.open(ADA.drive, self.old, b"first"))
        return self.place

    def join(self, process: Pairings) -> Place:
        """Join it."""
        place, first = self.now(process.join(self.slot, self.new, b"second"))
        self.assertEqual(first, b"first")
        return place

    def assert_over(self, *places: Place) -> None:
        """See that nothing comes from *places*, nothing goes to them, and nobody attends."""
        for place in places:
            self.assertTrue(place.is_over)
            self.refused(Code.NOT_ALLOWED, self.here.say(place, b"more"))
        self.assertEqual([way.attended for way in self.ways], [set(), set()])


class MeetingTests(PairingTestCase):
    """Two devices, in one process or in two."""

    def test_messages(self) -> None:
        """What one says the other hears, unchanged and in order, wherever the two are."""
        for process in (self.here, self.there):
            self.old.heard.clear()
            self.new.heard.clear()
            opener = self.open()
            self.assertEqual(self.old.heard, [])
            joiner = self.join(process)
            self.assertEqual(self.new.time, PAIRING_TIMEOUT)
            self.now(self.here.say(opener, b"to the new"))
            self.now(process.say(joiner, b"to the old"))
            self.assertEqual(self.new.heard, [messages.PairingSaid(b"to the new")])
            said = [messages.PairingSaid(b"second"), messages.PairingSaid(b"to the old")]
            self.assertEqual(self.old.heard, said)
            self.now(self.here.close(opener))

    def test_in_step(self) -> None:
        """Before anybody can answer, both ends are sure to hear."""
        self.open()
        self.assertEqual((self.steps, len(self.ways[0].attended)), (1, 1))
        self.join(self.there)
        self.assertEqual((self.steps, len(self.ways[1].attended)), (2, 1))

    def test_bound(self) -> None:
        """The two have MAX_PAIRING_MESSAGES messages together, their first ones included."""
        opener, joiner = self.open(), self.join(self.there)
        for number in range(MAX_PAIRING_MESSAGES - 2):
            process, place = ((self.here, opener), (self.there, joiner))[number % 2]
            self.now(process.say(place, b"%d" % number))
        self.refused(Code.TOO_MANY, self.here.say(opener, b"one more"))
        self.refused(Code.TOO_MANY, self.there.say(joiner, b"one more"))
        heard = len(self.old.heard) + len(self.new.heard)
        self.assertEqual(heard, MAX_PAIRING_MESSAGES - 1)  # the opener's first is an answer

    def test_joined_once(self) -> None:
        """Nobody else gets in, and nobody hears of the attempt."""
        self.open()
        self.join(self.there)
        late = Device()
        self.refused(Code.NOT_ALLOWED, self.here.join(self.slot, late, b"third"))
        self.assertEqual(len(self.old.heard), 1)
        self.assertEqual((late.heard, late.time), ([], None))

    def test_slots(self) -> None:
        """Slots and names are drawn at random; another source gives another slot."""
        slots = set()
        for number in range(50):
            process = self.process(0, b"%d" % number)
            place, slot = self.now(process.open(ADA.drive, Device(), b"m"))
            slots.add(slot)
            self.assertEqual(len(place.pairing), 16)
        self.assertGreater(len(slots), 45)
        self.assertTrue(slots <= set(range(1, MAX_SLOT + 1)))


class EndTests(PairingTestCase):
    """How a pairing ends."""

    def test_close(self) -> None:
        """The other end is told, once, but not who made it; time is short again."""
        for opener_closes in (True, False):
            self.old, self.new = Device(), Device()
            opener, joiner = self.open(), self.join(self.there)
            for _ in range(2):
                if opener_closes:
                    self.now(self.here.close(opener))
                else:
                    self.now(self.there.close(joiner))
            told = [device.heard.count(CLOSED) for device in (self.old, self.new)]
            self.assertEqual(told, [0, 1] if opener_closes else [1, 0])
            self.assertEqual((self.old.time, self.new.time), (LOGIN_TIMEOUT, LOGIN_TIMEOUT))
            self.assert_over(opener, joiner)

    def test_close_and_tell(self) -> None:
        """If its time is over both are told."""
        opener, joiner = self.open(), self.join(self.there)
        self.now(self.here.close(opener, and_tell=True))
        self.assertEqual((self.old.heard[-1], self.new.heard[-1]), (CLOSED, CLOSED))
        self.assert_over(opener, joiner)

    def test_told_once(self) -> None:
        """Whoever wants to know of the end is told, whichever way it comes."""
        opener, joiner = self.open(), self.join(self.there)
        told: list[str] = []
        opener.on_end.append(lambda: told.append("opener"))
        joiner.on_end.append(lambda: told.append("joiner"))
        self.now(self.there.close(joiner))
        self.assertCountEqual(told, ["opener", "joiner"])

    def test_one_each(self) -> None:
        """An account that opens a slot loses the one that it had, with both its ends."""
        bob = Device()
        self.now(self.here.open(BOB.drive, bob, b"first"))
        opener, joiner = self.open(), self.join(self.there)
        phone = Device()
        place, _ = self.now(self.there.open(ADA.drive, phone, b"again"))
        self.assertEqual((self.old.heard[-1], self.new.heard[-1]), (CLOSED, CLOSED))
        self.assertEqual((bob.heard, phone.heard), ([], []))
        self.assertTrue(opener.is_over and joiner.is_over)
        self.assertFalse(place.is_over)

    def test_joined_too_late(self) -> None:
        """If it is closed while somebody joins, that one is refused, and waits for nothing."""
        opener = self.open()

        async def close_meanwhile() -> int:
            await self.here.close(opener)
            return 1

        self.there._in_step = close_meanwhile  # type: ignore[method-assign]
        self.refused(Code.NOT_ALLOWED, self.there.join(self.slot, self.new, b"second"))
        self.assertEqual((self.new.heard, self.new.time), ([CLOSED], LOGIN_TIMEOUT))
        self.assertEqual([way.attended for way in self.ways], [set(), set()])

    def test_process_has_ended(self) -> None:
        """The other end of what a process had is told by whoever buries it."""
        opener = self.open()
        self.join(self.there)
        self.now(self.here.close_of(b"1"))
        self.assertEqual(self.old.heard[-1], CLOSED)
        self.assertTrue(opener.is_over)

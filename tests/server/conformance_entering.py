"""What ``AccountStore`` says of logging in: who may, when, and what is counted for whom."""

from typing import Any

from anoncloud.errors import Code
from anoncloud.server.account_contract import Access, Account, Attempt, Entry
from anoncloud.server.delays import Bucket, Kind, Schedule, Schedules
from anoncloud.server.entering import TooSoon
from tests.server.conformance_accounts import NOW, StoreContract
from tests.support.server import ADA, BOB, Person

RIGHT, WRONG = ADA.key().public, ADA.key("a guess").public
SCHEDULES = Schedules(Schedule(3, 5_000), Schedule(4, 15_000), Bucket(20, 60_000))
HERE, THERE = "192.0.2.1", "192.0.2.2"


class EnteringContract(StoreContract):
    """The contract, for stores of every kind."""

    async def open_with(self, *people: Person) -> Any:
        """Open the store with accounts for *people*."""
        accounts, _ = await self.open_stores()
        for person in people:
            await accounts.register(person.new_account(), None, 0, NOW)
        return accounts

    async def tried(
        self: Any,
        accounts: Any,
        key: bytes = WRONG,
        after: float = 0.0,
        name: str = "ada",
        network: str = "",
    ) -> Access | Code:
        """Try a key, so many seconds after the beginning."""
        attempt = Attempt(name, key, network, NOW + after)
        (outcome,) = await self.outcomes(accounts.enter(attempt, SCHEDULES))
        return outcome.access if isinstance(outcome, Entry) else outcome

    async def test_entry(self: Any) -> None:
        """The right key enters its account; others, and other names, are refused alike."""
        accounts = await self.open_with(ADA, BOB)
        entry = await accounts.enter(Attempt("ada", RIGHT, HERE, NOW), SCHEDULES)
        self.assertEqual(entry, Entry(Account("ada", ADA.drive), Access.OWNER))
        for name, key in (("ada", WRONG), ("bob", RIGHT), ("eve", RIGHT), ("ada", b"")):
            self.assertEqual(await self.tried(accounts, key, name=name), Code.LOGIN)

    async def test_account_delays(self: Any) -> None:
        """After three mistakes each further one makes the next wait twice as long."""
        accounts = await self.open_with(ADA)
        for _ in range(4):
            self.assertEqual(await self.tried(accounts), Code.LOGIN)
        for late, wait in ((5, 10), (15, 20), (35, 40)):
            self.assertEqual(await self.tried(accounts, RIGHT, late - 0.01), Code.TOO_SOON)
            self.assertEqual(await self.tried(accounts, WRONG, late), Code.LOGIN, late)
            self.assertEqual(await self.tried(accounts, RIGHT, late + wait - 1), Code.TOO_SOON)
        self.assertEqual(await self.tried(accounts, RIGHT, 75), Access.OWNER)

    async def test_unknown_name(self: Any) -> None:
        """A name that is nobody's is held back just as one that is somebody's."""
        accounts = await self.open_with(ADA)
        for name in ("ada", "eve"):
            told = [await self.tried(accounts, name=name) for _ in range(6)]
            self.assertEqual(told, [Code.LOGIN] * 4 + [Code.TOO_SOON] * 2)

    async def test_cleared(self: Any) -> None:
        """The login key clears what is remembered of the account, and only of it."""
        accounts = await self.open_with(ADA)
        for _ in range(3):
            await self.tried(accounts, network=HERE)
        self.assertEqual(await self.tried(accounts, RIGHT, network=HERE), Access.OWNER)
        told = [await self.tried(accounts, network=HERE) for _ in range(3)]
        self.assertEqual(told, [Code.LOGIN, Code.LOGIN, Code.TOO_SOON])  # five from the network
        told = [await self.tried(accounts) for _ in range(3)]
        self.assertEqual(told, [Code.LOGIN, Code.LOGIN, Code.TOO_SOON])  # four of the account

    async def test_too_soon_counts_nowhere(self: Any) -> None:
        """Who hammers does not lengthen the wait."""
        accounts = await self.open_with(ADA)
        for _ in range(4):
            await self.tried(accounts)
        for tenth in range(49):
            held = await self.tried(accounts, WRONG, tenth / 10, network=HERE)
            self.assertEqual(held, Code.TOO_SOON)
        self.assertEqual(await self.tried(accounts, RIGHT, 5, network=HERE), Access.OWNER)

    async def test_network(self: Any) -> None:
        """A network is held back whatever names it tries; others are not, nor is none at all."""
        accounts = await self.open_with(ADA)
        for number in range(5):
            tried = await self.tried(accounts, name=f"guest{number}", network=HERE)
            self.assertEqual(tried, Code.LOGIN)
        self.assertEqual(await self.tried(accounts, RIGHT, 14.9, network=HERE), Code.TOO_SOON)
        for network in (THERE, ""):
            self.assertEqual(await self.tried(accounts, RIGHT, network=network), Access.OWNER)
        self.assertEqual(await self.tried(accounts, RIGHT, 15, network=HERE), Access.OWNER)

    async def test_penalise(self: Any) -> None:
        """Other faults count for a network too; those of no network are let fall."""
        accounts = await self.open_with(ADA)
        await accounts.penalise(HERE, 2, NOW, SCHEDULES)
        await accounts.penalise("", 50, NOW, SCHEDULES)
        self.assertEqual(await self.tried(accounts, RIGHT, network=HERE), Access.OWNER)
        await accounts.penalise(HERE, 5, NOW, SCHEDULES)
        self.assertEqual(await self.tried(accounts, RIGHT, 59.9, network=HERE), Code.TOO_SOON)
        self.assertEqual(await self.tried(accounts, RIGHT, network=""), Access.OWNER)
        self.assertEqual(await self.tried(accounts, RIGHT, 60, network=HERE), Access.OWNER)

    async def test_penalties_do_not_add_up(self: Any) -> None:
        """A network that is held back is not counted, so that waits end; each tells how long."""
        accounts = await self.open_with(ADA)
        self.assertEqual(await accounts.held_back(HERE, NOW, SCHEDULES), 0)
        told = [await accounts.penalise(HERE, 5, NOW + late, SCHEDULES) for late in (0, 1, 14.9)]
        self.assertEqual(told, [15_000, 14_000, 100])
        self.assertEqual(await accounts.held_back(HERE, NOW + 10, SCHEDULES), 5_000)
        self.assertEqual(await accounts.held_back(THERE, NOW + 10, SCHEDULES), 0)
        self.assertEqual(await accounts.held_back("", NOW + 10, SCHEDULES), 0)
        self.assertEqual(await accounts.held_back(HERE, NOW + 15, SCHEDULES), 0)
        self.assertEqual(await accounts.penalise(HERE, 1, NOW + 15, SCHEDULES), 30_000)

    async def test_what_is_told(self: Any) -> None:
        """A refusal without evaluation tells what is held back for how long, and who is not."""
        accounts = await self.open_with(ADA)
        phone, recovery = ADA.key("phone").public, ADA.key("recovery").public
        await accounts.enrol("ada", phone)
        for number in range(4):
            await self.tried(accounts)
            await self.tried(accounts, name=f"guest{number}", network=HERE)
        await accounts.penalise(HERE, 1, NOW, SCHEDULES)
        for name, passing in (("ada", {phone}), ("ada", {phone, recovery}), ("eve", set())):
            attempt = Attempt(name, WRONG, HERE, NOW + 1)
            refusal = await self.refused(Code.TOO_SOON, accounts.enter(attempt, SCHEDULES))
            self.assertIsInstance(refusal, TooSoon)
            held = {Kind.ACCOUNT: 4_000 * (name == "ada"), Kind.NETWORK: 14_000, Kind.ALL: 0}
            self.assertEqual((refusal.waits, refusal.passing), (held, frozenset(passing)))
            self.assertIn("try again in 14 seconds", refusal.message)
            await accounts.set_recovery("ada", RIGHT, recovery, b"copy")

    async def test_all_together(self: Any) -> None:
        """So many mistakes in all, whoever makes them, and then one every three seconds."""
        accounts = await self.open_with(ADA)
        for number in range(20):
            tried = await self.tried(accounts, name=f"guest{number}")
            self.assertEqual(tried, Code.LOGIN)
        self.assertEqual(await self.tried(accounts, RIGHT), Code.TOO_SOON)
        self.assertEqual(await self.tried(accounts, WRONG, 3, "guest"), Code.LOGIN)
        self.assertEqual(await self.tried(accounts, RIGHT, 5.9), Code.TOO_SOON)
        self.assertEqual(await self.tried(accounts, RIGHT, 6), Access.OWNER)

    async def test_known_keys_pass(self: Any) -> None:
        """A device's key and the recovery key enter in the middle of an attack."""
        accounts = await self.open_with(ADA)
        phone, recovery = ADA.key("phone").public, ADA.key("recovery").public
        await accounts.enrol("ada", phone)
        await accounts.set_recovery("ada", RIGHT, recovery, b"copy")
        for _ in range(4):
            await self.tried(accounts, network=HERE)
        await accounts.penalise(HERE, 50, NOW, SCHEDULES)
        self.assertEqual(await self.tried(accounts, RIGHT, network=HERE), Code.TOO_SOON)
        self.assertEqual(await self.tried(accounts, phone, network=HERE), Access.DEVICE)
        self.assertEqual(await self.tried(accounts, recovery, network=HERE), Access.RECOVERY)
        self.assertEqual(await self.tried(accounts, RIGHT, 4.9), Code.TOO_SOON)
        await accounts.forget("ada", phone)
        self.assertEqual(await self.tried(accounts, phone, network=HERE), Code.TOO_SOON)

    async def test_guesses_by_enrolling(self: Any) -> None:
        """Whoever enrols a guess as a device does not learn whether it is the login key."""
        accounts = await self.open_with(ADA)
        told = []
        for guess in (WRONG, RIGHT):
            await accounts.enrol("ada", guess)
            told.append(await self.tried(accounts, guess))
        self.assertEqual(told, [Access.DEVICE, Access.DEVICE])

    async def test_at_once(self: Any) -> None:
        """Attempts that come at once are counted one by one: no more than four are evaluated."""
        accounts = await self.open_with(ADA)
        attempts = [Attempt("ada", WRONG, "", NOW)] * 8
        outcomes = await self.outcomes(*(accounts.enter(one, SCHEDULES) for one in attempts))
        self.assertCountEqual(outcomes, [Code.LOGIN] * 4 + [Code.TOO_SOON] * 4)

    async def test_forgotten(self: Any) -> None:
        """A day after the last mistake it is as if there had been none."""
        day = 24 * 3600
        accounts = await self.open_with(ADA)
        for _ in range(4):
            await self.tried(accounts)
        await accounts.forget_delays(NOW + 4, SCHEDULES)
        self.assertEqual(await self.tried(accounts, RIGHT, 4), Code.TOO_SOON)
        told = [await self.tried(accounts, WRONG, day) for _ in range(5)]
        self.assertEqual(told, [Code.LOGIN] * 4 + [Code.TOO_SOON])
        await accounts.forget_delays(NOW + 2 * day + 100, SCHEDULES)
        told = [await self.tried(accounts, WRONG, day) for _ in range(5)]  # a clock set back
        self.assertEqual(told, [Code.LOGIN] * 4 + [Code.TOO_SOON])

    async def test_words(self: Any) -> None:
        """A refusal says for how long, in whole seconds, and what could be done instead."""
        accounts = await self.open_with(ADA)
        for _ in range(4):
            await self.tried(accounts)
        for after, said in ((0, "in 5 seconds"), (0.2, "in 5 seconds"), (4.2, "in 1 seconds")):
            attempt = Attempt("ada", RIGHT, "", NOW + after)
            refusal = await self.refused(Code.TOO_SOON, accounts.enter(attempt, SCHEDULES))
            self.assertIn(said, refusal.message)
            self.assertIn("recovery key", refusal.hint)


class DurableEnteringContract(EnteringContract):
    """What a store on a disk keeps besides."""

    async def test_reopened(self: Any) -> None:
        """Mistakes are remembered after the store was opened anew, and so is the wait."""
        accounts = await self.open_with(ADA)
        for _ in range(4):
            await self.tried(accounts, network=HERE)
        await accounts.penalise(THERE, 5, NOW, SCHEDULES)
        accounts, _ = await self.open_stores()
        self.assertEqual(await self.tried(accounts, RIGHT, 4.9), Code.TOO_SOON)
        self.assertEqual(await self.tried(accounts, RIGHT, 14.9, network=THERE), Code.TOO_SOON)
        self.assertEqual(await self.tried(accounts, RIGHT, 5), Access.OWNER)

"""Guesses at a real server: what is evaluated, whom it hinders, and what makes it forget."""

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from anoncloud.client.address import Address, Invitation
from anoncloud.crypto.keys import SigningKey
from anoncloud.errors import Code
from anoncloud.server.delays import Schedules
from anoncloud.wire import messages
from benchmarks.flood import Flood, sources
from benchmarks.guesses import Guesser, Talk, random_key
from tests.support.processes import Server, SystemTestCase, environment

FREE = 4
"""Guesses at one account that are evaluated before anything is held back."""
RIGHT = SigningKey(bytes(range(32)))
BESIDE = """
import sys
from pathlib import Path
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from anoncloud.errors import Refused
from anoncloud.server.account_contract import Attempt
from anoncloud.server.delays import Schedules
from tests.support.server_sql import open_accounts

async def work():
    database, accounts = open_accounts(Path(sys.argv[1]))
    for tried in sys.argv[3:]:
        key, moment = tried.split("@")
        attempt = Attempt(sys.argv[2], bytes.fromhex(key), "", float(moment))
        try:
            await accounts.enter(attempt, Schedules())
            print("entered")
        except Refused as refusal:
            print(refusal.code.name)
    database.close()
    reactor.stop()

reactor.callWhenRunning(lambda: Deferred.fromCoroutine(work()))
reactor.run()
"""
"""A second process over the database of a server, that tries to log in at some moments."""


def address_of(server: Server) -> Address:
    """Give the address of a server."""
    return Invitation.parse(server.address).address


def beside(server: Server, account: str, *tried: tuple[SigningKey, float]) -> list[str]:
    """Try keys of an account, each at its moment, in another process; give what became of each."""
    arguments = (f"{key.public.hex()}@{moment}" for key, moment in tried)
    return subprocess.run(
        (sys.executable, "-c", BESIDE, server.state, account, *arguments),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
        timeout=60,
    ).stdout.split()


class GuessingTestCase(SystemTestCase):
    """A server where Eve has an account whose login key we know."""

    def setUp(self) -> None:
        super().setUp()
        self.house = self.server()
        with Talk(address_of(self.house), "127.0.0.1") as talk:
            make = (b"", RIGHT.public, b"keyring", bytes(range(16)))
            answer = talk.ask(lambda number: messages.Register(number, "eve", *make))
        self.assertEqual(answer, messages.Done(1))

    def guess(self, source: str, key: SigningKey | None = None) -> Code | None:
        """Try a key on a connection of its own; a wrong one, if none is given."""
        guesser = Guesser(address_of(self.house), source)
        try:
            return guesser.guess("eve", key or random_key())
        finally:
            guesser.leave()

    def hold(self, account: str) -> None:
        """Let another process make guesses until now, so that the next is held for minutes."""
        ago = (4000, 3600, 3000, 2400, 1800, 1200, 600, 0)
        guesses = [(random_key(), time.time() + 30 - seconds) for seconds in ago]
        told = beside(self.house, account, *guesses)
        self.assertEqual(told, ["LOGIN"] * len(ago))


class FifthGuessTests(GuessingTestCase):
    """The guess after those that are free."""

    def test_new_connections_and_addresses(self) -> None:
        """It is held, on a new connection, from new addresses, also with the right key."""
        told = [self.guess(source) for source in sources(1, FREE)]
        self.assertEqual(told, [Code.LOGIN] * FREE)
        with ThreadPoolExecutor(100) as pool:
            keys = [RIGHT if number % 2 else None for number in range(100)]
            held = list(pool.map(self.guess, sources(1, 100), keys))
        self.assertEqual(set(held), {Code.TOO_SOON})

    def test_after_a_restart(self) -> None:
        """It is held when the server was ended and started again, and when it was killed."""
        for source in sources(1, FREE):
            self.guess(source)
        before = time.time()
        self.house.stop()
        self.house.start()
        told = self.guess("127.0.0.9", RIGHT)
        self.assertTrue(told is Code.TOO_SOON or time.time() > before + 5, told)
        told = self.guess("127.0.0.9")
        while told is Code.TOO_SOON:  # the fifth that is evaluated, and then ten seconds
            told = self.guess("127.0.0.9")
        before = time.time()
        self.house.kill()
        self.house.start()
        told = self.guess("127.0.0.9", RIGHT)
        self.assertTrue(told is Code.TOO_SOON or time.time() > before + 10, told)

    def test_from_another_process(self) -> None:
        """What two processes over one database have evaluated is counted together."""
        begun = time.time()
        self.assertEqual(self.guess("127.0.0.1"), Code.LOGIN)
        elsewhere = [(random_key(), begun)] * 2
        self.assertEqual(beside(self.house, "eve", *elsewhere), ["LOGIN", "LOGIN"])
        begun = time.time()
        self.assertEqual(self.guess("127.0.0.2"), Code.LOGIN)
        self.assertEqual(beside(self.house, "eve", (RIGHT, begun + 4.9)), ["TOO_SOON"])
        self.hold("eve")
        self.assertEqual(self.guess("127.0.0.3", RIGHT), Code.TOO_SOON)

    def test_what_the_user_is_told(self) -> None:
        """The command says how long to wait and what else would do, and ends with code 8."""
        ada = self.device("ada")
        kit = self.folder / "kit"
        ada.register(self.house.address, "ada", kit)
        self.hold("ada")
        new = self.device("new")
        done = new.log_in(kit)
        self.assertEqual(done.code, 8, done.err)
        self.assertRegex(done.err, r"too many logins were refused; try again in \d+ seconds")
        self.assertIn("a code from a device that is logged in, or the recovery key", done.err)
        self.assertEqual(ada.run("ls").code, 0)


def most_evaluated(seconds: float) -> int:
    """Count the guesses at one account that may be evaluated within so many seconds."""
    schedule, count, now = Schedules().account, 0, 0
    while now <= seconds * 1000:
        count += 1
        now += schedule.wait(count)
    return count


class FloodTests(GuessingTestCase):
    """Ten thousand guesses."""

    def test_ten_thousand(self) -> None:
        """No more are evaluated than the schedule allows, and all others go on as ever."""
        count = 10_000
        ada = self.ada(self.house)
        bobs = self.folder / "bob's kit"
        self.device("bob").register(self.house.address, "bob", bobs)
        flood = Flood(address_of(self.house), "eve", RIGHT)
        begun = time.time()
        for source in sources()[:FREE]:
            flood.told.append((False, self.guess(source)))
        working = threading.Thread(target=flood.run, args=(count - FREE, 200), daemon=True)
        working.start()
        entered = 0
        while working.is_alive():
            entered += 1
            self.assertEqual(ada.run("mkdir", f"/{entered}").code, 0)
            new = self.device(f"new {entered}")
            done = new.log_in(bobs)
            self.assertEqual(done.code, 0, done.err)
            new.do("logout")
        elapsed = time.time() - begun
        self.assertTrue(entered)
        self.assertEqual(len(flood.told), count)
        codes = [code for _, code in flood.told]
        self.assertEqual(set(codes), {Code.LOGIN, Code.TOO_SOON})  # so nobody was let in
        self.assertLessEqual(codes.count(Code.LOGIN), most_evaluated(elapsed))
        self.assertGreater(codes.count(Code.LOGIN), FREE)
        right = [code for is_right, code in flood.told if is_right]
        self.assertTrue(right)
        self.assertEqual(set(right), {Code.TOO_SOON})

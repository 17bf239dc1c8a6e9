"""A peer that loses or garbles what it was given gets no row, but a line that says so."""

import os
from pathlib import Path

import attrs
from twisted.trial.unittest import SynchronousTestCase

from benchmarks import samples
from benchmarks.measuring import Command, Server
from benchmarks.peers import Unable
from benchmarks.results import Table, Workload
from benchmarks.turns import Out, Turns, attempt, gone, listed, same_content

NO_SUCH_THING = "it has no such thing"


@attrs.frozen
class Copying:
    """A peer that copies from a folder beside, with programs that every system has.

    There is no server: this process stands for it.
    """

    server: Server
    name: str = "copying"

    def get(self, name: str, into: Path) -> Command:
        return Command(("cp", self.server.store / name, into))

    def listing(self, name: str, *, recursive: bool = False) -> Command:
        return Command(("find", self.server.store / name, "-type", "f"))


class TurnsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.store, self.into = Path(self.mktemp()), Path(self.mktemp())
        self.store.mkdir()
        self.into.mkdir()
        samples.make_file(self.store / "file", 1000)
        self.table = Table(Workload("W0", "a test"))
        self.peer = Copying(Server(os.getpid(), self.store))

    def get(self, wanted: str) -> None:
        attempt(
            self.table,
            self.peer,
            lambda: self.peer.get("file", self.into),
            same_content(self.into / "file", wanted),
        )

    def test_what_came_down_right_has_a_run(self) -> None:
        """The digest fits."""
        self.get(samples.digest(self.store / "file"))
        self.assertEqual(len(self.table.rows["copying"].runs), 1)
        self.assertEqual(self.table.rows["copying"].failure, "")

    def test_what_came_down_wrong_has_none(self) -> None:
        """A digest that does not fit takes the peer out of the game."""
        self.assertRaises(Out, self.get, samples.digest(self.store))
        self.assertEqual(self.table.rows["copying"].runs, [])
        self.assertIn("not what went up", self.table.rows["copying"].failure)

    def test_a_short_listing_is_a_failure(self) -> None:
        """One file is there; two were wanted."""

        def listing(count: int) -> None:
            attempt(self.table, self.peer, lambda: self.peer.listing("."), listed(count))

        listing(1)
        self.assertRaises(Out, listing, 2)

    def test_what_was_deleted_and_is_still_there_is_a_failure(self) -> None:
        """The command ends well, and has done nothing."""
        nothing = Command(("true",))
        check = gone(self.peer, ".", 1)
        self.assertRaises(Out, attempt, self.table, self.peer, lambda: nothing, check)
        (self.store / "file").unlink()
        attempt(self.table, self.peer, lambda: nothing, check)
        self.assertEqual(len(self.table.rows["copying"].runs), 1)

    def test_who_fails_takes_no_further_turn_and_who_is_unable_does(self) -> None:
        """Being unable is told, and is no failure."""
        turns = Turns([self.peer, attrs.evolve(self.peer, name="other")])

        def make(peer: Copying) -> Command:
            if peer.name == "other":
                raise Unable(NO_SUCH_THING)
            return Command(("false",))

        turns.each(lambda peer: attempt(self.table, peer, lambda: make(peer)))
        self.assertEqual([peer.name for peer in turns.peers], ["other"])
        self.assertEqual(self.table.unable, {"other": NO_SUCH_THING})
        self.assertIn("exit code 1", self.table.rows["copying"].failure)

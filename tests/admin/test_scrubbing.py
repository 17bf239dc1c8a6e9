"""``scrub``: what it finds, says and ends with."""

from anoncloud.admin import progress, scrubbing
from anoncloud.admin.progress import FILE, Finding, Progress
from anoncloud.errors import LocalError, UsageError
from anoncloud.server.stores.journal import State
from tests.support.administration import StateCase
from tests.support.server import blob_name


class ScrubTests(StateCase):
    """The command on a state folder."""

    def found(self, *words: str) -> list[tuple[str, str, str]]:
        """Scrub, and give what is wrong."""
        value = self.value("scrub", *words, code=1)
        self.assertEqual(value["wrong"], len(value["findings"]))
        return sorted((one["what"], one["blob"], one["user"]) for one in value["findings"])

    def test_well(self) -> None:
        """Where all is well that is said, and nothing is left behind."""
        for number, state in enumerate(State):
            self.blob(number, state)
        done = self.command("scrub")
        self.assertEqual((done.exit_code, done.exception), (0, None))
        self.assertEqual(done.output, "3 blobs of 300 B looked at: all is well.\n")
        value = self.value("scrub")
        self.assertEqual((value["blobs"], value["bytes"], value["findings"]), (3, 300, []))
        self.assertFalse((self.state / FILE).exists())

    def test_nothing(self) -> None:
        """A server that stores nothing is well."""
        self.assertEqual(self.value("scrub")["blobs"], 0)

    def test_faults(self) -> None:
        """A flipped bit, a cut, a missing and an orphan blob are found, each with its user."""
        flipped, cut, missing, orphan, fine = (self.blob(number) for number in range(5))
        self.flip(self.shelf.path(flipped))
        self.shelf.path(cut).write_bytes(b"short")
        self.shelf.path(missing).unlink()
        self.write("DELETE FROM blobs WHERE blob = ?", orphan)
        self.age(self.shelf.path(orphan))
        expected = [
            ("damaged", flipped.hex(), "ada"),
            ("damaged", cut.hex(), "ada"),
            ("missing", missing.hex(), "ada"),
            ("orphan", orphan.hex(), ""),
        ]
        self.assertEqual(self.found(), sorted(expected))
        done = self.command("scrub")
        self.assertEqual(done.exit_code, 1)
        for what, blob in (("damaged", flipped), ("missing", missing)):
            file = self.shelf.path(blob).relative_to(self.shelf.folder)
            self.assertIn(f"{what}: {file}, of ada\n", done.output)
            self.assertIn(f"What to do with what is {what}: restore", done.output)
        self.assertIn("4 faults", done.output)
        self.assertNotIn(str(self.shelf.path(fine).name), done.output)

    def test_young_orphan(self) -> None:
        """A file that a running server may be about to note is no orphan."""
        self.shelf.put(blob_name(1), b"content")
        self.assertEqual(self.value("scrub")["wrong"], 0)

    def test_no_checksum(self) -> None:
        """Blobs without a checksum are counted; their length is looked at all the same."""
        for number in (1, 2):
            self.blob(number)
        self.write("UPDATE blobs SET checksum = NULL")
        done = self.command("scrub")
        self.assertIn("Of 2 blobs no checksum is known", done.output)
        self.shelf.path(blob_name(1)).write_bytes(b"short")
        self.assertEqual(self.found(), [("damaged", blob_name(1).hex(), "ada")])

    def test_carried_on(self) -> None:
        """One that was cut off is carried on: what it found is told, what it saw not seen again."""
        first, *_, last = sorted(self.blob(number) for number in range(4))
        for blob in (first, last):
            self.shelf.path(blob).unlink()
        left = Progress(900, after=first.hex(), blobs=1, bytes=100)
        left.add(Finding("missing", first.hex(), "file", "ada"))
        progress.save(self.state, left)
        done = self.command("scrub")
        self.assertIn("going on with the scrub of 1970-01-01 00:15, after 1 blob", done.stderr)
        self.assertIn("4 blobs of 400 B looked at: 2 faults", done.stdout)
        progress.save(self.state, left)
        value = self.value("scrub", "--again", code=1)
        self.assertEqual((value["blobs"], value["wrong"]), (4, 2))

    def test_interrupted(self) -> None:
        """Whoever interrupts it loses nothing of what it has seen."""
        blobs = sorted(self.blob(number) for number in range(3))

        class Impatient(scrubbing.Pace):
            def spend(pace, length: int) -> None:  # noqa: N805 - self is the test
                self.seen = getattr(self, "seen", 0) + 1
                if self.seen == len(blobs):
                    raise KeyboardInterrupt

        patched = self.patch(scrubbing, "Pace", Impatient)
        self.assertNotEqual(self.command("scrub").exit_code, 0)
        patched.restore()
        self.assertEqual(progress.load(self.state).after, blobs[1].hex())
        self.assertIn("after 2 blobs", self.command("scrub").stderr)

    def test_rate(self) -> None:
        """The rate is in millions of bytes a second; none makes no sense."""
        rates: list[int] = []

        class Noted(scrubbing.Pace):
            def spend(pace, length: int) -> None:  # noqa: N805 - self is the test
                rates.append(pace.rate)

        self.blob(1)
        self.patch(scrubbing, "Pace", Noted)
        for words in ((), ("--rate", "2.5")):
            self.assertEqual(self.command("scrub", *words).exit_code, 0)
        self.assertEqual(rates, [0, 2_500_000])
        for rate in ("0", "-1", "fast"):
            self.assertEqual(self.command("scrub", "--rate", rate).exit_code, 2)

    def test_many(self) -> None:
        """Of very many faults the first ones are shown, and all are counted."""
        left = Progress(900)
        for number in range(progress.MOST_FINDINGS + 3):
            left.add(Finding("missing", f"{number:032x}", f"file {number}", "ada"))
        progress.save(self.state, left)
        done = self.command("scrub")
        self.assertIn("and 3 more\n", done.stdout)
        self.assertIn(f"{progress.MOST_FINDINGS + 3} faults", done.stdout)

    def test_no_server(self) -> None:
        """Where no server is, or one of another release, that is said."""
        self.assertIn("no server", self.refused(UsageError, "scrub", state=self.state / "x"))
        for version, said in ((999, "newer release"), (1, "older release")):
            self.write(f"PRAGMA user_version = {version}")
            self.assertIn(said, self.refused(LocalError, "scrub"))

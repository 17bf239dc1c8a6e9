"""The changes that are made to samples are the ones that the tables name."""

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from benchmarks import samples


class ChangesTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.path = Path(self.mktemp())
        samples.make_file(self.path, 100_001)
        self.before = self.path.read_bytes()

    def test_a_change_stays_in_the_middle_and_keeps_the_length(self) -> None:
        """Nothing outside of the changed bytes differs."""
        samples.change_middle(self.path, 1001)
        after = self.path.read_bytes()
        begin = (100_001 - 1001) // 2
        self.assertEqual(len(after), 100_001)
        self.assertEqual(after[:begin], self.before[:begin])
        self.assertEqual(after[begin + 1001 :], self.before[begin + 1001 :])
        self.assertNotEqual(after[begin : begin + 1001], self.before[begin : begin + 1001])

    def test_an_inserted_byte_moves_the_second_half(self) -> None:
        """The file without the new byte is what it was."""
        samples.insert_byte(self.path)
        after = self.path.read_bytes()
        self.assertEqual(len(after), 100_002)
        self.assertEqual(after[:50_000] + after[50_001:], self.before)

    def test_a_digest_of_a_folder_depends_on_names_and_contents(self) -> None:
        """A changed byte, a renamed and a missing file are all noticed."""
        folder = Path(self.mktemp())
        samples.make_folder(folder, 3)
        first = samples.digest(folder)
        file = folder / "0000" / "000001"
        moved = file.rename(file.with_name("other"))
        renamed = samples.digest(folder)
        moved.unlink()
        self.assertEqual(len({first, renamed, samples.digest(folder)}), 3)

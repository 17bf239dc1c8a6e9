"""Which of its two programs ``anoncloud`` starts."""

import os
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from anoncloud import start


class StartTests(SynchronousTestCase):
    def setUp(self):
        self.patch(os, "isatty", lambda stream: stream in self.terminals)
        self.patch(os, "environ", {})
        self.terminals = {0, 1, 2}

    def test_explorer(self):
        for words in ([], ["--state", "folder"], ["--state=folder"]):
            self.assertTrue(start.wants_explorer(words), words)

    def test_commands(self):
        for words in (["ls"], ["--help"], ["--state", "folder", "ls"], ["--state"], ["--json"]):
            self.assertFalse(start.wants_explorer(words), words)

    def test_without_a_terminal(self):
        """In a pipe it is the command, which says what it takes."""
        for terminals in ({0}, {1}, set()):
            self.terminals = terminals
            self.assertFalse(start.wants_explorer([]))

    def test_completing(self):
        os.environ[start.COMPLETING] = "bash_complete"
        self.assertFalse(start.wants_explorer([]))

    def test_state_folder(self):
        self.assertEqual(start.state_folder(["--state", "a"]), Path("a"))
        self.assertEqual(start.state_folder(["--state=b"]), Path("b"))
        os.environ[start.STATE] = "c"
        self.assertEqual(start.state_folder([]), Path("c"))
        self.assertEqual(start.state_folder(["--state", "a"]), Path("a"))

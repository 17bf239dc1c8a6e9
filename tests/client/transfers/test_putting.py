"""Several things up in one go: what they share, and what of them is said to be in the drive."""

import os
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred

from anoncloud.client.transfers.policies import Policy
from anoncloud.client.transfers.putting import put_all
from anoncloud.client.transfers.uploads import Terms
from anoncloud.client.tree.nodes import Folder
from anoncloud.errors import LocalFileError
from tests.support.client_clashes import LEAVE, STORE, Answerer
from tests.support.client_files import FilesTestCase


class PuttingTests(FilesTestCase):
    """A file, a folder, and links to both."""

    def setUp(self) -> None:
        super().setUp()
        self.write("file", b"one", modified=5)
        self.write("folder/in/deep", b"two", modified=5)
        (self.top / "link").symlink_to("file")
        (self.top / "way").symlink_to("folder")

    def put(self, *names: str, policy: Policy | None = None) -> list[str]:
        """Store them in the root; give what is said to be there, by paths below *top*."""
        uploader = self.uploading(None if policy is None else Terms(policy))
        sources = [(str(self.top / name), (os.fsencode(name),)) for name in names]
        work = put_all(self.drive, uploader, sources, self.complaints.append)
        stored: Any = self.successResultOf(Deferred.fromCoroutine(work))
        uploader.close()
        return [str(Path(item.path).relative_to(self.top)) for item in stored]

    def test_all(self) -> None:
        """Everything lies in one blob; links at the top are what they lead to."""
        said = self.put("file", "folder", "link", "way")
        self.assertEqual(said, ["file", "folder", "folder/in", "folder/in/deep", "link", "way"])
        self.assertEqual(len(self.store.blobs), 1)
        self.assertEqual(self.content("link"), b"one")
        self.assertIsInstance(self.drive.stat((b"way", b"in")), Folder)

    def test_asked_first(self) -> None:
        """Questions come before anything is changed, and what is left is not said to be there."""
        self.put("file", "folder", "way")
        self.write("file", b"newer", modified=9)
        self.write("folder/in/deep", b"newer", modified=9)
        commits: list[int] = []
        answers = Answerer(STORE, LEAVE, LEAVE)

        async def ask(clash: Any) -> Any:
            commits.append(self.peer.commits())
            return await answers.policy.settle(clash)

        policy = Policy(answers.policy.existing, ask)
        said = self.put("file", "folder", "way", policy=policy)
        self.assertEqual(answers.paths, ["/file", "/folder/in/deep", "/way/in/deep"])
        self.assertEqual(len(set(commits)), 1)
        self.assertEqual(said, ["file", "folder", "folder/in"])

    def test_one_is_gone(self) -> None:
        """One that is not there is complained about; the others are stored."""
        self.assertEqual(self.put("none", "file"), ["file"])
        self.assertEqual([type(error) for error in self.complaints], [LocalFileError])

    def test_in_the_way(self) -> None:
        """A folder where a file is does not go; the others do."""
        self.put("file")
        (self.top / "file").unlink()
        self.write("file/inner", b"x")
        self.put("file", "folder")
        self.assertEqual(self.content("file"), b"one")
        self.assertEqual(len(self.complaints), 1)
        self.assertIsInstance(self.drive.stat((b"folder", b"in")), Folder)

"""A worker's log on its way to the listener."""

from typing import Any

from twisted.logger import Logger, LogPublisher
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.server.processes import channel
from anoncloud.server.processes.logs import Passing


class PassingTests(SynchronousTestCase):
    """What is passed on."""

    def setUp(self) -> None:
        self.told: list[tuple[type[Any], dict[str, Any]]] = []
        self.given_up = 0
        passing = Passing(lambda command, **said: self.told.append((command, said)), self.give_up)
        self.log = Logger(namespace="here", observer=LogPublisher(passing))

    def give_up(self) -> None:
        self.given_up += 1

    def test_text(self) -> None:
        """Level, namespace and words arrive; what is below the level of the log does not."""
        self.log.debug("nothing")
        self.log.info("one {number}", number=1)
        said = {"level": "info", "namespace": "here", "text": "one 1"}
        self.assertEqual(self.told, [(channel.Log, said)])

    def test_failure(self) -> None:
        """A failure comes with its traceback."""
        self.log.failure("it broke", Failure(ValueError("so")))
        ((_, said),) = self.told
        self.assertEqual(said["level"], "critical")
        self.assertIn("ValueError: so", said["text"])
        self.assertEqual(self.given_up, 0)

    def test_long(self) -> None:
        """What is too long for the channel is cut, between characters."""
        self.log.error("{text}", text="ä" * channel.MOST_TEXT)
        text = self.told[0][1]["text"]
        self.assertEqual(text, "ä" * (channel.MOST_TEXT // 2))

    def test_no_memory(self) -> None:
        """A lack of memory, whoever was told of it, is the end."""
        self.log.failure("no memory", Failure(MemoryError()))
        self.log.critical("from the reactor", failure=Failure(MemoryError()))
        self.assertEqual((self.given_up, self.told), (2, []))

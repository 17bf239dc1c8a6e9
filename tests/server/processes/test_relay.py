"""Who hears what another worker says."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.server.processes.relay import Relay

DRIVES, REVOKED = 1, 2
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("attend", "cease", "leave")),
        st.integers(1, 3),
        st.tuples(st.integers(1, 2), st.sampled_from((b"a", b"b"))),
    )
)


class RelayTests(SynchronousTestCase):
    """Subscriptions."""

    def test_hearers(self) -> None:
        """Those who attend to the topic of that board hear it, but not who says it."""
        relay = Relay()
        for worker in (3, 1, 2, 2):
            relay.attend(worker, (DRIVES, b"a"))
        relay.attend(4, (DRIVES, b"b"))
        relay.attend(5, (REVOKED, b"a"))
        self.assertEqual(list(relay.hearers((DRIVES, b"a"), 2)), [1, 3])
        self.assertEqual(list(relay.hearers((DRIVES, b"a"), 4)), [1, 2, 3])
        self.assertEqual(list(relay.hearers((DRIVES, b"c"), 2)), [])
        relay.cease(3, (DRIVES, b"a"))
        relay.leave(1)
        self.assertEqual(list(relay.hearers((DRIVES, b"a"), 0)), [2])

    @given(STEPS)
    def test_model(self, steps: list[tuple[str, int, tuple[int, bytes]]]) -> None:
        """Whatever comes in whatever order, it is as a plain set of pairs says."""
        relay, pairs = Relay(), set()
        for step, worker, topic in steps:
            if step == "attend":
                relay.attend(worker, topic)
                pairs.add((worker, topic))
            elif step == "cease":
                relay.cease(worker, topic)
                pairs.discard((worker, topic))
            else:
                relay.leave(worker)
                pairs = {pair for pair in pairs if pair[0] != worker}
        topics = defaultdict(set)
        for worker, topic in pairs:
            topics[topic].add(worker)
        for board in (1, 2):
            self.assertEqual(relay.count(board), sum(topic[0] == board for topic in topics))
            for name in (b"a", b"b"):
                heard = list(relay.hearers((board, name), 2))
                self.assertEqual(heard, sorted(topics[board, name] - {2}))

"""Terms: what anybody is told before registering."""

from anoncloud.server.conditions import Registration
from anoncloud.wire import messages
from tests.support.server import ADA, Rooms, ServerTestCase


class TermTests(ServerTestCase):
    """``ReadTerms``."""

    def test_terms(self) -> None:
        """Who may register, and the least score, as the house has them; to anybody."""
        for registration, number in (
            (Registration.OPEN, 0),
            (Registration.INVITATION, 1),
            (Registration.CLOSED, 2),
        ):
            self.rooms = Rooms(registration, least_score=4)
            for peer, request in ((self.peer(), 1), (self.peer(ADA), 2)):
                terms = peer.ask(messages.ReadTerms)
                self.assertEqual(terms, messages.Terms(request, number, 4))

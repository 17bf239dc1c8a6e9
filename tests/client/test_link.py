"""The link: logged in, or ended with the reason."""

from twisted.internet.defer import CancelledError, Deferred

from anoncloud.client.link import (
    LATER_ATTEMPTS,
    Credentials,
    Link,
    Terms,
    claimed_head,
    log_in_as,
)
from anoncloud.crypto.keys import AgreementKey, SigningKey, verify
from anoncloud.errors import Code, HandshakeFailed, ProtocolBroken, Refused, RolledBack, Unreachable
from anoncloud.wire import messages
from anoncloud.wire.connection import Ended
from tests.support.client_link import KEY, LinkTestCase
from tests.support.client_wire import MemoryEndpoint
from tests.support.entropy import counting
from tests.support.pairs import STATIC


class LinkTests(LinkTestCase):
    """Getting in, being kept out, and leaving."""

    def test_logs_in(self) -> None:
        """A request is answered after a login that signs this very handshake."""
        answer = self.successResultOf(self.begin(self.link.ask(messages.FetchKeyring)))
        self.assertEqual(answer, messages.Keyring(2, b"sealed keyring"))
        end = self.server.endpoint.ends[0]
        login = end.heard[0]
        signed = end.handshake_hash + b"ada"
        self.assertTrue(verify(KEY.public, messages.LOGIN_CONTEXT, signed, login.signature))
        head = claimed_head(self.heads[0])
        self.assertEqual((head.number, head.hash), (0, self.store.head_hash))

    def test_wrong_login(self) -> None:
        """A refused login ends the link with that refusal, and is not tried again."""
        self.link = self.make(SigningKey(b"w" * 32))
        running = self.begin(self.link.ask(messages.Ping))
        error = self.failureResultOf(running, Refused).value
        self.assertEqual((error.code, error.exit_code), (Code.LOGIN, 7))
        self.wait(30)
        self.assertEqual(self.server.endpoint.attempts, 1)
        later = Deferred.fromCoroutine(self.link.ask(messages.Ping))
        self.assertIs(self.failureResultOf(later).value, error)
        self.successResultOf(Deferred.fromCoroutine(self.link.stop()))

    def test_wrong_key(self) -> None:
        """A server that holds another key gets two chances and not one word."""
        self.server.endpoint = MemoryEndpoint(self.clock, AgreementKey(b"o" * 32))
        self.link = self.make()

        running = self.begin(self.link.ask(messages.Ping))
        self.assertIsNotNone(self.server.endpoint.ends[0].broken)
        self.assertNoResult(running)
        self.wait(5)
        self.failureResultOf(running, HandshakeFailed)
        self.assertEqual([end.heard for end in self.server.endpoint.ends[:2]], [[], []])

    def test_busy_server_is_tried_again(self) -> None:
        """A login that is refused only for now is made again on a new connection."""
        refusals = [Code.TOO_MANY]

        def judge(end: object, spoken: object) -> bool:
            if isinstance(spoken, messages.LogIn) and refusals:
                end.say(messages.Refusal(spoken.request, refusals.pop(), "later", ""))  # type: ignore[attr-defined]
                return True
            return False

        self.server.judges.append(judge)
        running = self.begin(self.link.ask(messages.Ping))
        self.assertNoResult(running)
        first = self.server.endpoint.ends[0].pipe
        self.wait(5)
        self.successResultOf(running)
        self.assertEqual(self.server.endpoint.attempts, 2)
        self.assertTrue(first.gone, "the refused connection was left open")

    def test_answer_that_fits_no_login(self) -> None:
        """A server that answers a login with something else has broken the protocol."""
        self.server.judges.append(
            lambda end, spoken: (
                isinstance(spoken, messages.LogIn) and not end.say(messages.Done(spoken.request))
            )
        )
        self.failureResultOf(self.begin(self.link.ask(messages.Ping)), ProtocolBroken)

    def test_judged_head(self) -> None:
        """What judges the head at login may end the link."""
        old = RolledBack("the server shows less than before")

        def judge(answer: object) -> None:
            raise old

        log_in = log_in_as(Credentials("ada", KEY), judge)
        terms = Terms(STATIC.public, counting())
        self.link = Link(self.clock, self.server.endpoint, terms, log_in)
        failure = self.failureResultOf(self.begin(self.link.ask(messages.Ping)), RolledBack)
        self.assertIs(failure.value, old)

    def test_unreachable(self) -> None:
        """A server that is not there is called unreachable after two attempts."""
        self.server.endpoint.closed = True
        running = Deferred.fromCoroutine(self.link.ask(messages.Ping))
        self.link.start()
        self.assertNoResult(running)
        self.assertEqual(self.server.endpoint.attempts, 1)
        while self.server.endpoint.attempts < 2:
            self.wait(0.25)
        error = self.failureResultOf(running, Unreachable).value
        self.assertIn("check the address", error.hint)

    def test_unreachable_later(self) -> None:
        """A server that was there is given a minute to come back, and then given up."""
        self.successResultOf(self.begin(self.link.ask(messages.Ping)))
        self.server.endpoint.closed = True
        self.server.cut()
        running = Deferred.fromCoroutine(self.link.ask(messages.Ping))
        self.wait(30)
        self.assertNoResult(running)
        self.wait(120)
        self.failureResultOf(running, Unreachable)
        self.assertGreaterEqual(self.server.endpoint.attempts, LATER_ATTEMPTS)

    def test_given_up(self) -> None:
        """Whoever gives up waiting for a connection is told that, and not that there is none."""
        self.server.endpoint.closed = True
        running = Deferred.fromCoroutine(self.link.connected())
        self.link.start()
        running.cancel()
        self.wait(1)
        self.failureResultOf(running, CancelledError)

    def test_stop(self) -> None:
        """Stopping ends the connection with both end marks, and makes no new one."""
        self.successResultOf(self.begin(self.link.ask(messages.Ping)))
        stopping = Deferred.fromCoroutine(self.link.stop())
        self.assertNoResult(stopping)
        self.server.run()
        self.successResultOf(stopping)
        self.assertEqual(self.server.endpoint.ends[0].heard[-1], Ended())
        self.wait(10)
        self.assertEqual(self.server.endpoint.attempts, 1)
        failed = Deferred.fromCoroutine(self.link.ask(messages.Ping))
        self.failureResultOf(failed, Unreachable)
        self.successResultOf(Deferred.fromCoroutine(self.link.stop()))

    def test_stop_while_cut(self) -> None:
        """Stopping while there is no connection waits for none."""
        self.successResultOf(self.begin(self.link.ask(messages.Ping)))
        self.server.endpoint.closed = True
        self.server.cut()
        self.successResultOf(Deferred.fromCoroutine(self.link.stop()))
        self.wait(20)
        self.assertEqual(self.server.endpoint.attempts, 1)

    def test_stop_while_logging_in(self) -> None:
        """Stopping in the middle of a login closes that connection."""
        self.server.judges.append(lambda end, spoken: isinstance(spoken, messages.LogIn))
        running = self.begin(self.link.ask(messages.Ping))
        self.successResultOf(Deferred.fromCoroutine(self.link.stop()))
        self.server.run()
        self.failureResultOf(running, Unreachable)
        self.assertTrue(self.server.endpoint.ends[0].pipe.gone)

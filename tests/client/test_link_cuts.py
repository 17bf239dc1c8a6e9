"""The link after a cut: what was under way carries on with the next connection."""

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionLost
from twisted.python.failure import Failure

from anoncloud.crypto.packing import Extent, PackedBlob
from anoncloud.errors import ConnectionCut
from anoncloud.limits import ANSWER_TIMEOUT, KEEPALIVE, MIB, SILENCE_TIMEOUT, SMALL_BLOB
from anoncloud.wire import messages
from tests.support.client_link import BLOB, LinkTestCase
from tests.support.client_wire import ServerEnd

CONTENT = bytes(range(256)) * 1024


class CutTests(LinkTestCase):
    """Requests, uploads and readings over several connections."""

    def test_ask_survives_a_cut(self) -> None:
        """A request that was under way when the connection was cut is sent again."""
        dropped: list[object] = []

        def judge(end: object, spoken: object) -> bool:
            if isinstance(spoken, messages.FetchKeyring) and not dropped:
                dropped.append(spoken)
                return True
            return False

        self.server.judges.append(judge)
        running = self.begin(self.link.ask(messages.FetchKeyring))
        self.assertEqual(len(dropped), 1)
        self.server.cut()
        self.assertNoResult(running)
        self.wait(5)
        answer = self.successResultOf(running)
        self.assertIsInstance(answer, messages.Keyring)
        self.assertEqual(len(self.heads), 2)

    def test_ask_once_does_not(self) -> None:
        """A request that may not be sent twice fails with the cut."""
        self.server.judges.append(lambda end, spoken: isinstance(spoken, messages.Commit))
        running = self.begin(self.link.ask_once(lambda number: messages.Commit(number, b"record")))
        self.server.cut()
        self.server.run()
        self.failureResultOf(running, ConnectionCut)

    def test_unstage_survives_a_cut(self) -> None:
        """Blobs are taken back by one request, which is sent again after a cut."""
        self.store.staged.update({BLOB: CONTENT, b"c" * 16: CONTENT})
        asked: list[messages.Unstage] = []

        def judge(end: object, spoken: object) -> bool:
            if isinstance(spoken, messages.Unstage):
                asked.append(spoken)
            return asked == [spoken]

        self.server.judges.append(judge)
        running = self.begin(self.link.unstage(self.store.drive, (BLOB, b"d" * 16)))
        self.server.cut()
        self.wait(5)
        self.assertIsNone(self.successResultOf(running))
        self.assertEqual(self.store.staged, {b"c" * 16: CONTENT})
        named = {(each.drive, each.blobs) for each in asked}
        self.assertEqual((len(asked), named), (2, {(self.store.drive, (BLOB, b"d" * 16))}))

    def test_stage_survives_a_cut(self) -> None:
        """A blob that was half sent is sent whole on the next connection."""
        self.server.judges.append(
            lambda end, spoken: isinstance(spoken, tuple) and len(self.heads) == 1
        )
        blob = PackedBlob(BLOB, SMALL_BLOB, (CONTENT[:1000], CONTENT[1000:]), ())
        running = self.begin(self.link.stage(self.store.drive, blob))
        self.assertNoResult(running)
        self.server.cut()
        self.wait(5)
        self.successResultOf(running)
        self.assertEqual(self.store.staged, {BLOB: CONTENT})

    def test_reading_carries_on(self) -> None:
        """After a cut only what has not come yet is asked for again."""
        content = CONTENT * 8
        self.store.blobs[BLOB] = content
        asked: list[messages.ReadBlob] = []

        def judge(end: ServerEnd, spoken: object) -> bool:
            if not isinstance(spoken, messages.ReadBlob):
                return False
            asked.append(spoken)
            if len(asked) == 1:
                end.bulk(spoken.request, content[7 : 7 + 100_000])
                return True
            return False

        self.server.judges.append(judge)
        extent = Extent(BLOB, 7, MIB)
        running = self.begin(self.link.read(self.store.drive, extent))
        reading = self.successResultOf(running)
        came: list[bytes] = []

        async def read_all() -> None:
            while (piece := await reading.next()) is not None:
                came.append(bytes(piece))

        rest = Deferred.fromCoroutine(read_all())
        self.server.cut()
        self.wait(5)
        self.successResultOf(rest)
        self.assertEqual(b"".join(came), content[7 : 7 + MIB])
        self.assertEqual((asked[1].offset, asked[1].length), (100_007, MIB - 100_000))
        reading.close()
        self.assertEqual(len(asked), 2)

    def test_close_while_reading(self) -> None:
        """A reading that is closed early is cancelled at the server."""
        self.store.blobs[BLOB] = CONTENT
        self.server.judges.append(lambda end, spoken: isinstance(spoken, messages.ReadBlob))
        reading = self.successResultOf(
            self.begin(self.link.read(self.store.drive, Extent(BLOB, 0, 100)))
        )
        reading.close()
        self.server.run()
        heard = self.server.endpoint.ends[0].heard
        self.assertEqual(heard[-1].target, heard[-2].request)

    def test_cut_while_connecting_again(self) -> None:
        """A connection that is cut before it is logged in is just another attempt."""
        self.successResultOf(self.begin(self.link.ask(messages.Ping)))
        cuts = [1, 2]

        def judge(end: ServerEnd, spoken: object) -> bool:
            if isinstance(spoken, messages.LogIn) and cuts:
                cuts.pop()
                end.pipe.lose(ConnectionLost())
                return True
            return False

        self.server.judges.append(judge)
        self.server.cut()
        running = Deferred.fromCoroutine(self.link.ask(messages.Ping))
        self.wait(10)
        self.successResultOf(running)
        self.assertEqual(self.server.endpoint.attempts, 4)

    def test_silent_server(self) -> None:
        """A server that stops answering is left after a while, and the request made again."""
        silent = [True]
        self.server.judges.append(
            lambda end, spoken: isinstance(spoken, messages.ReadUsage) and silent[0]
        )
        running = self.begin(
            self.link.ask(lambda number: messages.ReadUsage(number, self.store.drive))
        )
        self.wait(ANSWER_TIMEOUT - 1)
        self.assertNoResult(running)
        silent[0] = False
        self.wait(KEEPALIVE + 5)
        self.assertIsInstance(self.successResultOf(running), messages.Usage)

    def test_vanished_server(self) -> None:
        """A server that is gone without a word is noticed; what was under way carries on."""
        first = self.vanish()
        asked = self.begin(self.link.ask(messages.FetchKeyring))
        staging = self.begin(
            self.link.stage(self.store.drive, PackedBlob(BLOB, SMALL_BLOB, (CONTENT,), ()))
        )
        self.wait(ANSWER_TIMEOUT - 1)
        self.assertNoResult(asked)
        self.assertFalse(first.pipe.gone)
        self.wait(KEEPALIVE + 5)
        self.assertTrue(first.pipe.gone)
        self.assertIsInstance(self.successResultOf(asked), messages.Keyring)
        self.successResultOf(staging)
        self.assertEqual(self.store.staged, {BLOB: CONTENT})

    def test_vanished_while_idle(self) -> None:
        """It is noticed, and sooner, when nothing is under way; the next connection is made."""
        first = self.vanish()
        self.wait(SILENCE_TIMEOUT - 1)
        self.assertFalse(first.pipe.gone)
        self.wait(2 * KEEPALIVE)
        self.assertTrue(first.pipe.gone)
        self.assertEqual(len(self.heads), 2)
        self.wait(10 * SILENCE_TIMEOUT)
        self.assertEqual(len(self.heads), 2)

    def vanish(self) -> ServerEnd:
        """Connect, and let the far end of that connection vanish; give it."""
        self.successResultOf(self.begin(self.link.ask(messages.Ping)))
        first = self.server.endpoint.ends[-1]
        self.server.judges.append(lambda end, spoken: end is first)
        return first

    def test_ask_while_the_connection_breaks(self) -> None:
        """A request made between a time-out and the loss it leads to waits for the next one."""
        self.successResultOf(self.begin(self.link.ask(messages.Ping)))
        connection = self.successResultOf(Deferred.fromCoroutine(self.link.connected()))
        connection._break(Failure(ConnectionCut("the server does not answer")))
        running = Deferred.fromCoroutine(self.link.ask(messages.Ping))
        reading = Deferred.fromCoroutine(self.link.read(self.store.drive, Extent(BLOB, 0, 1)))
        self.assertNoResult(running)
        self.wait(5)
        self.successResultOf(running)
        self.successResultOf(reading)

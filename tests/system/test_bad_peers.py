"""Peers that do not speak the protocol, or speak it to do harm, are cut off, and do none."""

import random
import socket
import struct
import time

from anoncloud.limits import MAX_FRAME_HANDSHAKE, MAX_GREETING, MIB
from anoncloud.wire.connection import GREETING
from tests.support.processes import LOOPBACK, Device, Server, SystemTestCase, peak, wait_until
from tests.system.proxies import Proxy

HANDSHAKE = 1248
"""The length of the first message (docs/protocol.rst section 3)."""
GARBAGE = {
    "random bytes": random.Random(1).randbytes(MIB),
    "zeros": bytes(MIB),
    "a line without an end": b"a" * (MAX_GREETING + 1),
    "another version": b"anoncloud 2\n",
    "an older version": b"anoncloud 0\n",
    "another case": b"AnonCloud 1\n",
    "a carriage return": b"anoncloud 1\r\n",
    "a web browser": b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(600),
    "SSH": b"SSH-2.0-OpenSSH_9.9\r\n",
    "a frame of no length": GREETING + bytes(4),
    "a frame of all lengths": GREETING + b"\xff" * 4,
    "a frame one byte too long": GREETING + struct.pack(">I", MAX_FRAME_HANDSHAKE + 1),
    "a handshake of one byte": GREETING + struct.pack(">I", 1) + b"x",
    "a handshake of garbage": GREETING + struct.pack(">I", HANDSHAKE) + b"x" * HANDSHAKE,
    "a handshake of zeros": GREETING + struct.pack(">I", HANDSHAKE) + bytes(HANDSHAKE),
    "the greeting twice": GREETING * 200,
}
"""What is cut off as soon as it has come."""
HALVES = (
    b"",
    b"a",
    GREETING[:-1],
    GREETING,
    GREETING + b"\x00",
    GREETING + b"\x00\x00\x04\xe0half",
)
"""What may still become something."""


class BadPeerTests(SystemTestCase):
    """Raw sockets, beside somebody who only wants their files."""

    def setUp(self) -> None:
        super().setUp()
        self.house: Server = self.server()
        self.user: Device = self.ada(self.house)
        self.user.do("mkdir", "/d")

    def connect(self) -> socket.socket:
        """Connect to the server."""
        peer = socket.create_connection((LOOPBACK, self.house.port), timeout=10)
        self.addCleanup(peer.close)
        return peer

    def said_until_cut(self, *parts: bytes) -> bytes:
        """Send parts, each after an answer to the one before; give what the server says in all."""
        peer = self.connect()
        said = b""
        try:
            for part in parts[:-1]:
                peer.sendall(part)
                said += peer.recv(65536)
            peer.sendall(parts[-1])
            while received := peer.recv(65536):
                said += received
        except (ConnectionResetError, BrokenPipeError):
            pass  # that is how it cuts
        return said

    def test_garbage(self) -> None:
        """Whatever does not belong is cut off at once, and hears nothing but the greeting."""
        for name, sent in GARBAGE.items():
            begun = time.monotonic()
            self.assertIn(self.said_until_cut(sent), {b"", GREETING}, name)
            self.assertLess(time.monotonic() - begun, 5, name)  # not by a time-out, which is 20 s
        self.assertEqual(self.user.do("ls").out, b"d/\n")
        self.assertEqual(self.house.log.count("broke the protocol"), len(GARBAGE))
        self.assertLess(peak(self.house.pid), 120 * MIB)
        said = [line for line in self.house.log.splitlines() if "broke the protocol" in line]
        self.assertNotIn(LOOPBACK, "".join(said))  # addresses are logged only if that is asked for

    def test_older_client(self) -> None:
        """A client of another version learns from the server's greeting which one is spoken."""
        self.assertEqual(self.said_until_cut(b"anoncloud 2\n"), GREETING)

    def test_halves(self) -> None:
        """Peers that stop in the middle are no burden to others, whether they stay or go."""
        peers = [self.connect() for _ in range(3) for _ in HALVES]
        for number, peer in enumerate(peers):
            peer.sendall(HALVES[number % len(HALVES)])
        self.user.do("put", self.file("f", b"f"), "/f")
        for number, peer in enumerate(peers):
            if number % 2:
                peer.shutdown(socket.SHUT_WR)
            peer.close()
        self.assertEqual(self.user.do("cat", "/f").out, b"f")

    def test_byte_by_byte(self) -> None:
        """A greeting that comes in single bytes is one all the same."""
        peer = self.connect()
        for byte in GREETING:
            peer.sendall(bytes([byte]))
            time.sleep(0.01)
        self.assertEqual(peer.recv(100), GREETING)

    def test_replay(self) -> None:
        """A recorded conversation that is sent again opens nothing and repeats nothing."""
        tap = Proxy(self.house.port, record=True)
        self.addCleanup(tap.close)
        bob = self.device("bob")
        bob.register(self.house.address_by(tap.port), "bob", self.folder / "bob's kit")
        bob.do("put", self.file("f", b"f"), "/f")
        before = bob.do("--json", "stat").value
        said = [bytes(stream) for stream, _ in tap.streams]
        self.assertEqual(len(said), 4)  # registering asks for the terms first
        for stream in said:
            opening = len(GREETING) + 4 + HANDSHAKE
            self.assertGreater(len(stream), opening)
            answer = self.said_until_cut(stream[:opening], stream[opening:])
            self.assertTrue(answer.startswith(GREETING))
            length = int.from_bytes(answer[len(GREETING) :][:4], "big")
            self.assertEqual(len(answer), len(GREETING) + 4 + length)  # its handshake, no more
            heard = [bytes(stream[: len(answer)]) for _, stream in tap.streams]
            self.assertNotIn(answer, heard)  # with fresh keys, so nothing recorded fits
        after = bob.do("--json", "stat").value
        self.assertEqual(before, after)

    def test_altered_on_the_way(self) -> None:
        """A byte that is changed after the handshake ends the connection, and nothing is done."""
        tap = Proxy(self.house.port, record=True)
        self.addCleanup(tap.close)
        account = self.user.state / "account.json"
        address = self.house.address
        account.write_text(account.read_text().replace(address, self.house.address_by(tap.port)))
        self.user.do("mkdir", "/e")
        (stream, _) = tap.streams[0]
        altered = bytearray(stream)
        altered[-1] ^= 1
        opening = len(GREETING) + 4 + HANDSHAKE
        self.said_until_cut(bytes(altered[:opening]), bytes(altered[opening:]))
        self.assertIn("broke the protocol", self.house.log)
        self.assertEqual(self.user.do("ls").out, b"d/\ne/\n")

    def test_crowd(self) -> None:
        """One address gets no more connections than it may, and all of them again afterwards."""
        house = self.server("--max-connections-per-address", "5", name="small house")
        user = self.device("user")
        user.register(house.address, "user", self.folder / "user's kit")
        crowd = [socket.create_connection((LOOPBACK, house.port), timeout=10) for _ in range(5)]
        for peer in crowd:
            self.addCleanup(peer.close)
            peer.sendall(GREETING)
            self.assertEqual(peer.recv(100), GREETING)  # so it is in
        one_more = socket.create_connection((LOOPBACK, house.port), timeout=10)
        self.addCleanup(one_more.close)
        self.assertEqual(_received(one_more), b"")
        turned_away = user.run("ls")
        self.assertEqual(turned_away.code, 10, turned_away.err)
        self.assertIn("too busy", turned_away.err)
        for peer in crowd:
            peer.close()
        wait_until(lambda: user.run("ls").code == 0, "room")


def _received(peer: socket.socket) -> bytes:
    try:
        return peer.recv(100)
    except ConnectionResetError:
        return b""

"""The key agreement against recorded runs and another implementation of Noise."""

from typing import Any

from noise.connection import Keypair, NoiseConnection
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.crypto.keys import AgreementKey
from anoncloud.wire.handshake import NK, NK_HFS, Handshake, Role
from tests.support.entropy import replaying
from tests.support.pairs import STATIC, client_handshake, server_handshake
from tests.support.vectors import load


def raw(vector: dict[str, Any]) -> dict[str, bytes]:
    """Give the hexadecimal values of *vector* as bytes."""
    texts = {name: v for name, v in vector.items() if isinstance(v, str)}
    return {
        name: bytes.fromhex(v)
        for name, v in texts.items()
        if name not in {"source", "protocol_name"}
    }


class VectorTests(SynchronousTestCase):
    """Replays of recorded runs, each role alone."""

    def replay(
        self, handshake: Handshake, role: Role, payloads: list[bytes], sent: list[bytes]
    ) -> None:
        """Let *handshake* write or read each message of the run *sent*."""
        for turn, (payload, message) in enumerate(zip(payloads, sent, strict=True)):
            if (turn % 2 == 0) == (role is Role.CLIENT):
                self.assertEqual(handshake.write(payload), message)
            else:
                self.assertEqual(handshake.read(message), payload)

    def test_published_nk(self) -> None:
        """Cacophony's run of Noise_NK_25519_ChaChaPoly_BLAKE2b, transport messages included."""
        vector = load("noise_nk")
        keys = raw(vector)
        self.assertEqual(NK.name.decode(), vector["protocol_name"])
        payloads = [bytes.fromhex(message["payload"]) for message in vector["messages"]]
        sent = [bytes.fromhex(message["ciphertext"]) for message in vector["messages"]]
        for role in Role:
            is_server = role is Role.SERVER
            handshake = Handshake(
                NK,
                role,
                prologue=keys["resp_prologue" if is_server else "init_prologue"],
                entropy=replaying(keys["resp_ephemeral" if is_server else "init_ephemeral"]),
                static=AgreementKey(keys["resp_static"]) if is_server else None,
                server_public=b"" if is_server else keys["init_remote_static"],
            )
            self.replay(handshake, role, payloads[:2], sent[:2])
            self.assertEqual(handshake.hash, keys["handshake_hash"])
            sending, receiving = handshake.split()
            for turn in range(2, len(sent)):
                if (turn % 2 == 0) == (role is Role.CLIENT):
                    self.assertEqual(sending.seal(payloads[turn]), sent[turn])
                else:
                    self.assertEqual(receiving.open(sent[turn]), payloads[turn])
            self.assertEqual((sending.counter, receiving.counter), (2, 2))

    def test_frozen_nkhfs(self) -> None:
        """Our own recorded run of the hybrid pattern."""
        vector = load("noise_nkhfs")
        keys = raw(vector)
        self.assertEqual(NK_HFS.name.decode(), vector["protocol_name"])
        payloads = [bytes.fromhex(payload) for payload in vector["payloads"]]
        sent = [bytes.fromhex(message) for message in vector["messages"]]
        frames = [bytes.fromhex(frame) for frame in vector["frames"]]
        static = AgreementKey(keys["server_static"])
        client = Handshake(
            NK_HFS,
            Role.CLIENT,
            prologue=keys["prologue"],
            entropy=replaying(keys["client_ephemeral"], keys["kem_seed"]),
            server_public=static.public,
        )
        server = Handshake(
            NK_HFS,
            Role.SERVER,
            prologue=keys["prologue"],
            entropy=replaying(keys["server_ephemeral"]),
            static=static,
            encapsulate=lambda _public: (keys["kem_ciphertext"], keys["kem_secret"]),
        )
        for role, handshake in ((Role.CLIENT, client), (Role.SERVER, server)):
            self.replay(handshake, role, payloads, sent)
            self.assertEqual(handshake.hash, keys["handshake_hash"])
            ours, theirs = frames if role is Role.CLIENT else reversed(frames)
            sending, receiving = handshake.split()
            self.assertEqual(sending.seal(keys["frame"]), ours)
            self.assertEqual(receiving.open(theirs), keys["frame"])


class InteropTests(SynchronousTestCase):
    """Against another implementation of Noise, with fresh keys."""

    def other(self, *, initiator: bool) -> NoiseConnection:
        """Give the other implementation's end."""
        end = NoiseConnection.from_name(NK.name)
        end.set_prologue(b"p")
        if initiator:
            end.set_as_initiator()
            end.set_keypair_from_public_bytes(Keypair.REMOTE_STATIC, STATIC.public)
        else:
            end.set_as_responder()
            end.set_keypair_from_private_bytes(Keypair.STATIC, STATIC.expose())
        end.start_handshake()
        return end

    def check(self, ours: Handshake, theirs: NoiseConnection) -> None:
        """Check that both ends agree and understand each other."""
        self.assertTrue(ours.finished)
        self.assertTrue(theirs.handshake_finished)
        self.assertEqual(ours.hash, theirs.get_handshake_hash())
        sending, receiving = ours.split()
        for number in range(5):
            text = b"frame %d" % number
            self.assertEqual(theirs.decrypt(sending.seal(text)), text)
            self.assertEqual(receiving.open(theirs.encrypt(text)), text)

    def test_our_client(self) -> None:
        """Our client and their server."""
        ours, theirs = client_handshake(NK), self.other(initiator=False)
        self.assertEqual(theirs.read_message(ours.write(b"hello")), b"hello")
        self.assertEqual(ours.read(bytes(theirs.write_message(b"welcome"))), b"welcome")
        self.check(ours, theirs)

    def test_our_server(self) -> None:
        """Their client and our server."""
        ours, theirs = server_handshake(NK), self.other(initiator=True)
        self.assertEqual(ours.read(bytes(theirs.write_message(b"hello"))), b"hello")
        self.assertEqual(theirs.read_message(ours.write(b"welcome")), b"welcome")
        self.check(ours, theirs)

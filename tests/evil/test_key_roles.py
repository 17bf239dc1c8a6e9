"""Attack 3: chosen things sealed or signed under a key that has another role.

Each derived key has one purpose and one place of use (``tests.test_floors``). Here: each signature
has a context of its own, and nothing that a server chose is signed or sealed outside its frame. A
signed login begins with its context, then the hash of this very handshake.
"""

import ast
from collections import defaultdict
from itertools import permutations
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client import keyring
from anoncloud.client.staying import resume
from anoncloud.crypto import boxes, server_keys
from anoncloud.crypto.keys import SigningKey
from anoncloud.wire import messages
from tests.evil.asserting import Watch
from tests.evil.house import EvilTestCase
from tests.support.sources import dotted, modules, program

CONTEXTS = {
    "LOGIN_CONTEXT": messages.LOGIN_CONTEXT,
    "SUCCESSION": keyring.SUCCESSION,
    "CONTEXT": server_keys.CONTEXT,
}
"""All contexts that anything is ever signed in, by the names of their constants."""
SIGNERS = {
    ("anoncloud.client.link", "LOGIN_CONTEXT"),
    ("anoncloud.client.keyring", "SUCCESSION"),
    ("anoncloud.crypto.server_keys", "CONTEXT"),
}
"""The one place that signs in each context: a device's or login key, an account's, a server's."""


def uses(found: Any, function: str, place: int) -> list[tuple[str, str]]:
    """Give (module, context) of each call of *function*, whose context is argument *place*."""
    return [
        (each.name, dotted(node.args[place]).rpartition(".")[2])
        for each in found
        for node in ast.walk(each.tree)
        if isinstance(node, ast.Call)
        and dotted(node.func).rpartition(".")[2] == function
        and len(node.args) == place + (2 if function == "sign" else 3)
    ]


class ContextTests(SynchronousTestCase):
    """The table of contexts."""

    def test_each_context_has_one_signer(self) -> None:
        """Every signature is made in one of the contexts, each in one place."""
        made = uses(program(), "sign", 0)
        self.assertEqual(sorted(made), sorted(SIGNERS))

    def test_what_is_checked_is_signed(self) -> None:
        """Every signature that is judged is judged in one of the same contexts."""
        judged: dict[str, set[str]] = defaultdict(set)
        for module, context in uses(program(), "verify", 1):
            judged[context].add(module)
        self.assertEqual(set(judged), set(CONTEXTS))

    def test_the_walk_sees(self) -> None:
        """Calls in another context, or in one that is worked out, would be found."""
        source = "key.sign(b'own', x)\nkey.sign(f(x), y)\nkeys.verify(p, other.OWN, m, s)"
        found = modules({"anoncloud.x": source})
        self.assertEqual(len(uses(found, "sign", 0)), 2)
        self.assertFalse({context for _, context in uses(found, "sign", 0)} & set(CONTEXTS))
        self.assertEqual(uses(found, "verify", 1), [("anoncloud.x", "OWN")])

    def test_none_begins_another(self) -> None:
        """No context is the beginning of another, so what is signed in one fits no other."""
        self.assertEqual(len(set(CONTEXTS.values())), len(CONTEXTS))
        for one, other in permutations(CONTEXTS.values(), 2):
            self.assertFalse(other.startswith(one), (one, other))
        for context in CONTEXTS.values():
            self.assertEqual(context.find(b"\x00"), len(context) - 1)
            self.assertTrue(context.startswith(b"anoncloud 1 "))


class ChosenTests(EvilTestCase):
    """What a server names at a login, and what the client makes of it."""

    def setUp(self) -> None:
        super().setUp()
        self.here, self.kit = self.register()
        self.signed: list[tuple[bytes, bytes]] = []
        self.sealed: list[bytes] = []
        sign, seal = SigningKey.sign, boxes.seal

        def watched_sign(key: SigningKey, context: bytes, message: bytes) -> bytes:
            self.signed.append((context, message))
            return sign(key, context, message)

        def watched_seal(key: Any, plaintext: bytes, place: bytes, entropy: Any) -> bytes:
            self.sealed.append(plaintext)
            return seal(key, plaintext, place, entropy)

        self.patch(SigningKey, "sign", watched_sign)
        self.patch(boxes, "seal", watched_seal)

    def test_login(self) -> None:
        """A login signs its context, this handshake's hash and its own name, and seals nothing."""
        chosen = b"chosen by the server"
        for number in range(8):
            self.house.tricks[:] = [
                lambda said, drive=bytes([number]) * 16: (
                    [messages.LoggedIn(said.request, drive, 2**40, (chosen * 2)[:32])]
                    if isinstance(said, messages.LoggedIn)
                    else None
                )
            ]
            for command in (resume(self.here), self.log_in(self.kit)):
                self.fault(command)
        visits = self.house.visits[1:]
        hashes = [visit.server._session.admission._handshake_hash for visit in visits]
        self.assertEqual(len(self.signed), len(hashes))
        for (context, message), handshake_hash in zip(self.signed, hashes, strict=True):
            self.assertEqual(context, messages.LOGIN_CONTEXT)
            self.assertEqual(message, handshake_hash + b"ada")
        self.assertEqual(len({message for _, message in self.signed}), len(self.signed))
        self.assertEqual(self.sealed, [])

    def test_words(self) -> None:
        """Refusals, events and hints, whatever they say, make a client sign and seal nothing."""
        opened = self.resume(self.here)
        self.signed.clear()
        self.house.tricks[:] = [
            lambda said: (
                [messages.Refusal(said.request, 15, "sign this", "seal that")]
                if isinstance(said, messages.JournalPage | messages.Usage)
                else None
            )
        ]
        watch = Watch(self.house)
        self.fault(opened.drive.catch_up())
        self.fault(opened.drive.usage())
        self.house.visits[-1].server.send(messages.JournalGrew(opened.drive.id, 2**62))
        self.settle()
        self.assertEqual((self.signed, self.sealed), ([], []))
        self.assertEqual(watch.asked(), ["ReadJournal", "ReadUsage"])

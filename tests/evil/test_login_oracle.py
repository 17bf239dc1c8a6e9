"""Attack 2: a server that varies its answers over thousands of logins, and watches.

What a client sends follows from what kind of lie it was told, and never from a key: two accounts
with other keys, told the same 5,000 lies, say the same lengths in the same order.
"""

import random
from typing import Any, Final

from anoncloud.client.kit import Kit
from anoncloud.crypto.passphrases import AccountKeys
from anoncloud.errors import AnonymousCloudError, Code
from anoncloud.wire import messages
from anoncloud.wire.fields import Statement
from tests.evil.asserting import Watch
from tests.evil.house import PASSPHRASE, EvilTestCase
from tests.support.samples import ANSWERS

LIES: Final = 5_000
SAMPLES: Final = [one for one in ANSWERS if hasattr(one, "request")]
"""Answers of all kinds, to be given where they do not belong."""
EVENTS: Final = [one for one in ANSWERS if not hasattr(one, "request")]


class Liar:
    """One lie: drawn from *drawn*, told at one point of a login."""

    def __init__(self, drawn: random.Random) -> None:
        self.kind = drawn.choice(sorted(_LIES))
        self._drawn = random.Random(drawn.random())
        self._told = False
        self._stage, self._tell = _LIES[self.kind]

    def __call__(self, said: Any) -> Any:
        if self._told or not isinstance(said, self._stage):
            return None
        self._told = True
        return self._tell(self._drawn, said)


def _bits(drawn: random.Random, said: Any) -> Any:
    changed = bytearray(said.keyring)
    for bit in drawn.sample(range(8 * len(changed)), drawn.randint(1, 8)):
        changed[bit // 8] ^= 1 << bit % 8
    return [messages.Keyring(said.request, bytes(changed))]


def _noise(drawn: random.Random, said: Any) -> Any:
    return [messages.Keyring(said.request, drawn.randbytes(drawn.randint(1, 8192)))]


def _cut(drawn: random.Random, said: Any) -> Any:
    return [messages.Keyring(said.request, said.keyring[: drawn.randrange(1, len(said.keyring))])]


def _other(drawn: random.Random, said: Any) -> Any:
    wrong = (type(said), messages.Refusal, messages.Credit)
    other = drawn.choice([one for one in SAMPLES if not isinstance(one, wrong)])
    fields = [getattr(other, name) for name in other.__struct_fields__[1:]]
    return [type(other)(said.request, *fields)]


def _refused(drawn: random.Random, said: Any) -> Any:
    passing = {Code.UNAVAILABLE, Code.TOO_MANY}  # a client tries those again at a login
    code = drawn.choice([*(set(Code) - passing), 99, 65535])
    return [messages.Refusal(said.request, int(code), "no " * drawn.randint(0, 99), "")]


def _misnumbered(drawn: random.Random, said: Any) -> Any:
    fields = [getattr(said, name) for name in said.__struct_fields__[1:]]
    return [type(said)(said.request + drawn.randint(1, 1000), *fields)]


def _twice(drawn: random.Random, said: Any) -> Any:
    del drawn
    return [said, said]


def _chatter(drawn: random.Random, said: Any) -> Any:
    harmless = [one for one in EVENTS if not isinstance(one, messages.ServerKeys)]
    return [*drawn.choices(harmless, k=drawn.randint(1, 5)), *_bits(drawn, said)]


def _another_drive(drawn: random.Random, said: Any) -> Any:
    return [messages.LoggedIn(said.request, drawn.randbytes(16), said.head, said.head_hash)]


def _forged_key(drawn: random.Random, said: Any) -> Any:
    word = Statement(drawn.randbytes(32), drawn.randbytes(32), drawn.randbytes(64))
    return [said, messages.ServerKeys((word,))]


_LIES: Final[dict[str, tuple[type[Any], Any]]] = {
    "login: another kind of answer": (messages.LoggedIn, _other),
    "login: refused": (messages.LoggedIn, _refused),
    "login: another request's number": (messages.LoggedIn, _misnumbered),
    "login: answered twice": (messages.LoggedIn, _twice),
    "login: another drive": (messages.LoggedIn, _another_drive),
    "login: a key that was not signed": (messages.LoggedIn, _forged_key),
    "keyring: some bits": (messages.Keyring, _bits),
    "keyring: noise": (messages.Keyring, _noise),
    "keyring: cut": (messages.Keyring, _cut),
    "keyring: events before it": (messages.Keyring, _chatter),
    "keyring: another kind of answer": (messages.Keyring, _other),
    "keyring: refused": (messages.Keyring, _refused),
    "keyring: another request's number": (messages.Keyring, _misnumbered),
}
_HELLO, _LOG_IN, _FETCH, _END = 1248, 124, 20, 17
TRACES: Final[dict[str, tuple[int, ...]]] = {
    "login: another kind of answer": (_HELLO, _LOG_IN),
    "login: refused": (_HELLO, _LOG_IN),
    "login: another request's number": (_HELLO, _LOG_IN),
    "login: answered twice": (_HELLO, _LOG_IN),
    "login: another drive": (_HELLO, _LOG_IN, _FETCH, _END),
    "login: a key that was not signed": (_HELLO, _LOG_IN),
    "keyring: some bits": (_HELLO, _LOG_IN, _FETCH, _END),
    "keyring: noise": (_HELLO, _LOG_IN, _FETCH, _END),
    "keyring: cut": (_HELLO, _LOG_IN, _FETCH, _END),
    "keyring: events before it": (_HELLO, _LOG_IN, _FETCH, _END),
    "keyring: another kind of answer": (_HELLO, _LOG_IN, _FETCH, _END),
    "keyring: refused": (_HELLO, _LOG_IN, _FETCH, _END),
    "keyring: another request's number": (_HELLO, _LOG_IN, _FETCH),
}
"""The bodies of all frames that a client sends, by the lie that it is told."""


class LoginOracleTests(EvilTestCase):
    """Two accounts, each told the same lies."""

    def setUp(self) -> None:
        super().setUp()
        self.kits = [self.register(name)[1] for name in ("ada", "bob")]
        keys = {kit.account: kit.keys(PASSPHRASE) for kit in self.kits}

        def known(kit: Kit, passphrase: str) -> AccountKeys:
            self.assertEqual(passphrase, PASSPHRASE)
            return keys[kit.account]

        self.patch(Kit, "keys", known)

    def trace(self, kit: Kit, lie: Liar) -> tuple[tuple[int, ...], str]:
        """Log in, and be lied to; give the frames that were sent, and how it ended."""
        self.house.tricks[:] = [lie]
        self.house.visits.clear()
        watch = Watch(self.house)
        error = self.fault(self.log_in(kit))
        self.assertIsInstance(error, AnonymousCloudError)
        (frames,) = watch.frames()
        return frames, f"{type(error).__name__}: {error}"

    def test_traces(self) -> None:
        """The lengths of all frames, in order, are those of the kind of lie."""
        found: dict[str, set[tuple[int, ...]]] = {}
        for number in range(LIES):
            one, other = (self.trace(kit, Liar(random.Random(number))) for kit in self.kits)
            self.assertEqual(one, other, number)
            found.setdefault(Liar(random.Random(number)).kind, set()).add(one[0])
        self.assertEqual(found, {kind: {trace} for kind, trace in TRACES.items()})

"""Errors: one tree, an exit code for each, and no secret in any."""

import inspect
import traceback

from twisted.trial.unittest import SynchronousTestCase

from anoncloud import errors, ids
from anoncloud.crypto.boxes import open_box, open_committed
from anoncloud.crypto.keys import AccountSecret, AgreementKey, FileKey, SealingKey, UnlockKey
from anoncloud.crypto.noise import CipherState
from anoncloud.crypto.passphrases import Argon2, account_keys
from anoncloud.crypto.segments import open_segment, seal_segment
from anoncloud.errors import AnonymousCloudError, Code, LocalError, Misuse, Refused, RemoteError
from anoncloud.wire import messages, records
from anoncloud.wire.messages import request_decoder
from tests.crypto.test_keys import shows

CLASSES = [
    kind
    for kind in vars(errors).values()
    if inspect.isclass(kind) and issubclass(kind, AnonymousCloudError)
]
EXIT_CODES = {
    "AnonymousCloudError": 1,
    "LocalError": 1,
    "UsageError": 2,
    "NotFound": 3,
    "Exists": 4,
    "LocalFileError": 5,
    "NotLoggedIn": 7,
    "WrongPassphrase": 7,
    "Misuse": 70,
    "RemoteError": 10,
    "Unreachable": 6,
    "ConnectionCut": 6,
    "HandshakeFailed": 10,
    "ProtocolBroken": 10,
    "Tampered": 11,
    "RolledBack": 12,
    "Forked": 12,
    "Refused": 8,
}
RAW = (b"PLANTED-" * 8)[:32]


def make(kind: type[AnonymousCloudError], message: str, hint: str = "") -> AnonymousCloudError:
    """Make an error of *kind*, whose arguments Refused begins with its code."""
    if issubclass(kind, Refused):
        return kind(Code.QUOTA, message, hint)
    return kind(message, hint)


class TreeTests(SynchronousTestCase):
    """The tree and its codes."""

    def test_exit_codes(self) -> None:
        """Every class ends a command with its documented code, never with 0."""
        self.assertEqual({kind.__name__: kind.exit_code for kind in CLASSES}, EXIT_CODES)
        for name, code in EXIT_CODES.items():
            line = next(
                line for line in str(errors.__doc__).splitlines() if line.strip().startswith(name)
            )
            self.assertEqual(line.split()[1], str(code), name)

    def test_branches(self) -> None:
        """Every class is local, remote or a refusal, and of one kind only."""
        for kind in CLASSES[1:]:
            branches = [
                branch for branch in (LocalError, RemoteError, Refused) if issubclass(kind, branch)
            ]
            self.assertEqual(len(branches), 1, kind)

    def test_words(self) -> None:
        """An error reads as its message, and as its hint where it has one."""
        for kind in CLASSES:
            plain, hinted = make(kind, "what is wrong"), make(kind, "what is wrong", "what to do")
            self.assertEqual((str(plain), plain.hint), ("what is wrong", ""))
            self.assertEqual(str(hinted), "what is wrong; what to do")
            self.assertEqual((hinted.message, hinted.hint), ("what is wrong", "what to do"))

    def test_refused(self) -> None:
        """A refusal carries its code; those of the login end a command as being logged out does."""
        for code in Code:
            error = Refused(code, "no", "try")
            self.assertIs(error.code, code)
            expected = 7 if code in {Code.LOGIN, Code.NOT_LOGGED_IN} else 8
            self.assertEqual(error.exit_code, expected, code)
        self.assertEqual(Refused.exit_code, 8)

    def test_codes_are_frozen(self) -> None:
        """The numbers on the wire are 1 to 19, in the order of the protocol's table."""
        names = [
            "LOGIN",
            "NOT_ALLOWED",
            "NOT_LOGGED_IN",
            "INVITATION",
            "NAME_TAKEN",
            "NAME_INVALID",
            "HEAD_MOVED",
            "BLOB_UNKNOWN",
            "BLOB_SIZE",
            "QUOTA",
            "DISK_FULL",
            "TOO_MANY",
            "RECORD_INVALID",
            "RANGE_INVALID",
            "UNAVAILABLE",
            "CANCELLED",
            "TOO_SOON",
            "CHANGED",
            "LOCKED",
        ]
        self.assertEqual(
            {code.name: code.value for code in Code}, dict(zip(names, range(1, 20), strict=True))
        )

    def test_identifiers(self) -> None:
        """Identifiers are as long as the wire's, and the root is node 0."""
        self.assertEqual((ids.ID_LENGTH, ids.ROOT), (16, 0))


class SecrecyTests(SynchronousTestCase):
    """Errors that are raised where secrets are at hand."""

    def test_no_error_shows_a_secret(self) -> None:
        """Neither an error nor its chain, nor a printed traceback, holds a key or a plaintext."""
        sealed = seal_segment(FileKey(RAW), 0, RAW, last=True)
        failures = (
            lambda: FileKey(RAW + b"PLANTED-"),
            lambda: AgreementKey(RAW).agree(bytes(32)),
            lambda: AgreementKey(RAW).agree(b"short"),
            lambda: open_box(SealingKey(RAW), sealed, RAW, "a box"),
            lambda: open_committed(UnlockKey(RAW), sealed, RAW, "a box"),
            lambda: open_segment(FileKey(RAW), 1, sealed, last=True),
            lambda: seal_segment(FileKey(RAW), 0, RAW, last=False),
            lambda: CipherState(RAW).open(RAW, RAW),
            lambda: messages.decode(request_decoder, memoryview(RAW)),
            lambda: records.take_apart(RAW),
            lambda: account_keys("PLANTED-" * 999, AccountSecret(RAW[:16]), RAW, "a", Argon2()),
            lambda: account_keys("PLANTED-\udcff", AccountSecret(RAW[:16]), RAW, "a", Argon2()),
            lambda: account_keys("PLANTED-", AccountSecret(RAW[:16]), RAW, "a", Argon2(1)),
        )
        for failure in failures:
            try:
                failure()
            except AnonymousCloudError as error:
                told = "".join(
                    line
                    for whole in traceback.TracebackException.from_exception(error).format()
                    for line in whole.splitlines()
                    if not line.startswith(
                        "    "
                    )  # the source lines of this test name what it plants
                )
                for text in (str(error), repr(error), repr(error.args), error.hint, told):
                    self.assertFalse(shows(text, RAW), text)
            else:
                self.fail("nothing was raised")

    def test_the_check_finds(self) -> None:
        """The check above would notice a secret in any class of errors."""
        for kind in CLASSES:
            error = make(kind, f"the key is {RAW!r}", RAW.hex())
            self.assertTrue(shows(str(error), RAW) and shows(error.hint, RAW))
            self.assertIn(type(error), (kind, Misuse))

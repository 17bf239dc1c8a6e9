"""Every class of keys, and one instance of every wire message with bytes that are easy to see."""

from anoncloud.crypto import keys
from anoncloud.limits import MAX_CREDIT
from anoncloud.wire import messages

SECRETS: dict[str, type[keys.Secret]] = {
    kind.__name__: kind
    for kind in vars(keys).values()
    if isinstance(kind, type) and issubclass(kind, keys.Secret)
}
"""Every class of keys by its name, ``Secret`` itself included."""

_DRIVE = bytes.fromhex("d0" * 16)
_BLOB = bytes.fromhex("b0" * 16)
_KEY = bytes(range(32))

REQUESTS: tuple[messages.Message, ...] = (
    messages.Register(1, "ada", b"i" * 16, _KEY, b"sealed", _DRIVE),
    messages.LogIn(2, "ada", _KEY, bytes(range(64))),
    messages.FetchKeyring(3),
    messages.EnrolDevice(4, _KEY),
    messages.ForgetDevice(5, _KEY),
    messages.ReadJournal(6, _DRIVE, 2**40),
    messages.Commit(7, b"record"),
    messages.StageBlob(8, _DRIVE, _BLOB, 262144),
    messages.ReadBlob(9, _DRIVE, _BLOB, 65552, 65552, 4096),
    messages.Cancel(10, 9),
    messages.ReadUsage(11, _DRIVE),
    messages.Ping(2**32 - 1),
    messages.Unstage(12, _DRIVE, (_BLOB, _BLOB[::-1])),
    messages.ReadTerms(13),
    messages.ReplaceKeyring(14, _KEY, b"sealed anew"),
    messages.SetRecovery(15, _KEY, b"sealed copy"),
    messages.DropRecovery(16),
    messages.ListDevices(17),
    messages.DeleteAccount(18, "ada"),
    messages.OpenPairing(19, b"first"),
    messages.JoinPairing(20, 9999, b"second"),
    messages.SayPairing(21, b"third"),
    messages.ClosePairing(22),
    messages.Credit(8, MAX_CREDIT),
)
ANSWERS: tuple[messages.Message, ...] = (
    messages.Done(1),
    messages.Refusal(2, 7, "the drive has moved on", "read the journal and try again"),
    messages.LoggedIn(3, _DRIVE, 12, _KEY),
    messages.Keyring(4, b"sealed"),
    messages.JournalPage(5, (b"first", b"second"), 2**63 - 1),
    messages.Committed(6, 13),
    messages.Usage(7, 262144, 0),
    messages.Terms(8, 1, 3),
    messages.Devices(9, (_KEY, _KEY[::-1]), 1),
    messages.PairingOpened(10, 9999),
    messages.PairingJoined(11, b"first"),
    messages.JournalGrew(_DRIVE, 14),
    messages.GoingDown(),
    messages.ServerKeys((messages.Statement(_KEY, _KEY[::-1], bytes(range(64))),)),
    messages.PairingSaid(b"third"),
    messages.PairingClosed(),
    messages.Credit(9, 1),
)
MESSAGES: dict[str, messages.Message] = {
    type(message).__name__: message for message in REQUESTS + ANSWERS[:-1]
}
"""One of every class, by its name."""

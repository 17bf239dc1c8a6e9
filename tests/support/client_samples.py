"""A keyring, and a short journal that uses every operation; the frozen vectors are made of them."""

from attrs import evolve

from anoncloud.client.keyring import AccountKeyring
from anoncloud.client.tree import changes
from anoncloud.client.tree.changes import Change
from anoncloud.client.tree.versions import Piece, Stream, Version
from anoncloud.crypto.delivery import check_of, deliver
from anoncloud.crypto.keys import AgreementKey, DriveKey, SigningKey
from anoncloud.crypto.packing import Extent
from anoncloud.crypto.segments import sealed_length
from anoncloud.ids import ROOT, BlobId, NodeId
from anoncloud.limits import MIB
from tests.support.entropy import counting

DRIVE = bytes.fromhex("d0" * 16)
FIRST_SIGNING = SigningKey(b"\xa1" * 32)
SAMPLE_ACCOUNT = AccountKeyring(
    DRIVE,
    (DriveKey(b"\xe0" * 32), DriveKey(b"\xe1" * 32)),
    AgreementKey(b"\xa0" * 32),
    FIRST_SIGNING,
    FIRST_SIGNING.public,
)
"""An account's keyring whose second epoch is the newest."""
SAMPLE_KEYRING = SAMPLE_ACCOUNT.opened()
FIRST_KEYRING = evolve(SAMPLE_KEYRING, epochs=SAMPLE_KEYRING.epochs[:1])
"""The same before the second epoch."""

TIME = 1_700_000_000_000_000
"""Microseconds since 1970: when the first change was made."""


def blob(number: int) -> BlobId:
    """Give a blob's name that is easy to see."""
    return BlobId(bytes([0xB0 + number]) * 16)


def stream(number: int, size: int) -> Stream:
    """Give a stream of *size* bytes that lies at the beginning of blob *number*."""
    extents = (Extent(blob(number), 0, sealed_length(size)),)
    return Stream(bytes([0xC0 + number]) * 32, size, extents)


def version(*streams: Stream, pieces: tuple[Piece, ...] = (), modified: int = 7) -> Version:
    """Give a version of *streams*."""
    return Version(modified, 0o640, b"\xdd" * 16, streams, pieces)


FOLDER, FILE, LINK = NodeId(11), NodeId(12), NodeId(2**63 - 1)
SHORT = version(stream(0, 100))
LONG = Stream(
    b"\xc1" * 32,
    MIB,
    (Extent(blob(1), 0, 200_000), Extent(blob(2), 62144, 848_832)),
    (Extent(blob(2), 0, 528),),
)
"""A stream over two blobs, with a list of fingerprints."""
PIECED = version(
    LONG, stream(3, 5), pieces=(Piece(0, 0, 65536), Piece(1, 0, 5), Piece(0, 65536, 983_040))
)

LAPTOP, TABLET = AgreementKey(b"\xa8" * 32), AgreementKey(b"\xa9" * 32)
"""What drive keys are delivered to, of the devices 0x88... and 0x89..."""
SUCCESSOR = SAMPLE_ACCOUNT.successor(SAMPLE_ACCOUNT.epochs, counting(b"successor"))
"""The account's keyring after the keys were changed."""


def _delivery(recipient: AgreementKey) -> changes.Delivery:
    key = SAMPLE_ACCOUNT.epochs[1]
    sealed = deliver(key, DRIVE, 1, recipient.public, counting(recipient.public))
    if sealed is None:
        message = "the sample's key is not usable"
        raise AssertionError(message)
    return changes.Delivery(recipient.public, sealed)


NEW_EPOCH = changes.NewEpoch(
    1,
    check_of(SAMPLE_ACCOUNT.epochs[1], DRIVE, 1),
    (_delivery(LAPTOP), _delivery(TABLET), _delivery(SAMPLE_ACCOUNT.agreement)),
)

CHANGES = (
    Change(
        TIME,
        (
            changes.MakeFolder(FOLDER, ROOT, b"papers", -1, 0o700),
            changes.PutFile(FILE, FOLDER, b"caf\xe9", SHORT),
            changes.MakeLink(LINK, ROOT, b"link", b"../papers/caf\xe9", 2**62),
            changes.EnrolDevice(b"\x88" * 32, LAPTOP.public, b"laptop"),
        ),
    ),
    Change(TIME + 1, (changes.PutVersion(FILE, version(LONG)), changes.Trash(LINK), NEW_EPOCH)),
    Change(
        TIME + 2,
        (
            changes.PutVersion(FILE, PIECED),
            changes.Move(FILE, ROOT, b"report"),
            changes.SetAttributes(FILE, 99, 0o600),
            changes.ForgetVersions(FILE, 1),
        ),
    ),
    Change(
        TIME + 3,
        (
            changes.Restore(LINK, FOLDER, b"old link"),
            changes.Relocate(
                FILE, LONG.key, (Extent(blob(4), 0, 1_048_832),), (Extent(blob(5), 1, 528),)
            ),
            changes.RevokeDevice(b"\x88" * 32),
            changes.EnrolDevice(b"\x89" * 32, TABLET.public, b"tablet"),
            changes.RenameDevice(b"\x89" * 32, b"slate"),
            changes.SetOptions(compress=True),
            changes.NewAccountKeys(
                SUCCESSOR.agreement.public, SUCCESSOR.signing.public, SUCCESSOR.succession or b""
            ),
            changes.NoteKeys(changes.KeyEvent.KIT, 3, 262_144),
            changes.NoteServer(b"\x5e" * 32, b"\x51" * 32, b"\x52" * 64),
            changes.AcceptHistory(b"\x89" * 32, 12, b"\x12" * 32, 3, b"\x03" * 32),
        ),
    ),
    Change(TIME + 4, (changes.Trash(FOLDER), changes.Purge(FOLDER), changes.Trash(FILE))),
)
"""Every operation, and every kind of effect on blobs."""

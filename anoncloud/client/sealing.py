"""Changes into journal records and back: sealed under the drive's key, bound to their place.

The body is bound to the record's header as it was encoded (drive, epoch, number, previous hash,
blobs), so it opens nowhere else (docs/formats.rst section 5.3).
"""

from anoncloud.client.keyring import Keyring
from anoncloud.client.tree import changes
from anoncloud.crypto import boxes
from anoncloud.crypto.derive import Purpose, derive
from anoncloud.crypto.entropy import Entropy
from anoncloud.crypto.keys import DriveKey, SealingKey
from anoncloud.errors import Tampered
from anoncloud.wire import records


def _record_key(keyring: Keyring, header: records.Header) -> SealingKey:
    drive_key: DriveKey = keyring.epochs[header.epoch]
    return derive(drive_key, Purpose.RECORD, SealingKey, header.drive)


def seal_record(
    keyring: Keyring, header: records.Header, change: changes.Change, entropy: Entropy
) -> bytes:
    """Make the record that says *change* at the place in the journal that *header* names."""
    place = records.encode_header(header)
    body = boxes.seal(_record_key(keyring, header), changes.encode_change(change), place, entropy)
    return records.join(place, body)


def open_record(keyring: Keyring, record: records.Record) -> changes.Change:
    """Open a record.

    :raises Tampered: it was not sealed by a holder of the drive key, for this very place.
    """
    what = f"record {record.header.number} of the journal"
    if record.header.epoch > keyring.epoch:
        message = f"opening {what}: it is of an epoch whose key is not on the keyring"
        raise Tampered(message, "log in again with your kit")
    key = _record_key(keyring, record.header)
    return changes.decode_change(boxes.open_box(key, record.body, record.place, what))

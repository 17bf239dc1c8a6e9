"""Our own frozen vectors of what only clients can open; ``tests.vectors.make`` writes them."""

from typing import Any

from msgspec import msgpack

from anoncloud.client import pairing
from anoncloud.client.address import Address
from anoncloud.client.cache import Head
from anoncloud.client.checkpoint import Checkpoint, seal_checkpoint
from anoncloud.client.keyring import (
    account_place,
    device_keys,
    device_place,
    seal_device_keyring,
    seal_keyring,
)
from anoncloud.client.kit import Kit
from anoncloud.client.pairing_code import PairingCode
from anoncloud.client.sealing import seal_record
from anoncloud.client.transfers.fingerprints import entry, list_key
from anoncloud.client.tree import changes
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.tree import Tree
from anoncloud.crypto.fingerprints import Fingerprints
from anoncloud.crypto.keys import (
    AccountSecret,
    DeviceSecret,
    DriveKey,
    FileKey,
    PairingSecret,
    UnlockKey,
)
from anoncloud.crypto.pairing import End, Exchange
from anoncloud.crypto.passphrases import Argon2
from anoncloud.crypto.segments import seal_segment
from anoncloud.limits import MIB, SEGMENT
from anoncloud.wire import records
from tests.support.client_samples import CHANGES, DRIVE, SAMPLE_ACCOUNT, SAMPLE_KEYRING, SUCCESSOR
from tests.support.entropy import counting, replaying
from tests.support.vectors import plain

Vectors = dict[str, Any]
KEY = bytes(range(32))
NONCE = plain(24)


def of_pairing() -> Vectors:
    """Let two devices agree by a code, and say what they say, with randomness that is known."""
    secret, server_key, slot = PairingSecret(b"\x00\x2a\x80\xff"), KEY, 1234
    draws = {end: bytes([number]) * 64 for number, end in enumerate(End, 1)}
    old, new = (Exchange(end, secret, server_key, replaying(draws[end])) for end in End)
    keys = old.agree(new.message, slot)
    given = pairing.Given("ada", DRIVE, (KEY, KEY[::-1]), KEY, KEY[::-1], 7, KEY)
    asking = pairing.Asking(KEY, KEY[::-1], b"phone", bytes(250))
    said = ((keys.from_new, asking), (keys.from_old, given), (keys.from_new, pairing.Kept()))
    return {
        "code": PairingCode(slot, secret).text(),
        "secret": secret.expose().hex(),
        "slot": slot,
        "server_key": server_key.hex(),
        "scalars": {end.value: drawn.hex() for end, drawn in draws.items()},
        "messages": {"old": old.message.hex(), "new": new.message.hex()},
        "keys": {"old": keys.from_old.expose().hex(), "new": keys.from_new.expose().hex()},
        "nonce": NONCE.hex(),
        "boxes": [
            {
                "content": msgpack.encode(content).hex(),
                "sealed": pairing.seal(key, content, replaying(NONCE)).hex(),
            }
            for key, content in said
        ],
    }


def of_fingerprints() -> Vectors:
    """Hash segments and contents, and seal the list of a stream of 1 MiB and some bytes."""
    prints = Fingerprints(DriveKey(KEY), DRIVE)
    contents = []
    for size in (0, 1, 16, 100, SEGMENT, SEGMENT + 1):
        digest = prints.content()
        digest.update(plain(size))
        content: Vectors = {"size": size, "digest": digest.digest().hex()}
        if size <= SEGMENT:
            content["fingerprint"] = prints.segment(plain(size)).hex()
        contents.append(content)
    whole = plain(MIB + 5)
    segments = [whole[at : at + SEGMENT] for at in range(0, len(whole), SEGMENT)]
    written = b"".join(entry(prints.segment(one), one) for one in segments)
    return {
        "plaintext": "byte i is i % 251",
        "drive_key": KEY.hex(),
        "drive": DRIVE.hex(),
        "contents": contents,
        "list": {
            "stream_key": KEY.hex(),
            "size": MIB + 5,
            "written": written.hex(),
            "sealed": seal_segment(list_key(FileKey(KEY)), 0, written, last=True).hex(),
        },
    }


def of_kit() -> Vectors:
    """Write kits down."""
    kits = []
    for host, port, account, cost in (
        ("box.example", 9650, "ada", Argon2(3, 256 * MIB)),
        ("2001:db8::1", 1, "a", Argon2(2, 64 * MIB)),
        ("h" * 255, 65535, "é" * 64, Argon2(16, 4096 * MIB)),
    ):
        kit = Kit(Address(host, port, KEY), account, AccountSecret(KEY[:16]), cost)
        kits.append(
            {
                "host": host,
                "port": port,
                "account": account,
                "passes": cost.passes,
                "memory": cost.memory,
                "line": kit.line(),
            }
        )
    return {"server_key": KEY.hex(), "secret": KEY[:16].hex(), "kits": kits}


def of_keyrings() -> Vectors:
    """Seal a keyring for an account and for a device, with a nonce that is known."""
    kit = Kit(Address("box.example", 9650, KEY), "ada", AccountSecret(KEY[:16]), Argon2())
    secret = DeviceSecret(b"\x5e" * 32)
    keys = device_keys(secret)
    changed = SUCCESSOR
    return {
        "drive": DRIVE.hex(),
        "epochs": [key.expose().hex() for key in changed.epochs],
        "nonce": NONCE.hex(),
        "account": {
            "kit": kit.line(),
            "unlock": KEY.hex(),
            "place": account_place(kit).hex(),
            **{
                f"{name}sealed": seal_keyring(
                    keyring, UnlockKey(KEY), account_place(kit), replaying(NONCE)
                ).hex()
                for name, keyring in (("first_", SAMPLE_ACCOUNT), ("", changed))
            },
            "agreement": changed.agreement.expose().hex(),
            "signing": changed.signing.expose().hex(),
            "first_signing": changed.first_signing.hex(),
            "previous": SAMPLE_ACCOUNT.agreement.expose().hex(),
            "succession": (changed.succession or b"").hex(),
        },
        "device": {
            "secret": secret.expose().hex(),
            "login_public": keys.login.public.hex(),
            "unlock": keys.unlock.expose().hex(),
            "agreement_private": keys.agreement.expose().hex(),
            "place": device_place(KEY, "ada").hex(),
            "sealed": seal_device_keyring(
                changed.opened(), keys, device_place(KEY, "ada"), replaying(NONCE)
            ).hex(),
            "agreement": changed.agreement.public.hex(),
            "first_signing": changed.first_signing.hex(),
        },
    }


def sample_journal(length: int = len(CHANGES)) -> tuple[list[bytes], Checkpoint]:
    """Seal *length* records of the journal of ``tests.support.client_samples``, and fold them."""
    tree, made = Tree(), list[bytes]()
    head = Head(0, records.genesis_hash(DRIVE))
    keyring, newest = SAMPLE_KEYRING, 0
    for change in CHANGES[:length]:
        draft = Draft(tree, change.time, counting())
        for operation in change.operations:
            draft.add(operation)
        header = records.Header(
            records.FORMAT,
            DRIVE,
            tree.affairs.epoch,
            head.number + 1,
            head.hash,
            draft.adds,
            draft.drops,
        )
        record = seal_record(keyring, header, change, replaying(NONCE))
        draft.settle()
        made.append(record)
        head, newest = Head(header.number, records.record_hash(record)), change.time
    return made, Checkpoint(tree, head, newest)


def of_changes() -> Vectors:
    """Seal every operation in the records of a short journal."""
    made = []
    for record, change in zip(sample_journal()[0], CHANGES, strict=True):
        header = records.take_apart(record).header
        made.append(
            {
                "time": change.time,
                "operations": [type(one).__name__ for one in change.operations],
                "body": changes.encode_change(change).rstrip(b"\x00").hex(),
                "body_length": len(changes.encode_change(change)),
                "adds": [blob.hex() for blob in header.adds],
                "drops": [blob.hex() for blob in header.drops],
                "record": record.hex(),
                "hash": records.record_hash(record).hex(),
            }
        )
    return {
        "fields": "tests/support/client_samples.py",
        "drive": DRIVE.hex(),
        "epochs": [key.expose().hex() for key in SAMPLE_KEYRING.epochs],
        "nonce": NONCE.hex(),
        "body": "without the zeros at its end",
        "records": made,
    }


def of_checkpoint() -> Vectors:
    """Seal the tree of that journal before its beginning, with all kinds of nodes, at its end."""
    made = [sample_journal(length)[1] for length in (0, 4, 5)]
    return {
        "drive": DRIVE.hex(),
        "nonce": NONCE.hex(),
        "checkpoints": [
            {
                "number": each.head.number,
                "hash": each.head.hash.hex(),
                "newest": each.newest,
                "sealed": seal_checkpoint(SAMPLE_KEYRING, each, replaying(NONCE)).hex(),
            }
            for each in made
        ],
    }


MAKERS = {
    "fingerprints": of_fingerprints,
    "kit": of_kit,
    "keyrings": of_keyrings,
    "pairing": of_pairing,
    "changes": of_changes,
    "checkpoint": of_checkpoint,
}

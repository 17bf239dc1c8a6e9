"""Write our own frozen vectors anew: ``python -m tests.vectors.make``.

The formats are frozen, so the only good reasons to run it are a new vector and a new version of a
format; a difference in a vector that was there before means that old drives no longer open.
``noise_nk.json``, ``curve25519.json`` and ``published.json`` are not ours and are not written.
Random bytes come from ``tests.support.entropy``.
"""

import json
from hashlib import sha256
from typing import Any

from anoncloud.crypto import boxes, delivery, passphrases, segments
from anoncloud.crypto.derive import Purpose, derive, digest, keyed_digest
from anoncloud.crypto.keys import (
    AccountSecret,
    AgreementKey,
    DriveKey,
    FileKey,
    SealingKey,
    UnlockKey,
)
from anoncloud.crypto.packing import Packer
from anoncloud.limits import ARGON2_MEMORY_FLOOR, ARGON2_PASSES_FLOOR, SEGMENT
from anoncloud.wire import messages, records
from anoncloud.wire.handshake import NK_HFS, Handshake, Role
from tests.support.entropy import counting, replaying
from tests.support.samples import MESSAGES, SECRETS
from tests.support.vectors import FOLDER, load, plain
from tests.vectors import client, owner

Vectors = dict[str, Any]
KEY = bytes(range(32))


def of_noise_nkhfs() -> Vectors:
    """Run the protocol's own key agreement, and one frame each way.

    The library lets nobody choose the randomness of an encapsulation, so the recorded one is kept.
    """
    static, prologue = bytes(range(32)), b"anoncloud 1\n"
    draws = {
        "client_ephemeral": b"\x11" * 32,
        "kem_seed": plain(64),
        "server_ephemeral": b"\x22" * 32,
    }
    before = load("noise_nkhfs")
    ciphertext, secret = (bytes.fromhex(before[name]) for name in ("kem_ciphertext", "kem_secret"))

    client = Handshake(
        NK_HFS,
        Role.CLIENT,
        prologue=prologue,
        entropy=replaying(draws["client_ephemeral"], draws["kem_seed"]),
        server_public=AgreementKey(static).public,
    )
    server = Handshake(
        NK_HFS,
        Role.SERVER,
        prologue=prologue,
        entropy=replaying(draws["server_ephemeral"]),
        static=AgreementKey(static),
        encapsulate=lambda _public: (ciphertext, secret),
    )
    payloads = (b"from the client", b"from the server")
    first = client.write(payloads[0])
    server.read(first)
    second = server.write(payloads[1])
    client.read(second)
    frames = [client.split()[0].seal(b"frame"), server.split()[0].seal(b"frame")]
    return {
        "protocol_name": NK_HFS.name.decode(),
        "prologue": prologue.hex(),
        "server_static": static.hex(),
        **{name: drawn.hex() for name, drawn in draws.items()},
        "kem_ciphertext": ciphertext.hex(),
        "kem_secret": secret.hex(),
        "payloads": [payload.hex() for payload in payloads],
        "messages": [first.hex(), second.hex()],
        "handshake_hash": client.hash.hex(),
        "frame": b"frame".hex(),
        "frames": [frame.hex() for frame in frames],
    }


def of_segments() -> Vectors:
    """Seal files of telling sizes; what is long is given by its SHA-256."""
    files = []
    for size in (0, 1, 100, SEGMENT, SEGMENT + 1, 2 * SEGMENT):
        whole, count = plain(size), segments.segment_count(size)
        sealed = [
            segments.seal_segment(
                FileKey(KEY),
                number,
                whole[number * SEGMENT : (number + 1) * SEGMENT],
                last=number == count - 1,
            )
            for number in range(count)
        ]
        stream = b"".join(sealed)
        file: Vectors = {
            "size": size,
            "sealed_lengths": [len(segment) for segment in sealed],
            "sealed_sha256": sha256(stream).hexdigest(),
        }
        if size <= 100:
            file["sealed"] = stream.hex()
        files.append(file)
    far = segments.seal_segment(FileKey(KEY), 2**40, b"far away", last=True)
    return {
        "plaintext": "byte i of a file is i % 251",
        "key": KEY.hex(),
        "files": files,
        "far": {"number": 2**40, "plaintext": b"far away".hex(), "sealed": far.hex()},
    }


def of_packing() -> Vectors:
    """Pack streams into blobs, with random bytes that are known."""
    runs = []
    for name, lengths in {
        "one short stream": [100],
        "two that share a blob": [65552, 30],
        "one over two small blobs": [65552] * 4 + [10],
        "a bulk blob and the rest": [65552] * 65 + [500],
        "nearly a bulk blob": [65552] * 49,
    }.items():
        packer = Packer(counting(b"packing"))
        filled = [packer.add(token, plain(length)) for token, length in enumerate(lengths)]
        blobs = [blob for blob in filled if blob] + packer.flush()
        runs.append(
            {
                "name": name,
                "lengths": lengths,
                "blobs": [
                    {
                        "blob": blob.blob.hex(),
                        "size": blob.size,
                        "sha256": sha256(b"".join(blob.pieces)).hexdigest(),
                        "extents": [[token, e.offset, e.length] for token, e in blob.runs],
                    }
                    for blob in blobs
                ],
            }
        )
    return {
        "entropy": "draw n (from 0) is SHAKE256(b'packing' + n as 8 bytes big-endian)",
        "streams": "stream i (token i) has lengths[i] bytes; byte j is j % 251",
        "runs": runs,
    }


def of_derive() -> Vectors:
    """Derive, hash and hash under a key for every purpose."""
    parent = DriveKey(KEY)
    return {
        "parent": KEY.hex(),
        "context": b"context".hex(),
        "parts": [b"one".hex(), "", b"three".hex()],
        "purposes": {
            purpose.name: {
                "person": purpose.value.decode(),
                "derived": derive(parent, purpose, UnlockKey, b"context").expose().hex(),
                "digest": digest(purpose, b"one", b"", b"three").hex(),
                "keyed_digest": keyed_digest(parent, purpose, b"one", b"", b"three").hex(),
            }
            for purpose in Purpose
        },
        "lengths": {
            name: derive(parent, Purpose.UNLOCK, kind).expose().hex()
            for name, kind in SECRETS.items()
        },
    }


def of_passphrases() -> Vectors:
    """Make an account's keys at the floor cost."""
    cost = passphrases.Argon2(ARGON2_PASSES_FLOOR, ARGON2_MEMORY_FLOOR)
    passphrase, account = "correct horse battery stäple", "ada"
    made = passphrases.account_keys(passphrase, AccountSecret(KEY[:16]), KEY, account, cost)
    return {
        "passphrase": passphrase,
        "account": account,
        "account_secret": KEY[:16].hex(),
        "server_key": KEY.hex(),
        "passes": cost.passes,
        "memory": cost.memory,
        "stretched": passphrases.stretch(passphrase, KEY, account, cost).expose().hex(),
        "login_seed": made.login.expose().hex(),
        "login_public": made.login.public.hex(),
        "unlock": made.unlock.expose().hex(),
    }


def of_boxes() -> Vectors:
    """Seal small things with a nonce that is known."""
    nonce, place = plain(24), b"place"
    return {
        "key": KEY.hex(),
        "nonce": nonce.hex(),
        "place": place.hex(),
        "boxes": [
            {
                "plaintext": plaintext.hex(),
                "sealed": boxes.seal(SealingKey(KEY), plaintext, place, replaying(nonce)).hex(),
                "committed": boxes.seal_committed(
                    UnlockKey(KEY), plaintext, place, replaying(nonce)
                ).hex(),
            }
            for plaintext in (b"", b"a keyring", plain(300))
        ],
    }


def of_delivery() -> Vectors:
    """Deliver a drive key with a fresh key and a nonce that are known."""
    recipient, fresh, nonce = AgreementKey(KEY), b"\x11" * 32, plain(24)
    key, drive, epoch = DriveKey(b"\xe1" * 32), b"\xd0" * 16, 1
    sealed = delivery.deliver(key, drive, epoch, recipient.public, replaying(fresh, nonce))
    return {
        "recipient_private": KEY.hex(),
        "fresh_private": fresh.hex(),
        "nonce": nonce.hex(),
        "key": key.expose().hex(),
        "drive": drive.hex(),
        "epoch": epoch,
        "sealed": (sealed or b"").hex(),
        "check": delivery.check_of(key, drive, epoch).hex(),
    }


def of_records() -> Vectors:
    """Make records of a short journal."""
    drive, made = b"\xd0" * 16, []
    previous = records.genesis_hash(drive)
    for number, adds, drops in ((1, (), ()), (2, (b"\xb0" * 16, b"\xb1" * 16), (b"\xb2" * 16,))):
        header = records.Header(records.FORMAT, drive, 3, number, previous, adds, drops)
        place, body = records.encode_header(header), plain(40 * number)
        record = records.join(place, body)
        made.append(
            {
                "epoch": 3,
                "number": number,
                "previous": previous.hex(),
                "adds": [blob.hex() for blob in adds],
                "drops": [blob.hex() for blob in drops],
                "place": place.hex(),
                "body": body.hex(),
                "record": record.hex(),
                "hash": records.record_hash(record).hex(),
            }
        )
        previous = records.record_hash(record)
    return {"drive": drive.hex(), "genesis": records.genesis_hash(drive).hex(), "records": made}


def of_messages() -> Vectors:
    """Encode one of every message; its fields stand in ``tests.support.samples``."""
    return {name: messages.encode(message).hex() for name, message in MESSAGES.items()}


MAKERS = {
    "noise_nkhfs": of_noise_nkhfs,
    "segments": of_segments,
    "packing": of_packing,
    "derive": of_derive,
    "passphrases": of_passphrases,
    "boxes": of_boxes,
    "delivery": of_delivery,
    "records": of_records,
    "messages": of_messages,
    **client.MAKERS,
    **owner.MAKERS,
}


def main() -> None:
    """Write every file."""
    for name, maker in MAKERS.items():
        text = json.dumps(maker(), indent=2, ensure_ascii=False)
        (FOLDER / f"{name}.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()

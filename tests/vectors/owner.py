"""Our own frozen vectors of what an account's or a server's owner keeps.

``tests.vectors.make`` writes them.
"""

from typing import Any

from anoncloud.client.address import Address
from anoncloud.client.export import Export, seal_export
from anoncloud.client.recovery import Recovery
from anoncloud.crypto.keys import RecoverySecret, ServerSecret
from anoncloud.crypto.passphrases import Argon2, stretch_salted
from anoncloud.crypto.server_keys import agreement_key, sign_successor
from anoncloud.limits import ARGON2_MEMORY_FLOOR, ARGON2_PASSES_FLOOR
from tests.support.client_samples import SAMPLE_ACCOUNT
from tests.support.entropy import replaying
from tests.support.vectors import plain

Vectors = dict[str, Any]
KEY = bytes(range(32))
NONCE = plain(24)


def of_recovery() -> Vectors:
    """Write a recovery key down, and seal its copy of a keyring."""
    recovery = Recovery(Address("box.example", 9650, KEY[::-1]), "ada", RecoverySecret(KEY))
    return {
        "host": recovery.address.host,
        "port": recovery.address.port,
        "server_key": recovery.address.key.hex(),
        "account": recovery.account,
        "secret": KEY.hex(),
        "line": recovery.line(),
        "login_public": recovery.login.public.hex(),
        "unlock": recovery.unlock.expose().hex(),
        "place": recovery.place.hex(),
        "nonce": NONCE.hex(),
        "copy": recovery.seal(SAMPLE_ACCOUNT, replaying(NONCE)).hex(),
    }


def of_export() -> Vectors:
    """Export a keyring at the floor cost."""
    cost, salt = Argon2(ARGON2_PASSES_FLOOR, ARGON2_MEMORY_FLOOR), plain(16)
    passphrase, address = "correct horse battery stäple", Address("box.example", 9650, KEY)
    exported = Export(str(address), "ada", SAMPLE_ACCOUNT)
    file = seal_export(exported, passphrase, cost, replaying(salt, NONCE))
    return {
        "address": exported.address,
        "account": exported.account,
        "passphrase": passphrase,
        "salt": salt.hex(),
        "passes": cost.passes,
        "memory": cost.memory,
        "stretched": stretch_salted(passphrase, salt, cost).expose().hex(),
        "nonce": NONCE.hex(),
        "file": file.hex(),
    }


def of_server_keys() -> Vectors:
    """Convert two keys of a server, and let the first one say that the second follows."""
    old, new = ServerSecret(KEY), ServerSecret(KEY[::-1])
    return {
        "seed": old.expose().hex(),
        "signer": old.public.hex(),
        "agreement_public": agreement_key(old).public.hex(),
        "next_seed": new.expose().hex(),
        "key": new.public.hex(),
        "next_agreement_public": agreement_key(new).public.hex(),
        "signature": sign_successor(old, new.public).hex(),
    }


MAKERS = {"recovery": of_recovery, "export": of_export, "server_keys": of_server_keys}

"""A passphrase and the kit's account secret to the two keys of an account.

Source: RFC 8265 (PRECIS OpaqueString) and RFC 9106 (Argon2id), through libsodium; docs/formats.rst
section 2.2. The parameters come from the kit, never from the server, and are judged before any work
is done: below the floor they would help an attacker, above the cap they would stop this machine.
"""

import attrs
from nacl import bindings

from anoncloud import limits
from anoncloud.crypto.derive import Purpose, derive, digest
from anoncloud.crypto.keys import (
    AccountRoot,
    AccountSecret,
    PassphraseKey,
    SigningKey,
    UnlockKey,
)
from anoncloud.errors import LocalError, UsageError


@attrs.frozen
class Argon2:
    """Argon2id's cost: *passes* over *memory* bytes (whole KiB), on one lane."""

    passes: int = limits.ARGON2_PASSES
    memory: int = limits.ARGON2_MEMORY

    def check(self) -> None:
        """Refuse a cost that is below the floor or above the cap."""
        if self.passes < limits.ARGON2_PASSES_FLOOR or self.memory < limits.ARGON2_MEMORY_FLOOR:
            message = "the kit asks for a weaker Argon2id than this program allows"
            raise UsageError(message, "do not use this kit; make a new one")
        if self.passes > limits.ARGON2_PASSES_CAP or self.memory > limits.ARGON2_MEMORY_CAP:
            message = "the kit asks for more Argon2id work than this program allows"
            raise UsageError(message, "do not use this kit; make a new one")
        if self.memory % limits.KIB:
            message = "Argon2id's memory must be whole KiB"
            raise UsageError(message, "take a multiple of 1024 bytes")


@attrs.frozen
class AccountKeys:
    """What passphrase and account secret make: proof of who one is, and the keyring's lock."""

    login: SigningKey
    unlock: UnlockKey


def prepare(passphrase: str) -> bytes:
    """Give the bytes that *passphrase* stands for, the same on every system.

    They are UTF-8 in the form of PRECIS OpaqueString: spaces of all kinds become U+0020, and what
    can be written in two ways (NFC, NFD) is written in one.

    :raises UsageError: it has no such form; the error does not hold the passphrase.
    """
    from precis_i18n import get_profile  # noqa: PLC0415 - devices that stay logged in need it not

    message = f"a passphrase has 1 to {limits.MAX_PASSPHRASE} bytes"
    hint = "take another one"
    if passphrase and len(passphrase) <= limits.MAX_PASSPHRASE:
        raw = b""
        try:
            raw = get_profile("OpaqueString").enforce(passphrase).encode()
        except UnicodeEncodeError:  # it holds the passphrase: nothing may be raised from here
            message = "a passphrase must be text without control and invisible characters"
            hint = "type it anew: this one has a tab, a line break, a joiner or broken UTF-8 in it"
        if 0 < len(raw) <= limits.MAX_PASSPHRASE:
            return raw
    raise UsageError(message, hint)


def stretch(passphrase: str, server_key: bytes, account: str, cost: Argon2) -> PassphraseKey:
    """Stretch *passphrase* by Argon2id; takes *cost*'s time and memory.

    The salt is BLAKE2b-128 of the server's key and the account name, so that nobody chooses it.
    """
    salt = digest(Purpose.PASSPHRASE_SALT, server_key, account.encode(), length=16)
    return stretch_salted(passphrase, salt, cost)


def stretch_salted(passphrase: str, salt: bytes, cost: Argon2) -> PassphraseKey:
    """Stretch *passphrase* by Argon2id with *salt* (16 bytes)."""
    cost.check()
    raw = prepare(passphrase)
    try:
        stretched = bindings.crypto_pwhash_alg(
            PassphraseKey.LENGTH,
            raw,
            salt,
            cost.passes,
            cost.memory,
            bindings.crypto_pwhash_ALG_ARGON2ID13,
        )
    except (MemoryError, RuntimeError) as error:
        message = f"Argon2id could not get {cost.memory // limits.MIB} MiB of memory"
        raise LocalError(message, "close other programs and try again") from error
    return PassphraseKey(stretched)


def account_keys(
    passphrase: str, secret: AccountSecret, server_key: bytes, account: str, cost: Argon2
) -> AccountKeys:
    """Make the login and unlock keys of *account* on the server with *server_key*."""
    stretched = stretch(passphrase, server_key, account, cost)
    root = derive(secret, Purpose.ACCOUNT_ROOT, AccountRoot, stretched.expose())
    return AccountKeys(
        derive(root, Purpose.LOGIN, SigningKey), derive(root, Purpose.UNLOCK, UnlockKey)
    )

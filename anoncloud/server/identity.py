"""What a server is known by: its long-term key, those before it, and the address that names it.

The key is made at the first start and kept in ``server.key``, mode 0600: an Ed25519 seed. Losing it
means that no kit and no invitation fits any more; whoever takes it can pose as the server, and
still reads nothing. If its owner has changed it, ``server.older`` holds what each key before it
said of the next one, and the older seeds as long as they let peers in.
"""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final, TypeVar

import attrs
from msgspec import Meta, Struct, msgpack, structs

from anoncloud.crypto.entropy import Entropy
from anoncloud.crypto.keys import AgreementKey, ServerSecret
from anoncloud.crypto.server_keys import agreement_key, agreement_public, leading, sign_successor
from anoncloud.disk.replacing import write_whole
from anoncloud.errors import HandshakeFailed, LocalError, Misuse, UsageError
from anoncloud.limits import MAX_STATEMENTS
from anoncloud.wire.fields import PublicKey, Signature, Statement

INVITATION_LENGTH: Final = 16
KEY_FILE: Final = "server.key"
OLDER_FILE: Final = "server.older"
_Result = TypeVar("_Result")


class _Older(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A key that was changed: its seed, if it still lets peers in, and its last word."""

    seed: Annotated[bytes, Meta(min_length=32, max_length=32)] | None
    signer: PublicKey
    key: PublicKey
    signature: Signature


_decoder: Final = msgpack.Decoder(
    Annotated[tuple[_Older, ...], Meta(min_length=1, max_length=MAX_STATEMENTS)]
)


@attrs.frozen
class Identity:
    """A server's keys, the newest first, and its *statements*, the oldest first."""

    secrets: tuple[ServerSecret, ...]
    statements: tuple[Statement, ...] = ()

    @property
    def public(self) -> bytes:
        """The X25519 key of its address."""
        return agreement_public(self.secrets[0].public)

    def agreement_keys(self) -> tuple[AgreementKey, ...]:
        """Give the keys that peers may come by, the newest first."""
        return tuple(agreement_key(secret) for secret in self.secrets)


def make_state_dir(folder: Path) -> None:
    """Make the state folder with mode 0700.

    :raises LocalError: it can't be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        message = f"making the state folder {folder}: {error.strerror}"
        hint = "use another --state-dir, or give this user the folder"
        raise LocalError(message, hint) from error


def load_or_make(folder: Path, entropy: Entropy) -> tuple[Identity, bool]:
    """Give the server's identity, and whether it was made just now.

    :raises LocalError: it can't be read, or is damaged.
    """
    path = folder / KEY_FILE
    if _on_disk(path, path.exists):
        return load(folder), False
    secret = ServerSecret.generate(entropy)
    _on_disk(path, lambda: write_whole(path, secret.expose(), durable=True))
    return Identity((secret,)), True


def load(folder: Path) -> Identity:
    """Give the identity of a server that has started once; makes none.

    :raises LocalError: there is no server, or the keys can't be read, or are damaged.
    """
    return _identity(*_load(folder))


def change_key(folder: Path, entropy: Entropy) -> Identity:
    """Draw another key, which the one of now signs; a server takes it at its next start.

    What the older ones said is written first: a crash leaves at most a word that nobody needs.

    :raises LocalError: there is no server, or the keys can't be read or written.
    """
    secret, older = _load(folder)
    new = ServerSecret.generate(entropy)
    word = _Older(secret.expose(), secret.public, new.public, sign_successor(secret, new.public))
    older = (*older, word)[-MAX_STATEMENTS:]
    _write_older(folder, older)
    _on_disk(folder / KEY_FILE, lambda: write_whole(folder / KEY_FILE, new.expose(), durable=True))
    return _identity(new, older)


def retire(folder: Path) -> Identity:
    """Forget the older keys for good: from the next start nobody gets in by one of them.

    :raises LocalError: there is no server, or the keys can't be read or written.
    """
    secret, older = _load(folder)
    if older:
        older = tuple(structs.replace(one, seed=None) for one in older)
        _write_older(folder, older)
    return _identity(secret, older)


def _load(folder: Path) -> tuple[ServerSecret, tuple[_Older, ...]]:
    """Read the newest key, and what those before it said as far as it leads there."""
    path, older_path = folder / KEY_FILE, folder / OLDER_FILE
    if not _on_disk(path, path.exists):
        message = f"there is no server in {folder}"
        raise UsageError(message, "start it once, or give another --state-dir")
    try:
        secret = ServerSecret(_on_disk(path, path.read_bytes))
    except Misuse as error:
        message = f"the server's key {path} is damaged"
        raise LocalError(message, "put it back from a backup; without it no kit fits") from error
    if not _on_disk(older_path, older_path.exists):
        return secret, ()
    try:
        older = _decoder.decode(_on_disk(older_path, older_path.read_bytes))
        leading(agreement_public(secret.public), [_statement(one) for one in older])
    except (ValueError, HandshakeFailed) as error:
        message = f"the server's older keys in {older_path} are damaged"
        hint = "put it back from a backup; without it no kit fits that is older than the key"
        raise LocalError(message, hint) from error
    while older and older[-1].key != secret.public:
        older = older[:-1]  # a change of key that a crash cut off
    return secret, older


def _identity(secret: ServerSecret, older: tuple[_Older, ...]) -> Identity:
    before = [ServerSecret(one.seed) for one in reversed(older) if one.seed is not None]
    return Identity((secret, *before), tuple(map(_statement, older)))


def _statement(older: _Older) -> Statement:
    return Statement(older.signer, older.key, older.signature)


def _write_older(folder: Path, older: tuple[_Older, ...]) -> None:
    path = folder / OLDER_FILE
    _on_disk(path, lambda: write_whole(path, msgpack.encode(older), durable=True))


def _on_disk(path: Path, work: Callable[[], _Result]) -> _Result:
    """Do what needs the disk.

    :raises LocalError: the disk's word.
    """
    try:
        return work()
    except OSError as error:
        message = f"reading or writing {path}: {error.strerror}"
        raise LocalError(message, "check who owns the state folder") from error


def address(host: str, port: int, public: bytes, invitation: bytes = b"") -> str:
    """Write the server's address, or an invitation link (docs/protocol.rst section 1)."""
    shown = f"[{host}]" if ":" in host else host
    code = f".{encode(invitation)}" if invitation else ""
    return f"anoncloud://{shown}:{port}/#{encode(public)}{code}"


def encode(raw: bytes) -> str:
    """Write bytes as unpadded base64url."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

"""What a server is known by: its long-term key, and the address that names it.

The key is made at the first start and kept in ``server.key``, mode 0600. Losing it means that no
kit and no invitation fits any more; whoever takes it can pose as the server, and still reads
nothing.
"""

import base64
from pathlib import Path
from typing import Final

from anoncloud.crypto.entropy import Entropy
from anoncloud.crypto.keys import AgreementKey
from anoncloud.disk.replacing import write_whole
from anoncloud.errors import LocalError, Misuse

INVITATION_LENGTH: Final = 16


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


def load_or_make_key(folder: Path, entropy: Entropy) -> tuple[AgreementKey, bool]:
    """Give the server's key, and whether it was made just now.

    :raises LocalError: it can't be read, or is damaged.
    """
    path = folder / "server.key"
    try:
        if path.exists():
            return AgreementKey(path.read_bytes()), False
        key = AgreementKey.generate(entropy)
        write_whole(path, key.expose(), durable=True)
    except OSError as error:
        message = f"reading or writing {path}: {error.strerror}"
        raise LocalError(message, "check who owns the state folder") from error
    except Misuse as error:
        message = f"the server's key {path} is damaged"
        raise LocalError(message, "put it back from a backup; without it no kit fits") from error
    return key, True


def address(host: str, port: int, public: bytes, invitation: bytes = b"") -> str:
    """Write the server's address, or an invitation link (docs/protocol.rst section 1)."""
    shown = f"[{host}]" if ":" in host else host
    code = f".{encode(invitation)}" if invitation else ""
    return f"anoncloud://{shown}:{port}/#{encode(public)}{code}"


def encode(raw: bytes) -> str:
    """Write bytes as unpadded base64url."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

"""An account's keyring in a file, sealed by a passphrase of its own.

With it alone nobody logs in: it opens the drive's data, and gives the server the keyring back if
that was lost there (docs/formats.rst section 2.6). The cost of Argon2id stands in the file, and is
judged before any work is done, as a kit's is.
"""

from typing import Annotated, Final

import attrs
from msgspec import Meta, Struct, msgpack, structs

from anoncloud.client.keyring import AccountKeyring, decode_keyring, encode_keyring
from anoncloud.crypto import boxes
from anoncloud.crypto.derive import Purpose, derive
from anoncloud.crypto.entropy import Entropy
from anoncloud.crypto.keys import PassphraseKey, UnlockKey
from anoncloud.crypto.passphrases import Argon2, stretch_salted
from anoncloud.errors import Tampered, UsageError, WrongPassphrase
from anoncloud.limits import KIB, MAX_EXPORT
from anoncloud.wire.messages import AccountName

HEAD: Final = b"anoncloud-keyring-1\n"
"""How a file begins."""
_CONTEXT: Final = "anoncloud 1 export"
_FORMAT: Final = 1
_SALT: Final = 16
_Cost = Annotated[int, Meta(ge=1, lt=2**32)]


class _File(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    format: Annotated[int, Meta(ge=_FORMAT, le=_FORMAT)]
    salt: Annotated[bytes, Meta(min_length=_SALT, max_length=_SALT)]
    passes: _Cost
    memory_kib: _Cost
    box: Annotated[bytes, Meta(min_length=1, max_length=MAX_EXPORT)]

    @property
    def cost(self) -> Argon2:
        """Argon2id's cost."""
        return Argon2(self.passes, self.memory_kib * KIB)

    @property
    def place(self) -> bytes:
        """What the box is bound to."""
        return msgpack.encode((_CONTEXT, self.format, self.salt, self.passes, self.memory_kib))


class _Content(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    address: Annotated[str, Meta(min_length=1, max_length=400)]
    account: AccountName
    keyring: bytes


@attrs.frozen
class Export:
    """What a file holds: a keyring, of which *account*, and at which *address* that was."""

    address: str
    account: str
    keyring: AccountKeyring


def seal_export(export: Export, passphrase: str, cost: Argon2, entropy: Entropy) -> bytes:
    """Make the bytes of a file; takes *cost*'s time and memory."""
    salt = entropy(_SALT)
    header = _File(_FORMAT, salt, cost.passes, cost.memory // KIB, b"")
    content = _Content(export.address, export.account, encode_keyring(export.keyring))
    unlock = _unlock(stretch_salted(passphrase, salt, cost))
    box = boxes.seal_committed(unlock, msgpack.encode(content), header.place, entropy)
    return HEAD + msgpack.encode(structs.replace(header, box=box))


def open_export(content: bytes, passphrase: str) -> Export:
    """Open what :func:`seal_export` made; takes the time and memory that the file asks for.

    :raises UsageError: it is no such file, or asks for work outside the floor and the cap.
    :raises WrongPassphrase: it does not open.
    """
    file = _parse(content)
    unlock = _unlock(stretch_salted(passphrase, file.salt, file.cost))
    try:
        opened = boxes.open_committed(unlock, file.box, file.place, "the exported keyring")
        fields = msgpack.decode(opened, type=_Content)
        return Export(fields.address, fields.account, decode_keyring(fields.keyring))
    except (Tampered, ValueError) as error:
        message = "the exported keyring does not open: the passphrase is wrong, or it is damaged"
        raise WrongPassphrase(message, "type the passphrase of the export again") from error


def _parse(content: bytes) -> _File:
    hint = "give a file that 'anoncloud keyring export' has written"
    try:
        if not content.startswith(HEAD) or len(content) > MAX_EXPORT:
            message = "another beginning, or longer than any"
            raise ValueError(message)
        file = msgpack.decode(content[len(HEAD) :], type=_File)
    except ValueError as error:
        message = "this is no exported keyring, or it is damaged"
        raise UsageError(message, hint) from error
    try:
        file.cost.check()
    except UsageError as error:
        message = "the file asks for another cost of Argon2id than this program allows"
        raise UsageError(message, hint) from error
    return file


def _unlock(stretched: PassphraseKey) -> UnlockKey:
    return derive(stretched, Purpose.EXPORT_UNLOCK, UnlockKey)

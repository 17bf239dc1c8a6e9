"""What this machine remembers of an account: a folder of the user's, mode 0700.

::

    account.json        who stays logged in where, and the device's secret (mode 0600)
    keyring             the keyring, sealed under the device's key
    drives/HEX/         the cache of a drive's journal (client.cache)

Whoever takes account.json can log in as this device until it is revoked; ``anoncloud logout``
removes it.
"""

from pathlib import Path
from typing import Annotated

import attrs
from msgspec import Meta, Struct, json, structs

from anoncloud.client.address import Address, Invitation
from anoncloud.client.cache import Cache, write_whole
from anoncloud.client.keyring import (
    DeviceKeys,
    Keyring,
    device_keys,
    device_place,
    open_device_keyring,
    seal_device_keyring,
)
from anoncloud.crypto.entropy import Entropy
from anoncloud.crypto.keys import DeviceSecret
from anoncloud.errors import LocalFileError, NotLoggedIn, UsageError, WrongPassphrase


class _Account(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    address: str
    account: str
    device_secret: Annotated[bytes, Meta(min_length=32, max_length=32)]
    server_key: Annotated[bytes, Meta(min_length=32, max_length=32)] | None = None
    """What the keyring is bound to, if the server has changed its key since."""


@attrs.frozen
class StayingLoggedIn:
    """An account that needs no passphrase on this machine."""

    address: Address
    account: str
    keys: DeviceKeys
    keyring: Keyring
    place: bytes
    """What the keyring is bound to."""


@attrs.frozen
class Profile:
    """The folder that holds what is remembered; made when something first is."""

    folder: Path

    def cache(self, drive: bytes) -> Cache:
        """Give the cache of a drive."""
        self._make_folder(self.folder)
        self._make_folder(self.folder / "drives")
        return Cache(self.folder / "drives" / drive.hex())

    def stay_logged_in(
        self,
        address: Address,
        account: str,
        secret: DeviceSecret,
        keyring: Keyring,
        entropy: Entropy,
    ) -> None:
        """Remember the account; from now on :meth:`load` gives it."""
        self._make_folder(self.folder)
        place = device_place(address.key, account)
        self._seal(keyring, device_keys(secret), place, entropy)
        self._write(_Account(str(address), account, secret.expose()))

    def _write(self, content: _Account) -> None:
        written = json.format(json.encode(content)) + b"\n"
        write_whole(self.folder / "account.json", written, durable=True)

    def keep_keyring(self, keyring: Keyring, entropy: Entropy) -> None:
        """Replace the keyring of the device that stays logged in by a newer one of that device."""
        if not self.is_logged_in():
            return
        known = self.load()
        if known.keyring.device == keyring.device and known.keyring.epoch < keyring.epoch:
            self._seal(keyring, known.keys, known.place, entropy)

    def _seal(self, keyring: Keyring, keys: DeviceKeys, place: bytes, entropy: Entropy) -> None:
        sealed = seal_device_keyring(keyring, keys, place, entropy)
        write_whole(self.folder / "keyring", sealed, durable=True)

    def follow(self, address: Address, key: bytes) -> Address:
        """Give *address* with the server's newest *key*, and remember it, if the old one is.

        The keyring stays bound to the key that it was sealed for.
        """
        newest = attrs.evolve(address, key=key)
        if newest != address and self.is_logged_in() and self.load().address == address:
            content = json.decode((self.folder / "account.json").read_bytes(), type=_Account)
            bound = content.server_key or address.key
            self._write(structs.replace(content, address=str(newest), server_key=bound))
        return newest

    def load(self) -> StayingLoggedIn:
        """Give the account that stays logged in.

        :raises NotLoggedIn: there is none.
        """
        path = self.folder / "account.json"
        try:
            content = json.decode(path.read_bytes(), type=_Account)
            address = Invitation.parse(content.address).address
            keys = device_keys(DeviceSecret(content.device_secret))
            sealed = (self.folder / "keyring").read_bytes()
            place = device_place(content.server_key or address.key, content.account)
            keyring = open_device_keyring(sealed, keys, place)
            return StayingLoggedIn(address, content.account, keys, keyring, place)
        except FileNotFoundError as error:
            message = "nobody is logged in on this machine"
            hint = "run 'anoncloud login' with your kit, or 'anoncloud register'"
            raise NotLoggedIn(message, hint) from error
        except OSError as error:
            message = f"reading {error.filename}: {error.strerror}"
            raise LocalFileError(message, "check who owns the folder") from error
        except (ValueError, UsageError, WrongPassphrase) as error:
            message = f"what {self.folder} remembers of the account is damaged"
            raise LocalFileError(message, "log in again with your kit") from error

    def is_logged_in(self) -> bool:
        """Whether an account stays logged in here."""
        return (self.folder / "account.json").exists()

    def forget(self) -> None:
        """Forget the account and the cached records; the remembered heads stay."""
        for name in ("account.json", "keyring"):
            (self.folder / name).unlink(missing_ok=True)
        drives = self.folder / "drives"
        for folder in drives.iterdir() if drives.exists() else ():
            Cache(folder).forget_records()

    @staticmethod
    def _make_folder(folder: Path) -> None:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)  # it may have been there with another mode
        except OSError as error:
            message = f"making {folder}: {error.strerror}"
            raise LocalFileError(message, "check who owns the folder above") from error

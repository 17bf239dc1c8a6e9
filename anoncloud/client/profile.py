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
from msgspec import Meta, Struct, json

from anoncloud.client.address import Address, Invitation
from anoncloud.client.cache import Cache, write_whole
from anoncloud.client.keyring import (
    Keyring,
    device_keys,
    device_place,
    open_keyring,
    seal_keyring,
)
from anoncloud.crypto.entropy import Entropy
from anoncloud.crypto.keys import DeviceSecret, SigningKey
from anoncloud.errors import LocalFileError, NotLoggedIn, UsageError, WrongPassphrase


class _Account(Struct, frozen=True, forbid_unknown_fields=True):
    address: str
    account: str
    device_secret: Annotated[bytes, Meta(min_length=32, max_length=32)]


@attrs.frozen
class StayingLoggedIn:
    """An account that needs no passphrase on this machine."""

    address: Address
    account: str
    device: SigningKey
    keyring: Keyring


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
        _, unlock = device_keys(secret)
        sealed = seal_keyring(keyring, unlock, device_place(address.key, account), entropy)
        self._make_folder(self.folder)
        write_whole(self.folder / "keyring", sealed, durable=True)
        content = json.format(json.encode(_Account(str(address), account, secret.expose())))
        write_whole(self.folder / "account.json", content + b"\n", durable=True)

    def load(self) -> StayingLoggedIn:
        """Give the account that stays logged in.

        :raises NotLoggedIn: there is none.
        """
        path = self.folder / "account.json"
        try:
            content = json.decode(path.read_bytes(), type=_Account)
            address = Invitation.parse(content.address).address
            device, unlock = device_keys(DeviceSecret(content.device_secret))
            sealed = (self.folder / "keyring").read_bytes()
            place = device_place(address.key, content.account)
            return StayingLoggedIn(
                address, content.account, device, open_keyring(sealed, unlock, place)
            )
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

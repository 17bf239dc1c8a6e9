"""Logging in as the owner while the login key is being replaced: by whichever key stands."""

from anoncloud.client.accounts import HeadWatch
from anoncloud.client.link import Credentials, log_in_as
from anoncloud.client.protocol import ClientProtocol
from anoncloud.crypto.keys import SigningKey
from anoncloud.errors import Code, Refused


class Entrance:
    """The login of a :class:`~anoncloud.client.link.Link` to *account*.

    After a cut only the server knows whether a new key stands already, so that is tried first.
    """

    def __init__(self, account: str, key: SigningKey, on_head: HeadWatch) -> None:
        self._account = account
        self._keys = [key]
        self._on_head = on_head

    async def __call__(self, connection: ClientProtocol, handshake_hash: bytes) -> None:
        """Log in on a new connection."""
        for key in self._keys[:-1]:
            try:
                await self._log_in(key, connection, handshake_hash)
            except Refused as error:
                if error.code is not Code.LOGIN:
                    raise
            else:
                return
        await self._log_in(self._keys[-1], connection, handshake_hash)

    async def _log_in(
        self, key: SigningKey, connection: ClientProtocol, handshake_hash: bytes
    ) -> None:
        log_in = log_in_as(Credentials(self._account, key), self._on_head)
        await log_in(connection, handshake_hash)

    def expect(self, key: SigningKey) -> None:
        """Take *key* for one that may stand from now on."""
        self._keys = [key, self._keys[-1]]

    def change(self, key: SigningKey) -> None:
        """Take *key* for the one that stands."""
        self._keys = [key]

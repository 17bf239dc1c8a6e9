"""Every size, count and time limit of the protocol and the formats, in one glance.

Sizes are bytes and times are seconds unless the name says otherwise. A limit is checked before a
buffer grows (docs/protocol.rst section 7).
"""

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB
GIB: Final = 1024 * MIB

# Formats (docs/formats.rst).
SEGMENT: Final = 64 * KIB
"""Plaintext bytes in every segment of a file but the last."""
SEAL_OVERHEAD: Final = 16
"""What SecretBox adds to a segment: the Poly1305 tag."""
SEALED_SEGMENT: Final = SEGMENT + SEAL_OVERHEAD
SMALL_BLOB: Final = 256 * KIB
BULK_BLOB: Final = 4 * MIB
BLOB_SIZES: Final = frozenset({SMALL_BLOB, BULK_BLOB})
MAX_RECORD: Final = 4 * MIB
"""The longest journal record, header and sealed body together."""
MIN_RECORD_BODY: Final = 512
"""Bodies of records are padded to at least this before they are sealed."""
MAX_KEYRING: Final = 8 * KIB
MAX_EXPORT: Final = 16 * KIB
"""The longest file of an exported keyring."""
MAX_NAME: Final = 255
"""The longest name of a file or folder."""
MAX_DEPTH: Final = 1024
"""The deepest place in a drive, in names from its root."""
MAX_STREAMS: Final = 64
"""Sealed streams that one version of a file may be put together from."""
MAX_PIECES: Final = 4096
"""Pieces of them, in order."""
MAX_LINK_TARGET: Final = 4095
"""The longest target of a symbolic link."""
MAX_BLOBS_PER_RECORD: Final = 64 * KIB

# Passphrases (docs/formats.rst section 2).
ARGON2_PASSES: Final = 3
ARGON2_MEMORY: Final = 256 * MIB
ARGON2_PASSES_FLOOR: Final = 2
ARGON2_MEMORY_FLOOR: Final = 64 * MIB
ARGON2_PASSES_CAP: Final = 16
ARGON2_MEMORY_CAP: Final = 4 * GIB
MAX_PASSPHRASE: Final = 1024
LEAST_SCORE: Final = 3
"""What a new passphrase must be worth, of zxcvbn's 0 to 4; a server may ask for more."""

# The wire (docs/protocol.rst).
MAX_GREETING: Final = 64
MAX_FRAME_HANDSHAKE: Final = 4 * KIB
MAX_FRAME_ANONYMOUS: Final = 64 * KIB
"""The longest frame that a server takes from a peer who has not logged in."""
MAX_FRAME: Final = MAX_RECORD + 64 * KIB
MIN_PACKET: Final = 4 * KIB
MAX_PACKET: Final = 512 * KIB
"""Half of INITIAL_CREDIT, so that a receiver who dealt with all that came lets one more in."""
DEFAULT_PACKET: Final = 4 * SEALED_SEGMENT
"""Bulk bytes in one frame: four sealed segments, which measured fastest (docs/performance.rst)."""
INITIAL_CREDIT: Final = 1 * MIB
"""What a sender of bulk bytes may send in a transfer before the first Credit message."""
MAX_CREDIT: Final = BULK_BLOB
REKEY_FRAMES: Final = 2**16
REKEY_BYTES: Final = 1 * GIB
MAX_TRANSFERS: Final = 32
"""Uploads and downloads that one connection may have under way at once."""
MAX_REQUESTS: Final = 256
"""Requests of one connection that may wait for their answer at once."""
MAX_UNSTAGE: Final = 4096
"""Blobs that one request takes back."""
MAX_ACCOUNT_NAME: Final = 64
MAX_SENTENCE: Final = 400
MAX_SCORE: Final = 4
"""The best score of a passphrase, of zxcvbn's five."""
MAX_STATEMENTS: Final = 16
"""Changes of its key that a server can show."""
MAX_SLOT: Final = 9999
"""The highest number of a pairing's slot; the lowest is 1."""
MAX_PAIRING_MESSAGE: Final = 8 * KIB
MAX_PAIRING_MESSAGES: Final = 8
"""Messages of one pairing, both ways together."""
JOURNAL_PAGE: Final = 1 * MIB

HANDSHAKE_TIMEOUT: Final = 20.0
LOGIN_TIMEOUT: Final = 120.0
"""How long a peer may stay connected without logging in; Argon2 runs before it connects."""
IDLE_TIMEOUT: Final = 120.0
"""How long a server bears the silence of a peer who has logged in."""
KEEPALIVE: Final = 15.0
"""How often a client looks at its connection, and sends a Ping if nothing went or came since."""
SILENCE_TIMEOUT: Final = 3 * KEEPALIVE
"""How long a client bears that nothing comes; a third of it may be what this end was busy."""
ANSWER_TIMEOUT: Final = 8 * KEEPALIVE
"""How long it bears that nothing comes but answers to Pings, or nothing while it uploads: a Ping
waits behind what a slow line has yet to take."""
LINE_TIMEOUT: Final = 60.0
"""How long the kernel bears that nobody takes its bytes, or answers its probes."""
LEAVE_TIMEOUT: Final = 5.0
"""How long a client waits for the server's end mark after its own."""
PAIRING_TIMEOUT: Final = 600.0
"""How long a pairing may take, from its opening on."""
MAX_DEVICES: Final = 64
"""Devices that one account may keep logged in."""

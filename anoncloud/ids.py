"""Distinct types for the identifiers that cross floors; a client draws each at random."""

from typing import Final, NewType

DriveId = NewType("DriveId", bytes)
"""16 random bytes."""
BlobId = NewType("BlobId", bytes)
"""16 random bytes; the server's fake file name is made from them."""
DeviceId = NewType("DeviceId", bytes)
"""16 random bytes."""
NodeId = NewType("NodeId", int)
"""A file or folder in a drive: a random number of 63 bits, or ROOT."""

ID_LENGTH: Final = 16
ROOT: Final = NodeId(0)

"""What a server keeps of an invitation's code: its hash, in every account store the same."""

from anoncloud.crypto.derive import Purpose, digest


def code_hash(code: bytes) -> bytes:
    """Hash an invitation's *code*; 32 bytes."""
    return digest(Purpose.INVITATION_HASH, code)

"""The hash of an invitation's code."""

from hashlib import blake2b

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.server.invitations import code_hash


class CodeHashTests(SynchronousTestCase):
    """What is kept of a code."""

    def test_vector(self) -> None:
        """It is BLAKE2b for its own purpose over the code and its length."""
        code = bytes(range(16))
        expected = blake2b(
            len(code).to_bytes(8, "big") + code, digest_size=32, person=b"ac1 invitation"
        ).digest()
        self.assertEqual(code_hash(code), expected)
        self.assertNotEqual(code_hash(code[:-1]), expected)

"""Plaintext in, sealed segments out: one stream, with its fingerprints and its content's digest."""

from collections.abc import Iterable

import attrs

from anoncloud.client.transfers.compressing import compressed
from anoncloud.client.transfers.fingerprints import WORTHWHILE, entry, list_key
from anoncloud.client.transfers.sources import ShortFile
from anoncloud.client.transfers.unfinished import Prior
from anoncloud.crypto.entropy import Entropy
from anoncloud.crypto.fingerprints import FINGERPRINT, Fingerprints
from anoncloud.crypto.keys import FileKey
from anoncloud.crypto.segments import seal_segment
from anoncloud.limits import SEAL_OVERHEAD, SEALED_SEGMENT, SEGMENT


class Sealer:
    """Seals a stream under *key* as its plaintext comes, in pieces of any length.

    A segment is sealed when it is known not to be the last one, so one is always held back. With
    *prior*, the beginning of the stream that is on the server already is left out.
    """

    def __init__(self, key: FileKey, prints: Fingerprints, prior: Prior | None = None) -> None:
        self.key = key
        self.size = 0
        self.entries = bytearray()
        """The list of fingerprints so far."""
        self.marks = bytearray()
        """What :class:`Prior` remembers of each segment so far."""
        self._prints = prints
        self._prior = prior or Prior(b"")
        self._number = 0
        self._held = b""

    def feed(self, plaintext: bytes) -> list[bytes]:
        """Take the next bytes; give the segments that are sealed by them."""
        self.size += len(plaintext)
        taken = 0
        if self._held:
            taken = SEGMENT - len(self._held)
            self._held += plaintext[:taken]
        if taken >= len(plaintext):
            return []
        sealed = [self._seal(self._held, last=False)] if self._held else []
        ends = range(taken + SEGMENT, len(plaintext), SEGMENT)
        sealed += [self._seal(plaintext[end - SEGMENT : end], last=False) for end in ends]
        self._held = plaintext[ends[-1] if ends else taken :]
        return sealed

    def finish(self) -> bytes:
        """Seal the last segment."""
        return self._seal(self._held, last=True)

    def fingerprints(self) -> list[bytes]:
        """Give the sealed list of fingerprints of the finished stream, none if it is short."""
        if self.size < WORTHWHILE:
            return []
        return list(seal_all(list_key(self.key), bytes(self.entries)))

    def _seal(self, segment: bytes, *, last: bool) -> bytes:
        number, self._number = self._number, self._number + 1
        fingerprint = self._prints.segment(segment)
        self.entries += entry(fingerprint, segment)
        mark = _mark(fingerprint, last=last)
        self.marks += mark
        known = self._prior.prints[number * FINGERPRINT : (number + 1) * FINGERPRINT]
        if known not in {b"", mark}:
            raise NotTheSame
        begin = number * SEALED_SEGMENT
        if begin + len(segment) + SEAL_OVERHEAD <= self._prior.length:
            return b""
        sealed = seal_segment(self.key, number, segment, last=last)
        return sealed[max(0, self._prior.length - begin) :]


def _mark(fingerprint: bytes, *, last: bool) -> bytes:
    """Tell a segment by content and place: the same bytes as the last one are sealed otherwise."""
    return bytes(255 - byte for byte in fingerprint) if last else fingerprint


class NotTheSame(Exception):
    """A file is not what an earlier upload has begun to seal, so its key must not be used again."""


def seal_all(key: FileKey, plaintext: bytes) -> Iterable[bytes]:
    """Seal a stream that is whole already."""
    numbers = range(max(1, -(-len(plaintext) // SEGMENT)))
    return (
        seal_segment(
            key,
            number,
            plaintext[number * SEGMENT : (number + 1) * SEGMENT],
            last=number == numbers[-1],
        )
        for number in numbers
    )


@attrs.frozen
class SealedFile:
    """A short file, read and sealed in one go; *size* bytes, *expanded* as in a version."""

    key: FileKey
    size: int
    modified: int
    mode: int
    digest: bytes
    segments: list[bytes]
    expanded: int


def seal_short(
    file: ShortFile, prints: Fingerprints, entropy: Entropy, *, compress: bool = False
) -> SealedFile:
    """Seal a short file; compressed, if that is wanted and helps."""
    plaintext = file.plaintext
    key, digest = FileKey.generate(entropy), prints.whole(plaintext)
    expanded = 0
    if compress and plaintext:
        frame = b"".join(compressed(iter((plaintext,))))
        if len(frame) < len(plaintext):
            plaintext, expanded = frame, len(plaintext)
    segments = list(seal_all(key, plaintext))
    return SealedFile(key, len(plaintext), file.modified, file.mode, digest, segments, expanded)

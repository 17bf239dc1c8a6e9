"""Reading back: what is sound passes, each kind of damage is found, and nothing stops the rest."""

from collections import Counter
from pathlib import Path
from random import Random

from anoncloud.client.transfers.reading import sealed_ranges
from anoncloud.client.transfers.uploads import Item
from anoncloud.client.transfers.verifying import (
    SHORT,
    Damage,
    Verifier,
    sample,
    stored_versions,
)
from anoncloud.client.tree import changes
from anoncloud.crypto.packing import Extent
from anoncloud.errors import Code, NotFound, Refused
from anoncloud.ids import ROOT
from anoncloud.limits import MIB, SEALED_SEGMENT, SEGMENT
from anoncloud.wire import messages
from tests.support.client import in_thread
from tests.support.client_keeping import KeepingTestCase, silent
from tests.support.entropy import counting


class VerifyingTestCase(KeepingTestCase):
    """A drive with short and long files, an older version, and something in the trash."""

    def setUp(self) -> None:
        super().setUp()
        drawn = Random(1)
        self.put(short=b"old")
        self.put(short=b"short", empty=b"", long=drawn.randbytes(MIB + 5))
        self.put(other=b"other", gone=b"gone")
        self.put(middle=drawn.randbytes(SHORT + 1))
        self.run_now(self.drive.trash((b"gone",)))
        self.damages: list[Damage] = []

    def verify(self, *path: bytes) -> Verifier:
        """Read everything below *path* back."""
        self.damages.clear()
        verifier = Verifier(self.drive, in_thread, silent, self.damages.append)
        self.run_now(verifier.verify(stored_versions(self.drive.tree, path)))
        return verifier

    def damaged(self) -> set[bytes]:
        return {damage.where.path[-1] for damage in self.damages}

    def extent_of(self, name: str) -> Extent:
        return self.file(name).version.streams[0].extents[0]

    def flip(self, extent: Extent) -> None:
        """Change the first byte of a range at the server."""
        content = bytearray(self.store.blobs[extent.blob])
        content[extent.offset] ^= 1
        self.store.blobs[extent.blob] = bytes(content)


class VerifierTests(VerifyingTestCase):
    """Sound drives and damaged ones."""

    def test_sound(self) -> None:
        """All versions are read, the trash of the root included."""
        verifier = self.verify()
        self.assertEqual((verifier.versions, self.damages), (7, []))
        self.assertEqual(verifier.size, 3 + 5 + 0 + MIB + 5 + 5 + 4 + SHORT + 1)
        self.assertEqual(self.verify(b"short").versions, 2)

    def test_every_segment(self) -> None:
        """A flipped byte is found in whichever segment of a file it is."""
        extents = self.file("long").version.streams[0].extents
        for number in (0, 1, MIB // SEGMENT):
            start = number * SEALED_SEGMENT
            (place,) = sealed_ranges(extents, start, start + 1)
            self.flip(place)
            self.verify()
            self.assertEqual(self.damaged(), {b"long"})
            self.assertIn(f"segment {number} ", self.damages[0].fault)
            self.flip(place)
        self.assertEqual(self.verify().versions, 7)
        self.assertEqual(self.damages, [])

    def test_one_of_many(self) -> None:
        """Of short files side by side just the damaged one is named; so is an empty one."""
        self.flip(self.extent_of("empty"))
        self.verify()
        self.assertEqual(self.damaged(), {b"empty"})

    def test_older_version(self) -> None:
        """Damage to an older version is found, and told apart by its time."""
        old = self.file("short").versions[0]
        self.flip(old.version.streams[0].extents[0])
        self.verify()
        self.assertEqual([damage.where.stored for damage in self.damages], [old.stored])

    def test_trash(self) -> None:
        """Damage in the trash is told as such."""
        (gone,) = self.drive.trashed()
        self.flip(gone.version.streams[0].extents[0])
        self.verify()
        self.assertEqual([damage.where.trashed for damage in self.damages], [True])
        self.assertEqual(self.damages[0].where.path, (b"gone",))

    def test_fingerprints(self) -> None:
        """A damaged list of fingerprints is found, too."""
        self.flip(self.file("long").version.streams[0].fingerprints[0])
        self.verify()
        self.assertEqual(self.damaged(), {b"long"})
        self.assertIn("fingerprints", self.damages[0].fault)

    def test_missing_blob(self) -> None:
        """All that lay in a blob that is gone is named, and the rest is read."""
        del self.store.blobs[self.extent_of("other").blob]
        self.verify()
        self.assertEqual(self.damaged(), {b"other", b"gone"})
        self.assertIn("the server does not give it back", self.damages[0].fault)

    def test_digest(self) -> None:
        """A content that opens but is not what the record says is found."""
        version = self.file("other").version
        for name, digest in ((b"wrong", bytes(16)), (b"right", version.digest)):
            forged = type(version)(1, 0, digest, version.streams)
            operation = changes.PutFile(len(name) + name[0], ROOT, name, forged)
            self.run_now(self.drive.change(lambda draft, it=operation: draft.add(it)))
        self.verify()
        self.assertEqual(self.damaged(), {b"wrong"})

    def test_compressed(self) -> None:
        """Compressed files, short and long, are expanded; damage to them is found as well."""
        self.run_now(self.drive.change(lambda draft: draft.add(changes.SetOptions(compress=True))))
        top = Path(self.mktemp())
        top.mkdir()
        (top / "words").write_bytes(b"words " * 10_000)
        (top / "book").write_bytes(b"a longer story " * 200_000)

        async def upload() -> None:
            uploader = self.uploader()
            for path in top.iterdir():
                await uploader.add(Item(str(path), path.stat(), (path.name.encode(),)))
            await uploader.finish()
            uploader.close()

        self.run_now(upload())
        self.assertTrue(self.file("words").version.expanded)
        self.assertTrue(self.file("book").version.expanded)
        self.verify()
        self.assertEqual(self.damages, [])
        for name in ("words", "book"):
            self.flip(self.extent_of(name))
        self.verify()
        self.assertEqual(self.damaged(), {b"words", b"book"})

    def test_contradiction(self) -> None:
        """A record that contradicts itself damages its file, and no other."""
        version = self.file("other").version
        stream = version.streams[0]
        bad = type(stream)(stream.key, stream.size + 1, stream.extents)
        forged = type(version)(1, 0, version.digest, (bad,))
        operation = changes.PutFile(99, ROOT, b"bad", forged)
        self.run_now(self.drive.change(lambda draft: draft.add(operation)))
        self.verify()
        self.assertEqual(self.damaged(), {b"bad"})

    def test_what_is_no_damage(self) -> None:
        """What says nothing of a file ends the work with its own error."""
        stop = Refused(Code.NOT_LOGGED_IN, "this device was revoked")
        self.peer.faults[messages.ReadBlob] = [stop]
        verifier = Verifier(self.drive, in_thread, silent, self.damages.append)
        wanted = stored_versions(self.drive.tree, ())
        self.assertIs(self.fails(Refused, verifier.verify(wanted)), stop)
        self.assertEqual(self.damages, [])

    def test_no_such_path(self) -> None:
        """A path that is not there is an error, not a drive without files."""
        self.assertRaises(NotFound, list, stored_versions(self.drive.tree, (b"none",)))


class SampleTests(VerifyingTestCase):
    """A part of the versions."""

    def test_share(self) -> None:
        """About so many are taken, and each of them now and then."""
        versions = list(stored_versions(self.drive.tree, ()))
        entropy = counting(b"sample")
        counted: Counter[int] = Counter()
        for _ in range(1000):
            for one in sample(versions, 25, entropy):
                counted[versions.index(one)] += 1
        self.assertEqual(set(counted), set(range(7)))
        for count in counted.values():
            self.assertTrue(200 < count < 300, counted)

    def test_ends(self) -> None:
        """All of them are all of them."""
        versions = list(stored_versions(self.drive.tree, ()))
        self.assertEqual(list(sample(versions, 100, lambda length: b"\xff" * length)), versions)
        self.assertEqual(list(sample(versions, 50, lambda length: b"\xff" * length)), [])

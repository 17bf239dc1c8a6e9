"""Lists of archives: of every kind, from few ranges, and of those made to do harm."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.limits import MIB
from anoncloud.ui import amounts
from anoncloud.ui.looking_effects import How, Look, Stored
from anoncloud.ui.viewing import archives, packed
from anoncloud.ui.viewing.archives import Entry
from anoncloud.ui.viewing.packed import BLOCK, Enough, Missing, Sparse
from tests.support.client_files import noise

PACKERS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "": bytes}


def tar(members, kind=tarfile.PAX_FORMAT):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=kind) as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.mtime = 86_400
            if content is None:
                info.type = tarfile.DIRTYPE
                archive.addfile(info)
            elif isinstance(content, str):
                info.type, info.linkname = tarfile.SYMTYPE, content
                archive.addfile(info)
            else:
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return made.getvalue()


def zipped(members):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 2, 0, 0, 0)), content)
    return made.getvalue()


class ListCase(SynchronousTestCase):
    def listed(self, data):
        """Read the list of *data*; give the entries, what is said, and the ranges that it took."""
        sparse, ranges = Sparse(len(data)), []
        sparse.add(0, data[:BLOCK])
        listed = archives.listing(data[:BLOCK], sparse)
        for _ in range(1000):
            try:
                said = listed.read()
            except Missing as missing:
                self.assertEqual(missing.offset % BLOCK, 0)
                ranges.append((missing.offset, missing.length))
                sparse.add(missing.offset, data[missing.offset :][: missing.length])
            else:
                return listed.entries, said, ranges
        self.fail("it reads for ever")
        return None


class TarTests(ListCase):
    members = (("folder", None), ("folder/file", b"x" * 3000), ("link", "folder"), ("empty", b""))

    def test_every_kind(self):
        expected = [
            Entry(b"folder/", 0, modified=86_400),
            Entry(b"folder/file", 3000, modified=86_400),
            Entry(b"link", 0, modified=86_400, note="-> folder"),
            Entry(b"empty", 0, modified=86_400),
        ]
        for kind in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
            for packing, pack in PACKERS.items():
                entries, said, _ = self.listed(pack(tar(self.members, kind)))
                self.assertEqual((entries, said), (expected, ""), packing)

    def test_contents_are_passed_over(self):
        """Of what lies between two headers nothing is read."""
        data = tar([(f"f{number}", noise(5 * BLOCK)) for number in range(4)])
        entries, said, ranges = self.listed(data)
        self.assertEqual([entry.size for entry in entries], [5 * BLOCK] * 4)
        self.assertEqual(said, "")
        self.assertLess(sum(length for _, length in ranges), 10 * BLOCK)

    def test_across_blocks(self):
        """Long names and headers that lie across blocks, plain and packed."""
        members = [
            (f"{number}/" + "long name/" * 60 + "f", noise(137, number)) for number in range(300)
        ]
        for pack in PACKERS.values():
            entries, said, _ = self.listed(pack(tar(members)))
            self.assertEqual(
                [entry.name.decode() for entry in entries], [name for name, _ in members]
            )
            self.assertEqual(said, "")

    def test_names_are_data(self):
        entries, _, _ = self.listed(tar([("\udcff\x1b[31m\n", b"")], tarfile.GNU_FORMAT))
        self.assertEqual(entries[0].name, b"\xff\x1b[31m\n")
        items = archives.items_of(entries, amounts.utc)
        self.assertEqual(items[0].text, "\\xff\\x1b[31m\\x0a")

    def test_damaged(self):
        """What was listed before the damage stays."""
        data = bytearray(tar([(f"f{number}", noise(BLOCK, number)) for number in range(3)]))
        entries, said, _ = self.listed(bytes(data[: 2 * BLOCK]))
        self.assertEqual(len(entries), 2)
        self.assertIn("damaged", said)
        for pack in (gzip.compress, lzma.compress):
            entries, said, _ = self.listed(pack(bytes(data))[: 2 * BLOCK])
            self.assertIn("damaged", said)
            self.assertTrue(entries)
        broken = bytearray(lzma.compress(bytes(data)))
        broken[-40:] = bytes(40)
        self.assertTrue(self.listed(bytes(broken))[0])

    def test_packed_but_no_tar(self):
        for pack in (gzip.compress, bz2.compress, lzma.compress):
            entries, said, _ = self.listed(pack(noise(5000)))
            self.assertEqual(entries, [])
            self.assertIn("no tar archive", said)
        self.assertIn("no tar archive", self.listed(b"\x1f\x8b\x08" + noise(100))[1])

    def test_several_members(self):
        """What several runs of gzip have made is one file."""
        data = tar(self.members)
        entries, _, _ = self.listed(gzip.compress(data[:700]) + gzip.compress(data[700:]))
        self.assertEqual(len(entries), 4)

    def test_bomb(self):
        """What expands to gigabytes is given up early."""
        self.patch(packed, "MOST_EXPANDED", 4 * MIB)
        data = tar([("first", b""), ("bomb", bytes(16 * MIB)), ("last", b"")])
        entries, said, _ = self.listed(gzip.compress(data))
        self.assertEqual([entry.name for entry in entries], [b"first", b"bomb"])
        self.assertIn("only its beginning", said)

    def test_endless_header(self):
        """A header that claims to be gigabytes long is not read, packed or not."""
        info = tarfile.TarInfo("././@LongLink")
        info.type, info.size = tarfile.GNUTYPE_LONGNAME, 6 * 1024 * MIB
        data = info.tobuf(tarfile.GNU_FORMAT) + bytes(1024)
        for pack in PACKERS.values():
            entries, said, _ = self.listed(pack(data))
            self.assertEqual(entries, [])
            self.assertTrue(said)
        sparse = Sparse(10 * 1024 * MIB)
        sparse.add(0, data)
        self.assertRaises(Enough, sparse.read, 9 * 1024 * MIB)

    def test_too_much_to_read(self):
        self.patch(packed, "MOST_READ", 4 * BLOCK)
        data = tar([(f"f{number}", noise(BLOCK)) for number in range(20)])
        entries, said, ranges = self.listed(data)
        self.assertLessEqual(sum(length for _, length in ranges), 4 * BLOCK)
        self.assertTrue(0 < len(entries) < 20)
        self.assertIn("beginning", said)

    def test_too_many(self):
        self.patch(archives, "MOST_ENTRIES", 3)
        entries, said, _ = self.listed(tar([(str(number), b"") for number in range(9)]))
        self.assertEqual(len(entries), 3)
        self.assertIn("the first 3", said)


class ZipTests(ListCase):
    def test_listed(self):
        data = zipped([("a/", b""), ("a/file", b"content"), ("grün", b"")])
        entries, said, _ = self.listed(data)
        self.assertEqual(
            [(entry.name, entry.size, entry.packed) for entry in entries],
            [(b"a/", 0, 0), (b"a/file", 7, 7), ("grün".encode(), 0, 0)],
        )
        self.assertEqual(entries[1].modified, 315_619_200)
        self.assertEqual(said, "")

    def test_only_the_directory(self):
        """Of an archive of megabytes only its end is read."""
        data = zipped([(f"f{number}", noise(20 * BLOCK)) for number in range(3)])
        entries, _, ranges = self.listed(data)
        self.assertEqual(len(entries), 3)
        self.assertLessEqual(sum(length for _, length in ranges), 2 * BLOCK)

    def test_a_long_directory(self):
        names = [f"{number:05}" + "x" * 60 for number in range(3000)]
        entries, _, ranges = self.listed(zipped([(name, b"") for name in names]))
        self.assertEqual([entry.name.decode() for entry in entries], names)
        self.assertGreater(len(ranges), 1)

    def test_damaged(self):
        data = zipped([("f", noise(200))])
        for broken in (data[:-30], data[:100], b"PK\x03\x04", data + noise(70_000)):
            entries, said, _ = self.listed(broken)
            self.assertEqual(entries, [])
            self.assertIn("damaged", said)

    def test_without_a_time(self):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            archive.writestr(zipfile.ZipInfo("f"), b"")
        self.assertEqual(self.listed(made.getvalue())[0][0].modified, 0)

    def test_too_long(self):
        self.patch(packed, "MOST_READ", 2 * BLOCK)
        data = zipped([("x" * 200 + str(number), b"") for number in range(3000)])
        self.assertIn("too long", self.listed(data)[1])


class ContentsTests(SynchronousTestCase):
    def test_table(self):
        subject = Stored(bytes(8), 1, b"a.tar", 5)
        entries = [Entry(b"d/", 0), Entry(b"f", 2048, 99, 86_400, "encrypted")]
        items = archives.items_of(entries, amounts.utc)
        table = archives.contents(1, "a.tar", subject).with_items(items)
        self.assertEqual(items[1].cells, ("99", "1970-01-02 00:00", "2.0K"))
        self.assertEqual(items[1].text, "f encrypted")
        self.assertEqual(table.press("x").effects, (Look(subject, How.HEX),))
        self.assertEqual(archives.note(entries, ""), "2 entries of 2.0 KiB")
        self.assertEqual(archives.note([], "it is damaged"), "0 entries of 0 B; it is damaged")

"""Two commands on two machines: one shows a code, the other one is told it, and is in."""

import json
import os
import re

from anoncloud.client.pairing_words import EVEN
from tests.support.processes import Running, Server, SystemTestCase
from tests.support.screens import OnTerminal

CODE = r"\d+-[a-z]+-[a-z]+-[a-z]+-[a-z]+"


class PairingTests(SystemTestCase):
    """Ada's laptop and a phone."""

    def setUp(self) -> None:
        super().setUp()
        self.house: Server = self.server()
        self.laptop = self.ada(self.house)
        self.phone = self.device("phone")

    def pair(self) -> tuple[Running, int, dict[str, object]]:
        """Let the laptop show a code; give it, where its words come from, and the first ones."""
        read, write = os.pipe()
        self.addCleanup(os.close, read)
        running = self.laptop.start("--json", "pair", "-y", out=write)
        os.close(write)
        return running, read, json.loads(os.read(read, 4096))

    def come(self, code: object, *options: str) -> Running:
        """Let the phone log in by *code*."""
        address = self.house.address
        name = ("--device-name", "phone")
        return self.phone.start(
            "login", "--from-device", address, *name, *options, feed=f"{code}\n".encode()
        )

    def test_two_processes(self) -> None:
        """The phone is in, uses the drive, and can be revoked as any device."""
        self.laptop.do("put", self.file("f", b"content"), "/f")
        running, read, shown = self.pair()
        self.assertEqual((shown["address"], shown["seconds"]), (self.house.address, 600))
        self.assertRegex(str(shown["code"]), f"^{CODE}$")
        done = self.come(shown["code"]).wait()
        self.assertEqual(done.code, 0, done.err)
        self.assertEqual(done.out, b"Logged in as ada.\n")
        ended = running.wait()
        self.assertEqual(ended.code, 0, ended.err)
        self.assertEqual(json.loads(os.read(read, 4096)), {"device": "phone"})
        self.assertEqual(self.phone.do("cat", "/f").out, b"content")
        self.phone.do("mkdir", "/by the phone")
        self.assertIn(b"by the phone/", self.laptop.do("ls").out)
        names = [one["name"] for one in self.laptop.do("--json", "devices").value]
        self.assertIn("phone", names)
        self.assertEqual(len(names), 2)
        self.assertEqual(self.come(shown["code"]).wait().code, 4)  # it is logged in already
        self.laptop.do("devices", "revoke", "phone")
        self.assertEqual(self.phone.run("ls").code, 7)

    def test_on_a_terminal(self) -> None:
        """A person reads the code, types it on the other device, and says yes on the first."""
        old = OnTerminal(self.laptop, "pair", width=160)
        old.until("Waiting for the device")
        (command,) = (line for line in old.screen.shown() if "--from-device" in line)
        self.assertEqual(
            command.split(), ["anoncloud", "login", "--from-device", self.house.address]
        )
        (code,) = re.findall(CODE, "\n".join(old.screen.shown()))
        options = ("--device-name", "pho\x1bne")
        new = OnTerminal(self.phone, *command.split()[1:], *options, width=160)
        new.until_asked("Pairing code: ")
        new.press(code.upper().replace("-", " ").encode() + b"\n")
        old.until_asked("let the device 'pho\\x1bne' use the drive? [y/N] ")
        old.press(b"y\n")
        self.assertEqual((old.end(), new.end()), (0, 0))
        self.assertIn("Logged in as ada.", new.screen.shown()[-1])
        self.assertIn("is logged in", old.screen.shown()[-1])
        self.phone.do("ls")

    def test_no(self) -> None:
        """A no lets nobody in, and both are told."""
        old = OnTerminal(self.laptop, "pair", width=160)
        old.until("Waiting for the device")
        (code,) = re.findall(CODE, "\n".join(old.screen.shown()))
        new = self.come(code)
        old.until_asked("[y/N] ")
        old.press(b"n\n")
        self.assertEqual(old.end(), 130)
        done = new.wait()
        self.assertEqual((done.code, done.err.count("\n")), (6, 1), done.err)
        self.assertEqual(self.phone.run("ls").code, 7)
        self.assertEqual(len(self.laptop.do("--json", "devices").value), 1)

    def test_wrong_code(self) -> None:
        """A word that can't be right spends nothing; one that is wrong spends the code."""
        running, _, shown = self.pair()
        slot, first, *rest = str(shown["code"]).split("-")
        done = self.come("-".join([slot, "nonsense", *rest])).wait()
        self.assertEqual(done.code, 2, done.err)
        self.assertIn("still good", done.err)
        wrong = EVEN[(EVEN.index(first) + 1) % 256]
        self.assertEqual(self.come("-".join([slot, wrong, *rest])).wait().code, 6)
        ended = running.wait()
        self.assertEqual(ended.code, 11, ended.err)
        self.assertIn("pair: somebody used the pairing code", ended.err)
        self.assertEqual(self.come(shown["code"]).wait().code, 8)
        self.assertEqual(self.phone.run("ls").code, 7)

    def test_refused(self) -> None:
        """What can't be meant is refused before anybody is asked."""
        done = self.laptop.run("pair")
        self.assertEqual(done.code, 2, done.err)
        self.assertIn("-y", done.err)
        self.assertEqual(self.phone.run("pair", "-y").code, 7)
        done = self.come("1-a-b-c-d", "--kit", "kit").wait()
        self.assertEqual(done.code, 2, done.err)
        nobody = self.phone.run("login", "--from-device", self.house.address)
        self.assertEqual(nobody.code, 2, nobody.err)
        self.assertEqual(self.phone.run("login", "--from-device", "box.example").code, 2)

    def test_revoked_while_it_waits(self) -> None:
        """A device that is revoked while its code stands lets nobody in."""
        tablet = self.device("tablet")
        self.assertEqual(tablet.log_in(self.folder / "kit").code, 0)
        running, _, shown = self.pair()
        (mine,) = (one for one in self.laptop.do("--json", "devices").value if one["this"])
        tablet.do("devices", "revoke", mine["key"][:12])
        self.assertIn(running.wait().code, {6, 7})
        self.assertEqual(self.come(shown["code"]).wait().code, 8)
        self.assertEqual(len(tablet.do("--json", "devices").value), 1)

    def test_interrupted(self) -> None:
        """Ctrl-C ends the wait, and the code with it."""
        old = OnTerminal(self.laptop, "pair", width=160)
        old.until("Waiting for the device")
        (code,) = re.findall(CODE, "\n".join(old.screen.shown()))
        old.press(b"\x03")
        self.assertEqual(old.end(), 130)
        self.assertEqual(self.come(code).wait().code, 8)

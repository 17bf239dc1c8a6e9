"""To make an account: on a terminal, where a person is asked; and by programs, where nobody is."""

import re
import time

from anoncloud.client.kit import parse_kit
from anoncloud.client.recovery import parse_recovery
from tests.support.processes import FLOOR, PASSPHRASE, Done, Server, SystemTestCase
from tests.support.qr import from_half_blocks, read, without_quiet_zone
from tests.support.screens import OnTerminal

ASKED = "Last 8 characters of the kit, to see that you have it: "
INTERRUPTED = 130
REFUSED = 8
WRONG = 2


class RegisterTestCase(SystemTestCase):
    """A server, and people on terminals."""

    def setUp(self) -> None:
        super().setUp()
        self.box: Server = self.server()

    def at_terminal(self, name: str, *options: object, width: int = 70, **env: str) -> OnTerminal:
        """Begin to register on a terminal."""
        words = ("register", self.box.address, name, *FLOOR, *options)
        return OnTerminal(self.device(name), *words, width=width, **env)

    def choose(self, terminal: OnTerminal, passphrase: str = PASSPHRASE) -> None:
        """Type a passphrase twice."""
        for question in ("Passphrase: ", "Passphrase once more: "):
            terminal.until_asked(question)
            terminal.press(passphrase.encode() + b"\n")

    def shown_kit(self, terminal: OnTerminal) -> str:
        """Give the kit that is on the screen."""
        terminal.until_asked(ASKED)
        (kit,) = (line for line in terminal.screen.shown() if line.startswith("anoncloud-kit-1-"))
        return kit

    def run_without(self, name: str, *options: object, **how: str) -> Done:
        """Register without a terminal."""
        return self.device(name).run("register", self.box.address, name, *FLOOR, *options, **how)

    def is_free(self, name: str) -> None:
        """See that nobody has registered *name*."""
        done = self.run_without(name, "--no-stay", ANONCLOUD_PASSPHRASE=PASSPHRASE)
        self.assertEqual(done.code, 0, done.err)


class TerminalTests(RegisterTestCase):
    """A person at a terminal."""

    def test_story(self) -> None:
        """Advice on a weak passphrase, a slip, the kit with its code, its end; then the account."""
        terminal = self.at_terminal("ada")
        terminal.until_asked("Passphrase: ")
        terminal.press(b"password1\n")
        terminal.until("very common password; add another word or two")
        terminal.until_asked("Passphrase: ")
        terminal.press(PASSPHRASE.encode() + b"\n")
        terminal.until_asked("Passphrase once more: ")
        terminal.press(PASSPHRASE.encode() + b"s\n")
        terminal.until("that was another one; type both anew")
        self.choose(terminal)
        kit = self.shown_kit(terminal)
        drawn = re.findall("\x1b\\[30;47m[^\r\n]*", terminal.screen.getvalue())
        code = read(without_quiet_zone(from_half_blocks(drawn), 4))
        self.assertEqual(parse_kit(code).line(), kit)
        terminal.press(b"aaaabbbb\n")
        terminal.until("that is not how the kit ends")
        terminal.until_asked(ASKED)
        terminal.press(kit[-8:].upper().encode() + b"\n")
        self.assertEqual(terminal.end(), 0, terminal.screen.shown())
        self.assertEqual(terminal.screen.shown()[-1], "anoncloud: account ada is made")
        for typed in ("password1", PASSPHRASE):
            self.assertNotIn(typed, terminal.screen.getvalue())
        self.assertEqual(self.device("ada").do("ls").out, b"")
        done = self.device("other").log_in(self.file("kit", kit.encode()))
        self.assertEqual(done.code, 0, done.err)

    def test_recovery(self) -> None:
        """A recovery key is shown and asked back too, and is set before the command ends."""
        terminal = self.at_terminal("ada", "--recovery", width=90)
        self.choose(terminal)
        terminal.press(self.shown_kit(terminal)[-8:].encode() + b"\n")
        terminal.until_asked(ASKED.replace("kit", "recovery key"))
        lines = terminal.screen.shown()
        (line,) = (line for line in lines if line.startswith("anoncloud-recovery-1-"))
        self.assertEqual(parse_recovery(line).account, "ada")
        terminal.press(line[-8:].encode() + b"\n")
        self.assertEqual(terminal.end(), 0, terminal.screen.shown())

    def test_kit_not_kept(self) -> None:
        """Who can't tell the kit's end has not kept it: after three tries no account is made."""
        terminal = self.at_terminal("ada")
        self.choose(terminal)
        self.shown_kit(terminal)
        for _ in range(3):
            terminal.press(b"whatever\n")
        self.assertEqual(terminal.end(), WRONG)
        said = " ".join(terminal.screen.shown()[-2:])
        self.assertIn("it was not given, and nothing was made", said)
        self.is_free("ada")

    def test_given_up(self) -> None:
        """Ctrl-C at any question ends the command at once, and no account is made."""
        for question in ("Passphrase: ", "Passphrase once more: ", ASKED):
            terminal = self.at_terminal("ada")
            if question == ASKED:
                self.choose(terminal)
            elif question != "Passphrase: ":
                terminal.until_asked("Passphrase: ")
                terminal.press(PASSPHRASE.encode() + b"\n")
            terminal.until_asked(question)
            time.sleep(0.1)  # it shows a moment before it is waited behind
            terminal.press(b"\x03")
            self.assertEqual(terminal.end(), INTERRUPTED, terminal.screen.shown())
            self.assertEqual(terminal.screen.shown()[-1], "anoncloud: given up")
        self.is_free("ada")

    def test_server_goes_meanwhile(self) -> None:
        """While a person thinks the server may go, and come back: nothing waits for them."""
        terminal = self.at_terminal("ada")
        self.choose(terminal)
        kit = self.shown_kit(terminal)
        self.box.stop()
        terminal.press(kit[-8:].encode() + b"\n")
        self.assertEqual(terminal.end(), 6, terminal.screen.shown())
        self.assertIn("is not known: keep the kit", " ".join(terminal.screen.shown()))
        self.box.start()
        self.is_free("ada")

    def test_plain_terminal(self) -> None:
        """Where half blocks can't be written, or there is no room, the line is shown alone."""
        for name, width, env in (
            ("ada", 80, {"PYTHONIOENCODING": "ascii"}),
            ("bob", 40, {}),
        ):
            terminal = self.at_terminal(name, width=width, **env)
            self.choose(terminal)
            kit = self.shown_kit(terminal)
            self.assertNotIn("\x1b[", terminal.screen.getvalue())
            terminal.press(kit[-8:].encode() + b"\n")
            self.assertEqual(terminal.end(), 0, terminal.screen.shown())

    def test_file(self) -> None:
        """A kit that goes into a file is neither shown nor asked back."""
        terminal = self.at_terminal("ada", "--kit", self.folder / "kit")
        self.choose(terminal)
        self.assertEqual(terminal.end(), 0, terminal.screen.shown())
        self.assertNotIn("anoncloud-kit-1-", terminal.screen.getvalue())
        self.assertEqual(parse_kit((self.folder / "kit").read_text()).account, "ada")


class ProgramTests(RegisterTestCase):
    """Programs, which nobody can ask."""

    def test_passphrases(self) -> None:
        """The passphrase comes from the environment, a file or a command; weak ones nowhere."""
        weak = self.file("weak", b"password123\n")
        good = self.file("good", PASSPHRASE.encode() + b"\n")
        for number, (options, changes, code) in enumerate(
            (
                ((), {"ANONCLOUD_PASSPHRASE": PASSPHRASE}, 0),
                (("--passphrase-file", good), {}, 0),
                (("--passphrase-command", f"cat '{good}'"), {}, 0),
                ((), {"ANONCLOUD_PASSPHRASE": "password123"}, WRONG),
                (("--passphrase-file", weak), {}, WRONG),
                (("--passphrase-command", f"cat '{weak}'"), {}, WRONG),
                ((), {}, WRONG),
            )
        ):
            name, kit = f"ada{number}", self.folder / f"kit{number}"
            done = self.run_without(name, "--kit", kit, *options, **changes)
            self.assertEqual(done.code, code, done.err)
            self.assertEqual(kit.exists(), not code)
            self.assertNotIn("password123", done.err)

    def test_least_score(self) -> None:
        """The server's owner may ask for more, and not for less."""
        for score, passphrase, code in (
            ("4", "correct horse", WRONG),
            ("4", PASSPHRASE, 0),
            ("0", "password1", WRONG),
            ("0", "correct horse", 0),
        ):
            box = self.server("--least-passphrase-score", score, name=f"box {score} {code}")
            done = self.device(f"{score} {code}").run(
                *("register", box.address, "ada", *FLOOR), ANONCLOUD_PASSPHRASE=passphrase
            )
            self.assertEqual(done.code, code, done.err)

    def test_terms(self) -> None:
        """By an address alone, or where nobody may, it is refused before any passphrase."""
        for registration, said in (("invitation", "invitation link"), ("closed", "ask its owner")):
            box = self.server("--registration", registration, name=registration)
            done = self.device("ada").run("register", box.address, "ada", *FLOOR)
            self.assertEqual(done.code, REFUSED, done.err)
            self.assertIn(said, done.err)

    def test_invitations(self) -> None:
        """An invitation lets one person in; one that was withdrawn nobody."""
        box = self.server("--registration", "invitation", name="club")
        links = [box.admin("invite") for _ in range(2)]
        listed = box.admin("invitations").splitlines()[1:]
        self.assertEqual(sum("open until" in line for line in listed), 3)  # the first one too
        box.admin("uninvite", links[1])
        for name, link, code in (("ada", links[0], 0), ("bob", links[0], 8), ("eve", links[1], 8)):
            kit = self.folder / f"{name}'s kit"
            done = self.device(name).run(
                *("register", link, name, "--kit", kit, *FLOOR), ANONCLOUD_PASSPHRASE=PASSPHRASE
            )
            self.assertEqual(done.code, code, done.err)
            self.assertEqual(kit.exists(), not code)
        listed = box.admin("invitations").splitlines()[1:]
        self.assertEqual(sum("used since" in line for line in listed), 1)
        self.assertEqual(len(listed), 2)

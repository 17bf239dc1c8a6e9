"""A server whose owner changes its key: devices, kits and invitations go on, without a question."""

from tests.support.processes import PASSPHRASE, Device, Server, SystemTestCase


class ServerKeyTests(SystemTestCase):
    """A server with one user, who has two devices and a kit."""

    def setUp(self) -> None:
        super().setUp()
        self.house: Server = self.server()
        self.kit = self.folder / "kit"
        self.user: Device = self.ada(self.house)
        self.away = self.device("away")
        self.assertEqual(self.away.log_in(self.kit).code, 0)
        self.old = self.house.address

    def restart(self, *command: str) -> str:
        """Run the owner's command, and start the server anew; give what the command printed."""
        said = self.house.admin(*command)
        self.house.stop()
        self.house.start()
        return said

    def known(self, device: Device) -> str:
        """Give what a device has written down of its account."""
        return (device.state / "account.json").read_text()

    def test_changed(self) -> None:
        """Devices take the new key; the old kit and an old invitation still get in."""
        invitation = self.house.admin("invite")
        said = self.restart("change-key")
        self.assertNotEqual(self.house.address, self.old)
        self.assertIn(self.house.address, said)
        self.assertEqual(self.user.do("ls").out, b"")
        self.assertIn(self.house.address, self.known(self.user))
        self.assertNotIn(self.old, self.known(self.user))
        done = self.device("new").log_in(self.kit)
        self.assertEqual((done.code, done.err), (0, ""))
        self.assertIn(self.house.address, self.known(self.device("new")))
        self.device("bob").register(invitation, "bob", self.folder / "bob's kit")
        self.user.do("mkdir", "/d")
        self.assertEqual(self.away.do("ls").out, b"d/\n")

    def test_retired(self) -> None:
        """Whoever has been there goes on; a device that was away and a kit need the address."""
        self.restart("change-key")
        self.user.do("ls")
        self.restart("change-key", "--retire")
        self.user.do("mkdir", "/d")
        done = self.away.run("ls")
        self.assertEqual(done.code, 10, done.err)
        self.assertEqual(self.device("new").log_in(self.kit).code, 10)
        self.away.do("logout", "--force")
        words = ("login", "--kit", self.kit, "--server", self.house.address)
        self.away.do(*words, ANONCLOUD_PASSPHRASE=PASSPHRASE)
        self.assertEqual(self.away.do("ls").out, b"d/\n")

    def test_another_server_by_that_name(self) -> None:
        """An address that does not follow the kit's is refused, whoever gives it out."""
        other = self.server(name="other")
        words = ("login", "--kit", self.kit, "--server", other.address)
        done = self.device("new").run(*words, ANONCLOUD_PASSPHRASE=PASSPHRASE)
        self.assertNotEqual(done.code, 0)
        self.assertEqual(self.known(self.user).count(self.house.address), 1)

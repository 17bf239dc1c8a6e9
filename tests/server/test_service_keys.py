"""A server whose owner has changed its key: what it takes from its state folder, and says."""

from anoncloud.server.identity import address, change_key, retire
from tests.server.test_service import ServiceTestCase
from tests.support.entropy import counting


class ChangedKeyTests(ServiceTestCase):
    """The start after a change."""

    async def test_next_start(self) -> None:
        """It lets in by both keys, has its statements, and names the new key in its address."""
        service = self.make()
        await self.start(service, 2)
        changed = change_key(self.state, counting(b"new"))
        before = service._parts.identity
        front = service._serving.factory._front
        self.assertEqual(front.keys, before.agreement_keys())  # not at once
        await self.stop(service)
        service = self.make()
        await self.start(service, 1)
        front, house = service._serving.factory._front, service._parts.house
        both = (changed.public, before.public)
        self.assertEqual(tuple(key.public for key in front.keys), both)
        self.assertEqual(house.statements, changed.statements)
        self.assertEqual(len(house.statements), 1)
        expected = address("cloud.example", 1234, changed.public)
        self.assertEqual((self.state / "address").read_text(), expected + "\n")
        self.assertEqual(self.said, [f"AnonymousCloud is at {expected}"])
        await self.stop(service)

    async def test_retired(self) -> None:
        """After the older keys are ended it lets in by one, and still has its statements."""
        service = self.make()
        await self.start(service, 2)
        await self.stop(service)
        change_key(self.state, counting(b"new"))
        retired = retire(self.state)
        service = self.make()
        await self.start(service, 1)
        self.assertEqual(service._serving.factory._front.keys, retired.agreement_keys())
        self.assertEqual(service._parts.house.statements, retired.statements)
        await self.stop(service)

"""What a listener and its zygote say to each other, and settings on their way."""

from pathlib import Path

import attrs
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.server.conditions import Registration
from anoncloud.server.modes import ProcessMode, Wish
from anoncloud.server.processes.orders import (
    Birth,
    Born,
    Died,
    line,
    pack_settings,
    read_birth,
    read_notice,
    unpack_settings,
)
from anoncloud.server.settings import Settings
from tests.server.test_settings import GOOD


class OrderTests(SynchronousTestCase):
    """Lines."""

    def test_round_trip(self) -> None:
        """What is said is read, each in one line."""
        birth = Birth(number=3, settings=b"\n\x00", holder=b"h\n", salt=b"s", once=True)
        self.assertEqual(read_birth(line(birth)), birth)
        for notice in (Born(3, 99), Died(3, "by SIGSEGV"), Died(4, "")):
            self.assertEqual(read_notice(line(notice)), notice)
        for said in (birth, Born(3, 99), Died(3, "a\nb")):
            self.assertEqual(line(said).count(b"\n"), 1)

    def test_settings(self) -> None:
        """Every setting arrives, with its type."""
        plain = Settings(state_dir=Path("/srv/cloud"))
        changed = {name: read for name, (_, read) in GOOD.items()}
        for settings in (plain, attrs.evolve(plain, **changed)):
            read = unpack_settings(pack_settings(settings))
            self.assertEqual(read, settings)
            for field in attrs.fields(Settings):
                kinds = [type(getattr(one, field.name)) for one in (read, settings)]
                self.assertIs(kinds[0], kinds[1], field.name)
        kinds = [type(one) for one in (plain.registration, plain.process_mode, plain.sandbox)]
        self.assertEqual(kinds, [Registration, ProcessMode, Wish])

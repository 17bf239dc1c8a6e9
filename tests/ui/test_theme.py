"""Looks of roles: every role has one, on every ground, and the important ones without colours."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui.cells import Style
from anoncloud.ui.theme import DEFAULT, Depth, depth_of, light_by, light_in, rgb, theme

ALWAYS_SEEN = (Style.CURSOR, Style.CURSOR_AWAY, Style.MARKED, Style.CHOSEN, Style.ALARM,
               Style.ERROR, Style.CURSOR_MARKED, Style.FIELD)  # fmt: skip


class ThemeTests(SynchronousTestCase):
    def test_every_role(self):
        for depth in Depth:
            for light in (False, True):
                self.assertEqual(set(theme(depth, light=light)), set(Style))

    def test_colours_are_there(self):
        """No theme names a colour that its terminal has not."""
        for depth in Depth:
            for light in (False, True):
                for look in theme(depth, light=light).values():
                    most = 8 if depth is Depth.SIXTEEN else max(1, depth.value)
                    self.assertTrue(DEFAULT <= look.text < most, (depth, look))
                    self.assertTrue(DEFAULT <= look.ground < most, (depth, look))

    def test_seen_without_colours(self):
        looks = theme(Depth.NONE, light=False)
        for style in ALWAYS_SEEN:
            self.assertNotEqual(looks[style], looks[Style.PLAIN], style)
        self.assertNotEqual(looks[Style.CURSOR], looks[Style.CURSOR_MARKED])

    def test_true_colours(self):
        self.assertEqual([rgb(number) for number in (DEFAULT, 7, 16, 25, 231, 232, 255)],
                         [DEFAULT, 7, 0, 0x005FAF, 0xFFFFFF, 0x080808, 0xEEEEEE])  # fmt: skip


class ChoiceTests(SynchronousTestCase):
    def test_depth(self):
        for colours, depth in ((0, Depth.NONE), (2, Depth.NONE), (8, Depth.SIXTEEN),
                               (16, Depth.SIXTEEN), (88, Depth.SIXTEEN), (256, Depth.MANY),
                               (1 << 24, Depth.TRUE)):  # fmt: skip
            self.assertIs(depth_of(colours, {}), depth)
            self.assertIs(depth_of(colours, {"NO_COLOR": "1"}), Depth.NONE)
            self.assertIs(depth_of(colours, {"NO_COLOR": ""}), depth)

    def test_ground_by_environment(self):
        for environ, light in (
            ({}, None),
            ({"ANONCLOUD_THEME": "light"}, True),
            ({"ANONCLOUD_THEME": "Dark", "COLORFGBG": "0;15"}, False),
            ({"ANONCLOUD_THEME": "pink"}, None),
            ({"COLORFGBG": "0;15"}, True),
            ({"COLORFGBG": "15;default;0"}, False),
            ({"COLORFGBG": "0;default"}, None),
        ):
            self.assertIs(light_by(environ), light, environ)

    def test_ground_by_answer(self):
        for reply, light in (
            ("reply:]11;rgb:ffff/ffff/ffff\x07", True),
            ("reply:]11;rgb:1e1e/1e1e/2e2e\x1b\\", False),
            ("reply:]11;rgb:f/f/0", True),
            ("reply:]11;rgba:0000/0000/ffff/ffff", False),
            ("reply:]11;blue", None),
            ("reply:[?69;2$y", None),
        ):
            self.assertIs(light_in(reply), light, reply)

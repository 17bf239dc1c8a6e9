"""Every refusal of the server says what to do."""

from twisted.trial.unittest import SynchronousTestCase

from tests.support.hints import hintless, refusals
from tests.support.sources import modules, program, within


class HintTests(SynchronousTestCase):
    """The server's sources, and made-up ones."""

    def test_every_refusal(self) -> None:
        """No refusal anywhere in the server can have an empty hint."""
        server = [found for found in program() if within(found.name, "anoncloud.server")]
        self.assertEqual([place for found in server for place in hintless(found)], [])
        self.assertGreater(sum(map(refusals, server)), 40)

    def check(self, body: str, *, good: bool) -> None:
        """See whether a function with this *body* is found at fault."""
        source = "\n".join(["def f(x):", *(f"    {line}" for line in body.split("\n"))])
        for text in (source, f"class A:\n    async {source.replace(chr(10), chr(10) + '    ')}"):
            (found,) = modules({"anoncloud.server.x": text})
            self.assertEqual(refusals(found), 1, text)
            self.assertEqual(len(list(hintless(found))), 0 if good else 1, text)

    def test_said(self) -> None:
        """Text that is there whatever happens does, wherever it comes from."""
        for body in (
            'raise Refused(Code.X, "no", "wait")',
            'return errors.Refused(Code.X, "no", hint="wait")',
            'raise Refused(Code.X, "no", f"wait {x} s")',
            'raise Refused(Code.X, "no", "wait" if x else "do not")',
            'hint = "wait"\nif x:\n    hint = f"wait {x}"\nraise Refused(Code.X, "no", hint)',
            'message, hint = "no", "wait"\nraise Refused(Code.X, message, hint)',
            'hint = g(x)\nif hint:\n    raise Refused(Code.X, "no", hint)',
        ):
            self.check(body, good=True)

    def test_not_said(self) -> None:
        """A hint that is missing, empty, or unknown is found."""
        for body in (
            'raise Refused(Code.X, "no")',
            'raise Refused(Code.X, "no", "")',
            'raise Refused(Code.X, "no", hint=" ")',
            'raise Refused(Code.X, "no", f"{x}")',
            'raise Refused(Code.X, "no", "wait" if x else "")',
            'raise Refused(Code.X, "no", x)',
            'raise Refused(Code.X, "no", x.hint)',
            'hint = ""\nif x:\n    hint = "wait"\nraise Refused(Code.X, "no", hint)',
            'message, hint = "no", ""\nraise Refused(Code.X, message, hint)',
            'hint = g(x)\nif not hint:\n    raise Refused(Code.X, "no", hint)',
            'hint = g(x)\nif hint:\n    x()\nraise Refused(Code.X, "no", hint)',
        ):
            self.check(body, good=False)

"""The words of commands: results, remarks and errors, as text and as JSON, on streams that fail."""

import errno
import io
import itertools
import json
import os
import sys

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.cli.output import (
    INTERRUPTED,
    NOBODY_READS,
    NobodyReads,
    Output,
    judge,
    size_text,
    time_text,
)
from anoncloud.errors import (
    Code,
    LocalFileError,
    Misuse,
    NotFound,
    Refused,
    Tampered,
    UsageError,
)
from tests.support.documents import section_rows


class Stream(io.TextIOWrapper):
    """A text stream in memory; *terminal* says whether it is one, *fault* fails every write."""

    def __init__(
        self, encoding: str = "utf-8", *, terminal: bool = False, fault: int | None = None
    ) -> None:
        super().__init__(io.BytesIO(), encoding, write_through=True)
        self.terminal, self.fault = terminal, fault

    def isatty(self) -> bool:
        return self.terminal

    def write(self, text: str) -> int:
        if self.fault is not None:
            raise OSError(self.fault, os.strerror(self.fault))
        return super().write(text)

    @property
    def said(self) -> str:
        return self.buffer.getvalue().decode(self.encoding)


class OutputTests(SynchronousTestCase):
    """Where words go."""

    def make(self, *, as_json: bool = False, quiet: bool = False, **streams: object) -> Output:
        """Make an output on streams in memory."""
        self.out, self.err = Stream(), Stream()
        return Output(
            as_json, quiet, **{"out": self.out, "err": self.err, "doing": "ls", **streams}
        )

    def test_result(self) -> None:
        """A result is its lines for people, and one line of JSON for programs."""
        self.make().result({"a": "é"}, ["one", "two"])
        self.assertEqual(self.out.said, "one\ntwo\n")
        self.make(as_json=True).result({"b": 1, "a": "é"}, ["one", "two"])
        self.assertEqual(self.out.said, '{"a": "é", "b": 1}\n')
        self.assertEqual(self.err.said, "")

    def test_json_in_any_encoding(self) -> None:
        """Where the encoding has not every letter, JSON is written in ASCII."""
        plain = Stream("latin-1")
        self.make(as_json=True, out=plain).result({"a": "é好"}, [])
        self.assertEqual(plain.said, '{"a": "\\u00e9\\u597d"}\n')

    def test_bytes(self) -> None:
        """A result may be bytes."""
        self.make().raw(b"a\0\xff")
        self.assertEqual(self.out.buffer.getvalue(), b"a\0\xff")

    def test_remarks(self) -> None:
        """A remark goes to standard error, as JSON if that is asked for; not if quiet."""
        self.make().note("a remark")
        self.assertEqual(self.err.said, "anoncloud: a remark\n")
        self.make(as_json=True).note("a remark")
        self.assertEqual(json.loads(self.err.said), {"note": "a remark"})
        self.make(quiet=True).note("a remark")
        self.assertEqual(self.err.said, "")
        self.assertEqual(self.out.said, "")

    def test_reply(self) -> None:
        """What is said to whoever is being asked is said even if quiet."""
        self.make(quiet=True).reply("another one")
        self.assertEqual(self.err.said, "anoncloud: another one\n")

    def test_conversation(self) -> None:
        """A person who reads and can be asked sits at three terminals, and wants no JSON."""
        for stdin, out, err, as_json in itertools.product((True, False), repeat=4):
            self.patch(sys, "stdin", Stream(terminal=stdin))
            streams = {"out": Stream(terminal=out), "err": Stream(terminal=err)}
            output = self.make(as_json=as_json, **streams)
            talks = stdin and out and err and not as_json
            self.assertEqual(output.is_conversation, talks, (stdin, out, err, as_json))
        self.patch(sys, "stdin", Stream(terminal=True))
        self.assertFalse(self.make(out=None, err=Stream(terminal=True)).is_conversation)

    def test_error(self) -> None:
        """An error is one line: what was being done, what is wrong, what to do; even if quiet."""
        self.make(quiet=True).error(UsageError("reading x: it is y", "do z"))
        self.assertEqual(self.err.said, "anoncloud: reading x: it is y; do z\n")
        self.make().error(UsageError("it is y", "do z"))
        self.assertEqual(self.err.said, "anoncloud: ls: it is y; do z\n")

    def test_error_as_json(self) -> None:
        """With --json an error is one object on standard error."""
        output = self.make(as_json=True)
        for error, code, exit_code in (
            (NotFound("opening /é: there is none", "look"), "NotFound", 3),
            (Refused(Code.QUOTA, "storing: no space", "look"), "QUOTA", 8),
            (Refused(Code.LOGIN, "logging in: no", "look"), "LOGIN", 7),
        ):
            self.err.buffer.seek(0)
            self.err.buffer.truncate()
            output.error(error)
            self.assertTrue(self.err.said.isascii())
            self.assertEqual(
                json.loads(self.err.said),
                {"code": code, "message": error.message, "hint": "look", "exit_code": exit_code},
            )
        self.assertEqual(self.out.said, "")

    def test_first_error_counts(self) -> None:
        """The exit code is the first error's."""
        output = self.make()
        output.error(NotFound("a: b", "c"))
        output.error(Tampered("a: b", "c"))
        self.assertEqual(output.exit_code, NotFound.exit_code)

    def test_progress(self) -> None:
        """Progress shows on a terminal only, not on a dumb one, and never with -q or --json."""
        self.patch(os, "environ", {**os.environ, "TERM": "xterm"})
        terminal = Stream(terminal=True)
        for options, shows in (
            ({"err": terminal}, True),
            ({}, False),
            ({"err": terminal, "quiet": True}, False),
            ({"err": terminal, "as_json": True}, False),
        ):
            before = terminal.said
            self.make(**options).progress("storing")(10)
            self.assertEqual(terminal.said != before, shows, options)
        os.environ["TERM"] = "dumb"
        before = terminal.said
        self.make(err=terminal).progress("storing")(10)
        self.assertEqual(terminal.said, before)

    def test_words_among_progress(self) -> None:
        """Whatever is said takes the progress away first; when given up it stays away."""
        self.patch(os, "environ", {**os.environ, "TERM": "xterm"})
        terminal = Stream(terminal=True)
        output = self.make(err=terminal)
        progress = output.progress("storing")
        progress(10)
        output.error(NotFound("a: b", "c"))
        self.assertTrue(terminal.said.endswith("\r\x1b[Janoncloud: a: b; c\n"), terminal.said)
        output.give_up()
        before = terminal.said
        progress(10)
        output.tick()
        self.assertEqual(terminal.said, before)

    def test_nobody_reads(self) -> None:
        """When the reader has gone, that is no error, and nothing is said."""
        output = self.make(out=Stream(fault=errno.EPIPE))
        gone = self.assertRaises(NobodyReads, output.result, 1, ["one"])
        self.assertEqual(judge(output, gone), NOBODY_READS)
        broken = LocalFileError("writing standard output: gone")
        broken.__cause__ = BrokenPipeError()
        self.assertEqual(judge(output, broken), NOBODY_READS)
        self.assertEqual(self.err.said, "")

    def test_nowhere_to_write(self) -> None:
        """A full disk behind standard output, and none at all, are told as a file's fault."""
        for out in (Stream(fault=errno.ENOSPC), None):
            output = self.make(out=out)
            error = self.assertRaises(LocalFileError, output.result, 1, ["one"])
            self.assertTrue(error.message.startswith("writing to standard output: "))

    def test_nobody_listens(self) -> None:
        """Errors that can't be written do not become others; the exit code still tells."""
        output = self.make(err=Stream(fault=errno.EPIPE))
        self.assertEqual(judge(output, NotFound("a: b", "c")), NotFound.exit_code)

    def test_bug(self) -> None:
        """What nobody foresaw is shown whole, and asked to be reported."""
        self.assertEqual(judge(self.make(), ValueError("odd")), Misuse.exit_code)
        self.assertIn("ValueError: odd\nanoncloud: this is a bug", self.err.said)
        judge(self.make(as_json=True), ValueError("odd"))
        told = json.loads(self.err.said)
        self.assertEqual((told["code"], told["exit_code"]), ("Bug", Misuse.exit_code))
        self.assertIn("ValueError: odd", told["message"])

    def test_interrupted(self) -> None:
        """Being given up is said in one line, or one object."""
        self.assertEqual(self.make().interrupted("given up"), INTERRUPTED)
        self.assertEqual(self.err.said, "anoncloud: given up\n")
        self.make(as_json=True).interrupted("given up")
        told = json.loads(self.err.said)
        self.assertEqual((told["code"], told["exit_code"]), ("Interrupted", INTERRUPTED))

    def test_nobody_to_ask(self) -> None:
        """Where there is no terminal, the answer to every question is no."""
        self.assertFalse(self.make().confirm("/x"))
        self.assertEqual(self.err.said, "")


class DocumentTests(SynchronousTestCase):
    """docs/commands.rst."""

    def test_exit_codes(self) -> None:
        """The exit codes that stand for no class of errors are there."""
        codes = {int(code) for code, names, _ in section_rows("commands", "4") if not names}
        self.assertEqual(codes, {0, INTERRUPTED, NOBODY_READS})

    def test_fields(self) -> None:
        """An error has the fields that are there, whatever it is."""
        fields = {cells[0] for cells in section_rows("commands", "3.4")}
        err = Stream()
        output = Output(as_json=True, quiet=False, err=err, doing="ls")
        output.error(NotFound("looking for x: there is none"))
        output.interrupted("given up")
        output.bug(ValueError())
        for line in err.said.splitlines():
            self.assertEqual(set(json.loads(line)), fields)


class TextTests(SynchronousTestCase):
    """Figures for people."""

    def test_sizes(self) -> None:
        """A size has at most four digits, a unit of 1,024, and one decimal from KiB on."""
        for size, text in (
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1023 * 1024, "1.0 MiB"),
            (40 * 1024**2, "40.0 MiB"),
            (2**60, "1048576.0 TiB"),
        ):
            self.assertEqual(size_text(size), text)

    def test_times(self) -> None:
        """A time is told in UTC; one that no calendar has is not."""
        self.assertEqual(time_text(1_700_000_000 * 10**9), "2023-11-14 22:13:20")
        self.assertEqual(time_text(2**90), "unknown")

"""All words to the user, and nothing else prints.

Results go to standard output, as text or, with ``--json``, as one JSON value a command. Errors go
to standard error in the form "what was being done: what is wrong; what to do". Progress goes to
standard error, and only if that is a terminal. Names are shown escaped; no byte of a name reaches
the terminal as a control character.
"""

import codecs
import json
import os
import sys
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TextIO

import attrs

from anoncloud.cli import wording
from anoncloud.cli.encodings import fitting
from anoncloud.client.tree import names
from anoncloud.client.tree.nodes import File, Folder, Link, Node
from anoncloud.errors import AnonymousCloudError, LocalFileError, Misuse
from anoncloud.limits import KIB

if TYPE_CHECKING:
    from anoncloud.cli.progress import ProgressLines

INTERRUPTED: Final = 130
"""The exit code after Ctrl-C or SIGTERM, as shells have it."""
NOBODY_READS: Final = 141
"""The exit code when the reader of standard output has gone, as shells have it for SIGPIPE."""
_WIDTH: Final = 80
"""The columns of a terminal that does not tell."""


class NobodyReads(Exception):
    """The reader of standard output has gone; nothing more need be said."""


_NOBODY: Final = (NobodyReads, BrokenPipeError)


@attrs.define
class Output:
    """Where a command's words go; remembers the exit code of the first error.

    :ivar doing: the command's name.
    """

    as_json: bool
    quiet: bool
    out: TextIO | None = attrs.field(factory=lambda: sys.stdout)
    err: TextIO = attrs.field(factory=lambda: sys.stderr)
    doing: str = ""
    exit_code: int = 0
    _progress: "ProgressLines | None" = None
    _given_up: threading.Event = attrs.Factory(threading.Event)

    def result(self, value: Any, lines: list[str]) -> None:
        """Give a command's result: *value* for programs, *lines* for people.

        :raises NobodyReads: the reader has gone.
        :raises LocalFileError: it can't be written.
        """
        if self.as_json:
            lines = [json.dumps(value, ensure_ascii=self.ascii_only, sort_keys=True)]
        self._give("".join(f"{line}\n" for line in lines))

    def raw(self, content: bytes) -> None:
        """Give a result that is bytes.

        :raises NobodyReads: the reader has gone.
        :raises LocalFileError: it can't be written.
        """
        self._give(content)

    def _give(self, content: str | bytes) -> None:
        self._make_room()
        if self.out is None:
            message = "writing to standard output: it is closed"
            raise LocalFileError(message, "open it, or let it lead to /dev/null")
        try:
            if isinstance(content, bytes):
                self.out.buffer.write(content)
            else:
                self.out.write(content)
            self.out.flush()
        except BrokenPipeError as error:
            raise NobodyReads from error
        except OSError as error:
            message = f"writing to standard output: {error.strerror}"
            raise LocalFileError(message, "check where it goes") from error

    def note(self, line: str) -> None:
        """Say something that is not the result."""
        if not self.quiet:
            self.reply(line)

    def reply(self, line: str) -> None:
        """Say to whoever is being asked what is wrong with an answer, quiet or not."""
        self._say({"note": line}, line)

    def error(self, error: AnonymousCloudError) -> None:
        """Say what went wrong."""
        self._say(wording.value(error, self.doing), wording.line(error, self.doing))
        self.exit_code = self.exit_code or error.exit_code

    def interrupted(self, line: str) -> int:
        """Say that the command was given up; give the exit code."""
        value = {"code": "Interrupted", "message": line, "hint": "", "exit_code": INTERRUPTED}
        self._say(value, line)
        return INTERRUPTED

    def bug(self, error: BaseException) -> int:
        """Say what nobody foresaw; give the exit code."""
        import traceback as module  # noqa: PLC0415 - there should be no bugs

        traceback = "".join(module.format_exception(error))
        hint = "this is a bug; please report the lines above"
        value = {"code": "Bug", "message": traceback, "hint": hint, "exit_code": Misuse.exit_code}
        if not self.as_json:
            self._write(traceback)
        self._say(value, hint)
        return Misuse.exit_code

    def _say(self, value: dict[str, Any], line: str) -> None:
        text = json.dumps(value, sort_keys=True) if self.as_json else f"anoncloud: {line}"
        self._write(text + "\n")

    def _write(self, text: str) -> None:
        self._make_room()
        try:
            self.err.write(text)
            self.err.flush()
        except (OSError, ValueError):
            pass  # nobody hears it; the exit code still tells

    @property
    def can_ask(self) -> bool:
        """Whether there is somebody to ask."""
        return sys.stdin.isatty() and self.err.isatty()

    @property
    def is_conversation(self) -> bool:
        """Whether a person reads results as they come, and can be asked."""
        shown = self.out is not None and not self.as_json and self.out.isatty()
        return shown and self.can_ask

    @property
    def ascii_only(self) -> bool:
        """Whether lines can be written, but not drawn."""
        encoding = self.out.encoding if self.out is not None else "ascii"
        return not codecs.lookup(encoding).name.startswith("utf")

    def confirm(self, shown: str) -> bool:
        """Ask whether to replace what is at *shown*; no, where nobody can answer."""
        return self.ask(f"replace {shown}?")

    def ask(self, question: str) -> bool:
        """Ask a question, in any thread; no, where nobody can answer or the command is given up."""
        if not self.can_ask:
            return False
        from anoncloud.cli.asking import read_answer  # noqa: PLC0415 - rarely asked

        shown = f"anoncloud: {question} [y/N] "
        answer = read_answer(lambda: self._write(shown), self._given_up)
        if not answer:
            self._write("\n")
        return answer.strip().lower() in {"y", "yes"}

    @property
    def given_up(self) -> bool:
        """Whether the command was told to stop."""
        return self._given_up.is_set()

    def give_up(self) -> None:
        """Wait for no more answers, and show no more progress."""
        self._given_up.set()
        if self._progress is not None:
            self._progress.close()

    def progress(self, what: str) -> "ProgressLines":
        """Begin to tell how far *what* is; it shows only on a terminal."""
        from anoncloud.cli.progress import ProgressLines, Tally  # noqa: PLC0415 - transfers only

        self._progress = ProgressLines(
            Tally(what),
            self.err if self._shows_progress() else None,
            time.monotonic,
            self.width,
            fitting(self.err.encoding or "ascii"),
        )
        return self._progress

    def width(self) -> int:
        """Give the columns of the terminal."""
        try:
            return os.get_terminal_size(self.err.fileno()).columns or _WIDTH
        except OSError:
            return _WIDTH

    def tick(self) -> None:
        """Let the progress tell that time goes by."""
        if self._progress is not None:
            self._progress.paint()

    def _shows_progress(self) -> bool:
        dumb = os.environ.get("TERM", "dumb") == "dumb"
        return not (dumb or self.quiet or self.as_json) and self.err.isatty()

    def _make_room(self) -> None:
        """Take the progress away for other words."""
        if self._progress is not None:
            self._progress.clear()


def judge(output: Output, error: BaseException) -> int:
    """Say what *error* ended a command; give its exit code."""
    if any(isinstance(one, _NOBODY) for one in (error, error.__cause__)):
        return NOBODY_READS
    if isinstance(error, AnonymousCloudError):
        output.error(error)
        return error.exit_code
    return output.bug(error)


_UNITS = ("KiB", "MiB", "GiB", "TiB")
_LONGEST = 1000
"""From here on a number takes the next unit, so that none is longer than five characters."""


def size_text(size: int) -> str:
    """Write a number of bytes for people, in powers of 1,024."""
    if size < KIB:
        return f"{size} B"
    amount, units = size / KIB, list(_UNITS)
    while amount >= _LONGEST and len(units) > 1:
        amount, units = amount / KIB, units[1:]
    return f"{amount:.1f} {units[0]}"


def time_text(nanoseconds: int) -> str:
    """Write a time as UTC, to the second."""
    try:
        moment = datetime.fromtimestamp(nanoseconds / 1e9, UTC)
    except (OverflowError, OSError, ValueError):
        return "unknown"
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def node_line(shown: str, node: Node, *, long: bool) -> str:
    """Say what *node* is, for people."""
    name = shown + "/" if isinstance(node, Folder) and not shown.endswith("/") else shown
    if not long:
        return name
    size = "-"
    if isinstance(node, File):
        size = size_text(node.size)
    elif isinstance(node, Link):
        name += " -> " + names.show(node.target)
    return f"{size:>11}  {time_text(node.modified)}  {name}"

"""Secrets on paper on their way to their owner: written to files, or shown and asked back.

A kit and a recovery key are such. Their owner has them before they open anything, so that no crash
leaves an account without its kit.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import attrs

from anoncloud.cli import qr
from anoncloud.cli.asking import undisturbed
from anoncloud.cli.output import Output
from anoncloud.cli.secrets import ask
from anoncloud.client.kit import Kit
from anoncloud.client.qr import encode
from anoncloud.client.recovery import Recovery
from anoncloud.disk.replacing import write_new
from anoncloud.errors import Exists, LocalFileError, UsageError

ASKED: Final = 8
"""Characters that an owner is asked for: the end of the line, which is the checksum."""
TRIES: Final = 3


@attrs.frozen
class Paper:
    """A secret of one line that its owner keeps.

    :ivar what: what it is called.
    :ivar use: what it is good for, in a sentence.
    :ivar file: where it is to be written to; None if it is to be shown.
    """

    what: str
    account: str
    line: str = attrs.field(repr=False)
    use: str
    file: Path | None

    @property
    def kept(self) -> str:
        """Its line, or the name of its file."""
        return self.line if self.file is None else str(self.file)


def of_kit(kit: Kit, file: Path | None) -> Paper:
    """Make the paper of a kit."""
    use = "Without the kit AND the passphrase nobody can open the drive, you included."
    return Paper("kit", kit.account, kit.line(), use, file)


def of_recovery(recovery: Recovery, file: Path | None) -> Paper:
    """Make the paper of a recovery key."""
    use = "It opens the account without kit and passphrase: keep it apart from them, and secret."
    return Paper("recovery key", recovery.account, recovery.line(), use, file)


def check_place(what: str, file: Path | None) -> None:
    """See that a paper could be written to *file*, so far as that can be told beforehand.

    :raises Exists: something is there.
    """
    if file is not None and os.path.lexists(file):
        message = f"the file {file} exists already"
        raise Exists(message, f"choose another name for the {what}")


def hand_over(output: Output, value: dict[str, str], papers: Sequence[Paper]) -> None:
    """Give *papers* to their owner: in new files, or as the command's result *value*.

    On a terminal the owner must give the end of each that is shown back. Where none is shown, no
    result is given. Files that were written go again if not all of it succeeds.

    :raises LocalFileError: one can't be written.
    :raises UsageError: one was not given back.
    """
    shown = [paper for paper in papers if paper.file is None]
    talks = output.is_conversation
    written: list[Paper] = []
    try:
        for paper in papers:
            if paper.file is not None:
                _write(paper, paper.file)
                written.append(paper)
        if shown:
            output.result(value, [line for one in shown for line in _told(output, one)])
        for paper in shown if talks else ():
            _ask_back(output, paper)
    except BaseException:
        take_back(output, written)
        raise


def take_back(output: Output, papers: Sequence[Paper]) -> None:
    """Let go of papers by which nothing was made."""
    for paper in papers:
        if paper.file is None:
            output.note(f"the {paper.what} that you were given opens nothing: nothing was made")
            continue
        with suppress(OSError):
            paper.file.unlink()


def _write(paper: Paper, file: Path) -> None:
    try:
        write_new(file, f"{paper.line}\n".encode())
    except OSError as error:
        message = f"writing the {paper.what} to {file}: {error.strerror}"
        raise LocalFileError(message, "choose another place; nothing was made yet") from error


def _told(output: Output, paper: Paper) -> Iterator[str]:
    """Give the lines that show a paper to people."""
    yield from (f"This is the {paper.what} of {paper.account}; print it, or keep it safe:", "")
    yield from (paper.line, "")
    if output.is_conversation:
        yield from _drawn(output, paper)
    yield paper.use


def _drawn(output: Output, paper: Paper) -> list[str]:
    """Draw a paper for a camera, in capitals, where the terminal has the room."""
    matrix = encode(paper.line.upper())
    blocks = not output.ascii_only
    if os.environ.get("TERM", "dumb") == "dumb" or qr.width(matrix, blocks=blocks) > output.width():
        return []
    return [*qr.draw(matrix, blocks=blocks), ""]


def _ask_back(output: Output, paper: Paper) -> None:
    hint = "run it again, and write it down, or have it written to a file"
    what = f"Last {ASKED} characters of the {paper.what}, to see that you have it"
    for _ in range(TRIES):
        answer = "".join(undisturbed(lambda: ask(what, hint)).split()).lower()
        if answer in {paper.line, paper.line[-ASKED:]}:
            return
        output.reply(f"that is not how the {paper.what} ends")
    message = f"asking for the end of the {paper.what}: it was not given, and nothing was made"
    raise UsageError(message, hint)

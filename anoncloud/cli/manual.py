"""Manual pages, made from what commands say of themselves, in the macros of groff_man(7).

``python -m anoncloud.cli.manual FOLDER`` writes anoncloud(1); ``docs/manual.py`` writes those of
the other two programs, too. So no page is kept, and none can be out of date.
"""

import inspect
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import attrs
import click

from anoncloud import __version__, errors
from anoncloud.cli.main import cli
from anoncloud.cli.output import INTERRUPTED, NOBODY_READS
from anoncloud.errors import AnonymousCloudError, LocalError, Misuse

Described = Iterable[tuple[str, str]]
"""Things and what is said of them, such as options."""

ENVIRONMENT: Final = (
    ("ANONCLOUD_STATE", "As --state, which wins."),
    ("ANONCLOUD_KIT", "The kit's line, or the name of its file."),
    ("ANONCLOUD_PASSPHRASE", "The passphrase, if no option says where it comes from."),
)


@attrs.frozen
class Page:
    """A page: the program's *name*, one *line* on it, and the *body*, by :func:`section`."""

    name: str
    number: int
    line: str
    body: str

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.name}.{self.number}"

    def text(self) -> str:
        """Give the page."""
        head = f'.TH {self.name.upper()} {self.number} "" "AnonymousCloud {__version__}"\n'
        naming = f".SH NAME\n{plain(self.name)} \\- {plain(self.line)}\n"
        return head + naming + self.body


def program_page() -> Page:
    """Make the page of ``anoncloud``."""
    context = top(cli, "anoncloud")
    body = described(cli, context)
    body += "".join(each_command(cli, context))
    body += section("ENVIRONMENT", definitions(ENVIRONMENT))
    body += section("EXIT STATUS", definitions(exit_codes()))
    body += section("SEE ALSO", plain("anoncloud-admin(1), twistd-anoncloud(8)") + "\n")
    return Page("anoncloud", 1, "use a drive on a server that can read nothing", body)


def top(command: click.Command, name: str) -> click.Context:
    """Begin with a program called *name*."""
    return click.Context(command, info_name=name, **command.context_settings)


def described(command: click.Command, context: click.Context) -> str:
    """Tell how a program is called, what it is for, and what options it has."""
    return (
        section("SYNOPSIS", synopsis(command, context))
        + section("DESCRIPTION", paragraphs(command.help or ""))
        + section("OPTIONS", definitions(options(command, context)))
    )


def each_command(group: click.Group, context: click.Context) -> Iterator[str]:
    """Tell of the commands of *group*, and of those in them."""
    yield ".SH COMMANDS\n"
    yield from _commands(group, context)


def _commands(group: click.Group, context: click.Context) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        inner = click.Context(command, parent=context, info_name=name)
        yield f".SS {plain(inner.command_path.partition(' ')[2])}\n"
        yield synopsis(command, inner) + ".PP\n" + paragraphs(command.help or "")
        yield definitions(options(command, inner))
        if isinstance(command, click.Group):
            yield from _commands(command, inner)


def synopsis(command: click.Command, context: click.Context) -> str:
    """Tell how a command is called."""
    pieces = " ".join(command.collect_usage_pieces(context))
    return f".B {plain(context.command_path)}\n{plain(pieces)}\n"


def options(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    """Give the options of a command, and what they do."""
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and record[1]:  # arguments stand in the synopsis
            yield record


def exit_codes() -> Iterator[tuple[str, str]]:
    """Give the exit codes, and what they mean."""
    meanings: dict[int, list[str]] = {}
    for kind in vars(errors).values():
        if inspect.isclass(kind) and issubclass(kind, AnonymousCloudError):
            said = (inspect.getdoc(kind) or "").partition("\n")[0]
            meanings.setdefault(kind.exit_code, []).append(said)
    meanings |= {
        0: ["All of it was done."],
        LocalError.exit_code: ["Something else on this machine went wrong."],
        Misuse.exit_code: ["A bug of this program."],
        INTERRUPTED: ["Interrupted, or given up at a prompt."],
        NOBODY_READS: ["The reader of standard output has gone."],
    }
    return ((str(code), " ".join(said)) for code, said in sorted(meanings.items()))


def section(title: str, body: str) -> str:
    """Put *body* under a title."""
    return f".SH {title}\n{body}"


def paragraphs(text: str) -> str:
    """Set text whose paragraphs are divided by empty lines."""
    parts = inspect.cleandoc(text).split("\n\n")
    return ".PP\n".join(plain(part) + "\n" for part in parts)


def definitions(things: Described) -> str:
    """Set things, each with what is said of it."""
    return "".join(f".TP\n.B {plain(thing)}\n{plain(said)}\n" for thing, said in things)


def plain(text: str) -> str:
    """Write text, as one line, so that groff sets it as it stands."""
    text = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")
    return "\\&" + text if text.startswith((".", "'")) else text


def write_pages(folder: Path, pages: Iterable[Page]) -> None:
    """Write pages into *folder*, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    for page in pages:
        (folder / page.file).write_text(page.text(), "utf-8")


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]), [program_page()])

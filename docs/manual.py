"""Write the manual pages of all three programs: ``docs/manual.py FOLDER``."""  # noqa: INP001

import sys
from collections.abc import Iterator
from pathlib import Path

from anoncloud.admin.main import cli as admin
from anoncloud.cli.manual import (
    Page,
    definitions,
    described,
    each_command,
    paragraphs,
    plain,
    program_page,
    section,
    top,
    write_pages,
)
from anoncloud.server.tap import Options


def admin_page() -> Page:
    """Make the page of ``anoncloud-admin``."""
    context = top(admin, "anoncloud-admin")
    body = described(admin, context) + "".join(each_command(admin, context))
    return Page("anoncloud-admin", 1, "look after an AnonymousCloud server", body)


def server_page() -> Page:
    """Make the page of ``twistd anoncloud``."""
    parser = Options()
    called = f".B {plain('twistd anoncloud')}\n{plain(parser.synopsis)}\n"
    said = (
        "Every option is a setting too, and wins over the settings' file. twistd's own options, "
        "such as --nodaemon, stand before the word anoncloud; see twistd(1)."
    )
    body = (
        section("SYNOPSIS", called)
        + section("DESCRIPTION", paragraphs(f"{parser.longdesc}\n\n{said}"))
        + section("OPTIONS", definitions(_options(parser)))
    )
    return Page("twistd-anoncloud", 8, "serve drives that this server can't read", body)


def _options(parser: Options) -> Iterator[tuple[str, str]]:
    """Give every option as it is called, and what it does."""
    short = {long: letter for letter, long in parser.synonyms.items() if len(letter) == 1}
    for name in sorted({option.rstrip("=") for option in parser.longOpt}):
        long = parser.synonyms.get(name, name)
        shown = f"-{short[long]}, --{name}" if long in short else f"--{name}"
        yield shown, parser.docs.get(long) or (parser._dispatch[long].__doc__ or "")  # noqa: SLF001


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]), [program_page(), admin_page(), server_page()])

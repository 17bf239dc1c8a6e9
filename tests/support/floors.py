"""The floors of the program and its rules of place, each as a check of one module.

A check gives the breaches that it finds, in words. ``tests.test_floors`` runs them over the
program, and over small made-up sources that break each rule.
"""

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from tests.support.sources import Module, dotted, within

FLOORS = {
    "anoncloud.errors": 0,
    "anoncloud.ids": 0,
    "anoncloud.limits": 0,
    "anoncloud.disk": 1,
    "anoncloud.crypto": 1,
    "anoncloud.wire": 2,
    "anoncloud.sockets": 3,
    "anoncloud.client": 3,
    "anoncloud.server": 3,
    "anoncloud.client.accounts": 4,
    "anoncloud.client.protocol": 4,
    "anoncloud.client.link": 4,
    "anoncloud.client.entrance": 4,
    "anoncloud.client.following": 4,
    "anoncloud.client.lean": 4,
    "anoncloud.client.owning": 4,
    "anoncloud.client.pairing": 4,
    "anoncloud.client.accepting": 4,
    "anoncloud.client.salvage": 4,
    "anoncloud.client.told": 4,
    "anoncloud.client.pairing_line": 4,
    "anoncloud.client.recovering": 4,
    "anoncloud.client.staying": 4,
    "anoncloud.server.assembly": 4,
    "anoncloud.server.doors": 4,
    "anoncloud.server.processes": 4,
    "anoncloud.server.protocol": 4,
    "anoncloud.server.service": 4,
    "anoncloud.server.serving": 4,
    "anoncloud.server.tap": 4,
    "anoncloud.cli": 5,
    "anoncloud.ui": 5,
    "anoncloud.gateway": 5,
    "anoncloud.admin": 5,
    "anoncloud.__main__": 5,
    "anoncloud.start": 6,
}
"""The floor of a package holds for all in it that does not stand here itself."""

STRANGERS = (
    (
        "anoncloud.server",
        ("anoncloud.client", "anoncloud.cli", "anoncloud.ui", "anoncloud.gateway"),
    ),
    ("anoncloud.client", ("anoncloud.server", "anoncloud.admin")),
    ("anoncloud.cli", ("anoncloud.server", "anoncloud.admin", "anoncloud.ui")),
    ("anoncloud.ui", ("anoncloud.server", "anoncloud.admin", "anoncloud.cli")),
    ("anoncloud.gateway", ("anoncloud.server", "anoncloud.admin")),
)
"""What never imports what, whatever the floors say."""

PLACES = (
    (("nacl", "cryptography", "spake2"), ("anoncloud.crypto",)),
    (("sqlite3", "psycopg", "twisted.enterprise"), ("anoncloud.server.stores",)),
    (("curses",), ("anoncloud.ui.painter",)),
)
"""Which modules may be imported only where."""

IMPURE = ("twisted", "time", "datetime", "random", "asyncio", "socket", "threading", "logging")
"""What floors 0 to 2 never import."""
RANDOM = ("urandom", "randombytes", "getrandom", "uuid4", "SystemRandom", "system_entropy")
"""Names of sources of random bytes."""
PRINTERS = ("anoncloud.cli.output", "anoncloud.admin.main")
"""The files that write to a terminal's standard output, one for each program."""


def floor(name: str) -> int | None:
    """Tell the floor of the module *name*, or None if it stands on none."""
    if name == "anoncloud":  # the version, and nothing else
        return 0
    while name:
        if name in FLOORS:
            return FLOORS[name]
        name = name.rpartition(".")[0]
    return None


def ours(found: Module) -> Iterator[str]:
    """Give what *found* imports of the program itself."""
    return (name for name in found.imports() if within(name, "anoncloud"))


def climbing(found: Module) -> Iterator[str]:
    """Find imports that go up, sideways to a stranger, or to a module on no floor."""
    here = floor(found.name)
    for name in ours(found):
        there = floor(name)
        if here is None or there is None:
            yield f"imports {name}, and one of them stands on no floor"
        elif there > here:
            yield f"imports {name}, which stands above it"
    for package, strangers in STRANGERS:
        if within(found.name, package):
            yield from (
                f"imports {name}, a stranger" for name in ours(found) if within(name, *strangers)
            )


def hidden(found: Module) -> Iterator[str]:
    """Find imports that this walk could not follow."""
    yield from (f"imports {name} relatively" for name in found.imports() if name.startswith("."))
    yield from (f"imports all of {name[:-2]}" for name in found.imports() if name.endswith(".*"))
    allowed = sum(within_own_package(found, call) for call in ast.walk(found.tree))
    for name in ("__import__", "import_module"):
        if list(found.names()).count(name) > (allowed if name == "import_module" else 0):
            yield f"uses {name}"


def within_own_package(found: Module, node: ast.AST) -> bool:
    """Tell whether *node* imports by name, and by the look of it from the module's own package.

    A program may load its commands so when they are needed; this walk reads them all anyway.
    """
    if not isinstance(node, ast.Call) or not dotted(node.func).endswith("import_module"):
        return False
    begins = next(ast.walk(node.args[0]), None)
    if isinstance(begins, ast.JoinedStr):
        begins = begins.values[0]
    package = found.name.rpartition(".")[0] + "."
    return isinstance(begins, ast.Constant) and str(begins.value).startswith(package)


def misplaced(found: Module) -> Iterator[str]:
    """Find modules imported outside the one place that may."""
    for powers, places in PLACES:
        if not within(found.name, *places):
            yield from (f"imports {name}" for name in found.imports() if within(name, *powers))


def impure(found: Module) -> Iterator[str]:
    """Find clocks, networks and sources of randomness on floors 0 to 2."""
    here = floor(found.name)
    if here is None or here > 2 or within(found.name, "anoncloud.disk"):
        return
    yield from (f"imports {name}" for name in found.imports() if within(name, *IMPURE))
    if found.name != "anoncloud.crypto.entropy":
        yield from (f"imports {name}" for name in found.imports() if within(name, "os", "secrets"))
        yield from (f"uses {name}" for name in found.names() if name in RANDOM)


def printing(found: Module) -> Iterator[str]:
    """Find printing outside the one file of each program that prints."""
    if found.name not in PRINTERS:
        for name in found.calls():
            if name in {"print", "click.echo", "click.secho", "click.echo_via_pager"}:
                yield f"calls {name}"
        for name in found.imports():
            if name in {"click.echo", "click.secho", "click.echo_via_pager"}:
                yield f"imports {name}"


def unplaced(found: Module) -> Iterator[str]:
    """Find modules that stand on no floor."""
    if floor(found.name) is None:
        yield "stands on no floor"


CHECKS: tuple[Callable[[Module], Iterator[str]], ...] = (
    climbing,
    hidden,
    misplaced,
    impure,
    printing,
    unplaced,
)


def breaches(found: Iterable[Module]) -> list[str]:
    """Give every breach of every rule in *found*."""
    said = (f"{each.name} {breach}" for each in found for check in CHECKS for breach in check(each))
    return list(dict.fromkeys(said))


def purposes(found: Iterable[Module]) -> dict[str, set[tuple[str, str, str]]]:
    """Give for each purpose where it is used: (module, function called, class of the key made).

    A purpose that is not an argument of a function of ``crypto.derive`` counts as called by "".
    """
    used: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    for each in found:
        calls: dict[ast.expr, tuple[str, str]] = {}
        for node in ast.walk(each.tree):
            if isinstance(node, ast.Call):
                name = dotted(node.func).rpartition(".")[2]
                kind = dotted(node.args[2]) if name == "derive" and len(node.args) > 2 else ""
                if name in {"derive", "digest", "keyed_digest"}:
                    calls |= dict.fromkeys(node.args, (name, kind))
        for node in ast.walk(each.tree):
            if isinstance(node, ast.Attribute) and dotted(node.value).endswith("Purpose"):
                used[node.attr].add((each.name, *calls.get(node, ("", ""))))
    return used

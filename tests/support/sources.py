"""Read the program's sources as trees: what each module imports, names and calls.

The checks of ``tests.test_floors`` are functions from a list of modules to a list of breaches, so
that they can be shown small made-up sources too.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import attrs

ROOT = Path(__file__).parent.parent.parent
PACKAGE = "anoncloud"


@attrs.frozen
class Module:
    """A source file: its dotted name, its tree, and every name that a module of ours may have."""

    name: str
    tree: ast.Module = attrs.field(repr=False)
    known: frozenset[str] = attrs.field(repr=False)

    def imports(self) -> Iterator[str]:
        """Give the dotted name of everything imported, at the top or inside a function.

        ``from a.b import c`` is ``a.b.c`` where that is a module of ours, and ``a.b`` otherwise; a
        relative import is given as it stands, with its dots.
        """
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = "." * node.level + (node.module or "")
                for alias in node.names:
                    whole = f"{base}.{alias.name}"
                    ours = within(base, PACKAGE) and whole not in self.known
                    yield base if ours else whole

    def calls(self) -> Iterator[str]:
        """Give the dotted name of everything called, as it is written."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield dotted(node.func)

    def names(self) -> Iterator[str]:
        """Give every name and attribute used, without what stands before the dot."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Name):
                yield node.id
            elif isinstance(node, ast.Attribute):
                yield node.attr


def dotted(node: ast.expr) -> str:
    """Write *node* as a dotted name, or as far as it is one."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def within(name: str, *packages: str) -> bool:
    """Tell whether the dotted *name* is one of *packages* or lies in one."""
    return any(name == package or name.startswith(package + ".") for package in packages)


def program() -> list[Module]:
    """Read every module of the program."""
    files = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted((ROOT / PACKAGE).rglob("*.py"))
    }
    return modules({name: path.read_text("utf-8") for name, path in files.items()})


def modules(sources: dict[str, str]) -> list[Module]:
    """Parse *sources*, by dotted name."""
    known = frozenset(sources)
    return [Module(name, ast.parse(text), known) for name, text in sources.items()]

"""Find the errors that sources make, with their words, as far as these stand there.

An error is made by calling a class of ``anoncloud.errors``; its message is a text or the name of a
variable that was given a text just before, as the linter wants it.
"""

import ast
from collections.abc import Iterator

import attrs

from anoncloud import errors
from anoncloud.errors import AnonymousCloudError, Refused
from tests.support.sources import Module, dotted

KINDS = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, AnonymousCloudError)
}
HOLE = "…"
"""Stands for what is filled in when the error is made."""


@attrs.frozen
class Made:
    """An error that a source makes: where, of what kind, and its words; None for unknown ones."""

    module: str
    line: int
    kind: type[AnonymousCloudError]
    message: str | None
    hint: str | None

    @property
    def where(self) -> str:
        """Where it is made, and what it says."""
        return f"{self.module}:{self.line} {self.kind.__name__} {self.message!r}; {self.hint!r}"


def made_errors(found: Module) -> Iterator[Made]:
    """Give every error that a module makes."""
    for scope in ast.walk(found.tree):
        if isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Module)):
            yield from _made_in(found, scope)


def _made_in(found: Module, scope: ast.AST) -> Iterator[Made]:
    said: dict[str, str] = {}
    for node in _own(scope):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            text = _text(node.value, said)
            if text is not None:
                said[node.targets[0].id] = text
        elif isinstance(node, ast.Call):
            kind = KINDS.get(dotted(node.func).rpartition(".")[2])
            if kind is not None:
                words = node.args[1:] if issubclass(kind, Refused) else node.args
                if any(isinstance(word, ast.Starred) for word in words):
                    continue
                texts = [_text(word, said) for word in words[:2]]
                message = texts[0] if texts else None
                hint = texts[1] if len(texts) > 1 else ""
                yield Made(found.name, node.lineno, kind, message, hint)


def _own(scope: ast.AST) -> Iterator[ast.AST]:
    """Walk *scope* in order, without the functions in it."""
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        yield from _own(node)
        yield node


def _text(node: ast.AST, said: dict[str, str]) -> str | None:
    """Give a text as far as it stands there."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else HOLE for part in node.values
        )
    if isinstance(node, ast.Name):
        return said.get(node.id)
    return None

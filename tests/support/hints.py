"""Find refusals that do not say what to do, in sources."""

import ast
from collections.abc import Iterator

from tests.support.sources import Module, dotted

Function = ast.FunctionDef | ast.AsyncFunctionDef
_HINT = 2
"""The place of the hint among the arguments of Refused."""


def hintless(found: Module) -> Iterator[str]:
    """Give each ``Refused(...)`` of *found* whose hint is missing, or could be empty."""
    for function in _functions(found.tree):
        for node in _inside(function):
            if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "Refused":
                named = [word.value for word in node.keywords if word.arg == "hint"]
                hint = (*node.args[_HINT:], *named, None)[0]
                if hint is None or not _says(hint, node, function):
                    yield f"{found.name}:{node.lineno}"


def refusals(found: Module) -> int:
    """Count the calls of Refused."""
    return sum(name.rpartition(".")[2] == "Refused" for name in found.calls())


def _functions(tree: ast.AST) -> Iterator[ast.AST]:
    """Give every function, and the module itself for what stands outside of them."""
    yield tree
    yield from (node for node in ast.walk(tree) if isinstance(node, Function))


def _inside(function: ast.AST) -> Iterator[ast.AST]:
    """Give what stands in a function, but not in one inside of it."""
    for child in ast.iter_child_nodes(function):
        if not isinstance(child, Function):
            yield child
            yield from _inside(child)


def _says(hint: ast.expr, call: ast.Call, function: ast.AST) -> bool:
    """Tell whether *hint* is some text, whatever happens."""
    match hint:
        case ast.Constant():
            return isinstance(hint.value, str) and bool(hint.value.strip())
        case ast.JoinedStr():
            return any(_says(part, call, function) for part in hint.values)
        case ast.IfExp():
            return all(_says(one, call, function) for one in (hint.body, hint.orelse))
        case ast.Name():
            values = list(_values(hint.id, function))
            known = bool(values) and all(_says(one, call, function) for one in values)
            return known or _is_guarded(hint.id, call, function)
    return False


def _values(name: str, function: ast.AST) -> Iterator[ast.expr]:
    """Give all that is assigned to *name*."""
    for node in _inside(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name) and target.id == name:
                    yield node.value
                elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    pairs = zip(target.elts, node.value.elts, strict=True)
                    yield from (value for one, value in pairs if dotted(one) == name)


def _is_guarded(name: str, call: ast.Call, function: ast.AST) -> bool:
    """Tell whether *call* is made only if *name* is not empty."""
    return any(
        isinstance(node, ast.If)
        and dotted(node.test) == name
        and any(inner is call for part in node.body for inner in ast.walk(part))
        for node in _inside(function)
    )

"""The parts of ``docs/explorer.rst`` that are made: screens, and the table of keys.

``python -m tests.support.explorer_docs`` writes them anew.
"""

import re

from anoncloud.ui import keys
from tests.support.sources import ROOT

DOCUMENT = ROOT / "docs" / "explorer.rst"
_SCREENS = ROOT / "tests" / "ui" / "screens"
_PART = re.compile(r"^\.\. begin (keys|screen (\S+))\n.*?^\.\. end \w+$", re.MULTILINE | re.DOTALL)


def screen(name: str) -> str:
    """Give a screen as a literal block."""
    lines = (_SCREENS / f"{name}.txt").read_text("utf-8").rstrip("\n").split("\n")
    return "::\n\n" + "\n".join(f"    {line}".rstrip() for line in lines)


def table() -> str:
    """Give the table of keys, group by group."""
    rows = [("keys", "name", "what it does")]
    for group in keys.GROUPS:
        rows.append((f"*{group}*", "", ""))
        for action in keys.ACTIONS:
            if action.group == group:
                shown = " ".join(f"``{key}``" for key in action.keys) or "none"
                rows.append((shown, f"``{action.name}``", action.says.replace("*", "\\*")))
    for layer in keys.LAYERS:
        rows.append((f"*{layer.title}*", f"``[{layer.name}]``", ""))
        for action in layer.actions:
            shown = " ".join(f"``{key}``" for key in action.keys)
            rows.append((shown, f"``{action.name}``", action.says))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    rule = "  ".join("=" * width for width in widths)
    lines = [
        "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([rule, lines[0], rule, *lines[1:], rule])


def made(text: str) -> str:
    """Give the document with its made parts as they are to be."""

    def part(found: re.Match[str]) -> str:
        what = found.group(1)
        body = table() if what == "keys" else screen(found.group(2))
        return f".. begin {what}\n\n{body}\n\n.. end {what.split()[0]}"

    return _PART.sub(part, text)


if __name__ == "__main__":
    DOCUMENT.write_text(made(DOCUMENT.read_text("utf-8")), "utf-8")

"""What programs are told of a file, a folder or a link."""

from typing import Any

from anoncloud.client.tree import names
from anoncloud.client.tree.nodes import File, Link, Node


def node_value(path: names.Path, node: Node) -> dict[str, Any]:
    """Say what *node* is, for programs (docs/commands.rst section 3)."""
    value: dict[str, Any] = {"path": names.show_path(path)}
    if isinstance(node, File):
        version = node.version
        value |= {"type": "file", "modified": version.modified / 1e9}
        value |= {"size": version.size, "mode": f"{version.mode:04o}"}
    elif isinstance(node, Link):
        value |= {"type": "link", "modified": node.modified / 1e9}
        value |= {"target": names.show(node.target)}
    else:
        value |= {"type": "folder", "modified": node.modified / 1e9, "mode": f"{node.mode:04o}"}
    raw = b"/" + b"/".join(path)
    if raw.decode("utf-8", "replace") != value["path"]:
        value["path_hex"] = raw.hex()
    return value

"""Read the frozen vectors, and make the plaintexts that they name by length."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "vectors"


def load(name: str) -> Any:
    """Read ``tests/vectors/<name>.json``."""
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


def plain(length: int) -> bytes:
    """Give the plaintext of *length* bytes that the vectors use: byte *i* is ``i % 251``."""
    return (bytes(range(251)) * (length // 251 + 1))[:length]

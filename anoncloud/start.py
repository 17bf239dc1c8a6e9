"""The anoncloud program: the explorer if it is called with nothing to do, else a command.

Which of the two is imported is decided by the words alone, so that neither waits for the other.
"""

import os
import sys
from pathlib import Path

STATE = "ANONCLOUD_STATE"
"""In the environment, it names the folder for device key and cache."""
COMPLETING = "_ANONCLOUD_COMPLETE"
"""In the environment, it asks for completions; see ``cli.main``."""


def wants_explorer(words: list[str]) -> bool:
    """Tell whether *words* name no command, and there is a terminal to show the explorer on."""
    named = len(words) == 2 and words[0] == "--state"  # noqa: PLR2004 - the option and its value
    alone = not words or named or (len(words) == 1 and words[0].startswith("--state="))
    return alone and COMPLETING not in os.environ and os.isatty(0) and os.isatty(1)


def state_folder(words: list[str]) -> Path:
    """Give the folder for device key and cache: as said in *words*, the environment, or usual."""
    said = words[-1].removeprefix("--state=") if words else os.environ.get(STATE)
    if said:
        return Path(said)
    import platformdirs  # noqa: PLC0415 - only when it is asked for

    return platformdirs.user_state_path("anoncloud")


def main() -> None:
    """Run the program."""
    words = sys.argv[1:]
    if not wants_explorer(words):
        from anoncloud.cli.main import main as run_command  # noqa: PLC0415 - one of the two

        run_command()
        return
    from anoncloud.ui.main import main as explore  # noqa: PLC0415 - one of the two

    code = explore(state_folder(words))
    sys.stdout.flush()
    # To take the interpreter apart piece by piece would be felt by whoever quits.
    os._exit(code)


if __name__ == "__main__":
    main()

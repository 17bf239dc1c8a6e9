"""Completion in a shell: the command that prints its script, and the answers to that script.

The script runs the program by click's protocol, with ``_ANONCLOUD_COMPLETE`` and the words so far
in the environment. Paths in the drive come from what this device has cached: no server is asked,
nothing is written, and whatever goes wrong only means that there is nothing to complete.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from click import shell_completion as shells

from anoncloud.errors import AnonymousCloudError
from anoncloud.limits import MIB

if TYPE_CHECKING:
    from anoncloud.cli.program import Program
    from anoncloud.client.profile import Profile
    from anoncloud.client.tree.tree import Tree

ENOUGH: Final = 4 * MIB
"""Bytes of a checkpoint, or of records, that take longer to open than a shell should wait."""

_BASH: Final = """\
%(complete_func)s() {
    local IFS=$'\\n' type value
    COMPREPLY=()
    while IFS=',' read -r type value; do
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain) COMPREPLY+=("$value") ;;
            path)
                COMPREPLY+=("$value")
                compopt -o filenames
                [[ $value != */ ]] || compopt -o nospace
                ;;
        esac
    done < <(COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD \\
        %(complete_var)s=bash_complete "$1" 2>/dev/null)
    return 0
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""
_ZSH: Final = """\
#compdef %(prog_name)s

%(complete_func)s() {
    local -a plain described paths folders response
    local type key help
    (( $+commands[%(prog_name)s] )) || return 1
    response=("${(@f)$(env COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) \\
        %(complete_var)s=zsh_complete %(prog_name)s 2>/dev/null)}")
    for type key help in ${response}; do
        case $type in
            dir) _path_files -/ ;;
            file) _path_files -f ;;
            plain) if [[ $help == _ ]]; then plain+=("$key"); else described+=("$key:$help"); fi ;;
            path) if [[ $key == */ ]]; then folders+=("$key"); else paths+=("$key"); fi ;;
        esac
    done
    (( $#described )) && _describe -V unsorted described -U
    (( $#plain )) && compadd -U -V unsorted -a plain
    (( $#folders )) && compadd -U -V unsorted -S '' -a folders
    (( $#paths )) && compadd -U -V unsorted -a paths
    return 0
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""
_FISH: Final = """\
function %(complete_func)s
    for completion in (env %(complete_var)s=fish_complete COMP_WORDS=(commandline -cp) \\
            COMP_CWORD=(commandline -t) %(prog_name)s 2>/dev/null)
        set -l parts (string split -m 1 , -- $completion)
        switch $parts[1]
            case dir
                __fish_complete_directories $parts[2]
            case file
                __fish_complete_path $parts[2]
            case plain path
                echo $parts[2]
        end
    end
end
complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


class _Bash(shells.BashComplete):
    source_template = _BASH

    def source(self) -> str:
        """Give the script, without asking which bash there is."""
        return shells.ShellComplete.source(self)


class _Zsh(shells.ZshComplete):
    source_template = _ZSH


class _Fish(shells.FishComplete):
    source_template = _FISH


SHELLS: Final[dict[str, type[shells.ShellComplete]]] = {"bash": _Bash, "zsh": _Zsh, "fish": _Fish}


@click.command("completion")
@click.argument("shell", type=click.Choice(list(SHELLS)))
@click.pass_context
def completion_command(context: click.Context, shell: str) -> None:
    """Print the script that lets SHELL complete commands, options and paths in the drive."""
    from anoncloud.cli.main import COMPLETING  # noqa: PLC0415 - it imports us

    root = context.find_root()
    script = SHELLS[shell](root.command, {}, "anoncloud", COMPLETING).source()
    program: Program = context.obj
    program.output.result({"shell": shell, "script": script}, script.splitlines())


def complete(cli: click.Command, variable: str, instruction: str) -> int:
    """Answer a shell's script; give the exit code."""
    shell, _, what = instruction.partition("_")
    if shell not in SHELLS or what != "complete":
        return 1
    try:
        answer = SHELLS[shell](cli, {}, "anoncloud", variable).complete()
        sys.stdout.buffer.write(answer.encode("utf-8", "surrogateescape") + b"\n")
        sys.stdout.buffer.flush()
    except Exception:  # noqa: BLE001 - words in the middle of a line that is typed help nobody
        return 1
    return 0


def complete_path(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[shells.CompletionItem[str]]:
    """Complete a path, whose type says by its ``place`` where it may lie.

    Behind the first of several SOURCE arguments the next word may as well be TARGET.
    """
    arguments: list[click.Parameter]
    arguments = [one for one in context.command.params if isinstance(one, click.Argument)]
    if parameter.nargs != -1 or not any(context.params.get(str(one.name)) for one in arguments):
        arguments = [parameter]
    places = {getattr(argument.type, "place", "") for argument in arguments}
    found: list[str] = []
    if "drive" in places:
        with suppress(AnonymousCloudError):
            found += drive_paths(context, incomplete)
    if "local" in places:
        with suppress(OSError):
            found += local_paths(incomplete)
    return [shells.CompletionItem(path, type="path") for path in found]


def drive_paths(context: click.Context, incomplete: str) -> list[str]:
    """Give the paths in the drive that begin with *incomplete*."""
    from anoncloud.cli.main import default_state  # noqa: PLC0415 - it imports us
    from anoncloud.client.profile import Profile  # noqa: PLC0415 - only for paths

    state: Path | None = context.find_root().params.get("state")
    tree = cached_tree(Profile(state or default_state()))
    return [] if tree is None else list(paths_in(tree, incomplete))


def cached_tree(profile: "Profile") -> "Tree | None":
    """Give the drive as this device has cached it, if that is there and soon read."""
    from anoncloud.client.checkpoint import open_checkpoint  # noqa: PLC0415
    from anoncloud.client.folding import Fold  # noqa: PLC0415
    from anoncloud.wire.records import take_apart  # noqa: PLC0415

    if not profile.is_logged_in():
        return None
    keyring = profile.load().keyring
    cache = profile.cache(keyring.drive)
    sealed = cache.checkpoint()
    if sealed is not None and len(sealed) > ENOUGH:
        return None
    fold = Fold(keyring, None if sealed is None else open_checkpoint(keyring, sealed))
    length = 0
    for record in cache.records():
        length += len(record)
        if length > ENOUGH:
            return None
        if take_apart(record).header.number == fold.head.number + 1:
            fold.fold(record)
    return fold.tree


def paths_in(tree: "Tree", incomplete: str) -> Iterator[str]:
    """Give the paths in *tree* that begin with *incomplete*; a folder's ends with a slash."""
    from anoncloud.client.tree import names  # noqa: PLC0415
    from anoncloud.client.tree.nodes import Folder, find  # noqa: PLC0415

    above, slash, begin = incomplete.rpartition("/")
    folder = find(tree, names.parse_path(os.fsencode(above)))
    children = (tree.nodes[child] for child in tree.children(folder.node))
    for node in sorted(children, key=lambda node: node.name):
        name = names.show(node.name)
        # A name that is shown escaped can't be typed as it is shown.
        if name.startswith(begin) and name.encode() == node.name:
            yield above + slash + name + ("/" if isinstance(node, Folder) else "")


def local_paths(incomplete: str) -> list[str]:
    """Give the local paths that begin with *incomplete*; a folder's ends with a slash."""
    above, slash, begin = incomplete.rpartition("/")
    with os.scandir(os.path.expanduser(above + slash) or ".") as entries:  # noqa: PTH111
        return sorted(
            above + slash + entry.name + ("/" if entry.is_dir() else "")
            for entry in entries
            if entry.name.startswith(begin)
            and (begin.startswith(".") or not entry.name.startswith("."))
            and entry.name.isprintable()
        )

"""The drive as it was, for the commands that can show it: options, and what they lead to."""

import click

from anoncloud.cli.amounts import MOMENT
from anoncloud.cli.options import Command
from anoncloud.client import history
from anoncloud.client.drive import Drive
from anoncloud.client.tree import names
from anoncloud.client.tree.nodes import File, Node, find
from anoncloud.client.tree.tree import Tree
from anoncloud.client.tree.versions import Version
from anoncloud.errors import Exists, NotFound, UsageError


def at_option(command: Command) -> Command:
    """Add the option that names a moment."""
    return click.option("--at", type=MOMENT, help="As the drive was at TIME.")(command)


def version_option(command: Command) -> Command:
    """Add the option that names a version."""
    return click.option(
        "--version",
        "version",
        type=click.IntRange(min=1),
        help="Version N, as history counts them.",
    )(command)


def check_options(sources: tuple[names.Path, ...], version: int | None, at: int | None) -> None:
    """See that the options fit each other.

    :raises UsageError: they don't.
    """
    if version is not None and at is not None:
        message = "--version names a version, and --at a time"
        raise UsageError(message, "use one of them")
    if version is not None and len(sources) > 1:
        message = "--version goes with one file"
        raise UsageError(message, "name one file, or a time with --at")


async def tree_at(drive: Drive, at: int | None) -> Tree:
    """Give the drive as it was, or, without a time, as it is."""
    return drive.tree if at is None else await history.at(drive, at)


def numbered_version(node: Node, shown: str, number: int) -> Version:
    """Give version *number* of a file, counted from 1, the oldest that is kept.

    :raises LocalError: there is none.
    """
    if not isinstance(node, File):
        message = f"looking for version {number} of {shown}: it is not a file"
        raise Exists(message, "only files have versions")
    versions = node.versions
    if number > len(versions):
        has = "version 1 only" if len(versions) == 1 else f"versions 1 to {len(versions)}"
        message = f"looking for version {number} of {shown}: it has {has}"
        raise NotFound(message, "run 'anoncloud history' to see them")
    return versions[number - 1].version


def recovered(past: Tree, drive: Drive, node: Node) -> list[NotFound]:
    """Find the content of *node*, and all below it, where it lies now.

    What is gone for good is taken out of *past*; gives an error for each.
    """
    return [] if past is drive.tree else history.recovered(past, drive.tree, node.node)


def find_recovered(past: Tree, drive: Drive, path: names.Path) -> Node:
    """Give what was at *path*, with its content where that lies now.

    :raises NotFound: there was nothing, or the content of that very file is gone for good.
    """
    node = find(past, path)
    if isinstance(node, File):
        errors = recovered(past, drive, node)
        if errors:
            raise errors[0]
        return find(past, path)
    return node

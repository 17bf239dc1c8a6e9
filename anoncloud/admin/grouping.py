"""The group that the owner's commands form: each takes ``--json``, before its name or behind it."""

from typing import Any

import click


def _note_json(context: click.Context, parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click gives it
    del parameter
    if value:
        context.find_root().meta["json"] = True


def json_option() -> click.Option:
    """Make the option that asks for JSON; it is noted in the context's ``meta``."""
    return click.Option(
        ["--json"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_note_json,
        help="Write the result as one JSON value.",
    )


class OwnersCommand(click.Command):
    """A command that takes ``--json``."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.params.append(json_option())


class OwnersGroup(click.Group):
    """A group of such commands."""

    command_class = OwnersCommand

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.params.append(json_option())

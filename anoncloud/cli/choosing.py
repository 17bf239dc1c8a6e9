"""The command that chooses how a drive stores files: compression."""

import click

from anoncloud.cli.program import Program, with_drive
from anoncloud.client.accounts import OpenAccount, Surroundings
from anoncloud.client.tree import changes

_WORDS = {True: "on", False: "off"}


@click.command("compression")
@click.argument("wanted", type=click.Choice(["on", "off"]), required=False)
@click.pass_obj
def compression_command(program: Program, wanted: str | None) -> int:
    """Show whether the drive compresses new files, or choose it.

    It is off at first: how well a file compresses shows in how much is stored, and so tells the
    server's owner something about what is in it.
    """

    async def command(here: Surroundings, account: OpenAccount) -> None:
        del here
        drive = account.drive
        compress = wanted == "on" if wanted else drive.tree.compress
        if compress != drive.tree.compress:
            await drive.change(lambda draft: draft.add(changes.SetOptions(compress)))
        shown = _WORDS[compress]
        program.output.result({"compression": shown}, [f"compression is {shown}"])

    return program.run(with_drive(command))

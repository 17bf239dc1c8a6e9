"""What the commands of an account's owner have in common: kit and passphrase, and a login by them.

No secret may stand in the arguments: all come from a prompt, a file or a command. Kit and
passphrase may stand in the environment; what is new and the recovery key may not.
"""

import functools
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import attrs
import click

from anoncloud.cli.program import Program
from anoncloud.cli.secrets import PassphraseSource, SecretSource, passphrase_options, read_kit
from anoncloud.client.accounts import Surroundings
from anoncloud.client.address import Address, Invitation
from anoncloud.client.kit import PREFIX, Kit
from anoncloud.client.owning import Owner, own
from anoncloud.crypto.passphrases import Argon2
from anoncloud.errors import UsageError
from anoncloud.limits import MIB

Command = Callable[..., int]


@attrs.frozen
class Claim:
    """What somebody claims to own an account by; *server* is where the kit's server is by now."""

    kit: Kit
    source: PassphraseSource
    server: Address | None

    @property
    def address(self) -> Address:
        """Where the server is."""
        return self.server or self.kit.address


def claimed(command: Command) -> Command:
    """Add the options of kit and passphrase, and hand them over as the argument *claim*."""

    @functools.wraps(command)
    def collected(
        *arguments: Any,
        given_kit: str | None,
        server: str | None,
        passphrase_file: Path | None,
        passphrase_command: str | None,
        **options: Any,
    ) -> int:
        if PREFIX in (given_kit or "").lower():
            message = "a kit in the arguments can be read by every program on this machine"
            raise UsageError(message, "write it to a file, and give the name of that to --kit")
        claim = Claim(
            read_kit(given_kit or os.environ.get("ANONCLOUD_KIT")),
            PassphraseSource(passphrase_file, passphrase_command),
            None if server is None else Invitation.parse(server).address,
        )
        return command(*arguments, claim=claim, **options)

    kit = click.option("--kit", "given_kit", metavar="FILE", help="The file that holds the kit.")
    return kit(server_option(passphrase_options(collected)))


def server_option(command: Command) -> Command:
    """Add the option that says where a server is by now."""
    option = click.option("--server", metavar="ADDRESS", help="Where the server is by now.")
    return option(command)


def secret_options(what: str, of: str) -> Callable[[Command], Command]:
    """Add options for a secret called *what*, handed over as the argument *of*: a source of it."""
    name = what.replace(" ", "-")

    def add(command: Command) -> Command:
        @functools.wraps(command)
        def collected(*arguments: Any, **options: Any) -> int:
            given = options.pop(f"{of}_file"), options.pop(f"{of}_command")
            return command(*arguments, **{of: SecretSource(*given, what)}, **options)

        file = click.option(
            f"--{name}-file",
            f"{of}_file",
            type=click.Path(path_type=Path),
            help=f"Read the {what} from the first line of this file.",
        )
        program = click.option(
            f"--{name}-command",
            f"{of}_command",
            help=f"Run this command, and take the {what} from the first line that it prints.",
        )
        return file(program(collected))

    return add


def cost_options(command: Command) -> Command:
    """Add the options of a new kit's cost of Argon2id."""
    memory = click.option("--argon2-memory", type=int, help="MiB; default: as before.")
    passes = click.option("--argon2-passes", type=int, help="Passes; default: as before.")
    return memory(passes(command))


def cost_of(least: Argon2, memory: int | None, passes: int | None) -> Argon2:
    """Give the cost that was asked for, *memory* in MiB; what was not is as in *least*."""
    return Argon2(
        least.passes if passes is None else passes,
        least.memory if memory is None else memory * MIB,
    )


def as_owner(
    program: Program,
    claim: Claim,
    passphrase: str,
    command: Callable[[Owner], Awaitable[None]],
) -> int:
    """Log in by a claim and its *passphrase*, run *command*, and leave; give the exit code."""

    async def owning(here: Surroundings) -> None:
        owner = await own(here, claim.kit, passphrase, claim.server)
        try:
            await command(owner)
        finally:
            await owner.opened.close()

    return program.run(owning)

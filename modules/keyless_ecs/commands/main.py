"""Chooses the command, and is the one place where errors become lines and exit statuses."""

import argparse
import sys
from collections.abc import Sequence

from keyless_ecs.commands import (
    DONE,
    REFUSED,
    adopt,
    atlantis,
    check,
    completion,
    cost,
    explain,
    failures,
    init,
    interrupts,
    lock,
    program,
    rehearse,
    review,
    synth,
    trust,
    voice,
)
from keyless_ecs.errors import UserError

COMMANDS = {
    "init": init,
    "synth": synth,
    "check": check,
    "explain": explain,
    "trust": trust,
    "cost": cost,
    "review": review,
    "adopt": adopt,
    "atlantis": atlantis,
    "rehearse": rehearse,
    "lock": lock,
    "completion": completion,
}


def main(arguments: Sequence[str], refusal: str | None = None) -> int:
    """Run the command line and return its exit status.

    0: done. 1: a check found something. 2: the input or the surroundings are bad; every problem is
    on stderr, and nothing was written. Whatever goes wrong, no exception but a broken pipe and an
    interrupt leaves this function.

    Args:
        arguments: What stands behind the program's name. Without a command it is ``synth``.
        refusal: Why this process can run no command, if it cannot.
    """
    try:
        if refusal:
            raise UserError(refusal)
        status = _run(arguments)
        sys.stdout.flush()  # what cannot be written is found out here
    except BrokenPipeError:
        raise
    except Exception as error:
        if interrupts.came:
            raise
        failures.tell(error)
        return REFUSED
    return status


def _run(arguments: Sequence[str]) -> int:
    parser, commands = _parsers()
    first = arguments[0] if arguments else ""
    try:
        if first in ("-h", "--help", "--version"):
            if parser.parse_args(arguments).version:
                from keyless_ecs.release import version

                print(f"keyless-ecs {version()}")
            return DONE
        if first.startswith("-") or not first:
            arguments = ["synth", *arguments]
        elif first not in COMMANDS:
            from keyless_ecs.config.text import did_you_mean

            parser.error(f"{first!r} is no command; {did_you_mean(first, COMMANDS)}")
        name, *rest = arguments
        options, unknown = commands[name].parse_known_args(rest)
        if unknown:
            _refuse(commands[name], unknown)
    except SystemExit as end:  # argparse has said why
        return int(end.code or DONE)
    # Else pydantic imports it from Rust, which panics where Ctrl-C comes just then.
    import datetime  # noqa: F401

    voice.listen(options)
    options.parsers = commands
    status: int = COMMANDS[name].run(options)
    return status


def _parsers() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    """Return the parser of the whole command line, and that of each command."""
    called = " ".join(program.shown())
    parser = argparse.ArgumentParser(
        prog=called,
        usage=f"{called} [command] [flags]",
        description="Write Terraform JSON and workflows for keyless delivery to Amazon ECS. "
        "Without a command: synth.",
        epilog=f"{called} COMMAND --help shows the flags of a command, and an example.",
        formatter_class=_Help,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="store_true", help="show the version and exit")
    group = parser.add_subparsers(title="commands", metavar="")
    commands = {}
    for name, command in COMMANDS.items():
        commands[name] = group.add_parser(
            name,
            prog=f"{called} {name}",
            help=command.HELP,
            description=command.__doc__,
            epilog=f"example: {called} {name} {command.EXAMPLE}".rstrip(),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        command.add_flags(commands[name])
        voice.add_flags(commands[name])
    return parser, commands


class _Help(argparse.HelpFormatter):
    """Help that lists the commands without a line for what they are called together."""

    def _format_action(self, action: argparse.Action) -> str:
        text = super()._format_action(action)
        commands = isinstance(action, argparse._SubParsersAction)
        return text.partition("\n")[2] if commands else text


def _refuse(parser: argparse.ArgumentParser, unknown: Sequence[str]) -> None:
    """Refuse what *parser* does not know, with the mend where there is one."""
    if named := [word for word in unknown if word in COMMANDS]:
        parser.error(f"the command stands first: {' '.join(program.shown())} {named[0]} …")
    parser.error(f"unknown: {' '.join(unknown)}; see {parser.prog} --help")

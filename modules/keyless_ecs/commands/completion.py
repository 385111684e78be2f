"""Print what makes a shell complete commands and flags.

bash: eval "$(keyless-ecs completion bash)" in ~/.bashrc; zsh: the same in ~/.zshrc, with zsh
fish: keyless-ecs completion fish >~/.config/fish/completions/keyless-ecs.fish
"""

import argparse
from collections.abc import Iterator, Mapping

from keyless_ecs.commands import DONE

HELP = "print the completion of commands and flags for bash, zsh or fish"
EXAMPLE = "bash"

Parsers = Mapping[str, argparse.ArgumentParser]


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add what this command knows."""
    parser.add_argument("shell", choices=["bash", "zsh", "fish"], help="the shell")


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    parsers: Parsers = options.parsers
    lines = _fish(parsers) if options.shell == "fish" else _bash(parsers, options.shell)
    print("\n".join(lines))
    return DONE


def _flags(parser: argparse.ArgumentParser) -> list[str]:
    return [
        option
        for action in parser._actions
        for option in action.option_strings
        if option.startswith("--")
    ]


def _bash(parsers: Parsers, shell: str) -> Iterator[str]:
    if shell == "zsh":
        yield "autoload -U +X bashcompinit && bashcompinit"
    yield "_keyless_ecs() {"
    yield "  local words"
    yield '  case "$COMP_CWORD:${COMP_WORDS[1]}" in'
    yield f'    1:*) words="{" ".join(parsers)} --help --version" ;;'
    for name, parser in parsers.items():
        yield f'    *:{name}) words="{" ".join(_flags(parser))}" ;;'
    yield f'    *) words="{" ".join(_flags(parsers["synth"]))}" ;;'
    yield "  esac"
    yield '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))'
    yield "}"
    yield "complete -o default -F _keyless_ecs keyless-ecs"


def _fish(parsers: Parsers) -> Iterator[str]:
    for name, parser in parsers.items():
        about = (parser.description or "").partition("\n")[0].replace("'", "\\'")
        yield f"complete -c keyless-ecs -n __fish_use_subcommand -f -a {name} -d '{about}'"
        for flag in _flags(parser):
            seen = f"'__fish_seen_subcommand_from {name}'"
            yield f"complete -c keyless-ecs -n {seen} -l {flag.removeprefix('--')}"

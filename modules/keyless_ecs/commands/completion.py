"""Print what makes a shell complete commands, flags, and the names of stacks behind --only.

bash: eval "$(keyless-ecs completion bash)" in ~/.bashrc; zsh: the same in ~/.zshrc, with zsh
fish: keyless-ecs completion fish >~/.config/fish/completions/keyless-ecs.fish
"""

import argparse
from collections.abc import Iterator, Mapping

from keyless_ecs.commands import DONE

HELP = "print the completion of commands and flags for bash, zsh or fish"
EXAMPLE = "bash"

Parsers = Mapping[str, argparse.ArgumentParser]

_STACKS = "command ls generated/stacks 2>/dev/null"
"""What exists is completed, and at once: no delivery file is read for it."""


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add what this command knows."""
    parser.add_argument("shell", choices=["bash", "zsh", "fish"], help="the shell")


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    parsers: Parsers = options.parsers
    lines = _fish(parsers) if options.shell == "fish" else _bash(parsers, options.shell)
    print("\n".join(lines))
    return DONE


def _flags(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.Action]]:
    for action in parser._actions:
        yield from ((flag, action) for flag in action.option_strings if flag.startswith("--"))


def _words(parser: argparse.ArgumentParser) -> list[str]:
    """Return the words that an argument without a flag may be."""
    return [
        word
        for action in parser._actions
        if not action.option_strings
        for word in action.choices or ()
    ]


def _bash(parsers: Parsers, shell: str) -> Iterator[str]:
    if shell == "zsh":
        yield "autoload -Uz compinit bashcompinit"
        yield "whence compdef >/dev/null || compinit"
        yield "bashcompinit"
    yield "_keyless_ecs() {"
    yield "  local words"
    yield '  case "$COMP_CWORD:${COMP_WORDS[1]}" in'
    yield f'    1:*) words="{" ".join(parsers)} --help --version" ;;'
    for name, parser in parsers.items():
        offered = [*_words(parser), *(flag for flag, _ in _flags(parser))]
        yield f'    *:{name}) words="{" ".join(offered)}" ;;'
    yield f'    *) words="{" ".join(flag for flag, _ in _flags(parsers["synth"]))}" ;;'
    yield "  esac"
    yield f'  [ "${{COMP_WORDS[COMP_CWORD-1]}}" = --only ] && words=$({_STACKS})'
    yield '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))'
    yield "}"
    yield "complete -o default -F _keyless_ecs keyless-ecs"


def _fish(parsers: Parsers) -> Iterator[str]:
    for name, parser in parsers.items():
        about = _quoted((parser.description or "").partition("\n")[0])
        yield f"complete -c keyless-ecs -n __fish_use_subcommand -f -a {name} -d {about}"
        seen = f"complete -c keyless-ecs -n '__fish_seen_subcommand_from {name}'"
        if words := _words(parser):
            yield f"{seen} -f -a '{' '.join(words)}'"
        for flag, action in _flags(parser):
            value = " -r" if action.nargs != 0 else ""
            if flag == "--only":
                value = f" -x -a '({_STACKS})'"
            said = _quoted((action.help or "").partition(" (default")[0])
            yield f"{seen} -l {flag.removeprefix('--')}{value} -d {said}"


def _quoted(text: str) -> str:
    """Return *text* as one word of fish: https://fishshell.com/docs/current/language.html#quotes."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

"""Write a first delivery file: small, commented and valid.

What git and the AWS configuration know is taken from there. The rest is asked for on a terminal,
and elsewhere given by flags. A file that exists is left alone.
"""

import argparse
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keyless_ecs.commands import DONE, flags, program, voice
from keyless_ecs.errors import UserError

HELP = "write a first delivery file, from what git and AWS's configuration know and a few questions"
EXAMPLE = "--owner acme --repository web --account-id 123456789012 --region eu-west-1"


@dataclass(frozen=True)
class Question:
    """Something that the file says: its flag, how it is asked for, and the key whose rules hold."""

    name: str
    asks: str
    key: str
    default: str | None = ""
    """An empty one leaves the key to its own default; without one it must be said."""

    @property
    def flag(self) -> str:
        """The flag that answers it."""
        return f"--{self.name.replace('_', '-')}"


QUESTIONS = (
    Question("owner", "GitHub user or organization", "github.owner", None),
    Question("repository", "repository of the service", "services.*.repository", None),
    Question("account_id", "AWS account (12 digits)", "accounts.*.id", None),
    Question("region", "AWS region", "accounts.*.region", None),
    Question("service", "name of the service, part of what is made", "", None),
    Question("environment", "name of its first environment", "", "production"),
    Question(
        "branch", "branch that deploys", "services.*.environments.*.deploy_from.branches", "main"
    ),
    Question("port", "port the container listens on, if it does", "services.*.container.port"),
    Question(
        "domain",
        "name under which it is reached over HTTPS, in a zone of Route 53 (empty: none)",
        "services.*.environments.*.domain",
    ),
    Question(
        "subnets",
        "ids of existing subnets, with commas (empty: the default VPC)",
        "services.*.environments.*.network.subnets",
    ),
    Question("state_bucket", "S3 bucket for Terraform's state (empty: files)", "state.s3.bucket"),
    Question(
        "atlantis_root",
        "folder of generated/ in the repository that Atlantis watches (empty: no Atlantis)",
        "atlantis.root",
    ),
)


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add what this command knows."""
    flags.config(parser)
    for question in QUESTIONS:
        parser.add_argument(question.flag, metavar="TEXT", help=question.asks)
    parser.add_argument("--yes", action="store_true", help="ask nothing: take what is found")


def run(options: argparse.Namespace) -> int:
    """Ask, write, and say what comes next.

    Raises:
        UserError: There is such a file, or an answer is missing or wrong; nothing was written.
    """
    path: Path = options.config
    if path.exists():
        raise UserError(f"{path} is there already; change it, or name another with --config FILE")
    from keyless_ecs.start import file
    from keyless_ecs.start.found import found

    known = {**found(path.parent), **_given(options)}
    asking = sys.stdin.isatty() and not options.yes
    answers = _ask(known) if asking else _without_asking(known)
    called = " ".join(program.shown())
    schema = _schema(path.parent)
    said = schema.relative_to(path.parent).as_posix()
    text = file.text(file.Answers(**answers), schema=said, program=called)
    path.write_text(text, encoding="utf-8")
    print(f"wrote {path}")
    if not schema.exists():
        from keyless_ecs.reference.schema import text as schema_text

        schema.write_text(schema_text(), encoding="utf-8")
        print(f"wrote {schema}, by which an editor completes and checks it")
    places = f" --config {path}" if path != Path("delivery.yaml") else ""
    if path.parent != Path():
        places += f" --out {path.parent / 'generated'}"
    voice.note(f"next: {shlex.join(program.typed())} synth{places}")
    return DONE


def _given(options: argparse.Namespace) -> dict[str, str]:
    """Return what the flags say."""
    said = {question.name: getattr(options, question.name) for question in QUESTIONS}
    return {name: value for name, value in said.items() if value is not None}


def _suggested(question: Question, known: Mapping[str, str]) -> str | None:
    """Return the answer that is known, or follows from others."""
    from keyless_ecs.start.file import service_name

    if question.name == "service" and question.name not in known and "repository" in known:
        return service_name(known["repository"])
    return known.get(question.name, question.default)


def _without_asking(known: Mapping[str, str]) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    problems = []
    for question in QUESTIONS:
        said = _suggested(question, known)
        if said is None:
            problems.append(f"{question.flag} is missing: {question.asks}")
            continue
        try:
            answers[question.name] = _checked(question, said)
        except ValueError as error:
            problems.append(f"{question.flag}: {error}")
    if problems:
        raise UserError("\n".join(problems))
    return answers


def _ask(known: Mapping[str, str]) -> dict[str, Any]:
    """Ask for each answer on the terminal until it is one; Enter takes what stands in brackets."""
    answers: dict[str, Any] = {}
    said = dict(known)
    for question in QUESTIONS:
        if question.name == "domain" and answers["port"] is None:
            continue  # nothing listens
        while question.name not in answers:
            suggested = _suggested(question, said)
            shown = f" [{suggested}]" if suggested else ""
            print(f"{question.asks}{shown}: ", end="", file=sys.stderr, flush=True)
            line = sys.stdin.readline()
            if not line:
                raise UserError("\nthe answers ended; nothing was written")
            # The rules of the keys speak of a file, where an account's id stands in quotes.
            answer = line.strip(" \t\r\n\"'") or suggested
            try:
                if answer is None:
                    raise ValueError("there is no default; please say one")
                answers[question.name] = _checked(question, answer)
                said[question.name] = answer
            except ValueError as error:
                print(f"  {error}", file=sys.stderr)
    return answers


def _checked(question: Question, answer: str) -> Any:
    """Return *answer* as the file keeps it.

    Raises:
        ValueError: The key does not take it; the text says why.
    """
    from pydantic import TypeAdapter, ValidationError

    from keyless_ecs.config.keys import ResourceName
    from keyless_ecs.config.loader import complaint
    from keyless_ecs.reference.keys import keys

    if not answer:
        return None
    value: Any = answer
    if question.name in ("subnets", "branch"):
        value = [part.strip() for part in answer.split(",")]
    elif question.name == "port":
        value = int(answer) if answer.isdecimal() else answer
    kept = value[0] if question.name == "branch" else value
    key = next((each for each in keys() if each.path == question.key), None)
    try:
        TypeAdapter(key.annotation if key else ResourceName).validate_python(value)
    except ValidationError as error:
        raise ValueError(complaint(error.errors()[0], (question.name,))) from None
    return kept


def _schema(folder: Path) -> Path:
    """Return the JSON schema for files in *folder*: a checkout's, else one that stands beside."""
    ours, beside = folder / "schema/delivery.schema.json", folder / "delivery.schema.json"
    return ours if ours.exists() else beside

"""The command lines of AWS and GitHub: from arguments to a call, from an answer to text."""

import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import botocore.session
import jmespath
from awscli import text
from awscli.shorthand import ShorthandParser
from botocore import xform_name
from botocore.model import OperationModel, ServiceModel, Shape

from tests.pipeline.model.iam import AwsError
from tests.pipeline.model.shell import Answer

_GLOBAL = ("query", "output", "region", "no-cli-pager", "no-paginate", "cli-input-json")
_FLAGS = ("no-cli-pager", "no-paginate")


@dataclass(frozen=True)
class AwsCall:
    """A call of AWS's API, and how its answer is to be printed."""

    service: str
    operation: str
    parameters: Mapping[str, Any]
    region: str | None
    query: str | None
    output: str

    def printed(self, answer: Mapping[str, Any]) -> Answer:
        """Return what the command line prints."""
        found = _query(self.query).search(answer) if self.query else answer
        if self.output == "text":
            stream = io.StringIO()
            text.format_text(found, stream)
            return Answer(stream.getvalue())
        return Answer(json.dumps(found, indent=4) + "\n")


@cache
def _query(expression: str) -> Any:
    return jmespath.compile(expression)


@cache
def _service(name: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(name)


@cache
def _operation(service: str, command: str) -> tuple[OperationModel, dict[str, tuple[str, Shape]]]:
    model = _service(service)
    for name in model.operation_names:
        if xform_name(name, "-") == command:
            operation = model.operation_model(name)
            shape = operation.input_shape
            members = shape.members if shape else {}
            return operation, {
                xform_name(member, "-"): (member, shape) for member, shape in members.items()
            }
    raise ValueError(f"aws {service} has no {command}")


@lru_cache(4096)
def parse(argv: tuple[str, ...], files: tuple[tuple[str, str], ...]) -> AwsCall:
    """Return the call that ``aws`` makes of its arguments.

    Raises:
        ValueError: They are wrong, or not known here.
    """
    arguments = list(argv)
    given = _options(arguments)
    service, command = arguments
    operation, members = _operation(service, command)
    parameters: dict[str, Any] = {}
    if "cli-input-json" in given:
        parameters.update(json.loads(_read(given["cli-input-json"][0], dict(files))))
    for option, values in given.items():
        if option in _GLOBAL:
            continue
        if option not in members:
            raise ValueError(f"aws {service} {command} has no --{option}")
        member, shape = members[option]
        parameters[member] = _value(shape, [_read(value, dict(files)) for value in values])
    required = operation.input_shape.required_members if operation.input_shape else []
    if lacking := [member for member in required if member not in parameters]:
        raise ValueError(f"aws {service} {command} wants {lacking[0]}")
    return AwsCall(
        service,
        operation.name,
        parameters,
        region=given["region"][0] if "region" in given else None,
        query=given["query"][0] if "query" in given else None,
        output=given["output"][0] if "output" in given else "json",
    )


def _options(arguments: list[str]) -> dict[str, list[str]]:
    """Take the options out of *arguments*, each with its values."""
    given: dict[str, list[str]] = {}
    plain: list[str] = []
    option = None
    for argument in arguments:
        if argument.startswith("--"):
            option = argument[2:]
            given[option] = []
        elif option is None or option in _FLAGS or (len(plain) < 2 and given[option]):
            plain.append(argument)
            option = None
        else:
            given[option].append(argument)
    arguments[:] = plain
    return given


def _read(value: str, files: Mapping[str, str]) -> str:
    if not value.startswith("file://"):
        return value
    name = value.removeprefix("file://").rpartition("/")[2]
    found = [content for path, content in files.items() if path.rpartition("/")[2] == name]
    if not found:
        raise AwsError("ParamValidation", f"Unable to load paramfile {value}")
    return found[0]


def _value(shape: Shape, values: Sequence[str]) -> Any:
    kind = shape.type_name
    if kind in ("list", "structure", "map") and values[0].lstrip().startswith(("{", "[")):
        return json.loads(values[0])
    if kind == "list":
        return [_value(shape.member, [value]) for value in values]
    if kind == "structure":
        return ShorthandParser().parse(values[0])
    if kind == "boolean":
        return True
    if kind in ("integer", "long"):
        return int(values[0])
    return values[0]


@dataclass(frozen=True)
class GhCall:
    """A call of GitHub's API by ``gh api``."""

    path: str
    jq: str | None

    def printed(self, answer: Mapping[str, Any]) -> Answer:
        """Return what ``gh`` prints; of jq's language a path into objects is known."""
        if self.jq is None:
            return Answer(json.dumps(answer))
        if not re.fullmatch(r"(\.\w+)+", self.jq):
            raise ValueError(f"the model does not know the filter {self.jq}")
        value: Any = answer
        for part in self.jq[1:].split("."):
            value = value[part]
        return Answer(f"{value if isinstance(value, str) else json.dumps(value)}\n")


@lru_cache(4096)
def parse_gh(argv: tuple[str, ...]) -> GhCall:
    """Return the call that ``gh`` makes of its arguments.

    Raises:
        ValueError: They are not known here.
    """
    if argv[:1] != ("api",):
        raise ValueError(f"the model does not know gh {' '.join(argv)}")
    path, jq = "", None
    arguments = iter(argv[1:])
    for argument in arguments:
        if argument in ("--jq", "-q"):
            jq = next(arguments)
        elif argument in ("--hostname", "--header", "-H"):
            next(arguments)
        elif argument.startswith("-") or path:
            raise ValueError(f"the model does not know gh api {argument}")
        else:
            path = argument
    return GhCall(path.removeprefix("/"), jq)

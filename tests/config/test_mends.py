"""No mend does harm: what a message says is done to its own file, which then passes.

Kind 3. A message that leads to another refusal sends its reader in a circle; one that leads to a
file that passes and lets in more is worse than none.
"""

import copy
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ruamel.yaml import YAML

from keyless_ecs.config import BadDeliveryFileError, DeliveryFile
from keyless_ecs.config.problems import Location, Problem
from keyless_ecs.config.refs import EVERYTHING
from tests.conftest import Content
from tests.support.config import changed

Loaded = Callable[[Content], DeliveryFile]

PRODUCTION = "services.papyrus.environments.production"
CONTAINER = "services.papyrus.container"
MISTAKES: list[tuple[str, Any]] = [
    # M1, M2, M6 to M8.
    (f"{PRODUCTION}.logs.retention_days", 31),
    (f"{PRODUCTION}.network.egress", ["10.0.0.0/8"]),
    ("accounts.main.region", "us-gov-est-1"),
    ("accounts.main.region", "eu-wst-1"),
    (f"{CONTAINER}.health_check", {"command": ["curl -f http://localhost || exit 1"]}),
    (f"{CONTAINER}.health_check", {"command": ["CMD", "curl", "-f", "x", "||", "exit", "1"]}),
    (f"{CONTAINER}.health_check", {"command": ["CMD-SHELL", "curl", "-f", "x"]}),
    ("version", "1"),
    ("version", 2),
    ("version", None),
    # Their neighbours.
    (f"{CONTAINER}.port", "8080"),
    (f"{PRODUCTION}.count", "2"),
    (f"{PRODUCTION}.acount", "main"),
    (f"{PRODUCTION}.account", "mian"),
    (f"{PRODUCTION}.capacity", "spot"),
    (f"{PRODUCTION}.trust", {"subject": "imutable"}),
    (f"{PRODUCTION}.desired_count", 2),
    (f"{PRODUCTION}.cpu_units", 512),
    (f"{PRODUCTION}.network", {"ingress": ["10.0.0.1/8"]}),
    ("services.papyrus.task", {"cpu": 300}),
    ("services.papyrus.task", {"cpu": 256, "memory": 4096}),
    ("services.papyrus.repository", "https://github.com/acme/web"),
    ("services.papyrus.registry", {"name": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web"}),
    ("services.papyrus.tags", {"a": 1.5}),
    ("services.papyrus.tags", {"a": True}),
    ("github.audience", "sts.amazon.com"),
    ("accounts.main.id", 123456789012),
    ("providers", {"aws": "~> 5"}),
    ("providers", {"github": "6.9.0"}),
    (f"{PRODUCTION}.github", {"secrets": {"X": "hunter2"}}),
    (f"{PRODUCTION}.github", {"prevent_self_review": True}),
    (f"{PRODUCTION}.github", {"ruleset": {}}),
    (f"{PRODUCTION}.github", {"ruleset": {"teams": []}}),
    (f"{PRODUCTION}.github", {"ruleset": {"roles": ["write"]}}),
    (f"{PRODUCTION}.github", {"ruleset": {"app": [123456]}}),
    (f"{PRODUCTION}.tag_protection", {"teams": ["release"]}),
    (f"{PRODUCTION}.deploy_from", {"branches": ["refs/heads/main"]}),
    (f"{PRODUCTION}.deploy_from", {"branches": ["*"]}),
    (f"{PRODUCTION}.deploy_from", {"branches": ["**"]}),
    (f"{PRODUCTION}.deploy_from", {"branches": ["feature**"]}),
    (f"{PRODUCTION}.deploy_from", {"branches": ["r/**", "r/**/*"]}),
    (f"{PRODUCTION}.deploy_from", {"branches": ["r/**"], "except": ["r/x-*"]}),
    (f"{PRODUCTION}.deploy_from", {"tags": ["v*"], "except": ["w*"]}),
    (f"{PRODUCTION}.deploy_from", {}),
    (f"{PRODUCTION}.deploy_from", {"branches": "main"}),
    (f"{PRODUCTION}.deploy_from", {"branches": ["HEAD"]}),
    (f"{PRODUCTION}.deploy_from", {"tags": ["v*"], "except": ["*"]}),
    (f"{PRODUCTION}.deploy_from", {"tags": ["v*"], "branches-ignore": ["v*-rc*"]}),
    (f"{PRODUCTION}.deploy_from", {"branches": ["main"], "pull_request": {}}),
    (f"{PRODUCTION}.network", {"ingress": ["sg-0123456789abcdef0"]}),
    (f"{PRODUCTION}.network", {"ingress": ["everybody"]}),
    (f"{PRODUCTION}.network", {"subnets": "subnet-0123456789abcdef0"}),
    (f"{PRODUCTION}.trust", {"session_hours": 3600}),
    (f"{PRODUCTION}.trust", {"session_duration": 3600}),
    (f"{PRODUCTION}.load_balancer", {"public": True}),
    (f"{PRODUCTION}.deployment", {"max": 200, "min": 50}),
    (f"{PRODUCTION}.deployment", {"max_surge": 25}),
    (f"{PRODUCTION}.count", 1.0),
    (f"{PRODUCTION}.autoscaling", {"min": 3, "max": 2}),
    (f"{PRODUCTION}.autoscaling", {"min": 1, "max": 2, "desired": 2}),
    (f"{PRODUCTION}.tags", {"team": "shop"}),
    (f"{CONTAINER}.args", ["serve"]),
    (f"{CONTAINER}.dns", ["10.0.0.2"]),
    (f"{CONTAINER}.command", "npm start"),
    ("services.papyrus.registry", {"existing": True}),
    ("services.papyrus.task", {"ephemeral_storage": 20}),
]


# The releases of its provider lose the variables of such an environment.
COLON = pytest.param(f"{PRODUCTION}.github", {"name": "live:eu"}, marks=pytest.mark.cdktf)


@pytest.mark.parametrize(("path", "value"), [*MISTAKES, COLON], ids=str)
def test_following_a_message_leads_to_a_file_that_passes(
    loaded: Loaded, example: Content, path: str, value: Any
) -> None:
    """Within three steps, and no step is taken twice."""
    data = changed(example, path, value)
    told = []
    for _ in range(3):
        try:
            file = loaded(data)
        except BadDeliveryFileError as refused:
            problem = refused.problems[0]
            assert str(problem) not in told, "sent in a circle"
            told.append(str(problem))
            data = mended(data, problem)
        else:
            break
    else:
        pytest.fail(f"no end of it: {told}")
    assert told, "nothing was refused"
    assert_no_less_safe(file)


def assert_no_less_safe(file: DeliveryFile) -> None:
    """Nothing that a mend may bring is wider than what a careful engineer would write."""
    for delivery in file.deliveries():
        assert not any(
            ref == f"refs/heads/{EVERYTHING}" for ref in delivery.deploy_from.refs.allowed
        )
        assert delivery.environment.trust.by == "environment"
        assert delivery.environment.trust.session_hours == 1
        assert "0.0.0.0/0" not in map(str, delivery.environment.network.ingress)
        assert all(secret.sealed is None for secret in delivery.environment.github.secrets.values())
        assert not delivery.environment.github.admins_bypass


def mended(data: Content, problem: Problem) -> Content:
    """Return *data* after the first thing that a problem's message says to do."""
    data = copy.deepcopy(data)
    for pattern, mend in MENDS:
        if found := re.search(pattern, problem.message):
            mend(data, problem.location, found)
            return data
    return pytest.fail(f"no reader would know what to do: {problem}")


def above(data: Content, location: Location) -> Iterator[Any]:
    """Yield what holds the value at *location*: the mapping or list."""
    node: Any = data
    for key in location[:-1]:
        node = node.setdefault(key, {}) if isinstance(node, dict) else node[int(key)]
    yield node


def put(data: Content, location: Location, value: Any) -> None:
    """Put *value* at *location*."""
    (node,) = above(data, location)
    node[location[-1]] = value


def take(data: Content, location: Location) -> Any:
    """Take the value at *location* out, and return it."""
    (node,) = above(data, location)
    return node.pop(location[-1])


def _rename(data: Content, location: Location, found: re.Match[str]) -> None:
    put(data, (*location[:-1], found[1]), take(data, location))


def _move(data: Content, location: Location, found: re.Match[str]) -> None:
    put(data, (*location[:-1], found[1], found[2]), take(data, location))


def _set(data: Content, location: Location, found: re.Match[str]) -> None:
    put(data, location, YAML(typ="safe").load(found[1]))


def _set_text(data: Content, location: Location, found: re.Match[str]) -> None:
    put(data, location, found[1])


def _unquote(data: Content, location: Location, _: re.Match[str]) -> None:
    put(data, location, int(take(data, location)))


def _quote(data: Content, location: Location, _: re.Match[str]) -> None:
    put(data, location, str(take(data, location)).lower())


def _leave_out(data: Content, location: Location, _: re.Match[str]) -> None:
    take(data, location)


def _name_them(data: Content, location: Location, found: re.Match[str]) -> None:
    put(data, location, found[1])


def _as_well(data: Content, location: Location, found: re.Match[str]) -> None:
    (listed,) = above(data, location)
    listed.append(found[1])


def _key_below(data: Content, location: Location, found: re.Match[str]) -> None:
    put(data, (*location, found[1]), YAML(typ="safe").load(found[2]))


def _reviewers(data: Content, location: Location, _: re.Match[str]) -> None:
    put(data, (*location[:-1], "reviewers"), {"teams": ["platform"]})


def _group(data: Content, location: Location, _: re.Match[str]) -> None:
    group = take(data, location)
    put(data, (*location[:-2], "security_groups"), [group])


def _swap(data: Content, location: Location, _: re.Match[str]) -> None:
    (scaling,) = above(data, location)
    scaling["min"], scaling["max"] = scaling["max"], scaling["min"]


def _whole_number(data: Content, location: Location, _: re.Match[str]) -> None:
    put(data, location, int(take(data, location)))


def _tag_the_service(data: Content, location: Location, _: re.Match[str]) -> None:
    put(data, (*location[:2], "tags"), take(data, location))


def _later_leave_out(data: Content, location: Location, _: re.Match[str]) -> None:
    (listed,) = above(data, (*location, 0))
    listed.pop()


Mend = Callable[[Content, Location, re.Match[str]], None]
MENDS: list[tuple[str, Mend]] = [
    (r'unknown key; (?:did you mean|use) "([^"]+)"', _rename),
    (r"here it is services: \{<service>: \{tags", _tag_the_service),
    (r"here it is (\w+): \{(\w+): …\}", _move),
    # Of a registry that there is, in an environment.
    (r"here it is adopt: …", _leave_out),
    (r"unknown key, not offered", _leave_out),
    (r'did you mean "([^"]+)"\?', _set_text),
    (r"remove the quotes", _unquote),
    (r"put it in quotes", _quote),
    (r"use a whole number", _whole_number),
    (r"swap them", _swap),
    (r"network: \{security_groups", _group),
    (r"write one such as (\S+)", _set_text),
    (r"list: (\[.*\])", _set),
    (r"name the branch", lambda data, location, _: put(data, location, "main")),
    (r"name what may not", lambda data, location, _: put(data, location, ["v*-rc*"])),
    (r'quote [^:]*: "(\d+)"', _set_text),
    (r"write it as text, which a shell runs: '([^']+)'", _set_text),
    (r'write "(variable)"', _set_text),
    (r"name them: (\w+)", _name_them),
    (r"name one: (\w+): (\[\w+\])", _key_below),
    (r'name "([^"]+)" as well', _as_well),
    (r"name who approves", _reviewers),
    (r"write (\{roles: .*?\})", _set),
    (r"choose another name", lambda data, location, _: put(data, location, "another")),
    (r"means what .* leave one out", _later_leave_out),
    (r'use (?:one that does: |the name alone: )?"([^"]+)"', _set_text),
    (r"use '([^']+)'", _set_text),
    (r"use ([^ ;,]+)", _set),
    (r"leave it out", _leave_out),
]
"""What a reader does, by how it is said; the more exact first."""


def test_a_missing_mapping_is_said(example: Content, loaded: Loaded) -> None:
    """M8: ``services:`` with nothing below it read "nothing is not what stands here"."""
    for path in ("services", "accounts", "github", f"{PRODUCTION}.network", "version"):
        with pytest.raises(BadDeliveryFileError) as refused:
            loaded(changed(example, path, None))
        said = [problem.message for problem in refused.value.problems]
        assert any(message.startswith("nothing stands here") for message in said), said

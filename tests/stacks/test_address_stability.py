"""Every address of a large example: what Terraform would destroy and recreate if it changed."""

import difflib
import inspect
import json
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from constructs import Construct

from keyless_ecs import synthesis
from keyless_ecs.config import DeliveryFile, load
from keyless_ecs.stacks import account, delivery, moves, pipeline, reach, service, shared_balancer
from keyless_ecs.stacks.moves import MOVED, with_moved
from tests.conftest import ROOT, Content
from tests.support.terraform import needs_terraform, terraform

EXAMPLE = ROOT / "tests/data/large.yaml"
PINNED = ROOT / "tests/data/addresses.txt"


@pytest.fixture(scope="module")
def large() -> DeliveryFile:
    """Return a delivery file that uses everything that makes a resource."""
    return load(EXAMPLE)


def addresses_of(file: DeliveryFile) -> str:
    """Return the address of every resource in *file*, each behind its stack."""
    lines = [
        f"{stack.name} {address}\n"
        for stack in synthesis.synthesize(file, file.stack_names(), processes=1)
        for address in sorted(_resources(stack.text))
    ]
    return "".join(lines)


def _resources(text: str) -> list[str]:
    named = json.loads(text).get("resource", {})
    return [f"{type_}.{name}" for type_ in named for name in named[type_]]


def test_every_address_stays_as_it_is(large: DeliveryFile) -> None:
    """A changed address is a destroyed resource, unless a ``moved`` block says where it went."""
    difference = "\n".join(
        difflib.unified_diff(
            PINNED.read_text().splitlines(),
            addresses_of(large).splitlines(),
            str(PINNED.relative_to(ROOT)),
            "what tests/data/large.yaml yields now",
            lineterm="",
            n=0,
        )
    )
    assert not difference, (
        f"{difference}\n\n"
        "A new address: add its + line to tests/data/addresses.txt.\n"
        "A changed one: add it to MOVED in modules/keyless_ecs/stacks/moves.py, or every user's\n"
        "next plan destroys the resource; then change its line as well."
    )


def test_the_example_has_every_type_of_resource() -> None:
    """A type that it lacks would have no pinned address: use it in tests/data/large.yaml."""
    imported = re.compile(
        r"^from cdktf_cdktf_provider_(\w+?)\.(?!data_|provider )(\w+) import", re.M
    )
    types = {
        f"{provider}_{resource}"
        for path in (ROOT / "modules").rglob("*.py")
        for provider, resource in imported.findall(path.read_text())
    }
    assert len(types) > 15

    assert types <= set(re.findall(r" (\w+)\.", PINNED.read_text()))


@pytest.mark.slow
def test_no_address_depends_on_a_class_or_a_file(
    large: DeliveryFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every construct under another name and from another module: the same addresses."""
    renamed = 0
    for module in (account, delivery, pipeline, reach, service, shared_balancer):
        for name, construct in _constructs(module):
            body = {"__module__": "keyless_ecs.elsewhere"}
            monkeypatch.setattr(module, name, type(construct)(f"Other{name}", (construct,), body))
            renamed += 1
    assert renamed >= 15

    assert addresses_of(large) == PINNED.read_text()


def _constructs(module: ModuleType) -> list[tuple[str, type]]:
    found = inspect.getmembers(module, inspect.isclass)
    return [
        (name, member)
        for name, member in found
        if issubclass(member, Construct)
        and member.__module__.startswith("keyless_ecs.")
        and member.__module__ != module.__name__
        and name != "Stack"
    ]


def test_an_address_that_moved_is_one_of_today() -> None:
    """What the table says is true: the new address is pinned, the old one is gone."""
    pinned = set(PINNED.read_text().split())

    for old, new in MOVED.items():
        assert any(re.fullmatch(re.escape(new).replace(r"\*", ".+"), address) for address in pinned)
        assert old not in pinned


def resources(*addresses: str) -> Content:
    """Return a stack with resources at *addresses*."""
    stack: dict[str, dict[str, dict[str, Any]]] = {}
    for address in addresses:
        type_, name = address.split(".")
        stack.setdefault(type_, {})[name] = {}
    return {"resource": stack}


@pytest.mark.parametrize(
    ("moved", "present", "blocks"),
    [
        ({"a.old": "a.new"}, ["a.new", "b.new"], [("a.old", "a.new")]),
        ({"a.old": "a.new"}, ["a.old"], []),
        ({"a.old": "a.new"}, ["a.old", "a.new"], []),
        (
            {"a.env_*": "a.environment_*_x"},
            ["a.environment_A_x", "a.environment_B_x", "a.environment_C", "a.environment__x"],
            [("a.env_A", "a.environment_A_x"), ("a.env_B", "a.environment_B_x")],
        ),
    ],
)
def test_a_moved_address_is_said(
    moved: dict[str, str], present: list[str], blocks: list[tuple[str, str]]
) -> None:
    """For every resource of today with a former name, and for no other."""
    stack = with_moved(resources(*present), moved)

    assert stack.get("moved", []) == [{"from": old, "to": new} for old, new in blocks]


def test_every_stack_says_what_moved(
    example: Content, loaded: Callable[[Content], DeliveryFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table reaches the file that Terraform reads."""
    monkeypatch.setattr(moves, "MOVED", {"aws_ecs_cluster.fleet": "aws_ecs_cluster.cluster"})

    service, account = (
        json.loads(stack.text)
        for stack in synthesis.synthesize(loaded(example), ["papyrus-production", "account-main"])
    )
    assert service["moved"] == [{"from": "aws_ecs_cluster.fleet", "to": "aws_ecs_cluster.cluster"}]
    assert "moved" not in account


@needs_terraform
@pytest.mark.terraform
def test_terraform_destroys_nothing_that_moved(tmp_path: Any) -> None:
    """The state of an old version under the file of a new one: an empty plan."""
    file = tmp_path / "main.tf.json"
    file.write_text(json.dumps(resources("terraform_data.old_a")))
    terraform(tmp_path, "init", "-input=false")
    terraform(tmp_path, "apply", "-auto-approve", "-input=false")

    moved = {"terraform_data.old_*": "terraform_data.new_*"}
    file.write_text(json.dumps(with_moved(resources("terraform_data.new_a"), moved)))
    planned = terraform(tmp_path, "plan", "-input=false", "-no-color")
    assert "terraform_data.old_a has moved to terraform_data.new_a" in planned
    assert "0 to add, 0 to change, 0 to destroy" in planned
